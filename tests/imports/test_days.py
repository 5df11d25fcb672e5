"""Days in the forms in which people write them."""

from __future__ import annotations

from datetime import date

import pytest

from crm.activities.rules import Precision
from crm.imports.rules.days import Ambiguous, Order, Unreadable, evidence, read_day

DAY = date(2026, 3, 12)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-12", "2026/3/12", "2026-03-12T14:30", "2026-03-12 14:30:00", "12.03.2026", "12.3.26", "12. 3. 2026",
        "12 March 2026", "12 march 2026", "March 12, 2026", "Mar 12 2026", "12th of March 2026", "12-Mar-2026",
        "12-Mar-26", "12 mars 2026", "jeudi 12 mars 2026", "le 12 mars 2026", "12 de marzo de 2026", "12 marzo 2026",
        "2026 March 12", "46093", "46093.5", "12\u00a0mars\u00a02026", "2026\u201103\u201112",
    ],
)  # fmt: skip
def test_a_day(text: str) -> None:
    assert (read_day(text).day, read_day(text).precision) == (DAY, Precision.DAY)


@pytest.mark.parametrize("text", ["Mar-26", "March 2026", "mars 2026", "marzo de 2026", "03/2026", "2026-03", "3-2026"])
def test_a_month(text: str) -> None:
    found = read_day(text)
    assert (found.day, found.precision) == (date(2026, 3, 1), Precision.MONTH)


def test_a_year() -> None:
    assert read_day("2026").precision is Precision.YEAR


@pytest.mark.parametrize("text", ["3/4/2026", "3-4-2026", "3/4/26", "03/04/2026"])
def test_what_has_two_meanings_is_not_guessed(text: str) -> None:
    with pytest.raises(Ambiguous, match="may be 3 April 2026 or 4 March 2026"):
        read_day(text)
    assert read_day(text, Order.DAY_FIRST).day == date(2026, 4, 3)
    assert read_day(text, Order.MONTH_FIRST).day == date(2026, 3, 4)


@pytest.mark.parametrize(("text", "order"), [("25/3/2026", Order.DAY_FIRST), ("3/25/2026", Order.MONTH_FIRST)])
def test_what_has_one_meaning_says_something_of_the_others(text: str, order: Order) -> None:
    assert evidence(text) is order
    assert read_day(text).day == date(2026, 3, 25)


@pytest.mark.parametrize("text", ["3/4/2026", "25.3.2026", "March 2026", "x"])
def test_other_days_say_nothing(text: str) -> None:
    assert evidence(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "", "tbc", "n/a", "soon", "31/02/2026", "29.02.2026", "32 March 2026", "March", "12 March", "12-14 March 2026",
        "Q1 2026", "26-03-12x", "99999", "7", "March 12 13 2026", "13/13/2026", "1826", "٣ مارس",
    ],
)  # fmt: skip
def test_what_is_no_day_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable):
        read_day(text)


def test_spreadsheets_of_old_macs_count_from_1904() -> None:
    assert read_day("44631", base=1904).day == DAY
