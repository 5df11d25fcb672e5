"""What all verbs of this package share."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from crm.audit.changes import Changes, set_values
from crm.audit.service import Event, record
from crm.core.access import Handling, Viewer, claim_for_real
from crm.core.db import db, expect_version, held
from crm.core.errors import NotFound, RuleViolation
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.meetings.rules import Person
from crm.states.models import State

Row = TypeVar("Row", Meeting, Presidency, Coordinator)


def lock_calendar() -> None:
    """Let those who compare a record with all others take turns; the first meeting stands for them all."""
    db.session.scalar(held(select(Meeting.id).order_by(Meeting.id).limit(1)))


def locked(actor: Viewer, model: type[Row], key: UUID, version: int) -> Row:
    """A record that nobody else changes meanwhile, to be corrected by the actor.

    Raises NotFound, and Stale when it is not at `version`.
    """
    found = db.session.scalar(held(select(model).where(model.id == key)))
    if found is None:
        raise NotFound(f"no such {model.__name__.lower()}")
    expect_version(found, version)
    claim_for_real(found, actor)
    return found


def change(row: Row, **values: Any) -> Changes:
    """Set the values that differ; what each column held before and holds now, in order."""
    return set_values(row, values)


def check_state(iso3: str, field: str) -> None:
    """Raises RuleViolation for a code that is no State's."""
    if db.session.get(State, iso3) is None:
        raise RuleViolation(field, "Choose a State from the list.")


def columns_of(person: Person) -> dict[str, Any]:
    """A person as the columns of a record. Raises RuleViolation when anything is said of nobody."""
    if not person.name and (person.title_en or person.title_fr or person.honorific):
        raise RuleViolation("person_name", "Give the name of the person whose title this is.")
    return {
        "person_name": person.name or None,
        "honorific": person.honorific,
        "title_en": person.title_en,
        "title_fr": person.title_fr,
        "gender": person.gender.value,
    }


def audit(event: Event, actor: Viewer, row: Meeting | Presidency | Coordinator, **details: Any) -> None:
    """Facts about meetings are public; who wrote them down is for the States."""
    kind = type(row).__name__.lower()
    record(event, actor=actor, subject=(kind, row.id), handling=Handling.STATES, **details)
