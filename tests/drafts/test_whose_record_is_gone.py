"""Words about a record that somebody took back stay with whoever wrote them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import RestrictedState
from crm.activities.events import ActivitiesWithdrawn
from crm.activities.models import Activity
from crm.capture import setting_aside
from crm.capture.models import WaitingMail
from crm.capture.rules.course import Phase
from crm.core import access, clock, events
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.drafts.models import Draft
from crm.followups.models import FollowUp
from tests.activities.test_margins_undo import undone, written
from tests.drafts.test_where_the_record_is import WORDS, _put
from tests.support.pages import check_page, token_of
from tests.support.people import Person

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


def _waiting(viewer: Viewer) -> UUID:
    with looking_as(SYSTEM), unit_of_work() as session:
        mail = WaitingMail(
            originator_id=viewer.party_id,
            brought_by_id=viewer.user_id,
            phase=Phase.WAITING.value,
            mark="m",
            size=1,
            subject="A talk",
        )
        session.add(mail)
        session.flush()
        return mail.id


def test_the_waiting_room_is_tidied_and_what_was_begun_stays(app: Flask, person: People, signed_in: Clients) -> None:
    viewer = person("officer").viewer
    mail = _waiting(viewer)
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
