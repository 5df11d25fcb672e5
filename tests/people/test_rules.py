"""Who may hold an office beside whom, who is addressed on a day, and what needs attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from crm.people.rules import (
    Attention,
    Gender,
    OfficeKind,
    Titles,
    attention,
    clash,
    ended_by_successor,
    holder_among,
    is_excellency,
    resolved,
)


@dataclass(frozen=True)
class Someone:
    """A term of a day in May 2024 to another; `until` 0 is open-ended."""

    since: int
    until: int = 0
    acting: bool = False
    sample: bool = False

    @property
    def from_on(self) -> date:
        return date(2024, 5, self.since)

    @property
    def until_on(self) -> date | None:
        return date(2024, 5, self.until) if self.until else None


@pytest.mark.parametrize(
    ("day", "expected"),
    [(1, None), (2, 0), (9, 0), (10, 1), (19, 1), (20, None), (21, None)],
    ids=["before", "first day", "last day", "handover", "last of the second", "left", "vacant"],
)
def test_the_successor_holds_the_office_on_the_day_of_handover(day: int, expected: int | None) -> None:
    terms = [Someone(2, 10), Someone(10, 20)]
    found = holder_among(terms, date(2024, 5, day))
    assert found is (None if expected is None else terms[expected])


def test_the_holder_is_addressed_before_whoever_acts_and_anybody_real_before_an_invented_person() -> None:
    holder, acting, invented = Someone(5), Someone(2, acting=True), Someone(1, sample=True)
    assert holder_among([acting, holder, invented], date(2024, 5, 6)) is holder
    assert holder_among([acting, holder, invented], date(2024, 5, 4)) is acting
    assert holder_among([acting, holder, invented], date(2024, 5, 1)) is invented


@pytest.mark.parametrize(
    ("wanted", "other", "clashes"),
    [
        (Someone(10), Someone(2, 10), False),
        (Someone(9), Someone(2, 10), True),
        (Someone(2, 10), Someone(10), False),
        (Someone(2, 11), Someone(10), True),
        (Someone(2), Someone(10), True),
        (Someone(5, 6), Someone(2), True),
        (Someone(5, acting=True), Someone(2), False),
        (Someone(5, acting=True), Someone(2, acting=True), True),
        (Someone(5), Someone(2, sample=True), False),
        (Someone(5, sample=True), Someone(2, sample=True), True),
    ],
)
def test_one_person_at_a_time(wanted: Someone, other: Someone, clashes: bool) -> None:
    assert (clash(wanted, [other]) is other) is clashes
    assert (clash(other, [wanted]) is wanted) is clashes


def test_a_successor_ends_only_open_terms_that_began_before() -> None:
    open_before, ended, later = Someone(2), Someone(1, 2), Someone(20)
    assert ended_by_successor(Someone(10), [open_before, ended, later]) == [open_before]
    assert ended_by_successor(Someone(2), [open_before]) == []


@pytest.mark.parametrize(
    ("gender", "verified", "expected"),
    [
        (None, None, (Attention.VACANT,)),
        (Gender.FEMALE, date(2026, 11, 23), ()),
        (Gender.FEMALE, date(2025, 11, 23), ()),
        (Gender.FEMALE, date(2025, 11, 22), (Attention.NOT_VERIFIED,)),
        (Gender.MALE, None, (Attention.NOT_VERIFIED,)),
        (Gender.UNKNOWN, date(2026, 11, 1), (Attention.GENDER_UNKNOWN,)),
        (Gender.UNKNOWN, None, (Attention.GENDER_UNKNOWN, Attention.NOT_VERIFIED)),
    ],
)
def test_what_needs_attention(gender: Gender | None, verified: date | None, expected: tuple[Attention, ...]) -> None:
    assert attention(gender, verified, date(2026, 11, 23)) == expected


@pytest.mark.parametrize("kind", OfficeKind)
def test_every_office_has_titles_in_every_language_or_says_that_there_is_none(kind: OfficeKind) -> None:
    for language in ("en", "fr"):
        usual = resolved(kind, language, Titles())
        assert bool(usual.masculine) == bool(usual.feminine) == (kind is not OfficeKind.HEAD_OF_STATE)


def test_a_states_own_title_goes_before_the_usual_one_and_serves_for_both_when_alone() -> None:
    own = resolved(OfficeKind.FOREIGN_MINISTER, "fr", Titles(feminine="Secrétaire d’État"))
    assert own == Titles("Secrétaire d’État", "Secrétaire d’État")


def test_an_unknown_gender_takes_neither_form() -> None:
    titles = Titles("Premier ministre", "Première ministre")
    assert titles.for_gender(Gender.FEMALE) == "Première ministre"
    assert titles.for_gender(Gender.MALE) == "Premier ministre"
    assert titles.for_gender(Gender.UNKNOWN) == "Premier ministre / Première ministre"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("H.E.", True),
        ("HE", True),
        ("S. E.", True),
        ("Her Excellency", True),
        ("Dr", False),
        ("Sheikh", False),
        ("", False),
    ],
)
def test_letters_write_excellency_themselves(text: str, expected: bool) -> None:
    assert is_excellency(text) is expected
