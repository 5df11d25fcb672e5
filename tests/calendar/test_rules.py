"""How much a feed says, and that what it says is sound iCalendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from crm.calendar.ics import Feed, as_ics
from crm.calendar.rules import Detail, DueEntry, MeetingEntry, PlannedEntry, allowed, planned_title, title
from crm.core.access import Handling

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
EVIL = "Line one\r\nATTENDEE:mailto:evil@example.org\nBEGIN:VEVENT; semi, comma \\ back"

MEETING = MeetingEntry(UUID(int=9), date(2026, 11, 23), date(2026, 11, 27), 1, "14MSP", "Vientiane")


def due(**changes: Any) -> DueEntry:
    given: dict[str, Any] = {
        "id": UUID(int=7),
        "due_at": datetime(2026, 12, 1, 0, 0, tzinfo=UTC),
        "zone": "Asia/Tokyo",
        "version": 3,
        "handling": Handling.COORDINATION,
        "state": "Bhutan",
        "what": "Send the kit",
    }
    return DueEntry(**{**given, **changes})


def written(
    detail: Detail,
    *entries: DueEntry,
    meetings: tuple[MeetingEntry, ...] = (),
    planned: tuple[PlannedEntry, ...] = (),
) -> bytes:
    feed = Feed(uuid4(), detail, entries, meetings, NOW, planned)
    return as_ics(feed, address_of=lambda key: f"https://demarche.example/followups/{key}", host="demarche.example")


def read(body: bytes) -> list[Any]:
    return list(Calendar.from_ical(body).walk("VEVENT"))


@pytest.mark.parametrize(
    ("detail", "says"),
    [
        (Detail.NEUTRAL, "Follow-up due"),
        (Detail.STATE, "Follow-up due: Bhutan"),
        (Detail.FULL, "Send the kit (Bhutan)"),
    ],
)
def test_titles(detail: Detail, says: str) -> None:
    assert title(due(), detail) == says
    assert title(due(handling=Handling.ORIGINATOR), detail) == "Follow-up due"


def test_no_feed_says_more_than_the_installation_lets_it() -> None:
    assert allowed(Detail.FULL, Detail.STATE) is Detail.STATE
    assert allowed(Detail.NEUTRAL, Detail.FULL) is Detail.NEUTRAL


def test_a_neutral_feed_tells_nothing() -> None:
    body = written(
        Detail.NEUTRAL,
        due(),
        meetings=(MEETING,),
    )
    for word in (b"Bhutan", b"kit", b"Tokyo", b"14MSP", b"Vientiane"):
        assert word not in body
    assert b"DTSTART:20261201T000000Z" in body


def test_an_entry_is_whole() -> None:
    entry, meeting = read(
        written(
            Detail.FULL,
            due(),
            meetings=(MEETING,),
        )
    )
    assert entry["uid"] == f"{UUID(int=7)}@demarche.example" and int(entry["sequence"]) == 3
    assert entry.decoded("dtstart") == datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert entry["dtstart"].params["TZID"] == "Asia/Tokyo"
    assert entry["url"].endswith(str(UUID(int=7)))
    (alarm,) = entry.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(days=-1) and alarm["action"] == "DISPLAY"
    assert (meeting.decoded("dtstart"), meeting.decoded("dtend")) == (date(2026, 11, 23), date(2026, 11, 28))
    assert str(meeting["summary"]) == "14MSP" and str(meeting["location"]) == "Vientiane"


DAY = date(2026, 12, 3)
PLANNED = PlannedEntry(UUID(int=8), DAY, DAY, 4, Handling.COORDINATION, "Visit to a capital", "Bhutan", "Thimphu")


@pytest.mark.parametrize(
    ("detail", "says"),
    [
        (Detail.NEUTRAL, "Appointment"),
        (Detail.STATE, "Appointment: Bhutan"),
        (Detail.FULL, "Visit to a capital (Bhutan)"),
    ],
)
def test_titles_of_what_is_planned(detail: Detail, says: str) -> None:
    assert planned_title(PLANNED, detail) == says
    for kept in (replace(PLANNED, handling=Handling.ORIGINATOR), replace(PLANNED, kept_close=True)):
        assert planned_title(kept, detail) == "Appointment"
        assert b"Thimphu" not in written(detail, planned=(kept,))
    assert planned_title(replace(PLANNED, states=""), detail) == says.partition(": ")[0].removesuffix(" (Bhutan)")


def test_a_talk_to_come_is_whole() -> None:
    (day,) = read(written(Detail.FULL, planned=(PLANNED,)))
    assert (day.decoded("dtstart"), day.decoded("dtend")) == (date(2026, 12, 3), date(2026, 12, 4))
    assert int(day["sequence"]) == 4 and len(day.walk("VALARM")) == 1
    begins = datetime(2026, 12, 3, 5, tzinfo=UTC)
    timed = replace(PLANNED, begins_at=begins, ends_at=begins + timedelta(hours=1), zone="Asia/Thimphu")
    (at_five,) = read(written(Detail.FULL, planned=(timed,)))
    assert at_five.decoded("dtstart") == begins and at_five["dtstart"].params["TZID"] == "Asia/Thimphu"
    assert b"Thimphu" not in written(Detail.NEUTRAL, planned=(timed,))


def test_when_it_was_changed_is_said() -> None:
    changed = datetime(2026, 11, 20, 8, 30, 15, 999, tzinfo=UTC)
    (entry,) = read(written(Detail.FULL, due(changed_at=changed)))
    assert entry.decoded("last-modified") == changed.replace(microsecond=0)


def test_the_zone_comes_along() -> None:
    body = written(Detail.FULL, due(zone="Europe/Oslo"))
    (zone,) = Calendar.from_ical(body).walk("VTIMEZONE")
    assert zone["tzid"] == "Europe/Oslo"


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "UTC"])
def test_the_moment_survives_every_zone(zone: str) -> None:
    moments = [datetime(2026, month, 4, 15, 30, tzinfo=UTC) for month in (1, 4, 7, 10)]
    body = written(Detail.FULL, *(due(id=uuid4(), due_at=one, zone=zone) for one in moments))
    assert [one.decoded("dtstart").astimezone(UTC) for one in read(body)] == moments


def test_s22_what_was_typed_starts_no_line_of_its_own() -> None:
    body = written(Detail.FULL, due(what=EVIL))
    assert b"\r\nATTENDEE" not in body and body.count(b"BEGIN:VEVENT\r\n") == 1
    assert b"\n" not in body.replace(b"\r\n", b"") and b"\r" not in body.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in body.split(b"\r\n"))
    (entry,) = read(body)
    assert "ATTENDEE:mailto:evil@example.org" in entry["summary"]
