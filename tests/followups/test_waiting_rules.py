"""How old what waits has become, on the days on which that changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

import config
from crm.followups.waiting.rules import (
    Age,
    Stands,
    age_of,
    day_problem,
    days_waited,
    in_words,
    is_awaited,
    since_within,
)

LIMITS = (30, 60, 120)
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("days", "age"),
    [
        (0, Age.FRESH), (29, Age.FRESH), (30, Age.ASKED), (59, Age.ASKED), (60, Age.OLD), (119, Age.OLD),
        (120, Age.SILENT), (4000, Age.SILENT),
    ],
)  # fmt: skip
def test_ages_change_on_their_days(days: int, age: Age) -> None:
    assert age_of(days, LIMITS) is age


@pytest.mark.parametrize("days", range(130))
def test_the_days_between_which_a_list_looks_are_those_of_the_age(days: int) -> None:
    since, age = TODAY - timedelta(days=days), age_of(days, LIMITS)
    for one in Age:
        after, until = since_within(one, LIMITS, TODAY)
        within = (after is None or since > after) and (until is None or since <= until)
        assert within is (one is age), (days, one)


def test_a_promise_for_a_day_to_come_has_waited_for_no_day() -> None:
    assert days_waited(TODAY + timedelta(days=9), TODAY) == 0
    assert [in_words(one) for one in (0, 1, 47)] == ["Today", "1 day", "47 days"]


@pytest.mark.parametrize(
    ("stands", "by_record", "awaited"),
    [
        (Stands.BY_RECORD, True, True), (Stands.BY_RECORD, False, False), (Stands.AWAITED, False, True),
        (Stands.ANSWERED, True, False), (Stands.UNEXPECTED, True, False),
    ],
)  # fmt: skip
def test_what_was_said_of_an_answer_goes_before_what_the_record_says(
    stands: Stands, by_record: bool, awaited: bool
) -> None:
    assert is_awaited(stands, by_record=by_record) is awaited


def test_no_answer_came_before_the_question_or_tomorrow() -> None:
    assert day_problem(TODAY, TODAY, TODAY) is None
    assert day_problem(TODAY - timedelta(days=1), TODAY, TODAY)
    assert day_problem(TODAY + timedelta(days=1), TODAY, TODAY)


def test_the_limits_are_three_rising_numbers() -> None:
    told = config.load({"ANSWER_LETTER_DAYS": "10, 20,30"})
    assert told.answer_letter_days == (10, 20, 30) and told.answer_promise_days == (7, 30, 60)
    for wrong in ("10,20", "10,30,20", "10,10,20", "0,1,2", "a,b,c"):
        with pytest.raises(config.SettingError, match="ANSWER_LETTER_DAYS"):
            config.load({"ANSWER_LETTER_DAYS": wrong})
