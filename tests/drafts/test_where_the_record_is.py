"""A draft about a record is where the record is, and nothing above the ceiling is kept as a draft."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import RestrictedState
from crm.activities.course.service import plan_activity
from crm.activities.service import record_reference
from crm.core import access, routes
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.forms import Form, RowsField
from crm.core.unfinished import UNTYPED
from crm.drafts.fields import FORMS, of_form
from crm.drafts.models import ABOUT, Draft
from crm.drafts.rules import Kind
from crm.reach.service import restricted
from crm.sharing import kinds
from tests.drafts.test_which_forms import FORMS as OPENED_WITH
from tests.followups.opening import opened
from tests.instructions.world import EMAILS, house, sent
from tests.reach.test_missions import bound
from tests.support.met import filled, known
from tests.support.pages import check_page, token_of
from tests.support.people import Person, browser_of
from tests.support.records import anew, logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
WORDS = "Canary of a colleague"
VISIT = {"kind": "capital_visit", "state_iso3": "LAO", "held_on": "2026-11-01", "person_name": "X", "reply": WORDS}


def _put(browser: FlaskClient, kind: str, record_id: Any, typed: dict[str, str], key: str = "") -> Any:
    token = token_of(browser.get("/account").get_data(as_text=True))
    document = {
        "kind": kind,
        "record_id": str(record_id) if record_id else None,
        "typed": json.dumps({name: [text] for name, text in typed.items()}),
    }
    return browser.put(f"/api/v1/drafts/{key or uuid.uuid4()}", json=document, headers={"X-CSRFToken": token})


def _rows() -> list[Draft]:
    with looking_as(SYSTEM):
        db.session.rollback()
        return list(db.session.scalars(select(Draft)))


@pytest.fixture(params=["correction", "step", "finish"])
def begun(request: pytest.FixtureRequest, app: Flask, person: People, signed_in: Clients) -> tuple[FlaskClient, str]:
    """A draft of an officer about a record on Laos that they see; who they are, and its key."""
    officer = person("officer").viewer
    about = opened(officer) if request.param == "finish" else logged(officer, reply=WORDS)
    browser = signed_in("officer")
    typed = {"reply": WORDS, "note": WORDS, "done_note": WORDS, "state_iso3": "LAO"}
    kept = _put(browser, request.param, about, typed)
    assert kept.status_code == 200
    return browser, kept.json["id"]


def _is_gone(browser: FlaskClient, key: str) -> None:
    assert browser.get("/api/v1/drafts").json == {"items": []}
    assert browser.get(f"/api/v1/drafts/{key}").status_code == 404
    shown = check_page(browser.get("/drafts"))
    assert WORDS not in shown and "Lao" not in shown
    token = token_of(browser.get("/account").get_data(as_text=True))
    for end in ("throw-away", "take-back"):
        answer = browser.post(f"/api/v1/drafts/{key}/{end}", json={}, headers={"X-CSRFToken": token})
        assert answer.status_code == 404, end


def test_it_goes_with_a_state_that_is_restricted_and_comes_back_with_it(
    begun: tuple[FlaskClient, str], person: People
) -> None:
    browser, key = begun
    coordinator = person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    db.session.remove()
    _is_gone(browser, key)
    coordinator = anew(coordinator)
    with looking_as(coordinator), unit_of_work():
        restricted.release(actor=coordinator, state_iso3="LAO")
    db.session.remove()
    assert WORDS in browser.get(f"/api/v1/drafts/{key}").text, "what was typed is not lost"


def test_it_stays_behind_when_its_writer_is_posted_elsewhere(begun: tuple[FlaskClient, str], person: People) -> None:
    browser, key = begun
    access.look_as(SYSTEM)
    bound(anew(person("officer").viewer), "BTN")
    db.session.remove()
    _is_gone(browser, key)


def test_a_request_is_kept_about_every_kind_of_record_that_can_be_shared(app: Flask) -> None:
    assert set(ABOUT[Kind.REQUEST]) == {one.model for one in kinds.known().values()}


@pytest.mark.parametrize("kind", ["interlocutor", "post"])
def test_a_request_about_somebody_met_or_a_post_is_kept_while_that_is_seen(
    app: Flask, person: People, signed_in: Clients, kind: str
) -> None:
    owner, coordinator = person("presidency").viewer, person("coordinator").viewer
    met = known(owner, state="PER", handling=Handling.COORDINATION)
    post = filled(owner, met).post_id
    about = met if kind == "interlocutor" else post
    db.session.remove()
    browser = signed_in("coordinator")
    page = browser.get(f"/sharing/{kind}/{about}/requests").text
    assert 'data-draft="request"' in page
    kept = _put(browser, "request", about, {"reason": WORDS})
    assert kept.status_code == 200
    assert WORDS in browser.get(f"/sharing/{kind}/{about}/requests").text
    access.look_as(SYSTEM)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.add(RestrictedState(state_iso3="PER"))
    db.session.remove()
    _is_gone(browser, kept.json["id"])
    assert _put(browser, "request", about, {"reason": WORDS}).status_code == 404
    access.look_as(anew(coordinator))
    assert db.session.scalars(select(Draft)).all() == []


def test_nothing_is_kept_about_a_record_that_is_not_seen(app: Flask, person: People, signed_in: Clients) -> None:
    hidden = logged(person("other_officer").viewer, handling=Handling.ORIGINATOR)
    browser = signed_in("officer")
    refused = [_put(browser, "correction", one, VISIT) for one in (hidden, uuid.uuid4(), None)]
    assert [one.status_code for one in refused] == [404] * 3
    assert refused[0].data == refused[1].data
    assert _put(browser, "activity", hidden, VISIT).status_code == 422, "a form about no record names none"
    assert _rows() == []


def test_a_record_that_goes_out_of_sight_by_being_saved_leaves_no_words_behind(
    app: Flask, person: People, signed_in: Clients
) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    about = logged(officer, "BTN")
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    db.session.remove()
    browser = signed_in("officer")
    key = str(uuid.uuid4())
    assert _put(browser, "correction", about, VISIT, key).status_code == 200
    html = browser.get(f"/activities/{about}/correct?draft={key}").get_data(as_text=True)
    version = str(browser.get(f"/api/v1/activities/{about}").json["version"])
    sent = VISIT | {"csrf_token": token_of(html), "draft": key, "version": version, "kind": "demarche"}
    assert browser.post(f"/activities/{about}/correct", data=sent).status_code == 303
    assert [(one.ended, one.typed) for one in _rows()] == [("saved", "{}")]


def test_every_form_about_a_record_says_which(app: Flask) -> None:
    about = set()
    for rule in app.url_map.iter_rules():
        declared = routes.access_of(app, rule.endpoint)
        if declared and declared.draft and rule.arguments:
            about.add(Kind(declared.draft))
    assert about == set(ABOUT)


@pytest.fixture
def low(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that keeps nothing for fewer than States, nor what is marked SECRET."""
    settings = replace(
        app.extensions["settings"], handling_ceiling="states", reference_only_marks=frozenset({"SECRET"})
    )
    monkeypatch.setitem(app.extensions, "settings", settings)


