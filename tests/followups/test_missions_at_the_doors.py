"""A mission that owes a follow-up, at the doors of the house: forms, lists, many at once, the page of a State."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.models import Activity
from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.followups.models import FollowUp
from crm.reach.doers import MISSIONS, Unclear, doers, named
from tests.followups.opening import (
    colleague_of,
    forget_viewer,
    opened,
    read,
)
from tests.followups.posted import mission_of, other_mission, post_to, send
from tests.support.pages import check_page, token_of
from tests.support.people import Person

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
Later = Callable[[float], None]
TODAY = date(2026, 11, 23)
HOUR = 3600


def test_those_who_may_be_chosen(app: Flask, person: People) -> None:
    officer, stranger = person("officer").viewer, person("other_officer").viewer
    bern = other_mission(officer, "Embassy in Bern", "CHE")
    post_to(colleague_of(officer, "Aiko Mori"), bern)
    other_mission(officer, "Embassy without anybody", "CHE", "LAO")

    def offered(viewer: Viewer, state: str = "") -> list[str]:
        with looking_as(viewer):
            return [name for _, name, kind in doers(viewer, state) if kind == MISSIONS]

    assert offered(officer) == ["Embassy in Bern", officer.mission_name]
    assert offered(officer, "LAO") == [officer.mission_name]
    assert offered(officer, "CHE") == ["Embassy in Bern", officer.mission_name]
    assert offered(stranger) == [stranger.mission_name]
    with looking_as(officer):
        among = doers(officer)
    assert named("embassy in bern", among) == str(bern)
    assert named("bern", among) == str(bern)
    assert named("Aiko", among) != str(bern)
    for words in ("Ottawa", "e"):
        with pytest.raises(Unclear):
            named(words, among)


@pytest.mark.parametrize("charged", ["mission", "person"])
def test_the_next_action_of_an_activity_is_the_missions(
    app: Flask, person: People, signed_in: Browser, charged: str
) -> None:
    officer = person("officer").viewer
    key = str(officer.mission_id if charged == "mission" else officer.user_id)
    made = send(
        signed_in("officer"),
        "activities",
        {
            "kind": "demarche", "state_iso3": "LAO", "held_on": "2026-11-20", "person_name": "A. Director",
            "reply": "They will see.", "next_action": "Ask again", "next_action_due": "2026-12-01",
            "next_action_owner_id": key,
        },
    )  # fmt: skip
    assert made.status_code == 201, made.get_json()
    forget_viewer()
    with looking_as(SYSTEM):
        owed = db.session.scalars(select(FollowUp)).one()
        entry = db.session.scalars(select(Activity)).one()
    assert str(owed.charged_id) == key
    assert str(entry.next_action_owner_id or entry.next_action_mission_id) == key


def test_both_doors(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("officer").viewer
    colleague_of(officer, "Yuki Abe")
    browser, mission = signed_in("officer"), str(officer.mission_id)
    new_one = browser.get("/followups/new?state=LAO").text
    assert '<optgroup label="Missions">' in new_one and f'value="{mission}"' in new_one
    new = {"what": "Send it", "state_iso3": "LAO", "due_on": "2026-11-25", "owner_id": mission}
    made = send(browser, "followups", new).get_json()
    assert (made["owner_id"], made["owner_mission_id"], made["owner"]) == (None, mission, officer.mission_name)
    mine = browser.get("/api/v1/followups").get_json()["items"]
    assert [one["owner_mission_id"] for one in mine] == [mission]
    assert len(browser.get(f"/api/v1/followups?owner={mission}&state=LAO").get_json()["items"]) == 1
    assert browser.get(f"/api/v1/followups?owner={uuid4()}").status_code == 422
    listed = browser.get(f"/followups?owner={mission}")
    assert officer.mission_name in listed.text
    check_page(listed)
    page = browser.get(f"/followups/{made['id']}")
    check_page(page)
    shown = page.text
    assert "I do it" in shown and "everybody there who may see it, you too" in shown
    sent = browser.post(
        f"/followups/{made['id']}/reassign",
        data={"csrf_token": token_of(shown), "owner_id": str(officer.user_id), "version": "1"},
    )
    assert sent.status_code == 303
    forget_viewer()
    assert read(UUID(made["id"])).owner_id == officer.user_id


def test_many_go_to_a_mission_and_back(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("officer").viewer
    keys = [str(opened(officer)) for _ in range(2)]
    browser = signed_in("officer")
    give = {"ids": keys, "owner_id": str(officer.mission_id)}
    done = send(browser, "followups/change/reassign", give).get_json()
    forget_viewer()
    assert {read(UUID(one)).owner_mission_id for one in keys} == {officer.mission_id}
    undone = send(browser, f"changes/{done['id']}/undo", {})
    assert undone.status_code == 200, undone.get_json()
    forget_viewer()
    assert {read(UUID(one)).owner_id for one in keys} == {officer.user_id}


def test_the_page_of_a_state_and_its_timeline_name_the_mission(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("officer").viewer
    opened(officer, owner_id=mission_of(officer), due_on=TODAY)
    page = signed_in("officer").get("/states/LAO").get_data(as_text=True)
    assert page.count(officer.mission_name) >= 2
    today = signed_in("officer").get("/").get_data(as_text=True)
    assert "Send the model law" in today
    forget_viewer()
    access.look_as(SYSTEM)
