"""Record and correct presidencies."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.audit.service import Event
from crm.core.access import Viewer
from crm.core.db import db, held
from crm.core.errors import RuleViolation
from crm.meetings.models import Meeting, Presidency
from crm.meetings.rules import Confidence, OtherDays, Person
from crm.meetings.service.common import audit, change, check_state, columns_of, locked

NO_DAYS = OtherDays()


def record_presidency(
    *,
    actor: Viewer,
    meeting: str,
    state_iso3: str,
    person: Person,
    days: OtherDays = NO_DAYS,
    source: str = "",
    sample: bool = False,
) -> Presidency:
    """Write down which State presides over a meeting (by key, "14MSP"), and through whom.

    Days are given only where they differ from the rule. Raises RuleViolation when somebody is recorded
    already and no `took_over_on` says that this person followed.
    """
    actor.require("meetings:write")
    found = db.session.scalar(held(select(Meeting).where(Meeting.key == meeting)))
    if found is None:
        raise RuleViolation("meeting", "Choose a meeting from the list, or record the meeting first.")
    _refuse_second(found, None, days, sample)
    presidency = Presidency(
        meeting_id=found.id,
        source=source,
        confidence=Confidence.RECORDED.value,
        sample=sample,
        **_columns(state_iso3, person, days),
    )
    db.session.add(presidency)
    db.session.flush()
    audit(Event.PRESIDENCY_RECORDED, actor, presidency, meeting=found.key, state=state_iso3)
    return presidency


def correct_presidency(
    *,
    actor: Viewer,
    presidency_id: UUID,
    version: int,
    state_iso3: str,
    person: Person,
    days: OtherDays = NO_DAYS,
    source: str = "",
) -> Presidency:
    """Set every fact of a presidency but its meeting. Raises Stale."""
    actor.require("meetings:write")
    presidency = locked(actor, Presidency, presidency_id, version)
    meeting = db.session.scalars(held(select(Meeting).where(Meeting.id == presidency.meeting_id))).one()
    _refuse_second(meeting, presidency, days, presidency.sample)
    changed = change(presidency, source=source, **_columns(state_iso3, person, days))
    if changed:
        presidency.confidence = Confidence.RECORDED.value
        db.session.flush()
        audit(
            Event.PRESIDENCY_CORRECTED,
            actor,
            presidency,
            meeting=meeting.key,
            state=presidency.state_iso3,
            changes=changed,
        )
    return presidency


def _columns(state_iso3: str, person: Person, days: OtherDays) -> dict[str, Any]:
    """Checked State, person and days."""
    check_state(state_iso3, "state_iso3")
    wrong = days.out_of_order()
    if wrong:
        raise RuleViolation(wrong, "This day must come after the one before it.")
    return {
        "state_iso3": state_iso3,
        **columns_of(person),
        "took_over_on": days.took_over_on,
        "designate_from": days.designate_from,
        "president_from": days.president_from,
        "president_until": days.president_until,
    }


def _refuse_second(meeting: Meeting, own: Presidency | None, days: OtherDays, sample: bool) -> None:
    """One presidency for a meeting, or several persons one after the other."""
    others = db.session.scalars(
        select(Presidency).where(Presidency.meeting_id == meeting.id, Presidency.sample.is_(sample))
    )
    for other in others:
        if other is not own and other.took_over_on == days.took_over_on:
            raise RuleViolation(
                "took_over_on" if days.took_over_on else "meeting",
                f"{other.person_name or other.state_iso3} is recorded for the {meeting.key} already. Correct "
                "that record, or give the day on which this person took over.",
            )
