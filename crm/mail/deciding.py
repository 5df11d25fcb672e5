"""What a person decides about mails that do not go on by themselves: refused ones, and those of unknown outcome."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select

from crm.audit.service import record
from crm.audit.vocabulary import Event
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, held, locked
from crm.core.errors import NotFound, RuleViolation
from crm.core.jobs import Job, enqueue
from crm.mail import service
from crm.mail.models import OutboxMail
from crm.mail.queries import undecided
from crm.mail.rules import MailState

DECIDED = "Somebody decided that it is not sent again."
AT_ONCE = 500
"""So many are decided on in one go."""


def retry(*, actor: Viewer, mail_id: UUID) -> None:
    """A person lets a refused or unclear mail go out again; raises NotFound, RuleViolation.

    Looks as the system: mails are for the software alone.
    """
    actor.require("outbox:retry")
    with looking_as(SYSTEM):
        mail = _waits_for_somebody(mail_id, "Only a mail that failed can be sent again.")
        if mail.forgets:
            raise RuleViolation("", "This mail held a link that is forgotten. Have a new one sent instead.")
        mail.state, mail.not_before, mail.deferrals = MailState.WAITING.value, clock.now(), 0
    record(Event.MAIL_RETRIED, actor=actor, subject=("outbox_mail", mail.id), attempts=mail.attempts)
    enqueue(Job.DRAIN_OUTBOX)


def give_up(*, actor: Viewer, mail_id: UUID) -> None:
    """A person lets a refused or unclear mail rest; raises NotFound, RuleViolation.

    Looks as the system: mails are for the software alone.
    """
    actor.require("outbox:retry")
    with looking_as(SYSTEM):
        mail = _waits_for_somebody(mail_id, "Only a mail that failed can be laid aside.")
        _lay_aside(mail)
    record(Event.MAIL_GIVEN_UP, actor=actor, subject=("outbox_mail", mail.id), attempts=mail.attempts)


def give_up_unknown(*, actor: Viewer) -> int:
    """The same for the oldest mails of unknown outcome, some hundred in one go; how many they were.

    Looks as the system: mails are for the software alone.
    """
    actor.require("outbox:retry")
    wanted = select(OutboxMail).where(undecided()).order_by(OutboxMail.due_at, OutboxMail.id).limit(AT_ONCE)
    with looking_as(SYSTEM):
        found = db.session.scalars(held(wanted)).all()
        for mail in found:
            _lay_aside(mail)
    for mail in found:
        record(Event.MAIL_GIVEN_UP, actor=actor, subject=("outbox_mail", mail.id), attempts=mail.attempts)
    return len(found)


def _waits_for_somebody(mail_id: UUID, else_said: str) -> OutboxMail:
    mail = locked(OutboxMail, mail_id)
    if mail is None:
        raise NotFound("no such mail")
    unclear = mail.state == MailState.AMBIGUOUS and mail.unknown_outcomes > mail.repeats
    if mail.state != MailState.FAILED and not unclear:
        raise RuleViolation("", else_said)
    return mail


def _lay_aside(mail: OutboxMail) -> None:
    mail.state, mail.last_answer = MailState.WITHDRAWN.value, DECIDED


def doubt(since: datetime, until: datetime) -> int:
    """Of a database that was brought back: what was due by `until` may have gone out after `since`, when it was saved.
    None of it goes out by itself; a person decides. How many these are.

    Part of a unit of work that looks as the system. What was not due yet cannot have gone out: it waits on.
    """
    open_ones = (MailState.WAITING.value, MailState.SENDING.value, MailState.AMBIGUOUS.value)
    due = or_(OutboxMail.due_at <= until, OutboxMail.attempts > 0)
    wanted = select(OutboxMail).where(and_(OutboxMail.state.in_(open_ones), due))
    words = f"It waited in a backup of {since:%Y-%m-%d %H:%M} UTC. Whether it went out since then is not known."
    found: Sequence[OutboxMail] = db.session.scalars(held(wanted)).all()
    for mail in found:
        mail.state, mail.last_answer = MailState.AMBIGUOUS.value, words
        mail.unknown_outcomes = max(mail.unknown_outcomes, mail.repeats) + 1
        mail.lease_by = mail.lease_until = None
        service.forget_if_over(mail)
    return len(found)
