"""Days in the forms in which people write them."""

from __future__ import annotations

from datetime import date

import pytest

from crm.core.days import Precision
from crm.core.written.answers import NotADay, TwoDays
from crm.core.written.days import Order
from crm.imports.rules.days import evidence, is_ambiguous, read_cell

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
    assert (read_cell(text).day, read_cell(text).precision) == (DAY, Precision.DAY)


@pytest.mark.parametrize("text", ["Mar-26", "March 2026", "mars 2026", "marzo de 2026", "03/2026", "2026-03", "3-2026"])
def test_a_month(text: str) -> None:
    found = read_cell(text)
    assert (found.day, found.precision) == (date(2026, 3, 1), Precision.MONTH)


def test_a_year() -> None:
    assert read_cell("2026").precision is Precision.YEAR


@pytest.mark.parametrize("text", ["3/4/2026", "3-4-2026", "3/4/26", "03/04/2026"])
def test_what_has_two_meanings_is_not_guessed(text: str) -> None:
    with pytest.raises(TwoDays, match="may be 3 April 2026 or 4 March 2026"):
        read_cell(text)
    assert read_cell(text, Order.DAY_FIRST).day == date(2026, 4, 3)
    assert read_cell(text, Order.MONTH_FIRST).day == date(2026, 3, 4)


@pytest.mark.parametrize(("text", "order"), [("25/3/2026", Order.DAY_FIRST), ("3/25/2026", Order.MONTH_FIRST)])
def test_what_has_one_meaning_says_something_of_the_others(text: str, order: Order) -> None:
    assert evidence(text) is order
    assert read_cell(text).day == date(2026, 3, 25)


def test_only_figures_in_an_unknown_order_are_asked_about() -> None:
    assert is_ambiguous("3/4/2026") and not is_ambiguous("Mar-26") and not is_ambiguous("next Friday")


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
    with pytest.raises(NotADay):
        read_cell(text)


def test_spreadsheets_of_old_macs_count_from_1904() -> None:
    assert read_cell("44631", base=1904).day == DAY