@pytest.mark.usefixtures("low")
@pytest.mark.parametrize(("field", "word"), [("marks", "secret"), ("handling", "originator")])
def test_what_has_come_above_the_ceiling_is_kept_as_no_draft(
    app: Flask, signed_in: Clients, field: str, word: str
) -> None:
    browser, key = signed_in("officer"), str(uuid.uuid4())
    fine = VISIT | {"handling": "states", "marks": "RESTREINT"}
    assert _put(browser, "activity", None, fine, key).status_code == 200
    refused = _put(browser, "activity", None, fine | {field: word}, key)
    assert refused.status_code == 422 and list(refused.json["errors"]) == [field]
    assert _rows() == [], "nor what it was before it was marked"


@pytest.mark.usefixtures("low")
def test_the_button_without_a_script_keeps_nothing_above_the_ceiling(app: Flask, signed_in: Clients) -> None:
    browser, key = signed_in("officer"), str(uuid.uuid4())
    assert _put(browser, "activity", None, VISIT, key).status_code == 200
    token = token_of(browser.get("/activities/new").get_data(as_text=True))
    sent = VISIT | {"marks": "SECRET", "draft": key, "keep_draft": "1", "csrf_token": token}
    answer = browser.post("/activities/new", data=sent)
    assert answer.status_code == 422 and "What is marked so is not kept here" in answer.text
    assert _rows() == []


@pytest.mark.usefixtures("low")
@pytest.mark.parametrize(
    ("row", "field"),
    [({"rows-0-handling": "originator"}, "handling"), ({"rows-86-handling": "coordination"}, "handling"),
     ({"marks": "Secret"}, "marks")],
)  # fmt: skip
def test_one_talk_above_the_ceiling_is_enough(signed_in: Clients, row: dict[str, str], field: str) -> None:
    typed = {"occasion": "First Committee", "handling": "states", "rows-0-state": "Bhutan", "rows-0-note": WORDS}
    browser, key = signed_in("officer"), str(uuid.uuid4())
    assert _put(browser, "round", None, typed | {"rows-1-handling": "public"}, key).status_code == 200
    refused = _put(browser, "round", None, typed | row, key)
    assert refused.status_code == 422 and list(refused.json["errors"]) == [field]
    assert _rows() == []


@pytest.mark.usefixtures("low")
def test_a_reference_takes_every_mark_as_a_draft_too_and_nothing_of_what_was_said(signed_in: Clients) -> None:
    typed = {"state_iso3": "LAO", "marks": "SECRET", "handling": "originator"}
    more = {"reply": WORDS, "officer_comment": WORDS, "rows-0-note": WORDS, "original": WORDS}
    assert _put(signed_in("officer"), "reference", None, typed | more).status_code == 200
    (kept,) = _rows()
    assert json.loads(kept.typed) == {name: [text] for name, text in typed.items()}


