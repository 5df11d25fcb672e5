"""Names on a day, and text as people search for it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.states.rules import DatedName, NameKind, fold, name_on, parse_former_names

CHAIN = [
    DatedName(NameKind.SHORT, "en", "Second", date(2011, 9, 15)),
    DatedName(NameKind.SHORT, "en", "First", date(1999, 12, 31), precision="year"),
    DatedName(NameKind.SHORT, "fr", "Premier", date(1999, 12, 31)),
    DatedName(NameKind.FORMAL, "en", "the First", date(2005, 1, 1)),
    DatedName(NameKind.ALIAS, "en", "Nickname"),
]


@pytest.mark.parametrize(
    ("on", "name"),
    [
        ("1990-01-01", "First"),
        ("1999-12-31", "First"),
        ("2000-01-01", "Second"),
        ("2011-09-15", "Second"),
        ("2011-09-16", "Third"),
        ("2026-01-01", "Third"),
    ],
)
def test_the_name_that_ended_first_after_the_day(on: str, name: str) -> None:
    day = date.fromisoformat(on)
    assert name_on("Third", CHAIN, day, kind=NameKind.SHORT, language="en") == name


def test_kinds_and_languages_do_not_mix() -> None:
    on = date(1990, 1, 1)
    assert name_on("Troisième", CHAIN, on, kind=NameKind.SHORT, language="fr") == "Premier"
    assert name_on("the Third", CHAIN, on, kind=NameKind.FORMAL, language="en") == "the First"
    assert name_on("Tercero", CHAIN, on, kind=NameKind.SHORT, language="es") == "Tercero"


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("", []),
        ("Swaziland (until 2018)", [("Swaziland", date(2018, 12, 31), "")]),
        (
            "Czech Republic (UN short name until 2016)",
            [("Czech Republic", date(2016, 12, 31), "UN short name")],
        ),
        (
            "Serbia and Montenegro (until 2006); Federal Republic of Yugoslavia (until 2003)",
            [
                ("Serbia and Montenegro", date(2006, 12, 31), ""),
                ("Federal Republic of Yugoslavia", date(2003, 12, 31), ""),
            ],
        ),
    ],
)
def test_former_names_are_read_to_the_end_of_their_year(cell: str, names: list[tuple[str, date, str]]) -> None:
    found = parse_former_names(cell)
    assert [(one.text, one.used_until, one.note) for one in found] == names
    assert all(one.precision == "year" for one in found)


@pytest.mark.parametrize("cell", ["Swaziland", "Swaziland (2018)", "Swaziland (until 18)", "(until 2018)"])
def test_former_names_that_cannot_be_read(cell: str) -> None:
    with pytest.raises(ValueError, match="is not of the form"):
        parse_former_names(cell)


@pytest.mark.parametrize(
    ("typed", "stands_for"),
    [
        ("Côte d'Ivoire", "cote divoire"),
        ("CÔTE D’IVOIRE", "cote divoire"),
        ("Türkiye", "turkiye"),
        ("Sao Tomé-et-Principe", "sao tome et principe"),
        ("  Viet   Nam ", "viet nam"),
        ("Micronesia (Federated States of)", "micronesia federated states of"),
    ],
)
def test_accents_case_and_signs_are_put_aside(typed: str, stands_for: str) -> None:
    assert fold(typed) == stands_for


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
