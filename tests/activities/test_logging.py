"""Log an activity through both doors: same form, same verb, same rows."""

from __future__ import annotations

import html as markup
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select

from crm.activities.models import Activity, ActivityPerson, ActivityState
from crm.activities.types import ACTIVITY_TYPES
from crm.audit.models import AuditEntry
from crm.core import access, clock
from crm.core.db import db
from crm.followups.models import FollowUp
from crm.positions.models import ObstacleClaim
from tests.support.activities import many_activities
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.wall import as_owner

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]

VISIT = {
    "kind": "capital_visit",
    "state_iso3": "BTN",
    "held_on": "2026-11-20",
    "person_name": "Karma Example",
    "person_title": "Director, Multilateral Department",
    "person_level": "director",
    "reply": "Supports the aims; two officers for all treaties.",
    "obstacle": "human_resources",
    "obstacle_basis": "stated",
    "next_action": "Send the ratification kit",
    "next_action_due": "2027-01-15",
    "handling": "states",
}


def _post(browser: FlaskClient, data: dict[str, str]) -> Any:
    token = token_of(browser.get("/activities/new").get_data(as_text=True))
    return browser.post("/activities/new", data={**data, "csrf_token": token})


def _rows() -> list[tuple[Any, ...]]:
    """Everything that one logged visit leaves behind, without keys and moments."""
    db.session.rollback()
    rows: list[tuple[Any, ...]] = []
    plain = (
        "kind", "status", "held_on", "precision", "place", "paper_left", "paper_accepted", "reply", "next_action",
        "next_action_due", "handling", "originator_id", "recorded_by_id", "next_action_owner_id", "delivered_by",
    )  # fmt: skip
    for one in db.session.scalars(select(Activity)):
        rows.append(tuple(getattr(one, name) for name in plain))
    for model, names in (
        (ActivityState, ("state_iso3", "held_on")),
        (ActivityPerson, ("name", "title", "level")),
        (ObstacleClaim, ("state_iso3", "type", "subtype", "basis", "claimed_on", "handling")),
        (FollowUp, ("what", "state_iso3", "due_on", "owner_id", "status", "handling", "originator_id")),
        (AuditEntry, ("event", "actor_id", "subject_kind", "handling")),
    ):
        found = [tuple(getattr(one, name) for name in names) for one in db.session.scalars(select(model))]
        rows += sorted((one for one in found if one[1] is not None), key=repr)
    return rows


def test_the_page_is_sound(signed_in: Clients) -> None:
    browser = signed_in("officer")
    page = check_page(browser.get("/activities/new?state=btn"))
    assert '<option selected value="BTN">Bhutan</option>' in page
    check_page(browser.get("/activities"))


def test_a_visit_is_saved_shown_and_listed(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    answer = _post(browser, VISIT)
    assert answer.status_code == 303
    page = check_page(browser.get(answer.headers["Location"]))
    assert "two officers for all treaties" in page and "Lack of human resources" in page
    assert "Bhutan" in check_page(browser.get("/activities?state=BTN"))
    assert "No activity fits" in check_page(browser.get("/activities?state=LAO"))


def test_both_doors_write_the_same(app: Flask, signed_in: Clients, person: People) -> None:
    browser = signed_in("officer")
    assert _post(browser, VISIT).status_code == 303
    through_page = _rows()
    with as_owner() as connection:
        for model in (FollowUp, Activity, ObstacleClaim, AuditEntry):
            connection.execute(delete(model.__table__))
    db.session.remove()
    access.look_as(access.SYSTEM)
    token = token_of(browser.get("/activities/new").get_data(as_text=True))
    answer = browser.post("/api/v1/activities", json=VISIT, headers={"X-CSRFToken": token})
    assert answer.status_code == 201, answer.json
    assert _rows() == through_page


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"state_iso3": ""}, "state_iso3", "Choose the State"),
        ({"state_iso3": "XXX"}, "state_iso3", "Choose from the list."),
        ({"held_on": "yesterday"}, "held_on", "Write the day as year-month-day"),
        ({"held_on": "2999-01-01"}, "held_on", "not come yet"),
        ({"held_on": "1999-01-01"}, "held_on", "before 22 February 2007"),
        ({"person_name": " "}, "person_name", "Say whom"),
        ({"reply": ""}, "reply", "Write what they replied"),
        ({"reply": "a\u202eb"}, "reply", "invisible or control character"),
        ({"reply": "x" * 20001}, "reply", "longer than 20000 characters"),
        ({"next_action": ""}, "next_action", "Say what is to be done"),
        ({"next_action_due": ""}, "next_action_due", "Give the day"),
        ({"next_action_due": "2026-01-01"}, "next_action_due", "before the visit"),
        ({"obstacle": "weather"}, "obstacle", "Choose one of these: Security reasons; "),
        ({"person_level_other": "Chair"}, "person_level_other", "Choose “Other” as the level"),
        ({"obstacle_other": "A neighbour"}, "obstacle_other", "Choose “Other” as the obstacle"),
        ({"obstacle": "", "obstacle_other": "A neighbour"}, "obstacle", "Choose the obstacle as well."),
        ({"obstacle": "security", "obstacle_subtype": "producer"}, "obstacle_subtype", "does not belong"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    app: Flask, signed_in: Clients, change: dict[str, str], field: str, says: str
) -> None:
    browser = signed_in("officer")
    answer = _post(browser, {**VISIT, **change})
    page = markup.unescape(check_page(answer, 422))
    assert says in page and f'href="#{field}"' in page and f'id="{field}-error"' in page
    assert change.get("person_name", "Karma Example") in page and "Multilateral Department" in page
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Activity)) == 0


