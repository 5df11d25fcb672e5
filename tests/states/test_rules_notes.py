"""Remarks beside an act, as readers see them."""

from __future__ import annotations

import pytest

from crm.states.rules import note_in_words


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        ("", ""),
        ("88th State Party", "88th State Party"),
        ("provisional application declared 2011-03-24", "Provisional application declared 24 March 2011"),
        ("2008-12-03; again 2009-01-01.", "3 December 2008; again 1 January 2009."),
        ("CMM-2022 prints 2008-12-03; kept", "CMM-2022 prints 3 December 2008; kept"),
        ("no day: 2011-02-30, 2011-13-01", "No day: 2011-02-30, 2011-13-01"),
        ("a number: C.N.2011-03-24-7", "A number: C.N.2011-03-24-7"),
    ],
)
def test_days_in_words_and_a_capital_first(note: str, shown: str) -> None:
    assert note_in_words(note) == shown
