"""Entries kept on top of the timeline of a State: for oneself, or for the whole party."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from crm.activities.course.service import correct_activity
from crm.activities.models import Activity
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotFound, RuleViolation
from crm.pins.models import TimelinePin
from crm.pins.service import MOST, pin, unpin
from crm.reach.service import restricted
from crm.sharing.service import change_handling
from tests.followups.opening import opened
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import anew, logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
FOR_STATES = {"handling": Handling.STATES}


def pinned(actor: Viewer, key: UUID, **more: Any) -> UUID:
    with looking_as(actor), unit_of_work():
        return pin(actor=actor, state_iso3="LAO", kind="activity", record_id=key, **more).id


def on_top(browser: FlaskClient) -> list[str]:
    return [one["id"] for one in browser.get("/api/v1/states/LAO/timeline").get_json()["pinned"]]


def test_ones_own_pin_is_for_oneself_and_the_partys_for_all_of_it(person: People, signed_in: Clients) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    first, second = logged(officer, **FOR_STATES), logged(officer, held_on=date(2012, 5, 1), **FOR_STATES)
    pinned(officer, first)
    pinned(officer, second, for_party=True)
    assert on_top(signed_in("officer")) == [str(first), str(second)]
    assert coordinator.party_id != officer.party_id
    assert on_top(signed_in("coordinator")) == on_top(signed_in("other_officer")) == []


def test_it_stands_once_over_the_timeline_however_old(person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    old = logged(officer, held_on=date(2011, 5, 1), **FOR_STATES)
    for day in range(1, 28):
        logged(officer, held_on=date(2026, 10, day), **FOR_STATES)
    browser = signed_in("officer")
    assert f'id="activity-{old}"' not in check_page(browser.get("/states/LAO"))
    token = token_of(browser.get("/states/LAO").text)
    sent = {"csrf_token": token, "kind": "activity", "record_id": str(old)}
    answer = browser.post("/states/LAO/pins", data=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/states/LAO#timeline")
    page = check_page(browser.get("/states/LAO"))
    assert page.count(f'id="activity-{old}"') == 1
    assert page.index("Pinned") < page.index(f'id="activity-{old}"') < page.index("Earlier")
    assert "Pinned for you" in page
    assert on_top(browser) == [str(old)]
    assert "pinned" not in browser.get("/states/LAO?kind=activity").text.lower().partition('id="timeline"')[2][:2000]
    with looking_as(officer):
        key = db.session.scalars(select(TimelinePin.id)).one()
    assert browser.post(f"/pins/{key}/remove", data={"csrf_token": token}).status_code == 303
    assert on_top(browser) == []


def test_the_json_door_does_the_same(person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    key = logged(officer, **FOR_STATES)
    browser = signed_in("officer")
    head = {"X-CSRFToken": token_of(browser.get("/account").text)}
    made = browser.post("/api/v1/states/LAO/pins", json={"kind": "activity", "record_id": str(key)}, headers=head)
    assert made.status_code == 201
    assert browser.get(made.headers["Location"]).get_json() == made.get_json()
    again = browser.post("/api/v1/states/LAO/pins", json={"kind": "activity", "record_id": str(key)}, headers=head)
    assert again.get_json()["errors"] == {"record_id": ["This is pinned already."]}
    other = browser.post("/api/v1/states/LAO/pins", json={"kind": "rumour", "record_id": "x"}, headers=head)
    assert other.status_code == 422
    gone = browser.post(f"{made.headers['Location']}/remove", json={}, headers=head)
    assert gone.status_code == 200
    assert browser.get(made.headers["Location"]).status_code == 404


def test_what_one_does_not_find_cannot_be_pinned(person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    hidden = logged(officer, handling=Handling.ORIGINATOR)
    elsewhere = logged(other, "BTN", **FOR_STATES)
    for key in (hidden, elsewhere, uuid4()):
        with pytest.raises(RuleViolation):
            pinned(other, key)


def test_a_pin_shows_nothing_that_is_hidden_by_now(person: People, signed_in: Clients) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = logged(officer, **FOR_STATES)
    pinned(other, key)
    pinned(other, key, for_party=True)
    assert on_top(signed_in("other_officer")) == [str(key)]
    coordinator = person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    assert on_top(signed_in("other_officer")) == []
    with looking_as(anew(other)):
        assert db.session.scalars(select(TimelinePin)).all() == []


def test_a_pin_is_where_its_record_is(person: People, signed_in: Clients) -> None:
    """Narrowed away reads like taken away; let travel again, it stands where it stood."""
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = logged(officer, **FOR_STATES)
    kept = [pinned(other, key), pinned(other, key, for_party=True)]
    browser = signed_in("other_officer")
    absent = browser.get(f"/api/v1/pins/{uuid4()}")
    for handling, seen in ((Handling.ORIGINATOR, False), (Handling.STATES, True)):
        with looking_as(officer), unit_of_work():
            change_handling(actor=officer, kind="activity", record_id=key, handling=handling)
        answers = [browser.get(f"/api/v1/pins/{one}") for one in kept]
        assert [one.status_code for one in answers] == [200 if seen else 404] * 2
        assert seen or {one.data for one in answers} == {absent.data}
        with looking_as(other):
            assert len(db.session.scalars(select(TimelinePin)).all()) == (2 if seen else 0)


def test_a_pin_leaves_with_what_leaves_the_timeline(person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    key = logged(officer, **FOR_STATES)
    kept = pinned(officer, key)
    told = {"kind": "demarche", "held_on": date(2026, 11, 1), "person_name": "Karma Example", "reply": "Yes."}
    with looking_as(officer), unit_of_work():
        correct_activity(actor=officer, activity_id=key, state_iso3="BTN", **told)
    browser = signed_in("officer")
    assert browser.get(f"/api/v1/activities/{key}").status_code == 200
    assert browser.get(f"/api/v1/pins/{kept}").status_code == 404


def test_a_pin_of_a_follow_up_is_where_that_is(person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    followed = opened(officer, handling=Handling.STATES)
    with looking_as(coordinator), unit_of_work():
        pin(actor=coordinator, state_iso3="LAO", kind="followup", record_id=followed)
    with looking_as(coordinator):
        assert db.session.scalars(select(TimelinePin.follow_up_id)).all() == [followed]
    with looking_as(officer), unit_of_work():
        change_handling(actor=officer, kind="follow_up", record_id=followed, handling=Handling.ORIGINATOR)
    with looking_as(coordinator):
        assert db.session.scalars(select(TimelinePin)).all() == []


def test_another_partys_pin_is_not_there(person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = logged(officer, **FOR_STATES)
    kept = pinned(officer, key, for_party=True)
    with looking_as(other), pytest.raises(NotFound), unit_of_work():
        unpin(actor=other, pin_id=kept)


def test_it_goes_with_its_record(person: People) -> None:
    officer = person("officer").viewer
    key = logged(officer)
    pinned(officer, key)
    with looking_as(SYSTEM), unit_of_work():
        db.session.execute(delete(Activity).where(Activity.id == key))
    with looking_as(SYSTEM):
        assert db.session.scalar(select(func.count()).select_from(TimelinePin)) == 0


def test_no_more_than_a_dozen_stand_on_top(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    keys = [logged(officer, held_on=date(2026, 1, day + 1)) for day in range(MOST + 1)]
    for key in keys[:MOST]:
        pinned(officer, key)
    with pytest.raises(RuleViolation, match="Take one away"):
        pinned(officer, keys[MOST])