def test_the_json_door_names_every_error(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    token = token_of(browser.get("/activities/new").get_data(as_text=True))
    headers = {"X-CSRFToken": token}
    answer = browser.post("/api/v1/activities", json={"kind": "capital_visit"}, headers=headers)
    assert answer.status_code == 422 and {"state_iso3", "person_name", "reply"} <= set(answer.json["errors"])
    answer = browser.post("/api/v1/activities", json={**VISIT, "originator_id": "x", "reply": 7}, headers=headers)
    assert set(answer.json["errors"]) == {"originator_id", "reply"}
    for body in (b"[]", b"{", b"nul", b"\xff\xfe"):
        answer = browser.post("/api/v1/activities", data=body, headers=headers, content_type="application/json")
        assert 400 <= answer.status_code < 500, body


def test_a_sign_out_in_between_hands_back_what_was_typed(app: Flask) -> None:
    answer = app.test_client().post("/activities/new", data=VISIT)
    page = markup.unescape(check_page(answer, 401))
    assert VISIT["reply"] in page and "Karma Example" in page


def test_an_old_token_keeps_the_words(app: Flask, signed_in: Clients) -> None:
    answer = signed_in("officer").post("/activities/new", data={**VISIT, "csrf_token": "stale"})
    assert "Supports the aims" in check_page(answer, 422)


def test_what_was_refused_is_named(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    page = check_page(_post(browser, {**VISIT, "paper_refused": "y"}), 422)
    assert "Say what you wanted to leave" in page
    headers = {"X-CSRFToken": token_of(page)}
    told = {**VISIT, "paper_refused": True}
    refused = browser.post("/api/v1/activities", json=told, headers=headers)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["paper_refused"])
    kept = browser.post("/api/v1/activities", json={**told, "paper_left": "note_verbale"}, headers=headers)
    assert kept.json["paper_accepted"] is False


def test_others_see_as_far_as_the_handling_goes(app: Flask, signed_in: Clients) -> None:
    for handling, readers in {
        "originator": set(),
        "coordination": {"coordinator", "presidency"},
        "states": {"coordinator", "presidency", "other_officer", "secretariat"},
        "community": {"coordinator", "presidency", "other_officer", "secretariat", "observer"},
    }.items():
        where = _post(signed_in("officer"), {**VISIT, "handling": handling}).headers["Location"]
        for who in ("coordinator", "presidency", "other_officer", "secretariat", "observer"):
            answer = signed_in(who).get(where)
            absent = signed_in(who).get("/activities/00000000-0000-4000-8000-000000000000")
            assert answer.status_code == (200 if who in readers else 404), (handling, who)
            if who not in readers:
                assert answer.data.replace(answer.headers["Content-Security-Policy"].encode(), b"") == absent.data


def test_the_comment_stays_with_its_party(app: Flask, signed_in: Clients) -> None:
    given = {**VISIT, "officer_comment": "He seemed tired of it.", "handling": "community"}
    where = _post(signed_in("officer"), given).headers["Location"]
    assert "seemed tired" in signed_in("officer").get(where).get_data(as_text=True)
    for door in (where, f"/api/v1{where}"):
        assert "seemed tired" not in signed_in("other_officer").get(door).get_data(as_text=True)


@pytest.mark.parametrize("kind", list(ACTIVITY_TYPES))
def test_every_kind_can_be_logged(app: Flask, signed_in: Clients, kind: str) -> None:
    browser = signed_in("officer")
    check_page(browser.get(f"/activities/new?kind={kind}"))
    asked = {one.key: "Norway" for one in ACTIVITY_TYPES[kind].details if one.missing}
    answer = _post(browser, {**VISIT, "kind": kind, **asked})
    page = check_page(browser.get(answer.headers["Location"]))
    assert ACTIVITY_TYPES[kind].label in page and all(answer in page for answer in asked.values())


def test_the_next_action_becomes_a_follow_up_of_the_one_named(app: Flask, signed_in: Clients, person: People) -> None:
    coordinator = person("coordinator").viewer
    _post(signed_in("officer"), {**VISIT, "next_action_owner_id": str(coordinator.user_id)})
    access.look_as(access.SYSTEM)
    followup = db.session.scalars(select(FollowUp)).one()
    assert (followup.owner_id, followup.state_iso3, followup.what) == (coordinator.user_id, "BTN", VISIT["next_action"])
    assert followup.due_at > clock.now()


def test_the_list_pages_by_key_both_ways(app: Flask, signed_in: Clients) -> None:
    many_activities(120)
    browser = signed_in("coordinator")
    first = browser.get("/api/v1/activities").json
    second = browser.get(f"/api/v1/activities?after={first['next']}").json
    third = browser.get(f"/api/v1/activities?after={second['next']}").json
    ids = [one["id"] for page in (first, second, third) for one in page["items"]]
    assert len(ids) == len(set(ids)) == 120 and third["next"] is None
    days = [one["held_on"] for page in (first, second, third) for one in page["items"]]
    assert days == sorted(days, reverse=True)
    assert browser.get("/api/v1/activities?after=broken").status_code == 404


def test_no_visit_to_a_state_that_was_none_yet(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    early = {**VISIT, "state_iso3": "SSD", "held_on": "2011-07-13"}
    page = check_page(_post(browser, early), 422)
    assert "South Sudan is counted as a State only from 14 July 2011." in page
    assert _rows() == []
    assert _post(browser, {**early, "held_on": "2011-07-14"}).status_code == 303
    assert _post(browser, {**VISIT, "state_iso3": "NIU", "held_on": "2008-05-30"}).status_code == 303


def test_the_states_one_wrote_about_last_stand_on_top(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    assert "Lately" not in check_page(browser.get("/activities/new"))
    for iso3 in ("BTN", "LAO"):
        assert _post(browser, {**VISIT, "state_iso3": iso3}).status_code == 303
    page = check_page(browser.get("/activities/new"))
    lately = page.split('<optgroup label="Lately">')[1].split("</optgroup>")[0]
    assert lately.index("LAO") < lately.index("BTN")
    assert "Lately" not in check_page(signed_in("coordinator").get("/activities/new"))


OTHER = {
    **VISIT, "person_level": "other", "person_level_other": "Chair of the committee", "obstacle": "other",
    "obstacle_other": "Waits for its neighbour",
}  # fmt: skip


def test_of_another_level_or_obstacle_one_may_say_which(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    shown = check_page(browser.get(_post(browser, OTHER).headers["Location"]))
    assert "Karma Example, Director, Multilateral Department (Chair of the committee)" in shown
    assert "Other: Waits for its neighbour (they said so)" in shown
    assert "Waits for its neighbour (said so, 20 November 2026)" in check_page(browser.get("/states/BTN"))
    token = token_of(browser.get("/activities/new").text)
    made = browser.post("/api/v1/activities", json=OTHER, headers={"X-CSRFToken": token}).json
    assert made["people"][0]["level_other"] == "Chair of the committee"
    assert made["obstacles"][0]["other"] == "Waits for its neighbour"
