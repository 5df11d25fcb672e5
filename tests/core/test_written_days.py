"""A day that is written means the same in a follow-up and in a cell of a spreadsheet."""

from __future__ import annotations

from datetime import date

import pytest

from crm.activities.margins.words import read_due
from crm.core.days import Precision
from crm.core.written.answers import FromAnotherDay, NotADay, TwoDays
from crm.core.written.days import read_day
from crm.imports.rules.days import read_cell

TODAY = date(2026, 11, 26)

BOTH = (
    "2027-03-12 | 12.03.2027 | 12. 3. 27 | 12 3 2027 | 12 March 2027 | March 12, 2027 | 12-Mar-27 | 12 mars 2027 | "
    "le 12 mars 2027 | 12 de marzo de 2027 | Friday 12 March 2027 | 12. März 2027 | 2027 March 12 | "
    "2027-03-12 14:30 | 25/3/2027 | 3/25/2027"
)
MONTHS = "Mar-27 | mars-27 | Mar/27 | Mar ’27 | March 2027 | März 2027 | 2027-03 | 03/2027 | marzo de 2027"


@pytest.mark.parametrize("text", BOTH.split(" | "))
def test_a_whole_day_is_one_day_in_both(text: str) -> None:
    assert read_cell(text) == read_due(text, TODAY)
    assert read_cell(text).day in (date(2027, 3, 12), date(2027, 3, 25))


@pytest.mark.parametrize("text", MONTHS.split(" | "))
def test_a_month_is_a_month_in_both_and_done_by_its_end(text: str) -> None:
    read = read_cell(text)
    assert (read.day, read.precision) == (date(2027, 3, 1), Precision.MONTH)
    due = read_due(text, TODAY)
    assert (due.day, due.in_full) == (date(2027, 3, 31), "Wednesday, 31 March 2027 (the end of March 2027)")
    assert read_cell(text).until == due


@pytest.mark.parametrize(
    "text",
    ["15–17 June", "10-12 March", "March 10-12", "10/12 Mar", "10 & 12 March", "3-4 Dec", "1-2 mai", "Mar 12 26"],
)
def test_several_days_are_no_day_of_another_year(text: str) -> None:
    for read in (lambda: read_cell(text), lambda: read_due(text, TODAY)):
        with pytest.raises(NotADay, match="may be several days"):
            read()


def test_a_year_and_the_end_of_a_month_are_no_more_exact_than_they_are() -> None:
    assert read_due("2027", TODAY).day == date(2027, 12, 31)
    assert read_cell("end of March 2026") == read_day("March 2026")


def test_whoever_meant_the_27th_of_march_is_told_what_was_read() -> None:
    said = "“Mar-27” is read as March 2027, as spreadsheet programs write it. If 27 March is meant"
    assert read_cell("Mar-27").doubt.startswith(said) and read_due("Mar-27", TODAY).doubt.startswith(said)
    assert not read_cell("Mar-45").doubt and not read_cell("March 2027").doubt
    assert read_due("March 27", TODAY).day == read_due("27-Mar", TODAY).day == date(2027, 3, 27)
    with pytest.raises(NotADay, match="may be 27 March of a year that is not said, or March 2027"):
        read_cell("March 27")
    with pytest.raises(NotADay, match="“27-Mar” lacks the year"):
        read_cell("27-Mar")


@pytest.mark.parametrize(
    "text",
    [
        "in 3 weeks", "3w", "next Monday", "mon", "Friday", "tomorrow", "dans 3 semaines", "la semana que viene",
        "end of the month", "before the MSP", "avant la 14MSP", "yesterday", "last week", "hier", "two days ago",
        "il y a deux jours", "hace dos semanas",
    ],
)  # fmt: skip
def test_what_counts_from_another_day_says_so_where_no_day_is_known(text: str) -> None:
    with pytest.raises(FromAnotherDay, match="is reckoned from another day, and nothing here says from which"):
        read_cell(text)


def test_two_readings_are_named_in_both() -> None:
    for read in (lambda: read_cell("3/4/2027"), lambda: read_due("3/4/2027", TODAY)):
        with pytest.raises(TwoDays, match="may be 3 April 2027 or 4 March 2027"):
            read()


def test_only_a_spreadsheet_counts_its_days() -> None:
    assert read_cell("46093").day == date(2026, 3, 12)
    with pytest.raises(NotADay, match="not understood as a day"):
        read_due("46093", TODAY)
