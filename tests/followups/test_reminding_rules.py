"""When somebody is reminded, and what of it comes alone: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest

from crm.followups.reminding.rules import Planned, Reader, Way, Why, Wishes, next_digest, occurrences
from crm.followups.rules import Due

MONDAY = date(2026, 11, 23)
OPENED = datetime(2026, 11, 2, 10, tzinfo=UTC)
"""A Monday three weeks before."""


def at(day: str, clock: str = "08:00") -> datetime:
    """A moment of UTC in November or December 2026, as "11-23" and "08:00"."""
    return datetime.fromisoformat(f"2026-{day}T{clock}+00:00")


def due(day: date = MONDAY, clock: time = time(9), zone: str = "UTC") -> Due:
    return Due(day, clock, zone)


def told(wishes: Wishes, until: datetime, *, zone: str = "UTC", owes: bool = True, **planned: object) -> list[str]:
    """All that is told up to a moment, asked every hour as the planner might be, as "why month-day hour:minute"."""
    given = Planned(**{"due": due(), "since": OPENED, **planned})  # type: ignore[arg-type]
    found: dict[tuple[Why, datetime], str] = {}
    now = given.since
    while now <= until:
        for one in occurrences(given, Reader(wishes, zone, owes), now):
            if one.tell_at <= now:
                found.setdefault(
                    (one.why, one.moment), f"{one.why} {one.tell_at:%m-%d %H:%M}{' alone' if one.alone else ''}"
                )
        now += timedelta(hours=1)
    return list(found.values())


def test_the_usual_wishes() -> None:
    """Three days before, on the day and every week after, in the digest of the morning."""
    assert told(Wishes(), at("12-08")) == [
        "before 11-20 08:00",
        "due 11-23 08:00",
        "overdue 11-30 08:00",
        "overdue 12-07 08:00",
    ]


def test_each_at_its_time() -> None:
    wishes = Wishes(way=Way.AT_ONCE, before=(14, 1), overdue_every=0)
    assert told(wishes, at("12-30")) == [
        "before 11-09 09:00 alone",
        "before 11-22 09:00 alone",
        "due 11-23 09:00 alone",
    ]


def test_a_time_of_its_own_comes_at_that_time() -> None:
    wishes = Wishes(before=(), overdue_every=0)
    assert told(wishes, at("12-01"), due=due(clock=time(15))) == ["due 11-23 15:00 alone"]


def test_the_digest_comes_by_the_readers_clock() -> None:
    wishes = Wishes(before=(), overdue_every=0)
    assert told(wishes, at("12-01"), zone="Asia/Tokyo") == ["due 11-22 23:00"]


def test_the_weekly_digest_tells_the_week_that_begins() -> None:
    wishes = Wishes(way=Way.WEEKLY, before=(), weekday=0)
    thursday = due(date(2026, 11, 26))
    assert told(wishes, at("12-10"), due=thursday) == ["due 11-23 08:00", "overdue 12-07 08:00"]


def test_what_falls_due_before_the_next_digest_is_told_alone() -> None:
    """Opened after this morning's digest, due today."""
    wishes = Wishes(before=(), overdue_every=0)
    opened = at("11-23", "10:00")
    assert told(wishes, at("11-24"), since=opened) == ["due 11-23 09:00 alone"]


def test_nothing_is_told_of_a_day_before_it_was_opened() -> None:
    assert told(Wishes(before=(14,), overdue_every=0), at("12-01"), since=at("11-20")) == ["due 11-23 08:00"]


def test_after_a_long_outage_only_the_latest_of_those_after_the_day_is_told() -> None:
    found = occurrences(Planned(due(), OPENED), Reader(Wishes(), "UTC"), at("12-22"))
    assert [one.why for one in found if one.tell_at <= at("12-22")] == [Why.BEFORE, Why.DUE, Why.OVERDUE]
    assert found[2].moment == at("12-21", "09:00")
    assert found[3].moment == at("12-28", "09:00")


def test_whoever_sleeps_hears_nothing_until_then() -> None:
    wishes = Wishes(before=(3,), overdue_every=7)
    again = at("12-02", "09:00")
    assert told(wishes, at("12-08"), again_at=again) == ["again 12-02 09:00 alone", "overdue 12-07 08:00"]


