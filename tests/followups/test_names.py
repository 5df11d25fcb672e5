"""Names of officers stay within their party and with those who may know them; others read the party's name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts import changing
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.followups import service
from crm.followups.models import FollowUp
from tests.followups.opening import change, colleague_of, forget_viewer, opened
from tests.support.pages import check_page, token_of
from tests.support.people import Person

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
DUE = date(2026, 12, 1)


@pytest.fixture
def handed_on(app: Flask, person: People) -> UUID:
    """Opened by Officer, given to Kim of the same mission, moved by Kim, given to the coordinator."""
    officer = person("officer").viewer
    kim = colleague_of(officer, "Kim Example")
    followup_id = opened(officer)
    change(officer, service.reassign, followup_id, owner_id=kim.user_id)
    change(kim, service.move, followup_id, due_on=DUE, note="Elections")
    change(kim, service.reassign, followup_id, owner_id=person("coordinator").viewer.user_id)
    forget_viewer()
    return followup_id


def _told(browser: FlaskClient, followup_id: UUID) -> tuple[str, list[tuple[str, str, str, str]]]:
    """Who opened it and what happened, first change first, as the JSON door tells it."""
    body: dict[str, Any] = browser.get(f"/api/v1/followups/{followup_id}").get_json()
    changes = [(one["kind"], one["by"], one["before"], one["after"]) for one in reversed(body["changes"])]
    return body["opened_by"], [(kind, by, *(("", "") if kind == "moved" else (b, a))) for kind, by, b, a in changes]


def test_ones_own_party_reads_the_names(handed_on: UUID, signed_in: Browser) -> None:
    browser = signed_in("officer")
    assert _told(browser, handed_on) == (
        "Officer",
        [
            ("reassigned", "Officer", "Officer", "Kim Example"),
            ("moved", "Kim Example", "", ""),
            ("reassigned", "Kim Example", "Kim Example", "Coordinator"),
        ],
    )
    page = check_page(browser.get(f"/followups/{handed_on}"))
    assert "Kim Example → Coordinator" in page
    assert ", by Officer" in page


@pytest.mark.parametrize("who", ["coordinator", "presidency"])
def test_another_party_reads_the_party_and_whom_it_may_know(handed_on: UUID, signed_in: Browser, who: str) -> None:
    """Even the coordinator who owns it: coordinators are known to everybody, mission officers are not."""
    mission = "Embassy of Japan"
    browser = signed_in(who)
    assert _told(browser, handed_on) == (
        mission,
        [
            ("reassigned", mission, mission, mission),
            ("moved", mission, "", ""),
            ("reassigned", mission, mission, "Coordinator"),
        ],
    )
    page = check_page(browser.get(f"/followups/{handed_on}"))
    assert f"{mission} → Coordinator" in page
    assert f", by {mission}" in page
    assert "Kim" not in page
    assert "Officer" not in page.replace("Mission officer", "")


@pytest.mark.parametrize("who", ["officer", "coordinator", "presidency"])
def test_the_json_door_gives_the_key_of_an_account_to_whom_its_name_is_told(
    app: Flask, person: People, signed_in: Browser, who: str
) -> None:
    """A key is a name: elsewhere it stands beside it."""
    officer = person("officer").viewer
    followup_id = opened(officer)
    forget_viewer()
    browser = signed_in(who)
    whole = browser.get(f"/api/v1/followups/{followup_id}").get_json()
    [line] = browser.get("/api/v1/followups?owner=all").get_json()["items"]
    told = ("Officer", str(officer.user_id)) if who == "officer" else ("Embassy of Japan", None)
    assert {(one["owner"], one["owner_id"]) for one in (whole, line)} == {told}
    assert who == "officer" or str(officer.user_id) not in browser.get(f"/followups/{followup_id}").text


def test_a_stale_edit_shows_the_party_too(app: Flask, person: People, signed_in: Browser) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    followup_id = opened(officer, owner_id=coordinator.user_id)
    browser = signed_in("coordinator")
    token = token_of(browser.get(f"/followups/{followup_id}/move").text)
    change(colleague_of(officer, "Kim Example"), service.move, followup_id, due_on=DUE, note="Elections")
    data = {"csrf_token": token, "due_on": "2026-12-03", "note": "Mine", "version": "1"}
    page = check_page(browser.post(f"/followups/{followup_id}/move", data=data), 409)
    assert "Moved by Embassy of Japan: Elections" in page
    assert "Kim" not in page


def test_what_the_software_did_is_said_by_name(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("officer").viewer
    followup_id = opened(officer)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(FollowUp, followup_id).opened_by = SYSTEM.name
    change(SYSTEM, service.move, followup_id, due_on=DUE + timedelta(days=1), note="Given back")
    forget_viewer()
    assert _told(signed_in("presidency"), followup_id) == ("Demarche", [("moved", "Demarche", "", "")])


def test_everybody_reads_what_they_did_themselves_and_nobody_else_does(
    app: Flask, person: People, signed_in: Browser, handed_on: UUID
) -> None:
    """The coordinator, who is of another party, owned it, moved it and gave it to the presidency office; whatever they
    were called then, and whoever moved it before.
    """
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    change(coordinator, service.move, handed_on, due_on=DUE + timedelta(days=1), note="")
    with looking_as(coordinator), unit_of_work():
        changing.change_own(actor=coordinator, name="Another Name", title="", time_zone="UTC")
    change(coordinator, service.reassign, handed_on, owner_id=presidency.user_id)
    forget_viewer()
    mission = "Embassy of Japan"
    for who, by in (("coordinator", "You"), ("presidency", mission), ("officer", "Coordinator")):
        told = [(kind, name) for kind, name, _, _ in _told(signed_in(who), handed_on)[1]]
        first = ("Officer", "Kim Example", "Kim Example") if who == "officer" else (mission,) * 3
        assert [name for _, name in told[:3]] == list(first)
        assert told[3:] == [("moved", by), ("reassigned", by)], who
    page = check_page(signed_in("coordinator").get(f"/followups/{handed_on}"))
    assert '<p class="row-note">You, from' in page and f", by {mission}" in page and ", by you" not in page


def test_whoever_opened_the_next_step_for_another_party_reads_that_they_did(
    app: Flask, person: People, signed_in: Browser
) -> None:
    coordinator = person("coordinator").viewer
    followup_id = opened(person("officer").viewer, owner_id=coordinator.user_id)
    change(coordinator, service.finish, followup_id, next_what="Call", next_due_on=DUE)
    forget_viewer()
    browser = signed_in("coordinator")
    next_id = UUID(browser.get(f"/api/v1/followups/{followup_id}").get_json()["next_step_id"])
    assert _told(browser, next_id)[0] == "You"
    assert ", by you" in check_page(browser.get(f"/followups/{next_id}"))
    assert _told(signed_in("presidency"), next_id)[0] == "Embassy of Japan"


@pytest.mark.parametrize("who", ["coordinator", "presidency"])
def test_nobody_hears_by_taking_a_name_whether_it_stands_there(
    app: Flask, person: People, signed_in: Browser, handed_on: UUID, who: str
) -> None:
    """Neither whoever reads it, its owner included, nor a colleague of theirs or a coordinator elsewhere."""
    browser, mission = signed_in(who), "Embassy of Japan"
    reader, owner = person(who).viewer, person("coordinator").viewer
    others = {"coordinator", "presidency"} - {who}
    takers = [reader, colleague_of(reader, "Lee Example"), *(person(one).viewer for one in others)]
    for taker in takers:
        for name in ("Officer", "Kim Example", "Somebody Else"):
            with looking_as(taker), unit_of_work():
                changing.change_own(actor=taker, name=name, title="", time_zone="UTC")
            forget_viewer()
            last = name if taker == owner else "Coordinator"
            assert _told(browser, handed_on) == (
                mission,
                [
                    ("reassigned", mission, mission, mission),
                    ("moved", mission, "", ""),
                    ("reassigned", mission, mission, last),
                ],
            )
        with looking_as(taker), unit_of_work():
            changing.change_own(actor=taker, name=taker.name, title="", time_zone="UTC")


def test_a_known_officer_of_the_party_that_opened_it_is_named_to_others(
    app: Flask, person: People, signed_in: Browser
) -> None:
    """A coordinator there has a name that all may know, and that none of the readers can take."""
    followup_id = opened(person("coordinator").viewer)
    forget_viewer()
    assert _told(signed_in("presidency"), followup_id)[0] == "Coordinator"
