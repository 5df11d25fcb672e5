"""Zones as calendars carry them, read back by their own rules alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from icalendar import Calendar

from crm.core.zones import said_in, zones_of

ZONES = [
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Europe/Oslo",
    "America/New_York",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Asia/Tokyo",
]


@pytest.mark.parametrize("key", ZONES)
def test_a_zone_tells_every_hour_of_its_years(key: str, tmp_path: Path) -> None:
    """Hour by hour: the change of the clocks comes when it comes, and not an hour later."""
    zone = ZoneInfo(key)
    calendar = Calendar()
    for one in zones_of([datetime(2026, 6, 1, tzinfo=zone), datetime(2027, 6, 1, tzinfo=zone)]):
        calendar.add_component(one)
    read = tzical(_file(calendar, tmp_path)).get(key)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    while moment < datetime(2029, 1, 1, tzinfo=UTC):
        (said,) = said_in(key, moment)
        if said.tzinfo is not UTC:
            assert said.replace(tzinfo=read).utcoffset() == said.utcoffset(), said
        moment += timedelta(minutes=30)


def _file(calendar: Calendar, folder: Path) -> str:
    path = f"{folder}/zones.ics"
    with open(path, "wb") as file:
        file.write(calendar.to_ical())
    return path


def test_what_the_clocks_show_twice_is_said_in_utc() -> None:
    twice = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [one.tzinfo for one in said_in("Europe/Oslo", twice, twice + timedelta(hours=3))] == [UTC, UTC]
    assert said_in("Europe/Oslo", twice)[0] == twice
    (once,) = said_in("Europe/Oslo", twice + timedelta(hours=3))
    assert once.tzinfo == ZoneInfo("Europe/Oslo")


def test_no_zone_comes_along_that_no_moment_needs() -> None:
    assert zones_of([datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=ZoneInfo("UTC"))]) == []
