"""Words about a record that somebody took back stay with whoever wrote them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import Mission, RestrictedState
from crm.activities.events import ActivitiesWithdrawn
from crm.activities.models import Activity
from crm.capture import setting_aside
from crm.capture.models import WaitingMail
from crm.capture.rules.course import Phase
from crm.core import access, clock, events
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.drafts import left
from crm.drafts.models import Draft
from crm.followups.models import FollowUp
from crm.reach.service import missions
from tests.activities.test_margins_undo import undone, written
from tests.drafts.test_where_the_record_is import WORDS, _put
from tests.reach.test_missions import bound
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


def _of_round(round_id: UUID) -> tuple[UUID, UUID]:
    """An activity of a round, and the follow-up that it opened."""
    with looking_as(SYSTEM):
        activity = db.session.scalars(select(Activity.id).where(Activity.round_id == round_id)).first()
        follow_up = db.session.scalars(select(FollowUp.id).where(FollowUp.activity_id == activity)).one()
    assert activity
    return activity, follow_up


@pytest.fixture
def round_of(person: People) -> tuple[Viewer, UUID]:
    """A round that others may read, and its writer."""
    writer = person("coordinator").viewer
    return writer, written(writer, handling=Handling.STATES)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("correction", {"reply": WORDS, "state_iso3": "LAO", "kind": "margin_meeting"}),
        ("step", {"note": WORDS, "status": "closed"}),
        ("cancel", {"note": WORDS}),
        ("finish", {"done_note": WORDS}),
    ],
)
def test_a_draft_about_what_was_taken_back_is_read_by_its_writer(
    round_of: tuple[Viewer, UUID], signed_in: Clients, kind: str, typed: dict[str, str]
) -> None:
    writer, round_id = round_of
    activity, follow_up = _of_round(round_id)
    browser = signed_in("coordinator")
    kept = _put(browser, kind, activity if kind in ("correction", "step") else follow_up, typed)
    assert kept.status_code == 200, kept.text
    key = kept.json["id"]
    access.look_as(SYSTEM)
    undone(writer, round_id)
    db.session.remove()
    listed = check_page(browser.get("/drafts"))
    assert WORDS in listed and f'href="/drafts/{key}"' in listed
    assert WORDS in check_page(browser.get(f"/drafts/{key}"))
    told = browser.get(f"/api/v1/drafts/{key}").json
    assert told["record_gone"] and told["page"] == f"/drafts/{key}"
    more = {name: ["More" if text == WORDS else text] for name, text in typed.items()}
    sent = {"kind": kind, "record_id": str(activity), "typed": json.dumps(more), "revision": told["revision"]}
    header = {"X-CSRFToken": token_of(listed)}
    late = browser.put(f"/api/v1/drafts/{key}", json=sent, headers=header)
    assert late.status_code == 200, "a window that is still open goes on"
    assert "More" in check_page(browser.get(f"/drafts/{key}"))


@pytest.mark.parametrize("door", ["page", "json"])
def test_it_can_become_a_new_entry(round_of: tuple[Viewer, UUID], signed_in: Clients, door: str) -> None:
    writer, round_id = round_of
    activity, _follow_up = _of_round(round_id)
    browser = signed_in("coordinator")
    typed = {"reply": WORDS, "state_iso3": "LAO", "kind": "capital_visit", "version": "3", "person_name": "X"}
    key = _put(browser, "correction", activity, typed).json["id"]
    access.look_as(SYSTEM)
    undone(writer, round_id)
    db.session.remove()
    page = check_page(browser.get(f"/drafts/{key}"))
    assert "Make a new activity of it" in page
    if door == "page":
        answer = browser.post(f"/drafts/{key}/new-entry", data={"csrf_token": token_of(page)})
        address = answer.location
    else:
        header = {"X-CSRFToken": token_of(page)}
        address = browser.post(f"/api/v1/drafts/{key}/new-entry", json={}, headers=header).json["page"]
        assert browser.post(f"/api/v1/drafts/{key}/new-entry", json={}, headers=header).status_code == 422
    assert address == f"/activities/new?draft={key}"
    form = check_page(browser.get(address))
    assert WORDS in form and re.search(r'value="originator"[^>]*checked|<option selected value="originator"', form)
    access.look_as(SYSTEM)


@pytest.mark.parametrize("door", ["page", "json"])
def test_while_its_record_is_there_it_makes_no_new_entry(
    app: Flask, round_of: tuple[Viewer, UUID], signed_in: Clients, door: str
) -> None:
    """It is sent where it belongs; else the same report would stand twice."""
    activity, _follow_up = _of_round(round_of[1])
    browser = signed_in("coordinator")
    typed = {"reply": WORDS, "state_iso3": "LAO", "kind": "capital_visit"}
    key = _put(browser, "correction", activity, typed).json["id"]
    token = token_of(check_page(browser.get("/drafts")))
    app.config["RAISE_ERRORS"] = False
    if door == "page":
        assert browser.post(f"/drafts/{key}/new-entry", data={"csrf_token": token}).status_code == 422
    else:
        refused = browser.post(f"/api/v1/drafts/{key}/new-entry", json={}, headers={"X-CSRFToken": token})
        assert refused.status_code == 422 and "has a form to go on with" in refused.text
    kept = browser.get(f"/api/v1/drafts/{key}").json
    assert (kept["kind"], kept["record_id"], kept["record_gone"]) == ("correction", str(activity), False)


def test_what_was_out_of_sight_stays_there(
    app: Flask, round_of: tuple[Viewer, UUID], signed_in: Clients, person: People
) -> None:
    """A State restricted before its record goes does not come back in the words about it."""
    writer, round_id = round_of
    activity, _follow_up = _of_round(round_id)
    browser = signed_in("officer")
    same_party = person("officer").viewer.party_id == writer.party_id
    kept = _put(browser, "step" if same_party else "request", activity, {"note": WORDS, "reason": WORDS})
    assert kept.status_code == 200, kept.text
    access.look_as(SYSTEM)
    with looking_as(SYSTEM), unit_of_work() as session:
        states = {one.state_iso3 for one in session.get_one(Activity, activity).states}
        session.add_all(RestrictedState(state_iso3=one) for one in states)
        session.flush()
        session.expire_all()
        events.emit(ActivitiesWithdrawn((activity,)))
    db.session.remove()
    assert browser.get(f"/drafts/{kept.json['id']}").status_code == 404
    assert WORDS not in check_page(browser.get("/drafts"))


def _restrict(states: Iterable[str]) -> None:
    access.look_as(SYSTEM)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.add_all(RestrictedState(state_iso3=one) for one in states)
    db.session.remove()


def _withdraw(activity: UUID) -> None:
    access.look_as(SYSTEM)
    with looking_as(SYSTEM), unit_of_work():
        events.emit(ActivitiesWithdrawn((activity,)))
    db.session.remove()


def _is_nowhere(browser: FlaskClient, key: str) -> None:
    listed = check_page(browser.get("/drafts"))
    assert WORDS not in listed and WORDS not in browser.get("/api/v1/drafts").text
    assert browser.get(f"/drafts/{key}").status_code == browser.get(f"/api/v1/drafts/{key}").status_code == 404
    header = {"X-CSRFToken": token_of(listed)}
    for verb in ("new-entry", "take-back"):
        assert browser.post(f"/api/v1/drafts/{key}/{verb}", json={}, headers=header).status_code == 404
    assert WORDS not in browser.get(f"/activities/new?draft={key}").text
    access.look_as(SYSTEM)


@pytest.mark.parametrize("made_new", [False, True])
def test_a_state_restricted_after_its_record_went_is_closed_there_too(
    app: Flask, person: People, signed_in: Clients, made_new: bool
) -> None:
    """A correction repeats what a colleague wrote, and goes on repeating it as a draft of a new entry."""
    activity = logged(person("officer").viewer, "LAO", reply=WORDS)
    browser = signed_in("officer")
    key = _put(browser, "correction", activity, {"reply": WORDS, "state_iso3": "CAN"}).json["id"]
    _withdraw(activity)
    page = check_page(browser.get(f"/drafts/{key}"))
    assert WORDS in page
    if made_new:
        made = browser.post(f"/drafts/{key}/new-entry", data={"csrf_token": token_of(page)})
        assert WORDS in check_page(browser.get(made.location))
    _restrict(["LAO"])
    _is_nowhere(browser, key)


def test_a_window_that_was_outrun_is_as_narrow(app: Flask, person: People, signed_in: Clients) -> None:
    activity = logged(person("officer").viewer, "LAO", reply=WORDS)
    browser = signed_in("officer")
    key = _put(browser, "correction", activity, {"reply": "Mine", "state_iso3": "LAO"}).json["id"]
    _withdraw(activity)
    typed, window = json.dumps({"reply": [WORDS]}), str(uuid4())
    sent = {"kind": "correction", "record_id": str(activity), "typed": typed, "revision": 0, "window": window}
    header = {"X-CSRFToken": token_of(browser.get("/account").text)}
    assert browser.put(f"/api/v1/drafts/{key}", json=sent, headers=header).json["id"] == window
    assert WORDS in check_page(browser.get(f"/drafts/{window}"))
    _restrict(["LAO"])
    _is_nowhere(browser, window)


@pytest.mark.parametrize("handling", [Handling.STATES, Handling.PUBLIC])
def test_a_state_that_is_no_longer_theirs(app: Flask, person: People, signed_in: Clients, handling: Handling) -> None:
    """What is for the public is read of whatever State."""
    officer = bound(person("officer").viewer, "LAO", "KEN")
    activity = logged(officer, "LAO", reply=WORDS, handling=handling)
    browser = signed_in("officer")
    key = _put(browser, "correction", activity, {"reply": WORDS, "state_iso3": "LAO"}).json["id"]
    _withdraw(activity)
    assert WORDS in check_page(browser.get(f"/drafts/{key}"))
    access.look_as(SYSTEM)
    with looking_as(SYSTEM), unit_of_work() as session:
        terms = session.get_one(Mission, officer.mission_id).accreditations
        [term] = [one for one in terms if one.state_iso3 == "LAO"]
        missions.end_accreditation(actor=SYSTEM, mission_id=term.mission_id, accreditation_id=term.id)
    db.session.remove()
    if handling is Handling.PUBLIC:
        assert WORDS in check_page(browser.get(f"/drafts/{key}"))
    else:
        _is_nowhere(browser, key)


def test_what_came_out_of_a_state_is_closed_with_it(app: Flask, person: People, signed_in: Clients) -> None:
    """A follow-up on one State of a talk about another."""
    officer = person("officer").viewer
    activity = logged(officer, "LAO")
    with looking_as(SYSTEM), unit_of_work() as session:
        owed = FollowUp(
            what="Call", state_iso3="CAN", owner_id=officer.user_id, due_on=clock.today("UTC"), zone="UTC",
            due_at=clock.now(), activity_id=activity, originator_id=officer.party_id, handling=Handling.STATES.value,
        )  # fmt: skip
        session.add(owed)
        session.flush()
        follow_up = owed.id
    browser = signed_in("officer")
    key = _put(browser, "cancel", follow_up, {"note": WORDS}).json["id"]
    access.look_as(SYSTEM)
    with looking_as(SYSTEM), unit_of_work():
        left.with_activities(ActivitiesWithdrawn((activity,)))
    db.session.remove()
    assert WORDS in check_page(browser.get(f"/drafts/{key}"))
    _restrict(["LAO"])
    _is_nowhere(browser, key)


def _waiting(viewer: Viewer, states: str = "") -> UUID:
    with looking_as(SYSTEM), unit_of_work() as session:
        mail = WaitingMail(
            originator_id=viewer.party_id,
            brought_by_id=viewer.user_id,
            states=states,
            phase=Phase.WAITING.value,
            mark="m",
            size=1,
            subject="A talk",
        )
        session.add(mail)
        session.flush()
        return mail.id


def test_the_waiting_room_is_tidied_and_what_was_begun_stays(app: Flask, person: People, signed_in: Clients) -> None:
    """One's own mail is about whatever State it is, until that is closed."""
    viewer = bound(person("officer").viewer, "LAO")
    mail = _waiting(viewer, "CAN KEN")
    browser = signed_in("officer")
    kept = _put(browser, "waiting_entry", mail, {"reply": WORDS, "state_iso3": "LAO"})
    assert kept.status_code == 200, kept.text
    access.look_as(SYSTEM)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(WaitingMail, mail).received_at = clock.now() - timedelta(days=400)
    with looking_as(SYSTEM), unit_of_work() as session:
        setting_aside.tidy(90)
        assert session.get(WaitingMail, mail) is None
    db.session.remove()
    assert WORDS in check_page(browser.get(f"/drafts/{kept.json['id']}"))
    with looking_as(SYSTEM):
        assert db.session.scalars(select(Draft.record_id)).one() is None
    _restrict(["KEN"])
    _is_nowhere(browser, kept.json["id"])
