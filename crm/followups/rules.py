"""Pure decisions about follow-ups: when one is due, how urgent it is, who may be charged with it or change it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm.core import days
from crm.core.access import Viewer
from crm.core.visibility import Record, may_see

MORNING = time(9)
"""When a follow-up falls due on its day, in the owner's zone, unless another time was given."""


class Status(StrEnum):
    """Where a follow-up stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class Urgency(StrEnum):
    """How near an open follow-up is."""

    OVERDUE = "overdue"
    TODAY = "today"
    THIS_WEEK = "this_week"
    LATER = "later"


class Change(StrEnum):
    """What can happen to a follow-up after it was opened."""

    DONE = "done"
    CANCELLED = "cancelled"
    REOPENED = "reopened"
    MOVED = "moved"
    REASSIGNED = "reassigned"
    LATER = "later"


@dataclass(frozen=True)
class Due:
    """A due moment as people say it: a day, a time on the clock and the zone in which both are meant."""

    on: date
    at: time
    zone: str

    @property
    def moment(self) -> datetime:
        """The same in UTC; see `to_utc` for the hours of a clock change."""
        return to_utc(self.on, self.at, self.zone)


def to_utc(day: date, at: time, zone: str) -> datetime:
    """The moment at which a clock on the wall of that zone shows this day and time.

    Where the clock is set back and shows a time twice, the first of the two is meant. Where it is set
    forward and never shows the time, the offset from before the change counts, so the moment comes as long
    after the change as the time lies after its beginning (RFC 5545, section 3.3.5). That also holds for a
    whole day that a country leaves out.
    """
    return datetime.combine(day, at.replace(tzinfo=None, fold=0), ZoneInfo(zone)).astimezone(UTC)


def known_zone(name: str) -> str:
    """The zone if the time zone database has it, else UTC."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
    return name


def urgency(due_on: date, today: date) -> Urgency:
    """How near a day is; the week is the seven days after today."""
    if due_on < today:
        return Urgency.OVERDUE
    if due_on == today:
        return Urgency.TODAY
    return Urgency.THIS_WEEK if due_on <= today + timedelta(days=7) else Urgency.LATER


PATIENCE = timedelta(days=7)
"""So long after its day a promise of theirs is still not late: ours turn red first."""


def is_late(due_on: date, today: date, *, promised: bool) -> bool:
    """Whether something open should have come by now: what is ours on the day after, what they promised a week on."""
    return due_on + PATIENCE < today if promised else due_on < today


def due_day_problem(due_on: date, today: date) -> str | None:
    """Why a day cannot be chosen as a new due day, or None."""
    if due_on < today:
        return "This day has passed. Choose today or a later day."
    return days.too_far(due_on, today)


LONGEST_SLEEP = timedelta(days=183)
"""For so long at most somebody may want to hear nothing of a follow-up: longer is another due day."""


def later_day_problem(until: date, today: date) -> str | None:
    """Why somebody cannot be reminded on a day instead of now, or None."""
    if until <= today:
        return "Choose tomorrow or a later day."
    if until > today + LONGEST_SLEEP:
        return "This is more than half a year from now. Move the follow-up to another due day instead."
    return None


def later_choices(today: date) -> list[tuple[str, date]]:
    """What is offered to whoever wants to be reminded later: a label and the day."""
    monday = today + timedelta(days=7 - today.weekday())
    days = [
        ("Tomorrow", today + timedelta(days=1)),
        ("On Monday", monday),
        ("In two weeks", today + timedelta(days=14)),
    ]
    return days if monday != days[0][1] else [days[0], days[2]]


def may_be_charged(owner: Viewer, record: Record) -> bool:
    """Whether somebody may own a follow-up: they must be able to open it."""
    return owner.may("followups:read") and may_see(owner, record)


def mission_of(viewer: Viewer) -> UUID | None:
    """The mission of which somebody owes what it is charged with; nobody is at one that is closed."""
    return viewer.mission_id if viewer.mission_name else None


def owes(viewer: Viewer, owner_id: UUID | None, owner_mission_id: UUID | None) -> bool:
    """Whether somebody who sees a follow-up is to do it: it is theirs, or their mission's."""
    if owner_mission_id is not None:
        return mission_of(viewer) == owner_mission_id
    return viewer.user_id is not None and viewer.user_id == owner_id


def zone_of_most(zones: Iterable[str]) -> str:
    """The zone in which most of those who share something live, the first by name among as many."""
    counted = Counter(known_zone(one) for one in zones)
    return min(counted, key=lambda one: (-counted[one], one))


def may_change(
    viewer: Viewer,
    originator_id: object,
    owner_id: UUID | None,
    owner_mission_id: UUID | None = None,
    *,
    owner_closed: bool,
) -> bool:
    """Whether somebody who sees a follow-up may change it.

    Whoever owes it and the originating party may; others only read. Once the account of the owner is closed, or nobody
    is left at the mission, nobody would be reminded and perhaps nobody left to act, so a coordinator may too.
    """
    if not viewer.may("followups:write"):
        return False
    own = viewer.is_system or viewer.party_id == originator_id or owes(viewer, owner_id, owner_mission_id)
    return own or (owner_closed and viewer.may("followups:take_over"))