def test_nothing_is_kept_that_would_be_added_to_a_reference(person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    with looking_as(officer), unit_of_work():
        about = record_reference(
            actor=officer, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1), report_ref="12/26"
        ).id
    browser = signed_in("officer")
    assert [_put(browser, kind, about, VISIT).status_code for kind in ("correction", "report")] == [422] * 2
    assert _put(browser, "step", about, {"status": "closed", "note": "Nothing more."}).status_code == 200
    assert [one.kind for one in _rows()] == ["step"]


def test_what_is_to_stand_in_an_entry_is_judged_as_the_entry(
    app: Flask, person: People, signed_in: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = logged(person("officer").viewer, handling=Handling.ORIGINATOR)
    lower = replace(app.extensions["settings"], handling_ceiling="states")
    monkeypatch.setitem(app.extensions, "settings", lower)
    refused = _put(signed_in("officer"), "correction", about, VISIT)
    assert refused.status_code == 422 and list(refused.json["errors"]) == ["handling"]


def _address(browser: FlaskClient, kind: Kind, person: People) -> str:
    """Where the form of this kind is opened for the first time."""
    record = OPENED_WITH[kind][1](person)
    db.session.remove()
    access.look_as(SYSTEM)
    key = _put(browser, kind.value, record, {OPENED_WITH[kind][0]: "x"}).json["id"]
    found: str = browser.get(f"/api/v1/drafts/{key}").json["page"].partition("?")[0]  # type: ignore[index]
    token = token_of(browser.get("/account").get_data(as_text=True))
    assert browser.post(f"/api/v1/drafts/{key}/throw-away", json={}, headers={"X-CSRFToken": token}).status_code == 200
    return found


def _page_with(app: Flask, kind: Kind, person: People, signed_in: Clients) -> tuple[FlaskClient, str]:
    """Who opens the form of this kind, and where."""
    if kind is Kind.AMENDMENT:
        about = sent(house())
        return browser_of(app, EMAILS["coordinator"]), f"/instructions/{about}/amend"
    if kind in OPENED_WITH:
        browser = signed_in("officer")
        return browser, _address(browser, kind, person)
    officer = person("officer").viewer
    if kind in (Kind.REPORT, Kind.CORRECTION, Kind.STEP):
        with looking_as(officer), unit_of_work():
            planned = plan_activity(actor=officer, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1)).id
        about = logged(officer) if kind is Kind.CORRECTION else planned
        return signed_in("officer"), f"/activities/{about}/{WAYS.get(kind, kind.value)}"
    return signed_in("coordinator" if kind in OF_COORDINATORS else "officer"), PLACES[kind]


PLACES = {
    Kind.ACTIVITY: "/activities/new", Kind.PLAN: "/activities/plan", Kind.REFERENCE: "/activities/reference",
    Kind.FOLLOW_UP: "/followups/new", Kind.ROUND: "/activities/margins", Kind.EMERGENCY: "/emergencies",
    Kind.LETTER_CAMPAIGN: "/letters/campaigns/new", Kind.INSTRUCTION: "/instructions/new?state=LAO",
}  # fmt: skip
OF_COORDINATORS = {Kind.LETTER_CAMPAIGN, Kind.INSTRUCTION, Kind.EMERGENCY}
WAYS = {Kind.CORRECTION: "correct"}


def _names_shown(html: str, kind: Kind) -> set[str]:
    """The names of what can be typed or chosen in the form of this kind."""
    whole = next(one for one in re.findall(r"<form.*?</form>", html, re.S) if f'data-draft="{kind.value}"' in one)
    shown = re.sub(
        r"<template.*?</template>|<button.*?>|<input[^>]*type=\"(?:file|submit)\"[^>]*>", "", whole, flags=re.S
    )
    return set(re.findall(r'<(?:input|select|textarea)[^>]*? name="([^"]+)"', shown)) - UNTYPED - {"csrf_token"}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_of_a_form_is_kept(app: Flask, person: People, signed_in: Clients, kind: Kind) -> None:
    """Typed into each of them, all of it is there when the form is opened again, and nothing beside it."""
    browser, page = _page_with(app, kind, person, signed_in)
    names = _names_shown(check_page(browser.get(page)), kind)
    assert names and {one for form in FORMS[kind] for one in asked_of(form)} & names
    assert set(of_form(kind, {name: [] for name in names})) == names
    assert of_form(kind, {"nothing_of_this_form": [], f"x{min(names)}": [], f"{max(names)}-0-x": []}) == {}


@pytest.mark.parametrize("kind", list(Kind))
def test_every_field_of_the_forms_of_a_kind_is_kept(kind: Kind) -> None:
    """Those too that the page does not show at first."""
    for form in FORMS[kind]:
        for name in asked_of(form):
            typed = {name: ["x"], f"{name}x": ["x"], f"x{name}": ["x"]}
            assert set(of_form(kind, typed)) == {name}, name


def asked_of(form: type[Form]) -> set[str]:
    """The names of all fields of a form, those of its rows by the first."""
    found = set()
    for name in form.field_names():
        unbound = getattr(form, name)
        rows = issubclass(unbound.field_class, RowsField)
        found |= {f"{name}-0-{one}" for one in unbound.args[0].field_names()} if rows else {name}
    return found
