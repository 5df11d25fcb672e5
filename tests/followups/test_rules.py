"""Clock changes, urgency, and who may be charged."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.access import Handling, Viewer
from crm.core.visibility import Record
from crm.followups.rules import (
    Due,
    Urgency,
    due_day_problem,
    known_zone,
    may_be_charged,
    to_utc,
    urgency,
)


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("UTC", date(2026, 11, 23), time(9), "2026-11-23T09:00"),
        ("Asia/Vientiane", date(2026, 11, 23), time(9), "2026-11-23T02:00"),
        ("Asia/Kathmandu", date(2026, 11, 23), time(9), "2026-11-23T03:15"),
        # Lord Howe goes forward by half an hour only: 02:00 becomes 02:30 on 4 October 2026.
        ("Australia/Lord_Howe", date(2026, 10, 4), time(1, 59), "2026-10-03T15:29"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:45"),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 30), "2026-10-03T15:30"),
        # and back by half an hour: 01:30 to 02:00 comes twice on 5 April 2026; the first is meant.
        ("Australia/Lord_Howe", date(2026, 4, 5), time(1, 45), "2026-04-04T14:45"),
        ("Australia/Lord_Howe", date(2026, 4, 5), time(2, 0), "2026-04-04T15:30"),
        # Chatham changes at 02:45, forward on 27 September 2026 and back (03:45) on 5 April 2026.
        ("Pacific/Chatham", date(2026, 9, 27), time(3, 0), "2026-09-26T14:15"),
        ("Pacific/Chatham", date(2026, 9, 27), time(3, 45), "2026-09-26T14:00"),
        ("Pacific/Chatham", date(2026, 4, 5), time(3, 0), "2026-04-04T13:15"),
        ("Pacific/Chatham", date(2026, 4, 5), time(3, 45), "2026-04-04T15:00"),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", date(2011, 12, 29), time(9), "2011-12-29T19:00"),
        ("Pacific/Apia", date(2011, 12, 30), time(9), "2011-12-30T19:00"),
        ("Pacific/Apia", date(2011, 12, 31), time(9), "2011-12-30T19:00"),
        # The example of RFC 5545.
        ("America/New_York", date(2007, 3, 11), time(2, 30), "2007-03-11T07:30"),
        ("America/New_York", date(2007, 11, 4), time(1, 30), "2007-11-04T05:30"),
    ],
)
def test_wall_time_becomes_a_moment(zone: str, day: date, at: time, expected: str) -> None:
    assert to_utc(day, at, zone) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
    assert Due(day, at, zone).moment == to_utc(day, at, zone)


@given(
    st.sampled_from(["Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "Europe/Dublin", "America/Nuuk"]),
    st.dates(date(2008, 1, 1), date(2045, 12, 31)),
    st.times().map(lambda one: one.replace(second=0, microsecond=0)),
)
def test_a_time_that_exists_is_shown_by_the_clock_at_that_moment(zone: str, day: date, at: time) -> None:
    local = to_utc(day, at, zone).astimezone(ZoneInfo(zone))
    shown = local.replace(tzinfo=None)
    wanted = datetime.combine(day, at)
    assert shown == wanted or shown > wanted, "a gap is never answered too early"
    assert (shown - wanted).total_seconds() <= 86_400


@given(st.times(), st.booleans())
def test_the_fold_of_what_was_given_means_nothing(at: time, fold: bool) -> None:
    day = date(2026, 4, 5)
    assert to_utc(day, at.replace(fold=int(fold)), "Australia/Lord_Howe") == to_utc(
        day, at.replace(fold=0), "Australia/Lord_Howe"
    )


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "UTC\x00", "Europe"])
def test_an_unknown_zone_counts_as_utc(name: str) -> None:
    assert known_zone(name) == "UTC"
    assert known_zone("Asia/Tokyo") == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (22, Urgency.OVERDUE),
        (23, Urgency.TODAY),
        (24, Urgency.THIS_WEEK),
        (30, Urgency.THIS_WEEK),
        (31, Urgency.LATER),
    ],
)
def test_urgency(due: int, expected: Urgency) -> None:
    day = date(2026, 11, due) if due < 31 else date(2026, 12, 1)
    assert urgency(day, date(2026, 11, 23)) is expected


def test_due_days_that_make_no_sense() -> None:
    today = date(2026, 11, 23)
    assert due_day_problem(today, today) is None
    assert due_day_problem(date(2026, 11, 22), today) == "This day has passed. Choose today or a later day."
    assert due_day_problem(date(2126, 11, 22), today) == "This day is more than twenty years away."


def test_who_may_be_charged_could_open_it() -> None:
    party = uuid4()
    officer = Viewer(party_id=party, permissions=frozenset({"own:read", "followups:read"}))
    coordinator = Viewer(
        party_id=uuid4(),
        permissions=frozenset({"own:read", "followups:read"}),
        clearance=frozenset({Handling.STATES, Handling.COORDINATION}),
    )
    observer = Viewer(party_id=party, permissions=frozenset({"own:read"}))
    for handling in Handling:
        assert may_be_charged(officer, Record(party, handling))
        assert not may_be_charged(observer, Record(party, handling))
    assert may_be_charged(coordinator, Record(party, Handling.COORDINATION))
    assert not may_be_charged(coordinator, Record(party, Handling.ORIGINATOR))
