"""Verbs of the outbox. Each is part of a unit of work that its caller opens; none speaks to a mail server."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from email.utils import parseaddr
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, held, locked, savepoint
from crm.core.errors import RuleViolation
from crm.core.jobs import Job, enqueue
from crm.mail import holder as holders
from crm.mail import pausing, rules
from crm.mail.message import Outgoing, Written, compose
from crm.mail.models import MailAttempt, OutboxMail
from crm.mail.rules import Answer, MailState, Outcome
from crm.mail.wanted import Unwanted, as_of_now

SWEEP_LIMIT = 500
UNDER_WAY = (MailState.WAITING.value, MailState.AMBIGUOUS.value)
HELD = and_(OutboxMail.state.in_((*UNDER_WAY, MailState.SENDING.value)), OutboxMail.lease_by.is_not(None))
"""Mails in somebody's hands. The state stands in it so that those that are through are never read."""


def post(
    *,
    key: str,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    not_before: datetime | None = None,
    purpose: str = "",
    repeats: int = 0,
    forgets: bool = False,
    sample: bool = False,
) -> UUID:
    """Put a mail into the outbox and ask for its delivery; returns its id.

    The same `key` never makes a second mail: a withdrawn one is wanted again, any other stays as it is. `purpose`
    names who is asked whether it is still wanted, `repeats` how many further copies an unknown outcome may cause (0
    for letters outward, 1 for reminders). `forgets` erases what is written in it once it is through, or has failed:
    for mails that hold a secret. Raises RuleViolation for a wrong address. Works as the system: mails are for the
    software alone.
    """
    try:
        recipient = rules.address(to)
    except ValueError:
        raise RuleViolation("to", "This is not an email address that mail can be sent to.") from None
    moment = not_before or clock.now()
    mail = OutboxMail(
        id=uuid4(),
        key=key,
        purpose=purpose,
        recipient=recipient,
        subject=rules.one_line(subject),
        text=text,
        html=html,
        message_id=f"<{uuid4()}@{own_domain()}>",
        due_at=moment,
        not_before=moment,
        repeats=repeats,
        forgets=forgets,
        sample=sample,
    )
    with looking_as(SYSTEM):
        found = _posted(key) or _put_in(mail)
        if found.state == MailState.WITHDRAWN:
            _wanted_again(found, mail)
        return found.id


def withdrawn_among(mail_ids: Collection[UUID]) -> set[UUID]:
    """Which of these mails were not sent because they were not wanted any more. Looks as the system: mails are for the
    software alone.
    """
    if not mail_ids:
        return set()
    wanted = select(OutboxMail.id).where(OutboxMail.id.in_(mail_ids), OutboxMail.state == MailState.WITHDRAWN.value)
    with looking_as(SYSTEM):
        return set(db.session.scalars(wanted))


def _put_in(mail: OutboxMail) -> OutboxMail:
    """The mail, new in the outbox, or the one with its key that somebody else put in meanwhile."""
    try:
        with savepoint():
            db.session.add(mail)
    except IntegrityError:
        first = _posted(mail.key)
        if first is None:
            raise
        return first
    enqueue(Job.DRAIN_OUTBOX)
    return mail


def _posted(key: str) -> OutboxMail | None:
    return db.session.scalar(held(select(OutboxMail).where(OutboxMail.key == key)))


def _wanted_again(mail: OutboxMail, fresh: OutboxMail) -> None:
    """A withdrawn mail takes the words of the new one; its name on the wire stays."""
    for name in ("recipient", "subject", "text", "html", "due_at", "not_before"):
        setattr(mail, name, getattr(fresh, name))
    mail.state, mail.last_answer = MailState.WAITING.value, ""
    enqueue(Job.DRAIN_OUTBOX)


def own_domain() -> str:
    """The part after the @ in our own sender address."""
    return envelope_sender().rpartition("@")[2] or "localhost"


def envelope_sender() -> str:
    """Our own address without the name."""
    return parseaddr(current_app.extensions["settings"].mail_from)[1]


def ready(now: datetime) -> ColumnElement[bool]:
    """Mails that may go out now and that nobody holds."""
    free = or_(OutboxMail.lease_until.is_(None), OutboxMail.lease_until < now)
    repeatable = or_(OutboxMail.state == MailState.WAITING.value, OutboxMail.unknown_outcomes <= OutboxMail.repeats)
    return and_(OutboxMail.state.in_(UNDER_WAY), OutboxMail.not_before <= now, repeatable, free)


def claim_batch(holder: str, limit: int = 50) -> list[UUID]:
    """Set the next ready mails aside for a short while; what another worker is just taking is passed over. None while
    mail is paused.
    """
    if pausing.current():
        return []
    now = clock.now()
    next_ones = select(OutboxMail.id).where(ready(now)).order_by(OutboxMail.not_before, OutboxMail.id)
    ids = list(db.session.scalars(held(next_ones.limit(limit), skip_locked=True)))
    if ids:
        db.session.execute(
            update(OutboxMail)
            .where(OutboxMail.id.in_(ids))
            .values(lease_by=holder, lease_until=now + rules.CLAIM)
            .execution_options(synchronize_session=False)
        )
    return ids


