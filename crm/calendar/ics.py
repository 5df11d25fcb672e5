"""A feed as iCalendar (RFC 5545). The library escapes texts, folds lines and ends them with CR LF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from icalendar import Alarm, Calendar, Event

from crm.calendar.rules import (
    FRESH,
    NEUTRAL_MEETING,
    Detail,
    DueEntry,
    MeetingEntry,
    PlannedEntry,
    detail_of,
    planned_title,
    title,
)
from crm.core.zones import said_in, zones_of

_LASTS = timedelta(minutes=30)
_WARNS = timedelta(days=-1)


@dataclass(frozen=True)
class Feed:
    """What stands in a feed, and how much of it is said."""

    id: UUID
    detail: Detail
    due: tuple[DueEntry, ...]
    meetings: tuple[MeetingEntry, ...]
    stamped_at: datetime
    planned: tuple[PlannedEntry, ...] = ()
    is_first_for_a_while: bool = False


def as_ics(
    feed: Feed, *, address_of: Callable[[UUID], str], planned_at: Callable[[UUID], str] = str, host: str
) -> bytes:
    """The whole feed. `address_of` gives the page of a follow-up, `planned_at` that of a talk or visit; `host` makes
    the names of entries our own.

    How often to come again is said twice: REFRESH-INTERVAL is the standard (RFC 7986), X-PUBLISHED-TTL what Outlook
    reads.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Demarche//Calendar feed//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Demarche")
    calendar.add("refresh-interval", FRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{FRESH // timedelta(hours=1)}H")
    for due in feed.due:
        calendar.add_component(_due(due, feed, address_of(due.id), host))
    for planned in feed.planned:
        calendar.add_component(_planned(planned, feed, planned_at(planned.id), host))
    for meeting in feed.meetings:
        calendar.add_component(_meeting(meeting, feed, host))
    with_zones(calendar)
    return bytes(calendar.to_ical())


def with_zones(calendar: Calendar) -> None:
    """Let a calendar carry the zones of its moments, in front of its entries."""
    moments = [entry.decoded(name) for entry in calendar.walk("VEVENT") for name in ("dtstart", "dtend")]
    calendar.subcomponents[:0] = zones_of(one for one in moments if isinstance(one, datetime))


def _entry(key: UUID, version: int, feed: Feed, host: str) -> Event:
    entry = Event()
    entry.add("uid", f"{key}@{host}")
    entry.add("dtstamp", feed.stamped_at.astimezone(UTC).replace(microsecond=0))
    entry.add("sequence", version)
    entry.add("class", "PRIVATE")
    entry.add("transp", "TRANSPARENT")
    return entry


def _due(due: DueEntry, feed: Feed, address: str, host: str) -> Event:
    """A follow-up at its due moment, with a warning a day before.

    In a neutral entry the moment stands in UTC: a zone tells where its owner works.
    """
    says = title(due, feed.detail)
    neutral = detail_of(due, feed.detail) is Detail.NEUTRAL
    begins, ends = said_in("UTC" if neutral else due.zone, due.due_at, due.due_at + _LASTS)
    entry = _entry(due.id, due.version, feed, host)
    entry.add("summary", says)
    entry.add("dtstart", begins)
    entry.add("dtend", ends)
    if due.changed_at:
        entry.add("last-modified", due.changed_at.astimezone(UTC).replace(microsecond=0))
    entry.add("url", address)
    return _with_warning(entry, says)


def _with_warning(entry: Event, says: str) -> Event:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", says)
    alarm.add("trigger", _WARNS)
    entry.add_component(alarm)
    return entry


def _planned(planned: PlannedEntry, feed: Feed, address: str, host: str) -> Event:
    """A talk or visit: at its time where one was arranged, else as whole days, without a warning where only the month
    is known.
    """
    says = planned_title(planned, feed.detail)
    neutral = detail_of(planned, feed.detail) is Detail.NEUTRAL
    entry = _entry(planned.id, planned.version, feed, host)
    entry.add("summary", says)
    if planned.begins_at and planned.ends_at:
        begins, ends = said_in("UTC" if neutral else planned.zone, planned.begins_at, planned.ends_at)
        entry.add("dtstart", begins)
        entry.add("dtend", ends)
    else:
        entry.add("dtstart", planned.from_on)
        entry.add("dtend", planned.until_on + timedelta(days=1))
    if planned.place and not neutral:
        entry.add("location", planned.place)
    entry.add("url", address)
    return _with_warning(entry, says) if planned.from_on == planned.until_on else entry


def _meeting(meeting: MeetingEntry, feed: Feed, host: str) -> Event:
    """A meeting as whole days; the day after the last ends it (RFC 5545, section 3.6.1)."""
    entry = _entry(meeting.id, meeting.version, feed, host)
    entry.add("dtstart", meeting.from_on)
    entry.add("dtend", meeting.until_on + timedelta(days=1))
    if feed.detail is Detail.NEUTRAL:
        entry.add("summary", NEUTRAL_MEETING)
    else:
        entry.add("summary", meeting.name)
        if meeting.place:
            entry.add("location", meeting.place)
    return entry
