"""Names of all 197 States in English and French sentences, dates, numbers, spaces."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from crm.letters.grammar import english, french
from crm.letters.grammar.french_cities import FRENCH
from crm.letters.wording import wording


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


STATES = {row["iso3"]: row for row in rows(config.ROOT / "data" / "ccm" / "states.csv")}
SENTENCES = rows(Path(__file__).with_name("names_in_sentences.csv"))


def test_the_table_knows_every_state() -> None:
    assert len(SENTENCES) == 197
    assert {row["iso3"] for row in SENTENCES} == set(STATES)


@pytest.mark.parametrize("row", SENTENCES, ids=lambda row: row["iso3"])
def test_every_state_in_a_sentence(row: dict[str, str]) -> None:
    state = STATES[row["iso3"]]
    running = french.running(state["name_fr"], state["formal_name_fr"])
    assert {
        "iso3": row["iso3"],
        "english": english.running(state["name"], state["formal_name"]),
        "french": running,
        "french_de": french.de(running),
        "french_formal_de": french.de(state["formal_name_fr"]),
        "french_formal_a": french.a(state["formal_name_fr"]),
    } == row


@pytest.mark.parametrize("row", SENTENCES, ids=lambda row: row["iso3"])
def test_no_state_breaks_the_rules_of_contraction(row: dict[str, str]) -> None:
    for text in (row["french_de"], row["french_formal_de"]):
        assert not re.search(r"\bde les?\b|\bde (?=[AEÉÎIOUaeéiou])|\bd[eu] l'", text), text
        assert "'" not in text
    assert not re.search(r"\bà les?\b|\bau la\b", row["french_formal_a"])


@pytest.mark.parametrize(
    ("formal", "bare"),
    [
        ("le Royaume du Bhoutan", "Royaume du Bhoutan"),
        ("l'État du Koweït", "État du Koweït"),
        ("les États-Unis d'Amérique", "États-Unis d’Amérique"),
        ("la République d'Angola", "République d’Angola"),
        ("Antigua-et-Barbuda", "Antigua-et-Barbuda"),
    ],
)
def test_a_french_name_on_its_own_line(formal: str, bare: str) -> None:
    assert french.bare(formal) == bare


@pytest.mark.parametrize(
    ("short", "article"),
    [
        ("Jamahiriya arabe libyenne", "la Jamahiriya arabe libyenne"),
        ("Swaziland", "le Swaziland"),
        ("Turquie", "la Turquie"),
        ("Cap-Vert", "le Cap-Vert"),
        ("République tchèque", "la République tchèque"),
    ],
)
def test_former_french_names(short: str, article: str) -> None:
    assert french.with_article(short) == article


def test_former_english_names() -> None:
    assert english.the("Libyan Arab Jamahiriya") == "the Libyan Arab Jamahiriya"
    assert english.the("The former Yugoslav Republic of Macedonia") == "the former Yugoslav Republic of Macedonia"
    assert english.the("Swaziland") == "Swaziland"


@pytest.mark.parametrize("row", STATES.values(), ids=lambda row: row["iso3"])
def test_every_state_has_an_address_line_in_both_languages(row: dict[str, str]) -> None:
    assert not english.bare(row["formal_name"]).lower().startswith("the ")
    assert french.bare(row["formal_name_fr"])[0].isupper()


def test_french_cities_are_capitals_or_places_of_the_treaty() -> None:
    known = {row["capital"] for row in STATES.values()} | {"Geneva"}
    assert set(FRENCH) <= known
    assert all(name != english_name for english_name, name in FRENCH.items())
    assert wording("fr").city("Oslo") == "Oslo"


@pytest.mark.parametrize(
    ("day", "en", "fr"),
    [
        (date(2011, 6, 1), "1 June 2011", "1er juin 2011"),
        (date(2008, 5, 30), "30 May 2008", "30 mai 2008"),
        (date(2010, 8, 1), "1 August 2010", "1er août 2010"),
        (date(2012, 2, 29), "29 February 2012", "29 février 2012"),
    ],
)
def test_days(day: date, en: str, fr: str) -> None:
    assert english.day(day) == en
    assert french.day(day).replace(french.NBSP, " ") == fr


@pytest.mark.parametrize(
    ("first", "last", "en", "fr"),
    [
        (date(2011, 9, 12), date(2011, 9, 16), "from 12 to 16 September 2011", "du 12 au 16 septembre 2011"),
        (
            date(2011, 8, 30),
            date(2011, 9, 1),
            "from 30 August to 1 September 2011",
            "du 30 août au 1er septembre 2011",
        ),
        (
            date(2011, 12, 30),
            date(2012, 1, 2),
            "from 30 December 2011 to 2 January 2012",
            "du 30 décembre 2011 au 2 janvier 2012",
        ),
        (date(2011, 9, 1), date(2011, 9, 1), "on 1 September 2011", "le 1er septembre 2011"),
        (date(2011, 9, 1), date(2011, 9, 5), "from 1 to 5 September 2011", "du 1er au 5 septembre 2011"),
    ],
)
def test_spans(first: date, last: date, en: str, fr: str) -> None:
    assert english.span(first, last) == en
    assert french.span(first, last).replace(french.NBSP, " ") == fr


@pytest.mark.parametrize(
    ("number", "en", "fr"),
    [
        (0, "no States", "aucun État"),
        (1, "one State", "un État"),
        (2, "two States", "deux États"),
        (12, "twelve States", "douze États"),
        (57, "57 States", "57 États"),
    ],
)
def test_numbers_and_their_nouns(number: int, en: str, fr: str) -> None:
    assert english.count(number, "State", "States") == en
    assert french.count(number, "État", "États").replace(french.NBSP, " ") == fr


@pytest.mark.parametrize(
    ("name", "running"),
    [
        ("Deuxième Assemblée des États parties", "la deuxième Assemblée des États parties"),
        ("Première Conférence d'examen", "la première Conférence d’examen"),
        ("Onzième Assemblée des États parties", "la onzième Assemblée des États parties"),
        ("Assemblée des États parties", "l’Assemblée des États parties"),
        ("14e Assemblée des États parties", "la 14e Assemblée des États parties"),
    ],
)
def test_meetings_in_a_french_sentence(name: str, running: str) -> None:
    assert french.the_meeting(name) == running


@given(st.text(alphabet="aé ’'«»:;?!.\u00a0\u202f", max_size=40))
def test_french_never_leaves_a_breaking_space_before_high_punctuation(text: str) -> None:
    spaced = french.spaces(text)
    assert not re.search(r" [;?!»]", spaced)
    assert not re.search(r"« ", spaced)
    assert "'" not in spaced
    assert french.spaces(spaced) == spaced


@given(st.dates(date(2010, 8, 1), date(2040, 1, 1)), st.integers(0, 40))
def test_every_span_names_both_ends(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    for text in (english.span(first, last), french.span(first, last)):
        assert str(last.year) in text
        assert str(last.day) in text
        assert str(first.day) in text
