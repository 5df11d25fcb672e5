"""Restricted States: for the people named, out of batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from crm.accounts.models import EmergencyNotice, Party
from crm.activities.course.service import plan_activity, report_activity
from crm.activities.models import Activity, ActivityState
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, locked, unit_of_work
from crm.core.errors import RuleViolation
from crm.followups.models import FollowUp
from crm.letters import service as letters
from crm.letters.models import Letter
from crm.letters.progress import LanguageChoice
from crm.positions.models import ObstacleClaim
from crm.reach import queries
from crm.reach.service import restricted
from crm.states.rules import Status
from tests.followups.opening import close_account, colleague_of
from tests.support.pages import check_page, token_of
from tests.support.people import Person, mission_to_all
from tests.support.racing import at_once, slowly
from tests.support.records import anew, logged, sees

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]


def restrict(actor: Viewer, iso3: str) -> Viewer:
    """Restrict a State and look anew."""
    with looking_as(actor), unit_of_work():
        restricted.restrict(actor=actor, state_iso3=iso3)
    return anew(actor)


def test_only_who_is_named_sees_its_records_whatever_their_handling(app: Flask, person: People) -> None:
    officer, presidency = person("officer").viewer, person("presidency").viewer
    public = logged(officer, "LAO", handling=Handling.PUBLIC)
    own = logged(officer, "LAO", handling=Handling.ORIGINATOR)
    coordinator = restrict(person("coordinator").viewer, "LAO")
    assert sees(coordinator, public) and not sees(coordinator, own)
    assert not sees(anew(officer), public) and not sees(anew(officer), own) and not sees(anew(presidency), public)
    with looking_as(coordinator), unit_of_work():
        restricted.name_reader(actor=coordinator, state_iso3="LAO", user_id=officer.user_id or UUID(int=0))
    assert sees(anew(officer), public) and sees(anew(officer), own)
    with looking_as(coordinator), unit_of_work():
        restricted.strike_reader(actor=coordinator, state_iso3="LAO", user_id=officer.user_id or UUID(int=0))
    assert not sees(anew(officer), own)


def test_the_audit_keeps_it_from_the_others_too(app: Flask, person: People) -> None:
    """The presidency reads what happened about every other State, and not that something happened about this one."""
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    logged(coordinator, "LAO", handling=Handling.COORDINATION)
    logged(coordinator, "CAN", handling=Handling.COORDINATION)
    coordinator = restrict(coordinator, "LAO")
    wanted = select(AuditEntry.details).where(AuditEntry.event == "activity_recorded")
    for viewer, states in ((coordinator, {"LAO", "CAN"}), (anew(presidency), {"CAN"})):
        with looking_as(viewer):
            db.session.rollback()
            assert {one["state"] for one in db.session.scalars(wanted)} == states, viewer.name


NOTE = {"kind": "capital_visit", "held_on": "2026-11-19", "person_name": "Karma Example", "person_level": "director"}
FOLLOW = {"next_action": "Ask again", "next_action_due": "2026-12-01", "obstacle": "security", "reply": "Later."}


def kept_about(iso3: str) -> dict[str, int]:
    """How many activities, obstacles and follow-ups there are about a State."""
    db.session.rollback()
    with looking_as(SYSTEM):
        models = (ActivityState, ObstacleClaim, FollowUp)
        return {
            one.__name__: db.session.scalar(select(func.count()).select_from(one).where(one.state_iso3 == iso3)) or 0
            for one in models
        }


def test_whoever_is_not_named_writes_as_about_any_other_and_reads_nothing(
    app: Flask, person: People, signed_in: Clients
) -> None:
    coordinator, named = person("coordinator").viewer, signed_in("coordinator")
    browser = signed_in("officer")
    before = check_page(browser.get("/activities/new"))
    restrict(coordinator, "BTN")
    page = check_page(browser.get("/activities/new"))
    assert page.count("<option") == before.count("<option") and 'value="BTN"' in page
    assert 'value="BTN"' in check_page(browser.get("/followups/new"))
    token = token_of(page)
    sent = {**NOTE, **FOLLOW, "state_iso3": "BTN", "handling": "states", "csrf_token": token}
    saved = browser.post("/activities/new", data=sent)
    assert (saved.status_code, saved.location) == (303, "/activities")
    assert "kept for those who read about this State" in check_page(browser.get("/activities"))
    assert kept_about("BTN") == {"ActivityState": 1, "ObstacleClaim": 1, "FollowUp": 1}
    due = {"what": "Telephone", "state_iso3": "BTN", "due_on": "2026-12-01", "csrf_token": token}
    assert browser.post("/followups/new", data=due).location == "/followups"
    referred = {"kind": "capital_visit", "held_on": "2026-11-19", "state_iso3": "BTN", "report_ref": "X 1"}
    assert browser.post("/activities/reference", data={**referred, "csrf_token": token}).location == "/activities"
    assert kept_about("BTN") == {"ActivityState": 2, "ObstacleClaim": 1, "FollowUp": 2}
    assert browser.get("/api/v1/activities").get_json()["items"] == []
    assert browser.get("/api/v1/followups").get_json()["items"] == []
    assert [one["states"] for one in named.get("/api/v1/activities").get_json()["items"]] == [["BTN"]]


def test_the_json_door_says_the_same_of_it_as_of_any_other_until_it_is_kept(
    app: Flask, person: People, signed_in: Clients
) -> None:
    restrict(person("coordinator").viewer, "BTN")
    browser = signed_in("presidency")
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}
    wrong = [
        browser.post("/api/v1/activities", json={**NOTE, "state_iso3": iso3, "held_on": ""}, headers=header)
        for iso3 in ("BTN", "TON")
    ]
    assert wrong[0].status_code == 422 and wrong[0].get_json()["errors"] == wrong[1].get_json()["errors"]
    doors = {
        "activities": {**NOTE, **FOLLOW},
        "activities/references": {"kind": "capital_visit", "held_on": "2026-11-19", "report_ref": "X 1"},
        "followups": {"what": "Telephone", "due_on": "2026-12-01"},
    }
    for door, body in doors.items():
        made = browser.post(f"/api/v1/{door}", json={**body, "state_iso3": "BTN"}, headers=header)
        assert made.status_code == 201 and list(made.get_json()) == ["kept"], made.get_json()
        assert "Location" not in made.headers
    assert kept_about("BTN") == {"ActivityState": 2, "ObstacleClaim": 1, "FollowUp": 2}


@pytest.mark.parametrize("handling", ["originator", "coordination"])
@pytest.mark.parametrize("door", ["activities", "activities/references", "activities/plans", "followups"])
def test_whoever_tries_leaves_a_word_that_those_who_are_named_read(
    app: Flask, person: People, signed_in: Clients, door: str, handling: str
) -> None:
    """However narrow the handling of what was written; of its words the entry tells nothing."""
    restrict(person("coordinator").viewer, "BTN")
    browser, named = signed_in("presidency"), signed_in("coordinator")
    body = {
        "activities": {**NOTE, "reply": "Later.", "attribution": "none"},
        "activities/references": {"kind": "capital_visit", "held_on": "2026-11-19", "report_ref": "X 1"},
        "activities/plans": {**NOTE, "held_on": "2026-12-19"},
        "followups": {"what": "Telephone", "due_on": "2026-12-01"},
    }[door]
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}
    sent = {**body, "handling": handling}
    for iso3 in ("BTN", "TON"):
        made = browser.post(f"/api/v1/{door}", json={**sent, "state_iso3": iso3}, headers=header)
        assert made.status_code == 201, made.text
        if iso3 == "BTN":
            assert "learn in any case" in made.get_json()["kept"]
        found = named.get("/api/v1/audit?event=written_unseen").get_json()["items"]
        assert [(one["actor"], one["facts"]) for one in found] == [("Presidency", {"state": "BTN"})]
    assert browser.get("/api/v1/audit?event=written_unseen").get_json()["items"] == []


@pytest.mark.parametrize("recorder_left", [False, True])
def test_a_report_on_the_plan_of_somebody_named_tells_no_more(app: Flask, person: People, recorder_left: bool) -> None:
    """Whoever reports is judged by what is closed to them, not to who planned it; each try leaves its word."""
    coordinator = person("coordinator").viewer
    with looking_as(SYSTEM), unit_of_work() as session:
        mission = mission_to_all(session.get_one(Party, coordinator.party_id))
    officer = colleague_of(replace(coordinator, mission_id=mission), "Second Officer")
    restrict(coordinator, "BTN")
    with looking_as(coordinator), unit_of_work():
        plans = [
            plan_activity(actor=coordinator, kind="regional_workshop", state_iso3="NOR", held_on=date(2026, 11, 20)).id
            for _ in range(2)
        ]
    if recorder_left:
        with looking_as(SYSTEM), unit_of_work():
            for key in plans:
                db.session.get_one(Activity, key).recorded_by_id = None
    reporter = anew(officer)
    for key, further in zip(plans, ("PER", "BTN"), strict=True):
        with looking_as(reporter), unit_of_work():
            report_activity(
                actor=reporter, activity_id=key, kind="regional_workshop", state_iso3="NOR", further_states=[further],
                held_on=date(2026, 11, 20), reply="Later.", next_action="Call", next_action_due=date(2026, 12, 20),
                next_action_owner_id=str(reporter.user_id),
            )  # fmt: skip
    assert sees(reporter, plans[0]) and not sees(reporter, plans[1])
    with looking_as(SYSTEM):
        db.session.rollback()
        assert set(db.session.scalars(select(FollowUp.activity_id))) == set(plans)
        words = db.session.scalars(select(AuditEntry.subject_id).where(AuditEntry.event == "written_unseen")).all()
        assert words == ["BTN"]


def test_nobody_is_named_whose_account_is_closed(app: Flask, person: People) -> None:
    coordinator, officer = restrict(person("coordinator").viewer, "LAO"), person("officer").viewer
    close_account(officer)
    with looking_as(coordinator), pytest.raises(RuleViolation, match="from the list"), unit_of_work():
        restricted.name_reader(actor=coordinator, state_iso3="LAO", user_id=officer.user_id or UUID(int=0))


def test_two_who_restrict_at_once_restrict_once(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    coordinator = person("coordinator").viewer
    monkeypatch.setattr(restricted, "locked", slowly(locked))
    assert at_once(app, [lambda: restrict(coordinator, "LAO")] * 2) == [None, None]
    with looking_as(coordinator):
        db.session.rollback()
        (one,) = queries.restrictions(coordinator)
    assert len(one.readers) == 1


def test_the_last_one_named_stays(app: Flask, person: People) -> None:
    coordinator = restrict(person("coordinator").viewer, "LAO")
    with looking_as(coordinator), pytest.raises(RuleViolation, match="last person"), unit_of_work():
        restricted.strike_reader(actor=coordinator, state_iso3="LAO", user_id=coordinator.user_id or UUID(int=0))


@pytest.mark.parametrize(
    ("came_from", "way_back"),
    [
        ("http://localhost/restricted?x=1", 'href="/restricted?x=1"'),
        ("http://localhost//elsewhere.example/", 'href="/"'),
        ("http://elsewhere.example/restricted", ""),
        ("", ""),
    ],
)
def test_who_presses_in_vain_finds_the_way_back(
    app: Flask, person: People, signed_in: Clients, came_from: str, way_back: str
) -> None:
    coordinator = restrict(person("coordinator").viewer, "LAO")
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/restricted")))
    address = f"/restricted/LAO/people/{coordinator.user_id}/strike"
    answer = browser.post(address, data={"csrf_token": token}, headers={"Referer": came_from} if came_from else {})
    html = check_page(answer, 422)
    assert "last person named" in html and "Nothing was changed." in html
    assert (way_back or "Go back with your browser") in html and "elsewhere.example" not in html


def test_letters_leave_it_out_even_for_those_who_are_named(app: Flask, person: People) -> None:
    coordinator = restrict(person("coordinator").viewer, "BTN")
    with looking_as(coordinator), unit_of_work():
        campaign = letters.plan_campaign(
            actor=coordinator, name="All", letter_date=date(2026, 11, 1), statuses=[Status.NON_SIGNATORY],
            languages=LanguageChoice.ENGLISH,
        )  # fmt: skip
        states = set(db.session.scalars(select(Letter.state_iso3).where(Letter.campaign_id == campaign.id)))
    assert "BTN" not in states and len(states) > 60


def test_its_pages(app: Flask, person: People, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/restricted")))
    assert browser.post("/restricted", data={"csrf_token": token, "state_iso3": "LAO"}).status_code == 303
    page = check_page(browser.get("/restricted"))
    assert "Lao People" in page and "Coordinator (Japan)" in page
    officer = person("officer").viewer.user_id
    answer = browser.post("/restricted/LAO/people", data={"csrf_token": token, "user_id": str(officer)})
    assert answer.status_code == 303
    assert "Officer (Embassy of Japan)" in check_page(browser.get("/restricted"))
    assert browser.post("/restricted/LAO/release", data={"csrf_token": token}).status_code == 303
    assert "No State is restricted" in check_page(browser.get("/restricted"))
    assert "You are named for no restricted State" in check_page(signed_in("officer").get("/restricted"))


CAMPAIGN = {"name": "All", "letter_date": "2011-06-01", "statuses": ["non_signatory"], "languages": "en"}


@pytest.mark.parametrize(("who", "told"), [("coordinator", True), ("presidency", False)])
def test_a_campaign_leaves_it_out_and_its_form_does_not_tell(
    app: Flask, person: People, signed_in: Clients, who: str, told: bool
) -> None:
    """Only who is named learns beforehand which States are left out: the form is asked without a trace."""
    restrict(person("coordinator").viewer, "BTN")
    browser = signed_in(who)
    form = browser.get("/letters/campaigns/targets?letter_date=2011-06-01").get_data(as_text=True)
    assert "asked to accede (87)" in form
    assert ("A restricted State is left out" in form, "Bhutan" in form) == (told, told)
    data = {**CAMPAIGN, "handling": "coordination", "csrf_token": token_of(browser.get("/account").text)}
    made = browser.post("/letters/campaigns/new", data=data)
    page = check_page(browser.get(made.headers["Location"]))
    assert "86 letters of" in page
    assert ("A restricted State is left out" in page, "Bhutan" in page) == (told, told)
    address = made.headers["Location"].replace("/letters/", "/api/v1/letters/", 1)
    assert browser.get(address).get_json()["left_out"] == (["BTN"] if told else [])


def campaign(browser: FlaskClient, **given: Any) -> TestResponse:
    """The answer of the JSON door to a campaign of late 2026."""
    header = {"X-CSRFToken": token_of(browser.get("/account").text)}
    body = {"name": "Autumn", "letter_date": "2026-11-01", "languages": "own", **given}
    return browser.post("/api/v1/letters/campaigns", json=body, headers=header)


def test_no_refusal_of_a_campaign_gives_a_restricted_state_away(app: Flask, person: People, signed_in: Clients) -> None:
    """It is computed on the register, as if no State were restricted."""
    asked = {"statuses": ["signatory"], "occasion_en": "the meeting"}
    browser = signed_in("presidency")
    before = campaign(browser, **asked).get_json()
    assert "4 of the letters are in French" in str(before["errors"])
    access.look_as(SYSTEM)
    restrict(person("coordinator").viewer, "HTI")
    assert campaign(browser, **asked).get_json()["errors"] == before["errors"]


def test_a_campaign_to_restricted_states_alone_has_no_letter(app: Flask, person: People, signed_in: Clients) -> None:
    """Lithuania alone has withdrawn, as everybody reads in the register; a refusal would say that it is restricted."""
    restrict(person("coordinator").viewer, "LTU")
    browser = signed_in("presidency")
    made = campaign(browser, statuses=["withdrawn"])
    assert made.status_code == 201, made.text
    page = check_page(browser.get(made.headers["Location"].replace("/api/v1", "")))
    assert "None of its letters is to a State of yours." in page
    with looking_as(SYSTEM):
        db.session.rollback()
        assert db.session.scalars(select(Letter)).all() == []


def test_no_list_gives_a_restricted_state_away(app: Flask, person: People, signed_in: Clients) -> None:
    """An emergency may be asked for any State; one for a restricted State looks like one nothing is kept about."""
    logged(person("officer").viewer, "TON", handling=Handling.ORIGINATOR)
    restrict(person("coordinator").viewer, "TON")
    browser = signed_in("presidency")
    page = check_page(browser.get("/emergencies"))
    assert 'value="TON"' in page
    asked = {"state_iso3": "TON", "reason": "The vote is tomorrow and nobody answers.", "hours": "1"}
    assert browser.post("/emergencies", data={**asked, "csrf_token": token_of(page)}).status_code == 303
    assert "Emergency access is open" in check_page(browser.get("/states/TON"))
    assert browser.get("/api/v1/activities").get_json()["items"] == []
    with looking_as(SYSTEM):
        assert not db.session.scalars(select(EmergencyNotice)).all(), "nothing was opened"
    asked["state_iso3"] = "CAN"
    assert browser.post("/emergencies", data={**asked, "csrf_token": token_of(page)}).status_code == 303
    assert "Emergency access is open" in check_page(browser.get("/states/CAN"))
    assert "Emergency access is open" not in check_page(browser.get("/states/LAO"))


def test_who_is_named_is_not_offered_again(app: Flask, person: People, signed_in: Clients) -> None:
    coordinator = restrict(person("coordinator").viewer, "TON")
    person("presidency")
    page = check_page(signed_in("coordinator").get("/restricted"))
    offered = page[page.index('id="reader-TON"') :].split("</select>")[0]
    assert str(coordinator.user_id) not in offered and "Presidency" in offered
