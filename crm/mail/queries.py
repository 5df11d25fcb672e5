"""What pages may know of the outbox: states, times and relay answers, never a subject or a text.

The tables are closed to every viewer, so each function here looks as the system and selects columns, not
rows. Who asks about single mails (`deliveries`) answers for having seen what caused them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select

from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.core.heartbeat import Part, signs
from crm.core.lists import Question, moment_key, uuid_key
from crm.mail import pausing, rules, service
from crm.mail.models import MailAttempt, OutboxMail
from crm.mail.rules import MailState, Outcome

NEEDS_PERSON = "person"
"""Chosen like a state, and none: what ended without the mail server having taken it for certain."""


@dataclass(frozen=True)
class Delivery:
    """How far one mail has come. `second_copy`: an outcome is unknown, so it may arrive twice.

    `over`: nothing more happens by itself.
    """

    mail_id: UUID
    recipient: str
    state: MailState
    due_at: datetime
    not_before: datetime | None
    sent_at: datetime | None
    attempts: int
    second_copy: bool
    answer: str
    over: bool

    @property
    def needs_person(self) -> bool:
        """It ended without the mail server having taken it for certain."""
        return self.over and self.state in (MailState.FAILED, MailState.AMBIGUOUS)


_COLUMNS = (
    OutboxMail.id,
    OutboxMail.key,
    OutboxMail.recipient,
    OutboxMail.state,
    OutboxMail.due_at,
    OutboxMail.not_before,
    OutboxMail.sent_at,
    OutboxMail.attempts,
    OutboxMail.unknown_outcomes,
    OutboxMail.repeats,
    OutboxMail.last_answer,
)


SOMEBODY_OUTSIDE = "somebody outside, invited to an appointment"
"""In place of an address that its party alone knows: whom it invites is content, and whoever keeps the machine reads
none.
"""


def _known_to_keepers() -> ColumnElement[bool]:
    """Mails whose recipient whoever looks after the outbox may know; the keys of those to guests say what they are."""
    return not_(OutboxMail.key.startswith(rules.TO_GUESTS))


def _without(recipient: str, answer: str) -> str:
    """What the mail server said, without the address that it may have said again."""
    return re.sub(re.escape(recipient), "…", answer, flags=re.IGNORECASE)


def _delivery(row: Any) -> Delivery:
    state = MailState(row.state)
    unclear = state is MailState.AMBIGUOUS and row.unknown_outcomes > row.repeats
    return Delivery(
        mail_id=row.id,
        recipient=SOMEBODY_OUTSIDE if row.key.startswith(rules.TO_GUESTS) else row.recipient,
        state=state,
        due_at=row.due_at,
        not_before=row.not_before,
        sent_at=row.sent_at,
        attempts=row.attempts,
        second_copy=row.unknown_outcomes > 0 and row.attempts > row.unknown_outcomes,
        answer=_without(row.recipient, row.last_answer) if row.key.startswith(rules.TO_GUESTS) else row.last_answer,
        over=unclear or state in (MailState.SENT, MailState.FAILED, MailState.WITHDRAWN),
    )


def needs_person() -> ColumnElement[bool]:
    """Mails that ended without the mail server having taken them for certain."""
    return or_(OutboxMail.state == MailState.FAILED.value, undecided())


def undecided() -> ColumnElement[bool]:
    """An outcome is unknown and no further copy goes out by itself."""
    return and_(OutboxMail.state == MailState.AMBIGUOUS.value, OutboxMail.unknown_outcomes > OutboxMail.repeats)


def deliveries(mail_ids: Collection[UUID]) -> dict[UUID, Delivery]:
    """How far these mails have come, by id. Looks as the system: mails are for the software alone."""
    if not mail_ids:
        return {}
    with looking_as(SYSTEM):
        rows = db.session.execute(select(*_COLUMNS).where(OutboxMail.id.in_(mail_ids))).all()
    return {row.id: _delivery(row) for row in rows}


def mails_asked(
    *,
    to: str = "",
    state: str = "",
    since: date | None = None,
    until: date | None = None,
    zone: str = "UTC",
    oldest_first: bool = False,
) -> Question:
    """The outbox, latest due first; lines are `Delivery`. `state`: one of them, or `NEEDS_PERSON`; `since` and `until`
    are days in `zone` on which mails fall due.

    Asked as the system: mails are for the software alone.
    """
    wanted: Any = select(*_COLUMNS)
    if to:
        wanted = wanted.where(OutboxMail.recipient.icontains(to, autoescape=True), _known_to_keepers())
    if state:
        wanted = wanted.where(needs_person() if state == NEEDS_PERSON else OutboxMail.state == state)
    if since:
        wanted = wanted.where(OutboxMail.due_at >= clock.begins(since, zone))
    if until:
        wanted = wanted.where(OutboxMail.due_at < clock.begins(until + timedelta(days=1), zone))
    keys = [
        moment_key(OutboxMail.due_at, lambda row: row.due_at, descending=not oldest_first),
        uuid_key(OutboxMail.id, lambda row: row.id, descending=not oldest_first),
    ]
    return Question(wanted, keys, lambda rows: [_delivery(row) for row in rows], whose=None, as_system=True)


@dataclass(frozen=True)
class Try:
    """One attempt at a mail: when, how it ended, and what the mail server said; `outcome` is None while it lasts."""

    number: int
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    answer: str
    second_copy: bool


def tries(mail_id: UUID) -> list[Try]:
    """Every attempt at a mail, oldest first. Looks as the system: mails are for the software alone."""
    columns = (
        MailAttempt.number, MailAttempt.started_at, MailAttempt.ended_at, MailAttempt.outcome, MailAttempt.answer,
        MailAttempt.second_copy, OutboxMail.key, OutboxMail.recipient,
    )  # fmt: skip
    wanted = (
        select(*columns)
        .join(OutboxMail, OutboxMail.id == MailAttempt.mail_id)
        .where(MailAttempt.mail_id == mail_id)
        .order_by(MailAttempt.number)
    )
    with looking_as(SYSTEM):
        rows = db.session.execute(wanted).all()
    return [
        Try(
            row.number, row.started_at, row.ended_at, Outcome(row.outcome) if row.outcome else None,
            _without(row.recipient, row.answer) if row.key.startswith(rules.TO_GUESTS) else row.answer,
            row.second_copy,
        )
        for row in rows
    ]  # fmt: skip


def tallies() -> dict[MailState, int]:
    """How many mails are not through, by state; the others grow without end and are not counted.

    Looks as the system: mails are for the software alone.
    """
    open_states = [one for one in MailState if one not in (MailState.SENT, MailState.WITHDRAWN)]
    counted = select(OutboxMail.state, func.count()).group_by(OutboxMail.state)
    with looking_as(SYSTEM):
        rows = db.session.execute(counted.where(OutboxMail.state.in_([one.value for one in open_states]))).all()
    found = {MailState(state): number for state, number in rows}
    return {state: found.get(state, 0) for state in open_states}


def posted_since(since: datetime, purpose: str, begins: str) -> int:
    """How many mails of a purpose fell due since then whose key begins so. Looks as the system: mails are for the
    software alone.
    """
    lately = OutboxMail.state.in_([one.value for one in MailState]), OutboxMail.due_at > since
    wanted = select(func.count()).select_from(OutboxMail).where(*lately, OutboxMail.purpose == purpose)
    with looking_as(SYSTEM):
        return db.session.scalar(wanted.where(OutboxMail.key.startswith(begins, autoescape=True))) or 0


def lately_stuck(*, but: str) -> int:
    """How many mails that fell due or were tried within the last day need somebody, those left aside whose key begins
    so. Looks as the system: mails are for the software alone.
    """
    since = clock.now() - timedelta(days=1)
    tried = select(MailAttempt.mail_id).where(MailAttempt.started_at > since)
    wanted = select(func.count()).select_from(OutboxMail).where(needs_person(), not_(OutboxMail.key.startswith(but)))
    with looking_as(SYSTEM):
        return db.session.scalar(wanted.where(or_(OutboxMail.due_at > since, OutboxMail.id.in_(tried)))) or 0


def anything_ready() -> bool:
    """Whether a drain would find something to do. Looks as the system: mails are for the software alone."""
    if pausing.current():
        return False
    with looking_as(SYSTEM):
        return db.session.scalar(select(OutboxMail.id).where(service.ready(clock.now())).limit(1)) is not None


def _longest_waiting() -> Any:
    """The mail that has waited longest and still goes out by itself: since when, how often tried.

    A mail can be due before it is written (a follow-up that was overdue from its first day); it waits from then.
    """
    since = case((OutboxMail.posted_at > OutboxMail.due_at, OutboxMail.posted_at), else_=OutboxMail.due_at)
    going_on = OutboxMail.state.in_((MailState.WAITING.value, MailState.SENDING.value, MailState.AMBIGUOUS.value))
    wanted = (
        select(since.label("since"), OutboxMail.attempts)
        .where(going_on, not_(undecided()), OutboxMail.due_at <= clock.now())
        .order_by(since)
        .limit(1)
    )
    with looking_as(SYSTEM):
        return db.session.execute(wanted).first()


def oldest_unsent() -> datetime | None:
    """Since when the longest waiting mail has been due and written."""
    found = _longest_waiting()
    return found.since if found else None


def delivery_trouble() -> str | None:
    """One sentence for the pages when mail has been due for over two minutes and is still here, else None."""
    found = _longest_waiting()
    if found is None or clock.now() - found.since < rules.LATE:
        return None
    minutes = int((clock.now() - found.since).total_seconds() // 60)
    paused = pausing.current()
    if paused:
        return f"Email has been waiting for {_span(minutes)}: it is paused by {paused.by}. Nothing is lost."
    seen = signs()
    refused, answered = seen.get(Part.RELAY_REFUSED), seen.get(Part.RELAY)
    if refused and (answered is None or refused.at >= answered.at):
        why = "the mail server does not take it"
    elif found.attempts:
        why = "the mail server has put it off"
    else:
        why = "the part of this software that sends it is not running"
    return f"Email has been waiting for {_span(minutes)}: {why}. Nothing is lost; it goes out by itself."


def _span(minutes: int) -> str:
    if minutes < 120:
        return f"{minutes} minutes"
    hours = minutes // 60
    return f"{hours} hours" if hours < 48 else f"{hours // 24} days"
