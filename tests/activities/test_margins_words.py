"""A day in words is read as it is meant, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from crm.activities.margins import queries
from crm.activities.margins.words import Gathering, read_due
from crm.core.days import Precision
from crm.core.written.answers import NotADay, TwoDays
from crm.meetings.rules import MeetingDays

TODAY = date(2026, 11, 26)
"""A Thursday."""


def _meeting(key: str, opens: date, precision: Precision = Precision.DAY) -> Gathering:
    days = MeetingDays(UUID(int=opens.toordinal()), key, opens, opens + timedelta(days=4), precision)
    return Gathering(days, frozenset({key.lower()}), key.endswith("RC"))


MEETINGS = [
    _meeting("13MSP", date(2025, 9, 1)),
    _meeting("4RC", date(2027, 3, 10)),
    _meeting("14MSP", date(2027, 9, 1), Precision.MONTH),
    _meeting("15MSP", date(2028, 9, 4)),
]
MSP, RC = "2027-08-25", "2027-03-03"

READ = {
    "2026-12-17": (
        "in 3 weeks | 3 weeks | 3w | in three weeks | In  3 Weeks. | in 3 weeks’ time | within 3 weeks | "
        "dans 3 semaines | dans trois semaines | d'ici 3 semaines | en 3 semanas | dentro de tres "
        "semanas | 17 Dec | 17th December | December 17 | 17 décembre | 17 de diciembre | 2026-12-17 | "
        "17.12.2026 | 17/12/2026 | 17 December 2026 | le 17 décembre 2026 | 17 de diciembre de 2026"
    ),
    "2026-12-06": "in 10 days | 10d | dans 10 jours | en 10 días",
    "2027-01-26": "in two months | 2 months | dans deux mois | en dos meses",
    "2026-11-27": "tomorrow | demain | mañana | Friday | fri | by Friday | vendredi | el viernes",
    "2026-11-28": "the day after tomorrow | après-demain | pasado mañana | Saturday",
    "2026-11-26": "today | aujourd’hui | hoy",
    "2026-12-03": "Thursday | in a week | dans une semaine | en una semana | jueves",
    "2026-12-04": "next week | la semaine prochaine | la próxima semana | la semana que viene",
    "2026-11-30": "end of the month | fin du mois | fin de mes | next Monday | lundi prochain | el próximo lunes",
    "2026-12-31": (
        "end of December | end of the year | fin décembre | fin de l’année | a finales de diciembre | "
        "next month | le mois prochain | el mes que viene"
    ),
    "2027-02-28": "end of February",
    "2027-01-01": "1 January | le 1er janvier | 1 de enero",
    MSP: (
        "before the MSP | before 14MSP | before MSP | avant la 14MSP | avant l’AEP | antes de la 14MSP | "
        "before the Meeting of States Parties"
    ),
    RC: ("before the review conference | before 4RC | before the next meeting | avant la conférence d’examen"),
    "2028-08-28": "before 15MSP",
}


@pytest.mark.parametrize(("day", "text"), [(day, text) for day, texts in READ.items() for text in texts.split(" | ")])
def test_words_say_a_day(day: str, text: str) -> None:
    assert read_due(text, TODAY, MEETINGS).day.isoformat() == day


NO_DAYS = (
    "soon| |3|in weeks|Friday week|before Friday|before 99MSP|31 February|before lunch|mañana 3|before|w3|১"
    "|in 3 weeks or so|32 December|end of march 0000|fin de mars 0000|0000-00-00|2026-13-01|for 3 weeks|fin de semana"
)


@pytest.mark.parametrize("text", NO_DAYS.split("|"))
def test_what_is_no_day_is_refused_with_examples(text: str) -> None:
    with pytest.raises(NotADay, match="“in 3 weeks”, “15 December” or “before the MSP”"):
        read_due(text, TODAY, MEETINGS)


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("next Friday", ("27 November 2026", "4 December 2026")),
        ("vendredi prochain", ("27 November 2026", "4 December 2026")),
        ("3/4/2027", ("3 April 2027", "4 March 2027")),
    ],
)
def test_what_can_be_two_days_is_not_guessed(text: str, both: tuple[str, str]) -> None:
    with pytest.raises(TwoDays) as refused:
        read_due(text, TODAY, MEETINGS)
    assert all(day in str(refused.value) for day in both)


def test_it_says_what_the_day_was_reckoned_from() -> None:
    assert read_due("before 15MSP", TODAY, MEETINGS).in_full == "Monday, 28 August 2028 (a week before 15MSP opens)"
    assert "not fixed yet" in read_due("before the MSP", TODAY, MEETINGS).why
    assert read_due("in 3 weeks", TODAY).in_full == "Thursday, 17 December 2026"


def test_a_meeting_that_is_over_or_too_near_and_a_day_too_far_are_refused() -> None:
    with pytest.raises(NotADay, match="A week before 13MSP was 25 August 2025"):
        read_due("before 13MSP", TODAY, MEETINGS)
    with pytest.raises(NotADay, match="A week before 4RC was 3 March 2027"):
        read_due("before the review conference", date(2027, 3, 5), MEETINGS)
    for text in ("in 900 months", "in 999 years", "9999-12-31", "in 30 years"):
        with pytest.raises(NotADay, match="twenty years"):
            read_due(text, TODAY)


@given(st.text(max_size=40), st.dates(date(2008, 1, 1), date(2100, 1, 1)))
def test_whatever_is_typed_is_read_or_refused_in_words(text: str, today: date) -> None:
    with suppress(NotADay):
        assert read_due(text, today, MEETINGS).day


@given(st.integers(0, 200), st.dates(date(2008, 1, 1), date(2100, 1, 1)))
def test_so_many_days_are_so_many_days(count: int, today: date) -> None:
    assert read_due(f"in {count} days", today).day == today + timedelta(days=count)
    assert read_due(today.isoformat(), today).day == today


def test_the_door_reads_it_with_the_meetings_on_record(app: Flask, signed_in: Callable[[str], FlaskClient]) -> None:
    browser = signed_in("officer")
    found = browser.get("/api/v1/activities/margins/day?text=in+3+weeks").json
    assert found == {"day": "2026-12-14", "in_words": "Monday, 14 December 2026", "why": None}
    wrong = browser.get("/api/v1/activities/margins/day?text=soon")
    assert wrong.status_code == 422 and "in 3 weeks" in wrong.json["errors"]["text"][0]
    assert "13msp" in {name for one in queries.gatherings() for name in one.names}
    assert signed_in("observer").get("/api/v1/activities/margins/day?text=tomorrow").status_code == 403
