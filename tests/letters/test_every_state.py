"""A letter to every State, on days when names were different, in both languages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from crm.letters.compose import compose
from crm.letters.content import LetterContent
from crm.letters.facts import AddressedState, Signer
from crm.letters.gathering import names_on
from crm.letters.wording import languages
from crm.states.queries import register
from crm.states.rules import Status
from tests.letters import samples
from tests.letters.samples import flat

WRONG = {
    "en": r"\bthe the\b|\bThe the\b|\bof the Bhutan\b|'|  ",
    "fr": r"\bd[eu] les?\b|\bà les?\b|\bde (?=[AEÉÎIOU][a-zé])(?!.Oslo)|'|  | [;?!]",
}


@pytest.mark.parametrize("day", [date(2011, 6, 1), date(2018, 4, 18), date(2026, 11, 23)], ids=str)
@pytest.mark.parametrize("language", languages())
def test_every_state_gets_a_letter_that_reads_well(app: Flask, day: date, language: str) -> None:
    known = register()
    for place, iso3 in enumerate(known.universe(day)):
        names = names_on(known, iso3, day)
        status = (Status.SIGNATORY, Status.NON_SIGNATORY)[place % 2]
        facts = samples.facts(
            letter_date=day,
            state=AddressedState(iso3, names, known.capital(iso3, day), status, known.state(iso3).un_group),
            presidency=replace(samples.PRESIDENCY, names=names),
            coordinator=Signer(samples.COORDINATOR.capacity, names, known.capital(iso3, day)),
        )
        letter = compose(facts, language)
        assert isinstance(letter, LetterContent), (iso3, letter)
        text = flat(letter.plain()) if language == "en" else letter.plain().replace("\n", "¶")
        found = re.search(WRONG[language], text)
        assert not found, (iso3, text[max(0, found.start() - 60) : found.end() + 30])
        assert letter.inside_address[2][0].isupper()


@pytest.mark.parametrize(
    ("iso3", "day", "english", "french"),
    [
        ("SWZ", date(2011, 6, 1), "Kingdom of Swaziland", "Royaume du Swaziland"),
        ("SWZ", date(2026, 6, 1), "Kingdom of Eswatini", "Royaume d’Eswatini"),
        ("TUR", date(2011, 6, 1), "Republic of Turkey", "République turque|République de Turquie"),
        ("TUR", date(2026, 6, 1), "Republic of Türkiye", "République de Türkiye"),
        ("LBY", date(2011, 6, 1), "Libyan Arab Jamahiriya", "Jamahiriya arabe libyenne"),
        ("LBY", date(2026, 6, 1), "State of Libya", "État de Libye"),
        (
            "MKD",
            date(2011, 6, 1),
            "The former Yugoslav Republic of Macedonia",
            "Ex-République yougoslave de Macédoine",
        ),
    ],
)
def test_names_are_those_of_the_day(app: Flask, iso3: str, day: date, english: str, french: str) -> None:
    known = register()
    state = replace(samples.STATE, iso3=iso3, names=names_on(known, iso3, day), capital=known.capital(iso3, day))
    for language, expected in (("en", english), ("fr", french)):
        line = samples.letter(language, letter_date=day, state=state).inside_address[2]
        assert re.search(expected, line), line
