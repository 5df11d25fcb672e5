"""How much a feed says, and how an entry is worded. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from crm.core.access import Handling

MOST_FEEDS = 5
"""Feeds that one person may have at a time: one for each device is enough."""

MOST_ENTRIES = 500
"""Open follow-ups in a feed, the most urgent first."""

FRESH = timedelta(hours=1)
"""How exactly the last fetch of a feed is written down, and how often a program is asked to come again."""

NEUTRAL_FOLLOW_UP, NEUTRAL_MEETING, NEUTRAL_PLAN = "Follow-up due", "Meeting", "Appointment"


class Detail(StrEnum):
    """What the entries of a feed say, from least to most."""

    NEUTRAL = "neutral"
    STATE = "state"
    FULL = "full"

    @property
    def rank(self) -> int:
        """0 (least) to 2 (most)."""
        return list(Detail).index(self)


@dataclass(frozen=True)
class DueEntry:
    """An open follow-up. `due_at` is aware; `zone` is the one in which its time is meant. `kept_close`: it is
    about a restricted State, or another party keeps it to few.
    """

    id: UUID
    due_at: datetime
    zone: str
    version: int
    handling: Handling
    state: str
    what: str
    kept_close: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True)
class MeetingEntry:
    """A meeting, from its first to its last day."""

    id: UUID
    from_on: date
    until_on: date
    version: int
    name: str
    place: str


@dataclass(frozen=True)
class PlannedEntry:
    """A talk or visit that is to come, from its first to its last day: a day, or the month of which alone is known.
    `kind` is its name, `states` those that the person may know, `begins_at` its time where one was arranged.
    """

    id: UUID
    from_on: date
    until_on: date
    version: int
    handling: Handling
    kind: str
    states: str
    place: str = ""
    kept_close: bool = False
    begins_at: datetime | None = None
    ends_at: datetime | None = None
    zone: str = "UTC"


def allowed(chosen: Detail, ceiling: Detail) -> Detail:
    """What a feed may say: never more than the installation lets any feed say."""
    return min(chosen, ceiling, key=lambda one: one.rank)


def detail_of(entry: DueEntry | PlannedEntry, detail: Detail) -> Detail:
    """What is kept to one party alone, or close, stays neutral: a calendar program may keep it on the machines of
    others, and nobody signed in who could be written down as its reader.
    """
    return Detail.NEUTRAL if entry.handling is Handling.ORIGINATOR or entry.kept_close else detail


def title(entry: DueEntry, detail: Detail) -> str:
    """The title of a follow-up in that detail."""
    match detail_of(entry, detail):
        case Detail.FULL:
            return f"{entry.what} ({entry.state})"
        case Detail.STATE:
            return f"{NEUTRAL_FOLLOW_UP}: {entry.state}"
        case _:
            return NEUTRAL_FOLLOW_UP


def planned_title(entry: PlannedEntry, detail: Detail) -> str:
    """The title of a talk or visit in that detail."""
    match detail_of(entry, detail):
        case Detail.FULL:
            return f"{entry.kind} ({entry.states})" if entry.states else entry.kind
        case Detail.STATE:
            return f"{NEUTRAL_PLAN}: {entry.states}" if entry.states else NEUTRAL_PLAN
        case _:
            return NEUTRAL_PLAN
