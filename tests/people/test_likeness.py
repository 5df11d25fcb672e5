"""Whether two names may be those of one person: what is put aside, and what is not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from crm.people.met.likeness import alike, beginning, likeness
from crm.people.met.rules import ALIKE

SAME = (
    ("Karma Dorji", "Dorji Karma"),
    ("José Núñez", "Jose Nunez"),
    ("H.E. Mr Karma Dorji", "Karma Dorji"),
    ("Mohammed Al-Hassan", "Muhammad al Hasan"),
    ("Yusuf Abdulkhalikov", "Jusuf Abdulhalikov"),
    ("Aleksandr Shevchenko", "Alexander Ševčenko"),
    ("Nguyen Thi Lan", "Nguyễn Thị Lan"),
    ("Łukasz Wójcik", "Lukasz Wojcik"),
    ("K. Dorji", "Karma Dorji"),
    ("Karma Dorji", "Karma Dorjee"),
    ("Maria Fernanda Lopez Garcia", "María López"),
)
OTHERS = (
    ("Karma Dorji", "Karma Wangdi"),
    ("John Smith", "Jane Doe"),
    ("Ana Torres", "Ana Lima"),
    ("", "Karma"),
    ("Peter Müller", "Petra Schulz"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_person_spelt_otherwise(one: str, other: str) -> None:
    assert likeness(one, other) >= ALIKE
    assert likeness(one, other) == likeness(other, one)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_somebody_else(one: str, other: str) -> None:
    assert likeness(one, other) < ALIKE


@dataclass(frozen=True)
class Somebody:
    """Somebody with names."""

    names: tuple[str, ...]


KARMA, WANGDI, PEMA = Somebody(("Karma Dorji",)), Somebody(("Karma Wangdi",)), Somebody(("Pema Lhamo", "Pema Dorji"))


def test_a_few_letters_find_who_is_meant() -> None:
    assert [one.somebody for one in beginning("kar", [PEMA, WANGDI, KARMA])] == [KARMA, WANGDI]
    assert next(one.somebody for one in beginning("dor k", [PEMA, WANGDI, KARMA])) == KARMA
    assert beginning("", [KARMA]) == []


def test_all_names_that_somebody_is_recorded_under_count() -> None:
    assert [one.somebody for one in alike("Pema Dorjee", [KARMA, WANGDI, PEMA])] == [PEMA]


def test_long_names_are_compared_in_a_moment() -> None:
    name = " ".join(f"name{number}" for number in range(200))
    assert likeness(name, name) == 100