def test_what_others_owe_is_told_once_when_it_is_long_overdue() -> None:
    assert told(Wishes(escalated_after=10), at("12-30"), owes=False) == ["escalated 12-03 08:00"]
    assert told(Wishes(escalated_after=0), at("12-30"), owes=False) == []


def test_given_by_somebody_else_stands_in_the_next_digest() -> None:
    wishes = Wishes(before=(), when_due=False, overdue_every=0)
    assert told(wishes, at("12-01"), given_at=OPENED) == ["given 11-03 08:00"]


def test_new_wishes_do_not_bring_back_what_had_passed() -> None:
    reader = Reader(Wishes(before=(14,), overdue_every=0), "UTC", True, at("11-20"))
    assert [one.why for one in occurrences(Planned(due(), OPENED), reader, at("11-21"))] == [Why.DUE]


def test_the_weekly_digest_tells_before_the_day_and_not_after_it() -> None:
    """A Saturday, three days before which is a Wednesday: on the Monday of that week, or alone where it came later."""
    wishes = Wishes(way=Way.WEEKLY, before=(3,), when_due=False, overdue_every=0)
    saturday = due(date(2026, 12, 5))
    assert told(wishes, at("12-15"), due=saturday) == ["before 11-30 08:00"]
    assert told(wishes, at("12-15"), due=saturday, since=at("12-01")) == ["before 12-02 09:00 alone"]
    assert told(wishes, at("12-15"), due=due(date(2026, 12, 7))) == ["before 11-30 08:00"]
    far = Wishes(way=Way.WEEKLY, before=(14,), when_due=False, overdue_every=0)
    assert told(far, at("12-15"), due=saturday) == ["before 11-23 08:00"]


def test_whoever_sleeps_until_the_due_day_is_reminded_then() -> None:
    wishes = Wishes(way=Way.WEEKLY, before=(), overdue_every=0)
    thursday = due(date(2026, 12, 3))
    assert told(wishes, at("12-30"), due=thursday, again_at=at("12-03", "09:00")) == ["again 12-03 09:00 alone"]
    assert told(wishes, at("12-30"), due=thursday, again_at=at("12-02", "09:00")) == [
        "again 12-02 09:00 alone",
        "due 12-03 09:00 alone",
    ]


def test_the_day_of_waking_tells_one_thing() -> None:
    again = at("11-30", "09:00")
    assert told(Wishes(), at("12-01"), again_at=again) == ["again 11-30 09:00 alone"]


def test_what_has_come_waits_from_its_moment_on() -> None:
    """Given on a Tuesday, told on Wednesday: it stands written on Tuesday, before anything else is wished."""
    planned = Planned(due(), OPENED, given_at=at("11-03", "14:00"))
    (given, _next) = occurrences(planned, Reader(Wishes(), "UTC"), at("11-03", "14:00"))
    assert (given.why, given.written_at, given.tell_at) == (Why.GIVEN, at("11-03", "14:00"), at("11-04"))


def test_new_wishes_do_not_leave_behind_what_is_long_overdue() -> None:
    said = at("12-03", "10:00")
    reader = Reader(Wishes(escalated_after=7), "UTC", owes=False, wished_at=said)
    (found,) = occurrences(Planned(due(), OPENED), reader, said)
    assert (found.why, found.tell_at) == (Why.ESCALATED, at("12-04"))


def test_new_wishes_tell_no_day_in_a_digest_that_has_passed() -> None:
    reader = Reader(Wishes(way=Way.WEEKLY, before=()), "UTC", wished_at=at("11-24"))
    found = occurrences(Planned(due(date(2026, 11, 26)), OPENED), reader, at("11-24"))
    assert [(one.why, one.tell_at, one.alone) for one in found] == [(Why.DUE, at("11-26", "09:00"), True)]


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "Europe/Vienna"])
def test_across_a_change_of_the_clock_each_digest_comes_once(zone: str) -> None:
    reader = Reader(Wishes(), zone)
    moment, found = datetime(2026, 1, 1, tzinfo=UTC), []
    while moment.year == 2026:
        moment = next_digest(reader, moment)
        found.append(moment)
        moment += timedelta(seconds=1)
    assert 365 <= len(found) <= 366
    gaps = {later - earlier for earlier, later in pairwise(found)}
    assert all(timedelta(hours=23) <= one <= timedelta(hours=25) for one in gaps)
