"""What one kind of activity asks and another does not."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from wtforms.validators import Length

from crm.activities.details import Detail
from crm.activities.forms import ActivityForm, PlanForm, ReferenceForm
from crm.activities.models import Activity, ActivityState
from crm.activities.rules import LENGTHS, Precision
from crm.activities.types import ACTIVITY_TYPES, every_detail, registry
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.core.text import fold
from crm.imports.rules.columns import COMMON, headings_of
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged

Clients = Callable[[str], FlaskClient]

WORKSHOP = {
    "kind": "regional_workshop",
    "state_iso3": "LAO",
    "further_states": "bhutan; Viet Nam, KHM",
    "held_on": "2026-11-20",
    "reply": "Three delegations took the ratification kit home.",
    "host": "Lao People's Democratic Republic",
    "participants": "24",
    "handling": "states",
    "attribution": "full",
}


JOINT = {"kind": "joint_demarche", "person_name": "Karma", "further_states": "", "host": "", "participants": ""}


def _post(browser: FlaskClient, given: dict[str, str]) -> Any:
    token = token_of(browser.get("/activities/new").get_data(as_text=True))
    return browser.post("/activities/new", data={**given, "csrf_token": token})


def test_every_kind_of_the_domain_is_there() -> None:
    assert set(ACTIVITY_TYPES) == {
        "demarche", "joint_demarche", "bilateral_talks", "political_consultations", "capital_visit", "margin_meeting",
        "cosigned_letter", "questionnaire", "high_level_seminar", "regional_workshop", "expert_mission",
        "parliamentary_outreach", "peer_exchange", "military_dialogue", "briefing",
    }  # fmt: skip


def test_one_key_is_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    from crm.activities.types import briefing

    other = registry.ActivityType(**{**vars(briefing.TYPE), "details": (Detail("aim", "Something else"),)})
    monkeypatch.setattr(briefing, "TYPE", other)
    with pytest.raises(RuntimeError, match="two different questions are called aim"):
        registry._found()


def test_each_kind_brings_the_words_and_columns_by_which_a_table_tells_of_it() -> None:
    for kind in ACTIVITY_TYPES.values():
        words = kind.words.split("|")
        assert all(words) and [fold(one) for one in words] == words and len(set(words)) == len(words), kind.key
    for key, detail in every_detail().items():
        assert detail.headings or not detail.missing, f"{key} must be answered, and no column could"
        headings = [one for one in detail.headings.split("|") if one]
        assert [fold(one) for one in headings] == headings, key
        assert not {*headings} & {*headings_of(COMMON)}, key


def test_one_word_is_one_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    from crm.activities.types import briefing

    other = registry.ActivityType(**{**vars(briefing.TYPE), "words": "info|demarche"})
    monkeypatch.setattr(briefing, "TYPE", other)
    with pytest.raises(RuntimeError, match="“demarche” would mean both"):
        registry._found()


@pytest.mark.parametrize("answer", [-3, 100_001, "many"])
def test_a_number_of_people_is_one(app: Flask, person: Callable[[str], Person], answer: object) -> None:
    with pytest.raises(RuleViolation) as refused:
        logged(person("officer").viewer, kind="regional_workshop", details={"participants": answer})
    assert refused.value.errors == {"participants": ["Write a whole number from 0 to 100,000."]}


def test_what_is_told_is_as_long_wherever_it_is_told(app: Flask) -> None:
    with app.test_request_context():
        forms = [
            ActivityForm(meta={"csrf": False}),
            PlanForm(meta={"csrf": False}),
            ReferenceForm(meta={"csrf": False}),
        ]
    for form in forms:
        for field in form:
            if field.name in LENGTHS:
                bounds = [one.max for one in field.validators if isinstance(one, Length)]
                assert bounds == [LENGTHS[field.name]], field.name


def test_a_workshop_concerns_several_states_and_counts_once(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    where = _post(browser, WORKSHOP).headers["Location"]
    page = markup.unescape(check_page(browser.get(where)))
    assert "24" in page and "Lao People's Democratic Republic" in page
    db.session.rollback()
    assert set(db.session.scalars(select(ActivityState.state_iso3))) == {"LAO", "BTN", "VNM", "KHM"}
    for iso3 in ("BTN", "VNM"):
        assert "Three delegations" in browser.get(f"/states/{iso3}").get_data(as_text=True)
    assert len(browser.get("/api/v1/activities").json["items"]) == 1


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"further_states": "Atlantis"}, "further_states", "No State is called “Atlantis”"),
        ({"kind": "capital_visit", "person_name": "Karma"}, "further_states", "does not ask this"),
        ({"participants": "many"}, "participants", "Write a whole number"),
        ({"aim": "action"}, "aim", "does not ask this"),
        (JOINT, "together_with", "Say which missions"),
    ],
)
def test_what_does_not_fit_the_kind_is_said_beside_the_field(
    app: Flask, signed_in: Clients, change: dict[str, str], field: str, says: str
) -> None:
    answer = _post(signed_in("coordinator"), {**WORKSHOP, **change})
    page = markup.unescape(check_page(answer, 422))
    assert says in page and f'href="#{field}"' in page
    db.session.rollback()
    assert db.session.scalar(select(Activity.id)) is None


def test_the_json_door_takes_a_list_of_states_and_a_number(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    token = token_of(browser.get("/activities/new").get_data(as_text=True))
    given = {**WORKSHOP, "further_states": ["BTN", "VNM"], "participants": 24}
    answer = browser.post("/api/v1/activities", json=given, headers={"X-CSRFToken": token})
    assert answer.status_code == 201, answer.json
    assert answer.json["states"] == ["BTN", "LAO", "VNM"]
    assert answer.json["details"] == {"host": WORKSHOP["host"], "participants": "24"}
    wrong = browser.post("/api/v1/activities", json={**given, "further_states": "BTN"}, headers={"X-CSRFToken": token})
    assert wrong.json["errors"]["further_states"] == ["Expected a list of texts."]


def test_without_a_script_a_button_brings_the_fields_of_the_kind(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    token = token_of(browser.get("/activities/new").get_data(as_text=True))
    given = {"kind": "briefing", "reply": "Typed already.", "show_fields": "1", "csrf_token": token}
    page = check_page(browser.post("/activities/new", data=given))
    assert "Typed already." in page and "error-summary" not in page
    shown = set(re.findall(r'<div data-for-kinds="[^"]*"><div[^>]*>\s*<label[^>]*for="(\w+)"', page))
    hidden = set(re.findall(r'<div data-for-kinds="[^"]*" hidden><div[^>]*>\s*<label[^>]*for="(\w+)"', page))
    assert shown == {"further_states", "host", "participants", "subjects"}
    assert hidden == {*every_detail()} - shown


def test_who_else_was_there_is_for_those_who_may_know_whom_one_met(app: Flask, signed_in: Clients) -> None:
    given = {
        "kind": "bilateral_talks", "state_iso3": "LAO", "held_on": "2026-11-20", "person_name": "Karma Example",
        "reply": "They will look into it.", "raised_by": "us", "also_present": "Dorji Example", "handling": "states",
    }  # fmt: skip
    where = _post(signed_in("officer"), given).headers["Location"]
    assert "Dorji Example" in signed_in("officer").get(where).get_data(as_text=True)
    for door in (where, f"/api/v1{where}"):
        told = signed_in("other_officer").get(door).get_data(as_text=True)
        assert "They will look into it." in told and "Dorji Example" not in told
    assert signed_in("other_officer").get(f"/api/v1{where}").json["details"] == {"raised_by": "Yes, by us"}


@pytest.mark.parametrize(
    ("precision", "kept", "shown"),
    [
        ("day", date(2011, 6, 17), "17 June 2011"),
        ("month", date(2011, 6, 1), "June 2011"),
        ("year", date(2011, 1, 1), "2011"),
    ],
)
def test_a_day_may_be_known_only_nearly(app: Flask, signed_in: Clients, precision: str, kept: date, shown: str) -> None:
    browser = signed_in("coordinator")
    where = _post(browser, {**WORKSHOP, "held_on": "2011-06-17", "precision": precision}).headers["Location"]
    page = check_page(browser.get(where))
    assert shown in page and (precision == "day" or "17 June" not in page)
    db.session.rollback()
    assert (
        db.session.scalars(select(Activity.held_on)).one() == kept == Precision(precision).first_day(date(2011, 6, 17))
    )
