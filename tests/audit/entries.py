"""Looking into the audit past every rule, as an operator with the database would."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crm.activities.service import record_activity
from crm.audit import denials
from crm.audit.models import AuditContent, AuditEntry
from crm.audit.service import Event
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work


def entries_of(event: Event) -> list[AuditEntry]:
    """Every entry of an event in the order of the chain."""
    with looking_as(SYSTEM):
        wanted = select(AuditEntry).where(AuditEntry.event == event.value).order_by(AuditEntry.place)
        found = list(db.session.scalars(wanted.execution_options(populate_existing=True)))
        db.session.expunge_all()
        db.session.rollback()
    return found


def values_of(entry: AuditEntry) -> dict[str, Any] | None:
    """The values that are kept of an entry."""
    with looking_as(SYSTEM):
        found = db.session.get(AuditContent, entry.id, populate_existing=True)
        return found.values if found else None


def enter() -> int:
    """What the worker does every minute with what was refused."""
    with looking_as(SYSTEM), unit_of_work():
        return denials.enter()


def visit(viewer: Viewer, handling: Handling, state: str = "LAO", **changes: Any) -> str:
    """An activity of that person, committed; its key."""
    with unit_of_work():
        made = record_activity(
            actor=viewer, kind="demarche", state_iso3=state, held_on=clock.today(), person_name="Somebody",
            reply="Canary words.", handling=handling, **changes,
        )  # fmt: skip
        key = str(made.id)
    db.session.remove()
    return key
