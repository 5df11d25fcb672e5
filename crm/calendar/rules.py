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

NEUTRAL_FOLLOW_UP, NEUTRAL_MEETING = "Follow-up due", "Meeting"


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


@dataclass(frozen=True)
class MeetingEntry:
    """A meeting, from its first to its last day."""

    id: UUID
    from_on: date
    until_on: date
    version: int
    name: str
    place: str


def allowed(chosen: Detail, ceiling: Detail) -> Detail:
    """What a feed may say: never more than the installation lets any feed say."""
    return min(chosen, ceiling, key=lambda one: one.rank)


def detail_of(entry: DueEntry, detail: Detail) -> Detail:
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
