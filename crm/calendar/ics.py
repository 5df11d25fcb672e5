"""A feed as iCalendar (RFC 5545). The library escapes texts, folds lines and ends them with CR LF."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event

from crm.calendar.rules import NEUTRAL_MEETING, Detail, DueEntry, MeetingEntry, detail_of, title

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
    is_first_for_a_while: bool = False


def as_ics(feed: Feed, *, address_of: Callable[[UUID], str], host: str) -> bytes:
    """The whole feed. `address_of` gives the page of a follow-up; `host` makes the names of entries our own."""
    calendar = Calendar()
    calendar.add("prodid", "-//Demarche//Calendar feed//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Demarche")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for due in feed.due:
        calendar.add_component(_due(due, feed, address_of(due.id), host))
    for meeting in feed.meetings:
        calendar.add_component(_meeting(meeting, feed, host))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


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
    moment = due.due_at.astimezone(UTC if neutral else ZoneInfo(due.zone))
    entry = _entry(due.id, due.version, feed, host)
    entry.add("summary", says)
    entry.add("dtstart", moment)
    entry.add("dtend", (due.due_at + _LASTS).astimezone(moment.tzinfo))
    entry.add("url", address)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", says)
    alarm.add("trigger", _WARNS)
    entry.add_component(alarm)
    return entry


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
