"""Which cadence holds for a State, from when silence counts, and when it is over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.followups.cadence.rules import Rhythm, Scope, Standing, counts_from, rhythm_of, silence

LAOS = Standing("LAO", "Asia", "non_signatory", is_party=False)
PARTY = Standing("AUT", "Europe", "state_party", is_party=True)
STATE, REGION = Rhythm(Scope.STATE, "LAO", 30), Rhythm(Scope.REGION, "Asia", 60)
STATUS, EVERY = Rhythm(Scope.STATUS, "non_signatory", 90), Rhythm(Scope.EVERY, "", 365)
DAY = date(2026, 6, 1)


def test_the_most_specific_cadence_holds() -> None:
    assert rhythm_of([EVERY, STATUS, REGION, STATE], LAOS) is STATE
    assert rhythm_of([EVERY, STATUS, REGION], LAOS) is REGION
    assert rhythm_of([EVERY, STATUS], LAOS) is STATUS
    assert rhythm_of([EVERY, Rhythm(Scope.STATE, "VNM", 30)], LAOS) is EVERY
    assert rhythm_of([], LAOS) is None


def test_states_parties_are_left_alone_unless_they_are_meant() -> None:
    assert rhythm_of([EVERY, Rhythm(Scope.REGION, "Europe", 60)], PARTY) is None
    meant = Rhythm(Scope.STATUS, "state_party", 365)
    assert rhythm_of([EVERY, meant], PARTY) is meant
    named = Rhythm(Scope.STATE, "AUT", 30)
    assert rhythm_of([named], PARTY) is named


@pytest.mark.parametrize(
    ("last", "since", "done", "counts"),
    [
        (date(2026, 3, 1), date(2026, 1, 1), None, date(2026, 3, 1)),
        (date(2025, 3, 1), date(2026, 1, 1), None, date(2025, 3, 1)),
        (None, date(2026, 1, 1), None, date(2026, 1, 1)),
        (date(2025, 3, 1), date(2026, 1, 1), date(2026, 5, 1), date(2026, 5, 1)),
        (date(2026, 5, 3), None, date(2026, 5, 1), date(2026, 5, 3)),
        (None, None, None, None),
    ],
)
def test_silence_counts_from_the_last_contact(last: date, since: date, done: date, counts: date) -> None:
    assert counts_from(Rhythm(Scope.EVERY, "", 90, since), last, done) == counts


def test_silence_in_words_and_how_far_it_is() -> None:
    near = silence(Rhythm(Scope.EVERY, "", 90), "LAO", date(2026, 3, 21), DAY)
    assert (near.in_words, near.nearly, near.over) == ("72 of 90 days", True, False)
    at = silence(Rhythm(Scope.EVERY, "", 72), "LAO", date(2026, 3, 21), DAY)
    assert at.over
    assert not silence(Rhythm(Scope.EVERY, "", 365), "LAO", date(2026, 3, 21), DAY).nearly
    never = silence(Rhythm(Scope.EVERY, "", 90), "LAO", None, DAY)
    assert (never.in_words, never.nearly, never.over) == ("No contact, every 90 days", False, False)
    assert silence(Rhythm(Scope.EVERY, "", 90), "LAO", date(2027, 1, 1), DAY).days == 0
    old = silence(Rhythm(Scope.EVERY, "", 365), "LAO", DAY - timedelta(days=5883), DAY)
    assert old.in_words == "16 years instead of 365 days"
    rare = silence(Rhythm(Scope.EVERY, "", 900), "LAO", DAY - timedelta(days=800), DAY)
    assert rare.in_words == "800 of 900 days"
