"""Feeds as others read them: a parser that shares nothing with the library that wrote them, and a CalDAV server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
import vobject
from icalendar import Calendar

from crm.calendar.rules import Detail, PlannedEntry
from crm.core.access import Handling
from crm.followups.rules import to_utc
from tests.calendar.caldav import Server, server
from tests.calendar.test_rules import EVIL, MEETING, due, written

# The day on which the clocks go forward, then the day on which they go back, as a rule: a wall time that is not there
# or there twice. Apia left out that Friday of 2011; it stands first, for the server keeps a zone as it first read it.
CHANGES = [
    ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15)),
    ("Australia/Lord_Howe", date(2027, 4, 4), time(1, 45)),
    ("Pacific/Chatham", date(2026, 9, 27), time(3, 15)),
    ("Pacific/Chatham", date(2027, 4, 4), time(3, 15)),
    ("Pacific/Apia", date(2011, 12, 30), time(9)),
    ("Pacific/Apia", date(2026, 11, 30), time(9)),
    ("Europe/Oslo", date(2027, 3, 28), time(2, 30)),
    ("Europe/Oslo", date(2026, 10, 25), time(2, 30)),
    ("Asia/Tokyo", date(2026, 12, 1), time(9)),
]

PLANNED = PlannedEntry(
    uuid4(), date(2027, 3, 1), date(2027, 3, 31), 2, Handling.COORDINATION, "Visit to a capital", "Bhutan", "Thimphu"
)


@pytest.fixture(scope="module")
def caldav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("caldav")) as found:
        yield found


def parsed(body: bytes | str) -> Any:
    """A calendar as the other parser reads it, by the zones in it: it keeps those that it knows from elsewhere."""
    vars(vobject.icalendar)["__tzidMap"].clear()
    text = body.decode() if isinstance(body, bytes) else body
    return vobject.readOne(text)


def begins(event: Any) -> datetime:
    found: datetime = event.dtstart.value.astimezone(UTC)
    return found


@pytest.mark.parametrize(("zone", "day", "at"), CHANGES)
def test_another_parser_finds_the_same_moment(zone: str, day: date, at: time) -> None:
    """By the rules of the zone that come along, also on a day on which the clocks change."""
    moment = to_utc(day, at, zone)
    (event,) = parsed(written(Detail.FULL, due(due_at=moment, zone=zone))).vevent_list
    assert (begins(event), event.dtend.value.astimezone(UTC)) == (moment, moment + timedelta(minutes=30))
    assert event.summary.value == "Send the kit (Bhutan)"
    assert event.valarm.trigger.value == timedelta(days=-1)


def test_another_parser_reads_what_was_typed_as_text() -> None:
    (event,) = parsed(written(Detail.FULL, due(what=EVIL))).vevent_list
    assert "attendee" not in event.contents
    assert event.summary.value.replace("\r\n", "\n") == EVIL.replace("\r\n", "\n") + " (Bhutan)"


def test_another_parser_reads_whole_days() -> None:
    events = parsed(written(Detail.FULL, meetings=(MEETING,), planned=(PLANNED,))).vevent_list
    planned, meeting = sorted(events, key=lambda one: str(one.summary.value), reverse=True)
    assert (meeting.dtstart.value, meeting.dtend.value) == (date(2026, 11, 23), date(2026, 11, 28))
    assert (planned.dtstart.value, planned.dtend.value) == (date(2027, 3, 1), date(2027, 4, 1))
    assert "valarm" not in planned.contents and planned.location.value == "Thimphu"


def test_another_parser_reads_how_often_to_come_again() -> None:
    calendar = parsed(written(Detail.NEUTRAL, due()))
    assert calendar.contents["x-published-ttl"][0].value == "PT1H"
    assert calendar.contents["refresh-interval"][0].value == "PT1H"


@pytest.mark.parametrize(("zone", "day", "at"), CHANGES)
def test_a_caldav_server_finds_it_at_its_time(caldav: Server, zone: str, day: date, at: time) -> None:
    """The server works out when it is from the zone in the object: in that half-hour it is there, beside it not."""
    moment = to_utc(day, at, zone)
    (name,) = caldav.put(written(Detail.FULL, due(id=uuid4(), due_at=moment, zone=zone)))
    within = caldav.between(moment, moment + timedelta(minutes=30))
    assert [str(one["uid"]) for body in within for one in Calendar.from_ical(body).walk("VEVENT")] == [name]
    assert begins(parsed(within[0]).vevent) == moment
    for beside in (moment - timedelta(minutes=30), moment + timedelta(minutes=30)):
        assert all(name not in body for body in caldav.between(beside, beside + timedelta(minutes=30)))


def test_a_caldav_server_keeps_whole_days(caldav: Server) -> None:
    names = caldav.put(written(Detail.FULL, due(id=uuid4()), meetings=(MEETING,), planned=(PLANNED,)))
    assert len(names) == 3
    in_march = caldav.between(datetime(2027, 3, 30, tzinfo=UTC), datetime(2027, 3, 31, tzinfo=UTC))
    assert len(in_march) == 1 and "Thimphu" in in_march[0]
    assert caldav.between(datetime(2027, 4, 1, 12, tzinfo=UTC), datetime(2027, 4, 2, tzinfo=UTC)) == []
    last_day = caldav.between(datetime(2026, 11, 27, tzinfo=UTC), datetime(2026, 11, 27, 1, tzinfo=UTC))
    assert any("14MSP" in one for one in last_day)
