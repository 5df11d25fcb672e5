"""Record and correct the terms of the coordinator."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.audit.service import Event
from crm.core.access import Viewer
from crm.core.days import span
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.meetings import rules
from crm.meetings.models import Coordinator
from crm.meetings.rules import Person
from crm.meetings.service.common import audit, change, check_state, columns_of, lock_calendar, locked


def record_coordinator(
    *,
    actor: Viewer,
    state_iso3: str,
    capacity_en: str,
    person: Person,
    from_on: date,
    until_on: date | None = None,
    capacity_fr: str = "",
    source: str = "",
    ends_predecessor: bool = True,
    sample: bool = False,
) -> Coordinator:
    """Write down who coordinates from a day on.

    With `ends_predecessor` an open-ended term that began earlier ends on that day. Raises RuleViolation
    when two would coordinate at once.
    """
    actor.require("meetings:write")
    lock_calendar()
    others = _terms(sample)
    leaving = [one for one in others if ends_predecessor and one.until_on is None and one.from_on < from_on]
    _check_days(from_on, until_on, [one for one in others if one not in leaving])
    check_state(state_iso3, "state_iso3")
    for one in leaving:
        one.until_on = from_on
        audit(Event.COORDINATOR_CORRECTED, actor, one, state=one.state_iso3, changed=["until_on"])
    term = Coordinator(
        state_iso3=state_iso3,
        capacity_en=capacity_en,
        capacity_fr=capacity_fr,
        from_on=from_on,
        until_on=until_on,
        source=source,
        sample=sample,
        **columns_of(person),
    )
    db.session.add(term)
    db.session.flush()
    audit(Event.COORDINATOR_RECORDED, actor, term, state=state_iso3, from_on=from_on.isoformat())
    return term


def correct_coordinator(
    *,
    actor: Viewer,
    coordinator_id: UUID,
    version: int,
    state_iso3: str,
    capacity_en: str,
    person: Person,
    from_on: date,
    until_on: date | None = None,
    capacity_fr: str = "",
    source: str = "",
) -> Coordinator:
    """Set every fact of a coordinator's term. Raises Stale."""
    actor.require("meetings:write")
    lock_calendar()
    term = locked(actor, Coordinator, coordinator_id, version)
    _check_days(from_on, until_on, [one for one in _terms(term.sample) if one is not term])
    check_state(state_iso3, "state_iso3")
    values: dict[str, Any] = {
        "state_iso3": state_iso3,
        "capacity_en": capacity_en,
        "capacity_fr": capacity_fr,
        "from_on": from_on,
        "until_on": until_on,
        "source": source,
        **columns_of(person),
    }
    changed = change(term, **values)
    if changed:
        db.session.flush()
        audit(Event.COORDINATOR_CORRECTED, actor, term, state=state_iso3, changes=changed)
    return term


def _terms(sample: bool) -> list[Coordinator]:
    """Every term, earliest first; invented ones only count among themselves."""
    wanted = select(Coordinator).where(Coordinator.sample.is_(sample)).order_by(Coordinator.from_on, Coordinator.id)
    return list(db.session.scalars(wanted))


def _check_days(from_on: date, until_on: date | None, others: list[Coordinator]) -> None:
    if from_on < rules.EARLIEST:
        raise RuleViolation("from_on", "Please check the year.")
    if until_on and until_on <= from_on:
        raise RuleViolation("until_on", "The term must end after its first day.")
    for other in others:
        if rules.terms_meet(from_on, until_on, other.from_on, other.until_on):
            field = "until_on" if from_on < other.from_on else "from_on"
            who = other.person_name or other.state_iso3
            days = span(other.from_on, other.until_on)
            raise RuleViolation(
                field,
                f"{who} is recorded as coordinator {days}. Only one coordinates at a time.",
            )
