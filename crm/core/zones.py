"""A time zone as calendars carry it (RFC 5545, section 3.6.5): each change of its clocks by itself, for some years.

The library that writes our calendars gives the hour after the change for the one before it, so that whatever falls
into that hour would come an hour late.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

AHEAD = 10
"""Years after the last moment for which a zone is told: some programs keep a zone as they first read it."""

_STEP = timedelta(days=1)
_EXACTLY = timedelta(seconds=1)


def said_in(zone: str, *moments: datetime) -> list[datetime]:
    """Moments as the clocks of that zone show them; in UTC where one of them would be shown twice."""
    there = [one.astimezone(ZoneInfo(zone)) for one in moments]
    twice = any(one.utcoffset() != one.replace(fold=1 - one.fold).utcoffset() for one in there)
    return [one.astimezone(UTC) for one in there] if twice else there


def zones_of(moments: Iterable[datetime]) -> list[Timezone]:
    """What a calendar has to carry to be understood: every zone in which one of its moments is said."""
    years: dict[str, set[int]] = {}
    for one in moments:
        if isinstance(one.tzinfo, ZoneInfo) and one.tzinfo.key != "UTC":
            years.setdefault(one.tzinfo.key, set()).add(one.year)
    return [_zone(key, min(found), max(found)) for key, found in sorted(years.items())]


def _zone(key: str, first: int, last: int) -> Timezone:
    """The zone from the year before the first to some years after the last."""
    zone, begins = ZoneInfo(key), datetime(first - 1, 1, 1, tzinfo=UTC)
    found = Timezone()
    found.add("tzid", key)
    found.add_component(_observance(begins, zone, begins))
    for change in _changes(key, begins, datetime(last + 1 + AHEAD, 1, 1, tzinfo=UTC)):
        found.add_component(_observance(change - _EXACTLY, zone, change))
    return found


@lru_cache(maxsize=256)
def _changes(key: str, begins: datetime, ends: datetime) -> tuple[datetime, ...]:
    """The moments at which the clocks are set otherwise."""
    return tuple(_found(ZoneInfo(key), begins, ends))


def _found(zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    at = begins
    while at < ends:
        before, after = at, at + _STEP
        if _shown(before, zone) != _shown(after, zone):
            while after - before > _EXACTLY:
                middle = before + (after - before) // 2
                middle = middle.replace(microsecond=0)
                if _shown(middle, zone) == _shown(at, zone):
                    before = middle
                else:
                    after = middle
            yield after
        at += _STEP


def _shown(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


def _observance(before: datetime, zone: ZoneInfo, moment: datetime) -> TimezoneStandard | TimezoneDaylight:
    """How the clocks are set from a moment on; its beginning is said as they showed it before."""
    then, now = before.astimezone(zone), moment.astimezone(zone)
    found = TimezoneDaylight() if now.dst() else TimezoneStandard()
    offset = then.utcoffset() or timedelta()
    found.add("dtstart", (moment + offset).replace(tzinfo=None))
    found.add("tzoffsetfrom", offset)
    found.add("tzoffsetto", now.utcoffset() or timedelta())
    found.add("tzname", now.tzname() or zone.key)
    return found
