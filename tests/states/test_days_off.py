"""On which days a State does not work."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from crm.states.days_off import day_off, knows_holidays, next_working_day

STATES = Path(__file__).parents[2] / "data" / "ccm" / "states.csv"


@pytest.mark.parametrize(
    ("iso2", "day", "why"),
    [
        ("JO", date(2026, 11, 27), "weekend"),  # a Friday
        ("JO", date(2026, 11, 29), None),  # a Sunday
        ("NO", date(2026, 11, 27), None),
        ("NO", date(2026, 11, 29), "weekend"),
        ("NP", date(2026, 11, 28), "weekend"),  # a Saturday alone
        ("LY", date(2026, 11, 27), "weekend"),
        ("LY", date(2026, 11, 29), None),
        ("MR", date(2026, 11, 27), None),
        ("LA", date(2026, 12, 2), "Lao National Day"),
        ("JP", date(2026, 11, 23), "Labor Thanksgiving Day"),
        ("NO", date(2028, 5, 17), "Constitution Day"),
        ("XX", date(2026, 11, 28), "weekend"),
        ("XX", date(2026, 11, 27), None),
    ],
)
def test_a_day(iso2: str, day: date, why: str | None) -> None:
    assert day_off(iso2, day) == why


def test_every_state_is_known() -> None:
    """Those of whose holidays nothing is known in a year are few, and it is said of them."""
    with STATES.open(encoding="utf-8") as file:
        codes = [row["iso2"] for row in csv.DictReader(file)]
    assert len(codes) == 197
    assert [one for one in codes if not knows_holidays(one, 2026)] == ["UA"]  # none are kept in the war
    assert not knows_holidays("XX", 2026)


def test_the_next_day_on_which_all_work() -> None:
    assert next_working_day(frozenset({"JO"}), date(2026, 11, 27)) == date(2026, 11, 29)
    assert next_working_day(frozenset({"JO", "NO"}), date(2026, 11, 27)) == date(2026, 11, 30)
    assert next_working_day(frozenset({"LA"}), date(2026, 12, 2)) == date(2026, 12, 3)
    assert next_working_day(frozenset(), date(2026, 11, 27)) == date(2026, 11, 27)
