"""How much a feed says, and that what it says is sound iCalendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from crm.calendar.ics import Feed, as_ics
from crm.calendar.rules import Detail, DueEntry, MeetingEntry, allowed, title
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


def written(detail: Detail, *entries: DueEntry, meetings: tuple[MeetingEntry, ...] = ()) -> bytes:
    feed = Feed(uuid4(), detail, entries, meetings, NOW)
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
