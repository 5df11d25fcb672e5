"""Many rows at once: all that can be changed, a reason for every other, and one way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.accounts.rules import FRESH
from crm.activities.models import Activity
from crm.audit import denials
from crm.audit.models import AuditRefusal
from crm.core import access, clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.lists.bulk import rules, service
from crm.lists.bulk.models import BulkChange
from crm.lists.bulk.queries import versions_of
from crm.lists.bulk.verbs import verb_of
from crm.reach.service import restricted
from tests.followups.opening import change, opened
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
SignedIn = Callable[[str], FlaskClient]


def many(viewer: Viewer, list_key: str, verb: str, ids: list[UUID], **given: Any) -> BulkChange:
    """One change of many rows as somebody who has read them as they are, committed."""
    chosen = verb_of(list_key, verb)
    with looking_as(viewer), unit_of_work():
        read = {"versions": versions_of(chosen.model, ids), **given}
        return service.change_many(actor=viewer, verb=chosen, ids=ids, **read)


def back(viewer: Viewer, made: BulkChange) -> BulkChange:
    """The same taken back."""
    with looking_as(viewer), unit_of_work():
        return service.undo(actor=viewer, change_id=made.id, only=lambda _verb: True)


def values(model: Any, name: str, ids: list[UUID]) -> list[Any]:
    """What stands in a column of these rows."""
    with looking_as(SYSTEM):
        db.session.rollback()
        rows = db.session.execute(select(model.id, getattr(model, name)).where(model.id.in_(ids)))
        found = {key: value for key, value in rows}  # noqa: C416 - a row is no pair for the checker
        return [found[key] for key in ids]


def test_follow_ups_are_done_and_open_again(person: People) -> None:
    viewer = person("officer").viewer
    keys = [opened(viewer, what=f"Step {number}") for number in range(3)]
    made = many(viewer, "followups", "done", keys, done_note="All sent.")
    assert values(FollowUp, "status", keys) == ["done"] * 3
    assert values(FollowUp, "done_note", keys) == ["All sent."] * 3
    assert not back(viewer, made).left
    assert values(FollowUp, "status", keys) == ["open"] * 3


def test_what_cannot_be_changed_is_left_out_whole_and_named(person: People) -> None:
    viewer, other = person("officer").viewer, person("other_officer").viewer
    mine, closed = opened(viewer), opened(viewer)
    theirs = opened(other, handling=Handling.STATES)
    hidden = opened(other, handling=Handling.ORIGINATOR)
    change(viewer, followups.cancel, closed)
    made = many(viewer, "followups", "done", [closed, mine, theirs, hidden, uuid4()])
    assert [one["id"] for one in made.done] == [str(mine)]
    reasons = [one["why"] for one in made.left]
    assert reasons == ["It is closed already.", rules.NOT_YOURS, rules.NOT_THERE, rules.NOT_THERE]
    assert values(FollowUp, "status", [closed, mine, theirs, hidden]) == ["cancelled", "done", "open", "open"]


def test_moving_is_taken_back_even_to_a_day_that_has_passed(person: People) -> None:
    viewer = person("officer").viewer
    late, soon = opened(viewer), opened(viewer, due_on=clock.today() + timedelta(days=5))
    with looking_as(SYSTEM), unit_of_work():
        row = db.session.get_one(FollowUp, late)
        row.due_on = clock.today() - timedelta(days=9)
        row.due_at = row.due.moment
    before = values(FollowUp, "due_on", [late, soon])
    new_day = clock.today() + timedelta(days=20)
    made = many(viewer, "followups", "move", [late, soon], due_on=new_day, note="After the elections")
    assert values(FollowUp, "due_on", [late, soon]) == [new_day, new_day]
    assert not back(viewer, made).left
    assert values(FollowUp, "due_on", [late, soon]) == before


def test_a_value_that_no_row_takes_is_wrong_with_the_value(person: People) -> None:
    viewer = person("officer").viewer
    keys = [opened(viewer), opened(viewer)]
    with pytest.raises(RuleViolation) as refused:
        many(viewer, "followups", "move", keys, due_on=date(2026, 1, 1), note="Why")
    assert list(refused.value.errors) == ["due_on"]
    with looking_as(SYSTEM):
        assert db.session.scalar(select(func.count()).select_from(BulkChange)) == 0


def test_handing_over_and_back(person: People) -> None:
    viewer, coordinator = person("officer").viewer, person("coordinator").viewer
    keys = [opened(viewer), opened(viewer)]
    assert coordinator.user_id
    made = many(viewer, "followups", "reassign", keys, owner_id=coordinator.user_id)
    assert values(FollowUp, "owner_id", keys) == [coordinator.user_id] * 2
    back(viewer, made)
    assert values(FollowUp, "owner_id", keys) == [viewer.user_id] * 2


def test_activities_are_closed_and_called_off_by_their_own_course(person: People) -> None:
    viewer = person("coordinator").viewer
    keys = [logged(viewer), logged(viewer)]
    made = many(viewer, "activities", "close", keys, note="Nothing more comes of it")
    assert values(Activity, "status", keys) == ["closed"] * 2
    left = many(viewer, "activities", "cancel", keys, note="Why").left
    assert [one["why"] for one in left] == ["What is closed cannot become cancelled."] * 2
    assert not back(viewer, made).left
    assert values(Activity, "status", keys) == ["reported"] * 2


def test_only_one_s_own_travel_further_or_less_far(person: People) -> None:
    viewer = person("coordinator").viewer
    mine = [logged(viewer, handling=Handling.COORDINATION), logged(viewer, handling=Handling.STATES)]
    theirs = logged(person("other_officer").viewer, handling=Handling.STATES)
    made = many(viewer, "activities", "handling", [*mine, theirs], handling=Handling.STATES)
    assert values(Activity, "handling", [*mine, theirs]) == ["states", "states", "states"]
    assert {one["id"]: one["why"] for one in made.left} == {
        str(mine[1]): "It is for them already.", str(theirs): rules.NOT_YOURS}  # fmt: skip
    narrower = many(viewer, "activities", "handling", [*mine, theirs], handling=Handling.ORIGINATOR)
    assert values(Activity, "handling", [*mine, theirs]) == ["originator", "originator", "states"]
    assert [one["why"] for one in narrower.left] == [rules.NOT_YOURS]
    back(viewer, narrower)
    assert values(Activity, "handling", mine) == ["states", "states"]


def test_what_was_changed_since_is_not_taken_back(person: People) -> None:
    viewer = person("officer").viewer
    keys = [opened(viewer), opened(viewer)]
    made = many(viewer, "followups", "done", keys)
    change(viewer, followups.reopen, keys[0])
    undone = back(viewer, made)
    assert [(one["id"], one["why"]) for one in undone.left] == [(str(keys[0]), rules.CHANGED_SINCE)]
    assert values(FollowUp, "status", keys) == ["open", "open"]
    with pytest.raises(RuleViolation):
        back(viewer, made)


@pytest.mark.parametrize("door", ["page", "json"])
def test_what_somebody_changed_since_it_was_read_is_left_out_and_named(
    person: People, signed_in: SignedIn, door: str
) -> None:
    viewer = person("officer").viewer
    keys = [opened(viewer, what=f"Step {number}") for number in range(3)]
    browser = signed_in("officer")
    page = check_page(browser.get("/followups/change/cancel?" + "&".join(f"id={one}" for one in keys)))
    versions = re.findall(r'name="versions"[^>]*value="([^"]+)"', page)[0]
    change(viewer, followups.move, keys[1], due_on=clock.today() + timedelta(days=40), note="They asked for time.")
    db.session.remove()
    if door == "page":
        sent = {"csrf_token": token_of(page), "ids": ",".join(map(str, keys)), "versions": versions, "note": "Over"}
        html = check_page(browser.get(browser.post("/followups/change/cancel", data=sent).location))
        assert "2 follow-ups cancelled" in html and "Step 1" in html and rules.CHANGED_SINCE in html
    else:
        given = {"ids": [str(one) for one in keys], "versions": versions.split(", "), "note": "Over"}
        made = browser.post("/api/v1/followups/change/cancel", json=given, headers={"X-CSRFToken": token_of(page)})
        assert made.get_json()["left"] == [{"id": str(keys[1]), "why": rules.CHANGED_SINCE}]
    assert values(FollowUp, "status", keys) == ["cancelled", "open", "cancelled"]


@pytest.mark.parametrize("place", ["followups", "activities"])
def test_what_a_list_showed_is_what_is_changed(person: People, signed_in: SignedIn, place: str) -> None:
    """A list may stand open for an hour before its rows are ticked."""
    viewer = person("coordinator").viewer
    make = opened if place == "followups" else logged
    keys = [make(viewer) for _ in range(2)]
    browser, verb = signed_in("coordinator"), "cancel" if place == "followups" else "close"
    html = check_page(browser.get(f"/{place}?view=all"))
    shown = re.findall(r'name="shown" value="([^"]+)"', html)[0]
    if place == "followups":
        change(viewer, followups.move, keys[0], due_on=clock.today() + timedelta(days=40), note="They asked for time.")
    else:
        many(viewer, "activities", "handling", [keys[0]], handling=Handling.STATES)
    db.session.remove()
    page = check_page(browser.get(f"/{place}/change/{verb}?shown={shown}&id={keys[0]}&id={keys[1]}"))
    versions = re.findall(r'name="versions"[^>]*value="([^"]+)"', page)[0]
    sent = {"csrf_token": token_of(page), "ids": ",".join(map(str, keys)), "versions": versions, "note": "Over"}
    answer = browser.post(f"/{place}/change/{verb}", data=sent)
    assert answer.location.startswith("/changes/"), "a row was left out, so it is told which"
    model, open_still, over = (
        (FollowUp, "open", "cancelled") if place == "followups" else (Activity, "reported", "closed")
    )
    assert values(model, "status", keys) == [open_still, over]


@pytest.mark.parametrize(
    "versions", ["x", "00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000000:-1"]
)
def test_what_names_no_version_is_refused(person: People, signed_in: SignedIn, versions: str) -> None:
    key = opened(person("officer").viewer)
    browser = signed_in("officer")
    token = token_of(check_page(browser.get("/account")))
    given = {"ids": [str(key)], "versions": [versions]}
    answer = browser.post("/api/v1/followups/change/done", json=given, headers={"X-CSRFToken": token})
    assert answer.status_code == 422 and list(answer.get_json()["errors"]) == ["versions"]
    assert values(FollowUp, "status", [key]) == ["open"]


def test_none_and_too_many_are_refused(person: People) -> None:
    viewer = person("officer").viewer
    for ids in ([], [uuid4() for _ in range(rules.MOST + 1)]):
        with pytest.raises(RuleViolation):
            many(viewer, "followups", "done", ids)


def test_a_change_is_its_maker_s_alone(app: Flask, person: People, signed_in: SignedIn) -> None:
    viewer = person("officer").viewer
    made = many(viewer, "followups", "done", [opened(viewer)]).id
    app.config["RAISE_ERRORS"] = False
    for who in ("coordinator", "observer", "administrator"):
        browser = signed_in(who)
        header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}
        assert browser.get(f"/changes/{made}").status_code == 404
        assert browser.post(f"/api/v1/changes/{made}/undo", json={}, headers=header).status_code == 404
    assert signed_in("officer").get(f"/changes/{made}").status_code == 200


def test_the_way_through_the_pages(person: People, signed_in: SignedIn) -> None:
    viewer = person("officer").viewer
    keys = [opened(viewer, what=f"Step {number}") for number in range(3)]
    browser = signed_in("officer")
    html = check_page(browser.get("/followups?state=LAO"))
    assert len(re.findall(r'name="id" value="[0-9a-f-]{36}" form="many"', html)) == 3
    page = check_page(browser.get(f"/followups/change/done?list=state%3DLAO&id={keys[0]}&id={keys[1]}"))
    assert "Mark as done: 2 follow-ups" in page and "Step 0" in page and "Step 2" not in page
    ids = re.findall(r'name="ids"[^>]*value="([^"]+)"', page)[0]
    sent = {"csrf_token": token_of(page), "ids": ids, "done_note": ""}
    answer = browser.post("/followups/change/done?list=state%3DLAO", data=sent)
    assert (answer.status_code, answer.location) == (303, "/followups?state=LAO")
    html = check_page(browser.get(answer.location))
    assert "2 follow-ups done." in html
    undo = re.findall(r'action="(/changes/[^"]+/undo)"', html)[0]
    browser.post(undo, data={"csrf_token": token_of(html)})
    assert values(FollowUp, "status", keys) == ["open"] * 3


def test_all_that_match_are_those_of_the_filter(person: People, signed_in: SignedIn) -> None:
    viewer = person("officer").viewer
    for state in ("LAO", "LAO", "BTN"):
        opened(viewer, state_iso3=state)
    browser = signed_in("officer")
    page = check_page(browser.get("/followups/change/cancel?list=state%3DLAO&all=1"))
    assert "Cancel: 2 follow-ups" in page
    header = {"X-CSRFToken": token_of(page)}
    answer = browser.post("/api/v1/followups/change/cancel", json={"query": "state=LAO"}, headers=header)
    assert answer.status_code == 201 and len(answer.get_json()["done"]) == 2
    again = browser.post(f"/api/v1/changes/{answer.get_json()['id']}/undo", json={}, headers=header).get_json()
    assert again["undone_at"] and again["left"] == []


def test_rows_left_out_are_told_on_a_page(person: People, signed_in: SignedIn) -> None:
    viewer = person("officer").viewer
    mine, closed = opened(viewer, what="Mine"), opened(viewer, what="Closed before")
    change(viewer, followups.cancel, closed)
    browser = signed_in("officer")
    page = check_page(browser.get(f"/followups/change/done?id={mine}&id={closed}"))
    answer = browser.post("/followups/change/done", data={"csrf_token": token_of(page), "ids": f"{mine},{closed}"})
    html = check_page(browser.get(answer.location))
    assert "1 follow-up done" in html and "Closed before" in html and "It is closed already." in html
    assert "Take it back" in html


@pytest.mark.parametrize("given", ["", "id=x", "id=00000000-0000-4000-8000-000000000000%00", "all=1&list=unknown%3D1"])
def test_nothing_chosen_says_so(person: People, signed_in: SignedIn, given: str) -> None:
    answer = signed_in("officer").get(f"/followups/change/done?{given}")
    assert answer.status_code == 200 and rules.NONE_CHOSEN in check_page(answer)


def test_a_change_of_handling_has_a_way_back_of_its_own(person: People, signed_in: SignedIn) -> None:
    key = logged(person("coordinator").viewer, handling=Handling.STATES)
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/account")))
    header, given = {"X-CSRFToken": token}, {"ids": [str(key)], "handling": "coordination"}
    made = browser.post("/api/v1/activities/change/handling", json=given, headers=header)
    assert made.status_code == 201, made.get_json()
    change = made.get_json()["id"]
    assert browser.post(f"/api/v1/changes/{change}/undo", json={}, headers=header).status_code == 404
    assert browser.post(f"/changes/{change}/undo", data={"csrf_token": token}).status_code == 404
    assert values(Activity, "handling", [key]) == ["coordination"]
    assert browser.post(f"/api/v1/changes/{change}/undo-handling", json={}, headers=header).status_code == 200
    assert values(Activity, "handling", [key]) == ["states"]
    access.look_as(access.SYSTEM)


@pytest.mark.parametrize("door", ["page", "json"])
def test_a_change_of_handling_asks_again_who_is_there(
    person: People, signed_in: SignedIn, steady_clock: time_machine.Traveller, door: str
) -> None:
    """And so does its way back, after a while in which nobody showed themselves."""
    viewer = person("coordinator").viewer
    narrow, narrowed = logged(viewer, handling=Handling.ORIGINATOR), logged(viewer, handling=Handling.STATES)
    made = many(viewer, "activities", "handling", [narrowed], handling=Handling.ORIGINATOR).id
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/account")))
    steady_clock.shift(FRESH + timedelta(seconds=1))
    for place, given in (
        ("/activities/change/handling", {"ids": [str(narrow)], "handling": "states"}),
        (f"/changes/{made}/undo-handling", {}),
    ):
        if door == "json":
            answer = browser.post(f"/api/v1{place}", json=given, headers={"X-CSRFToken": token})
            assert (answer.status_code, answer.get_json()["step"]) == (401, "confirm"), place
        else:
            words = {"csrf_token": token, **given, "ids": str(narrow)}
            assert browser.post(place, data=words).status_code == 401, place
    assert values(Activity, "handling", [narrow, narrowed]) == ["originator", "originator"]
    access.look_as(access.SYSTEM)


def _refusals() -> list[tuple[str, str, str, int]]:
    with looking_as(SYSTEM):
        db.session.rollback()
        rows = db.session.scalars(select(AuditRefusal))
        return sorted((one.reason, one.subject_kind, one.subject_id, one.tries) for one in rows)


def test_asking_for_what_is_not_theirs_is_counted_as_at_the_door_of_one(person: People, signed_in: SignedIn) -> None:
    officer = person("officer").viewer
    hidden = [logged(officer, handling=Handling.ORIGINATOR) for _ in range(2)]
    theirs, absent = logged(officer, handling=Handling.STATES), [uuid4(), uuid4()]
    db.session.remove()
    browser = signed_in("other_officer")
    token = token_of(browser.get("/account").get_data(as_text=True))
    sent = {"ids": [str(one) for one in (*hidden, theirs, *absent)]}
    answer = browser.post("/api/v1/activities/change/close", json=sent, headers={"X-CSRFToken": token})
    left = {one["id"]: one["why"] for one in answer.json["left"]}
    assert {left[str(one)] for one in (*hidden, *absent)} == {rules.NOT_THERE}, "the actor learns nothing"
    assert _refusals() == sorted([
        *(("not_visible", "activity", str(one), 1) for one in hidden),
        ("absent", "activity", "", 2),
        ("not_open", "function", "", 1),
    ])  # fmt: skip
    with looking_as(SYSTEM), unit_of_work():
        assert denials.enter() == 3


def test_all_that_fit_leaves_restricted_states_out(person: People, signed_in: SignedIn) -> None:
    viewer = person("coordinator").viewer
    sensitive, plain = opened(viewer, state_iso3="LAO"), opened(viewer, state_iso3="BTN")
    with looking_as(viewer), unit_of_work():
        restricted.restrict(actor=viewer, state_iso3="LAO")
    db.session.remove()
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").get_data(as_text=True))
    shown = check_page(browser.get("/followups/change/done?all=1"))
    assert str(plain) in shown and str(sensitive) not in shown
    done = [
        browser.post("/api/v1/followups/change/done", json=sent, headers={"X-CSRFToken": token}).json["done"]
        for sent in ({"query": ""}, {"ids": [str(sensitive)]})
    ]
    assert done == [[str(plain)], [str(sensitive)]], "chosen by itself it is changed as ever"


@pytest.mark.parametrize(
    "place", ["%0d%0aSet-Cookie:%20x=1", "%00", "q=%2500", "%ed%a0%80&after=%00", "after=%250d%250a", "state=LAO"]
)
def test_where_in_the_list_somebody_was_is_a_place_in_the_list(
    app: Flask, person: People, signed_in: SignedIn, place: str
) -> None:
    app.config["RAISE_ERRORS"] = app.config["PROPAGATE_EXCEPTIONS"] = False
    key = logged(person("coordinator").viewer)
    db.session.remove()
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").get_data(as_text=True))
    sent = {"csrf_token": token, "ids": str(key), "note": ""}
    answer = browser.post(f"/activities/change/close?list={place}", data=sent)
    done = values(Activity, "status", [key]) == ["closed"]
    assert answer.status_code == (303 if done else 404)
    if done:
        asked = answer.location.partition("?")[2]
        assert answer.location.startswith("/activities?") and asked in ("view=all", "state=LAO")
        assert check_page(browser.get(answer.location))
