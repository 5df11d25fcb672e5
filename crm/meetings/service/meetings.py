"""Record and correct meetings."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.audit.service import Event
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.meetings import rules
from crm.meetings.models import Meeting
from crm.meetings.names import key_of, usual_names
from crm.meetings.queries import days_of
from crm.meetings.rules import Confidence, MeetingDays, MeetingKind, Precision
from crm.meetings.service.common import audit, change, check_state, lock_calendar, locked


def record_meeting(
    *,
    actor: Viewer,
    kind: MeetingKind,
    number: int,
    from_on: date,
    until_on: date,
    precision: Precision = Precision.DAY,
    name_en: str = "",
    name_fr: str = "",
    place: str = "",
    country_iso3: str = "",
    source: str = "",
    note: str = "",
    sample: bool = False,
) -> Meeting:
    """Write down a meeting. With a coarse precision the days stand for the months or years they lie in.

    Names left out are the usual ones. Raises RuleViolation for a number already taken, days that cross
    those of another meeting, or a name that has to be given.
    """
    actor.require("meetings:write")
    lock_calendar()
    key = key_of(kind, number)
    if db.session.scalar(select(Meeting.id).where(Meeting.key == key)):
        raise RuleViolation("number", f"The {key} is recorded already.")
    meeting = Meeting(
        key=key,
        kind=kind.value,
        number=number,
        place=place,
        country_iso3=_country(country_iso3),
        source=source,
        note=note,
        confidence=Confidence.RECORDED.value,
        sample=sample,
        **_days(None, from_on, until_on, precision),
        **_names(kind, number, name_en, name_fr),
    )
    db.session.add(meeting)
    db.session.flush()
    audit(Event.MEETING_RECORDED, actor, meeting, key=key, from_on=meeting.from_on.isoformat())
    return meeting


def correct_meeting(
    *,
    actor: Viewer,
    meeting_id: UUID,
    version: int,
    from_on: date,
    until_on: date,
    precision: Precision = Precision.DAY,
    name_en: str = "",
    name_fr: str = "",
    place: str = "",
    country_iso3: str = "",
    source: str = "",
    note: str = "",
) -> Meeting:
    """Set every fact of a meeting but its kind and number. Raises Stale."""
    actor.require("meetings:write")
    lock_calendar()
    meeting = locked(actor, Meeting, meeting_id, version)
    changed = change(
        meeting,
        place=place,
        country_iso3=_country(country_iso3),
        source=source,
        note=note,
        **_days(meeting, from_on, until_on, precision),
        **_names(MeetingKind(meeting.kind), meeting.number, name_en, name_fr),
    )
    if changed:
        meeting.confidence = Confidence.RECORDED.value
        db.session.flush()
        audit(Event.MEETING_CORRECTED, actor, meeting, key=meeting.key, changes=changed)
    return meeting


def _country(iso3: str) -> str | None:
    if iso3:
        check_state(iso3, "country_iso3")
    return iso3 or None


def _names(kind: MeetingKind, number: int, name_en: str, name_fr: str) -> dict[str, Any]:
    usual = usual_names(kind, number)
    if usual is None and not name_en:
        raise RuleViolation("name_en", "Give the name.")
    english, french = usual or ("", "")
    return {"name_en": name_en or english, "name_fr": name_fr or french}


def _days(meeting: Meeting | None, from_on: date, until_on: date, precision: Precision) -> dict[str, Any]:
    """Days that can be, and that no other meeting has taken."""
    if until_on < from_on:
        raise RuleViolation("until_on", "The last day is before the first.")
    if (until_on - from_on).days > rules.LONGEST_DAYS:
        raise RuleViolation("until_on", "A meeting does not last longer than a year. Please check the days.")
    if from_on < rules.EARLIEST or from_on.year > clock.today().year + 10:
        raise RuleViolation("from_on", "Please check the year.")
    first, last = rules.window(from_on, until_on, precision)
    others = [days_of(one) for one in db.session.scalars(select(Meeting)) if one is not meeting]
    crossing = rules.overlapping(MeetingDays(rules.NOBODY, "", first, last, precision), others)
    if crossing:
        raise RuleViolation("from_on", f"The {crossing.key} is recorded on the same days.")
    return {"from_on": first, "until_on": last, "precision": precision.value}
