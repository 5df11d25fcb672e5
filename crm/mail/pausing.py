"""All outgoing mail stands still and goes on again.

What a mail server has in its hands already goes to its end; nothing else is begun while mail is paused. Mail is written
into the outbox meanwhile as ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from crm.audit.service import record
from crm.audit.vocabulary import Event
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import added, db, locked
from crm.core.errors import RuleViolation
from crm.core.jobs import Job, enqueue
from crm.mail.models import MailPause, OutboxMail
from crm.mail.rules import MailState

ALL = "all"
SUBJECT = ("outbox_mail", ALL)


@dataclass(frozen=True)
class Pause:
    """That mail is paused: why, since when, by whom; `restored`: because a backup was brought back."""

    reason: str
    since: datetime
    by: str
    restored: bool


def current() -> Pause | None:
    """The pause that holds at present. Looks as the system: it is asked by the software before each mail."""
    wanted = select(MailPause.reason, MailPause.since, MailPause.by, MailPause.restored)
    with looking_as(SYSTEM):
        row = db.session.execute(wanted.where(MailPause.name == ALL)).first()
    return Pause(*row) if row else None


def pause(*, actor: Viewer, reason: str) -> None:
    """Begin no mail any more; raises RuleViolation when mail is paused already. Writes as the system."""
    actor.require("outbox:pause")
    with looking_as(SYSTEM):
        if not added(MailPause(name=ALL, reason=reason, by=actor.name)):
            raise RuleViolation("", "Mail is paused already.")
    record(Event.MAIL_PAUSED, actor=actor, subject=SUBJECT, changes={"reason": ("", reason)})


def hold(*, by: str, reason: str) -> None:
    """Pause because a backup was brought back, whether mail was paused in it or not. Part of a unit of work that looks
    as the system.
    """
    db.session.execute(delete(MailPause))
    db.session.add(MailPause(name=ALL, reason=reason, by=by, restored=True))
    db.session.flush()


def resume(*, actor: Viewer) -> None:
    """Let mail go on; raises RuleViolation when it is not paused. Writes as the system.

    What nobody has decided on yet stays where it is: it does not go out by itself afterwards either.
    """
    actor.require("outbox:pause")
    with looking_as(SYSTEM):
        found = locked(MailPause, ALL)
        if found is None:
            raise RuleViolation("", "Mail is not paused.")
        db.session.delete(found)
        undecided = select(func.count()).where(OutboxMail.state == MailState.AMBIGUOUS.value)
        number = db.session.scalar(undecided.where(OutboxMail.unknown_outcomes > OutboxMail.repeats)) or 0
    record(Event.MAIL_RESUMED, actor=actor, subject=SUBJECT, undecided=number)
    enqueue(Job.DRAIN_OUTBOX)
