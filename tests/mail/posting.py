"""Putting mail into the outbox and looking at it from behind."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.mail import delivery, service
from crm.mail.models import MailAttempt, OutboxMail


def post(key: str = "one", **changes: Any) -> UUID:
    """A mail to somebody, committed."""
    given: dict[str, Any] = {
        "key": key,
        "to": "owner@example.org",
        "subject": "Demarche: a follow-up is due",
        "text": "A follow-up is due.\n",
        "html": "<p>A follow-up is due.</p>",
        "repeats": 1,
    }
    with looking_as(SYSTEM), unit_of_work():
        return service.post(**{**given, **changes})


def row(mail_id: UUID) -> OutboxMail:
    """A mail as it stands in the database."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.get_one(OutboxMail, mail_id)


def attempts(mail_id: UUID) -> list[MailAttempt]:
    """Every attempt at a mail, oldest first."""
    with looking_as(SYSTEM):
        wanted = select(MailAttempt).where(MailAttempt.mail_id == mail_id).order_by(MailAttempt.number)
        return list(db.session.scalars(wanted))


def drain() -> dict[str, int]:
    """Empty the outbox as the worker does, however slow the machine; outcomes by name."""
    with looking_as(SYSTEM):
        found = delivery.drain(seconds=60)
        db.session.rollback()
    return {outcome.value: number for outcome, number in found.items()}


def sweep() -> int:
    """Free what lost workers hold, as the worker does."""
    with looking_as(SYSTEM), unit_of_work():
        return service.sweep()