def begin(mail_id: UUID, holder: str) -> Outgoing | None:
    """Write down an attempt and give out what to send; None when it must not or cannot be sent.

    This is the claim that counts, for 12 minutes: rights and wishes are looked at here, and only after the
    commit of this unit of work may the mail server hear of it.
    """
    mail = locked(OutboxMail, mail_id)
    now = clock.now()
    if mail is None or mail.lease_by != holder or mail.lease_until is None or mail.lease_until < now:
        return None
    if mail.state not in (MailState.WAITING, MailState.AMBIGUOUS) or pausing.current():
        return None
    try:
        said = as_of_now(mail.purpose, mail.id)
        content = b"" if isinstance(said, Unwanted) else _content(mail, said)
    except SQLAlchemyError:
        raise
    except Exception as error:
        _finish(mail, MailState.FAILED, f"This mail could not be prepared ({type(error).__name__}).")
        return None
    if isinstance(said, Unwanted):
        _finish(mail, MailState.WITHDRAWN, said.reason)
        return None
    mail.state, mail.attempts = MailState.SENDING.value, mail.attempts + 1
    mail.lease_until = now + rules.LEASE
    db.session.add(MailAttempt(mail_id=mail.id, number=mail.attempts, second_copy=mail.unknown_outcomes > 0))
    return Outgoing(mail.id, mail.attempts, envelope_sender(), mail.recipient, content)


def _content(mail: OutboxMail, said: Written | None) -> bytes:
    return compose(mail, current_app.extensions["settings"].mail_from, said)


def _finish(mail: OutboxMail, state: MailState, answer: str) -> None:
    mail.state, mail.last_answer = state.value, answer
    mail.lease_by = mail.lease_until = None
    forget_if_over(mail)


def forget_if_over(mail: OutboxMail) -> None:
    """Erase the secret of a mail with which nothing more happens by itself."""
    undecided = mail.state == MailState.AMBIGUOUS and mail.unknown_outcomes > mail.repeats
    if mail.forgets and (undecided or mail.state in rules.THROUGH):
        mail.text = mail.html = ""


def settle(mail_id: UUID, number: int, answer: Answer) -> None:
    """Write down how an attempt ended.

    Fenced by its number: an attempt that was overtaken only ends itself. One that had been given up but
    was not yet overtaken may still succeed, which saves the second copy.
    """
    mail = locked(OutboxMail, mail_id)
    attempt = db.session.scalar(select(MailAttempt).where(MailAttempt.mail_id == mail_id, MailAttempt.number == number))
    if mail is None or attempt is None:
        return
    given_up = attempt.ended_at is not None
    current = mail.attempts == number and mail.state in (MailState.SENDING, MailState.AMBIGUOUS)
    if given_up and answer.outcome is not Outcome.SENT:
        return
    overtaken = not current
    attempt.ended_at, attempt.answer = clock.now(), answer.text
    attempt.outcome = (Outcome.LATE if overtaken and answer.outcome is Outcome.SENT else answer.outcome).value
    if current:
        _conclude(mail, answer)


def _conclude(mail: OutboxMail, answer: Answer) -> None:
    """The mail after the end of its latest attempt."""
    now = clock.now()
    if answer.outcome is Outcome.UNKNOWN:
        mail.unknown_outcomes += 1
    if answer.outcome is Outcome.TEMPORARY and not answer.relay_trouble:
        mail.deferrals += 1
    verdict = rules.judge(
        answer,
        deferrals=mail.deferrals,
        unknown=mail.unknown_outcomes,
        repeats=mail.repeats,
        age=now - mail.due_at,
    )
    _finish(mail, verdict.state, answer.text)
    if verdict.wait is not None:
        mail.not_before = now + verdict.wait
    if verdict.state is MailState.SENT:
        mail.sent_at = now


def release(holder: str, *, handed_over: UUID | None = None) -> None:
    """Give back what was claimed: not begun, or begun and never handed over because the database was away.

    `handed_over` names the one mail of which the relay heard while its answer could not be written down:
    its lease ends at once, and the sweeper sees to it.
    """
    now = clock.now()
    for mail in db.session.scalars(held(select(OutboxMail).where(HELD, OutboxMail.lease_by == holder))):
        if mail.id == handed_over:
            mail.lease_until = now
        elif mail.state == MailState.SENDING:
            settle(mail.id, mail.attempts, Answer(Outcome.TEMPORARY, "It was not handed over.", True))
        else:
            mail.lease_by = mail.lease_until = None


def note_waiting(reason: str, limit: int = 50) -> None:
    """Put the reason why nothing goes out onto the mails that wait longest."""
    waiting = select(OutboxMail.id).where(ready(clock.now())).order_by(OutboxMail.not_before, OutboxMail.id)
    oldest = held(waiting.limit(limit), skip_locked=True)
    db.session.execute(
        update(OutboxMail)
        .where(OutboxMail.id.in_(list(db.session.scalars(oldest))))
        .values(last_answer=reason)
        .execution_options(synchronize_session=False)
    )


def sweep() -> int:
    """Free what a dead or lost worker holds; returns how many mails. Asks for a drain when any is ready.

    An attempt without an end may or may not have reached the mail server, so its outcome is unknown.
    """
    now = clock.now()
    workers = db.session.scalars(select(OutboxMail.lease_by).where(HELD).distinct()).all()
    dead = [one for one in workers if one and holders.is_dead(one)]
    over = or_(OutboxMail.lease_until < now, OutboxMail.lease_by.in_(dead))
    wanted = select(OutboxMail).where(HELD, over).order_by(OutboxMail.id).limit(SWEEP_LIMIT)
    lost = db.session.scalars(held(wanted, skip_locked=True)).all()
    for mail in lost:
        if mail.state == MailState.SENDING:
            words = "This attempt was cut off; whether the mail went out is not known."
            settle(mail.id, mail.attempts, Answer(Outcome.UNKNOWN, words))
        else:
            mail.lease_by = mail.lease_until = None
    db.session.flush()
    if db.session.scalar(select(OutboxMail.id).where(ready(now)).limit(1)):
        enqueue(Job.DRAIN_OUTBOX)
    return len(lost)
