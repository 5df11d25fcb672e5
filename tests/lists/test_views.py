"""Saved views: kept, shared, opened with; checked against the list, and hidden where they tell too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts import service as accounts
from crm.accounts.models import Party, Role, User
from crm.accounts.viewers import viewer_of
from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.listing import listing_of
from crm.lists.models import SavedView
from crm.lists.service import save_view
from tests.support.pages import carried, check_page, token_of
from tests.support.people import PASSWORD, Person, browser_of
from tests.support.records import logged

People = Callable[[str], Person]
SignedIn = Callable[[str], FlaskClient]


def saved(viewer: Viewer, **changes: Any) -> Any:
    """A view of this person, committed."""
    given = {"name": "Laos", "query": "state=LAO&columns=state,what,handling", **changes}
    with looking_as(viewer), unit_of_work():
        return save_view(actor=viewer, listing=listing_of("activities"), **given).id


@pytest.fixture
def colleague(app: Flask, person: People) -> Person:
    """Another coordinator of the same party."""
    party_id = person("coordinator").viewer.party_id
    with looking_as(SYSTEM), unit_of_work():
        user: User = accounts.open_account(
            actor=SYSTEM,
            email="colleague@example.org",
            name="Colleague",
            party=db.session.get_one(Party, party_id),
            roles=[Role.SECRETARIAT],
            password=PASSWORD,
        )
        return Person(user.email, viewer_of(user))


def test_a_list_is_saved_from_its_menu_and_opened_again(person: People, signed_in: SignedIn) -> None:
    logged(person("coordinator").viewer)
    browser = signed_in("coordinator")
    html = check_page(browser.get("/activities?state=LAO&q=&columns=state&columns=what&columns=handling"))
    assert "Save this view" in html
    page = check_page(browser.get("/views/new?list=activities&query=state%3DLAO%26columns%3Dstate"))
    sent = {"csrf_token": token_of(page), "list": "activities", "query": "state=LAO&columns=state", "name": "Laos"}
    answer = browser.post("/views/new", data=sent)
    assert (answer.status_code, answer.location) == (303, "/activities?state=LAO&columns=state")
    html = check_page(browser.get(answer.location))
    assert "Laos" in html and "Save this view" not in html
    assert "Laos" in check_page(browser.get("/views"))


@pytest.mark.parametrize(
    "query",
    [
        "state=ZZZ",
        "unknown=1",
        "columns=password",
        "sort=password",
        "since=yesterday",
        "q=" + "x" * 2_000,
        "kind=nothing",
    ],
)
def test_what_the_list_cannot_read_is_refused_by_both_doors(person: People, signed_in: SignedIn, query: str) -> None:
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/views/new?list=activities&query=")))
    sent = {"list": "activities", "name": "Odd", "query": query}
    assert browser.post("/views/new", data={**sent, "csrf_token": token}).status_code == 422
    answer = browser.post("/api/v1/views", json=sent, headers={"X-CSRFToken": token})
    assert answer.status_code == 422 and "query" in answer.get_json()["errors"]
    with looking_as(SYSTEM):
        assert db.session.scalars(select(SavedView)).all() == []


def test_the_same_name_twice_is_refused(person: People, signed_in: SignedIn) -> None:
    saved(person("coordinator").viewer)
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/views/new?list=activities&query=")))
    sent = {"list": "activities", "name": "Laos", "query": ""}
    answer = browser.post("/api/v1/views", json=sent, headers={"X-CSRFToken": token})
    assert answer.status_code == 422 and "name" in answer.get_json()["errors"]


def test_a_view_is_for_its_owner_until_it_is_shared_with_the_party(
    person: People, colleague: Person, signed_in: SignedIn, app: Flask
) -> None:
    mine = saved(person("coordinator").viewer)
    ours = saved(person("coordinator").viewer, name="Ours", shared=True)
    for who, seen in ((person("coordinator").viewer, {mine, ours}), (colleague.viewer, {ours})):
        with looking_as(who):
            db.session.rollback()
            assert set(db.session.scalars(select(SavedView.id))) == seen
    for other in ("other_officer", "observer", "administrator"):
        with looking_as(person(other).viewer):
            db.session.rollback()
            assert set(db.session.scalars(select(SavedView.id))) == set()
        assert signed_in(other).get(f"/views/{ours}").status_code == 404
        assert signed_in(other).get(f"/api/v1/views/{ours}").status_code == 404
    browser = browser_of(app, colleague.email)
    assert "Shared by Coordinator" in check_page(browser.get("/views"))
    app.config["RAISE_ERRORS"] = False
    token = token_of(check_page(browser.get("/views")))
    assert browser.post(f"/views/{ours}", data={"csrf_token": token, "name": "Theirs"}).status_code == 403
    assert browser.post(f"/views/{mine}/remove", data={"csrf_token": token}).status_code == 404


def test_a_shared_view_about_a_closed_state_is_not_there(person: People, colleague: Person) -> None:
    saved(person("coordinator").viewer, shared=True)
    closed = replace(colleague.viewer, closed=frozenset({"LAO"}))
    with looking_as(closed):
        db.session.rollback()
        assert list(db.session.scalars(select(SavedView.id))) == []


def test_a_shared_view_about_no_state_is_there_for_whom_one_is_closed(person: People, colleague: Person) -> None:
    saved(person("coordinator").viewer, shared=True, query="kind=demarche")
    for closed in (frozenset[str](), frozenset({"LAO"})):
        with looking_as(replace(colleague.viewer, closed=closed)):
            db.session.rollback()
            assert len(list(db.session.scalars(select(SavedView.id)))) == 1


def test_a_list_opens_with_the_view_that_was_chosen(person: People, signed_in: SignedIn) -> None:
    saved(person("coordinator").viewer, opens=True, query="state=LAO")
    browser = signed_in("coordinator")
    answer = browser.get("/activities")
    assert (answer.status_code, answer.location) == (303, "/activities?state=LAO")
    assert browser.get("/activities?view=all").status_code == 200
    assert browser.get("/followups").status_code == 200
    assert signed_in("other_officer").get("/activities").status_code == 200
    html = check_page(browser.get("/views"))
    assert "The list opens with it" in html


def test_opening_plainly_again_and_removing(person: People, signed_in: SignedIn) -> None:
    key = saved(person("coordinator").viewer, opens=True)
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/views")))
    browser.post(f"/views/{key}/opens", data={"csrf_token": token})
    assert browser.get("/activities").status_code == 200
    browser.post(f"/views/{key}/opens", data={"csrf_token": token, "opens": "y"})
    assert browser.get("/activities").status_code == 303
    browser.post(f"/views/{key}/remove", data={"csrf_token": token})
    assert "Save it again" in check_page(browser.get("/views"))
    assert browser.get("/activities").status_code == 200


def test_two_windows_on_a_view_lose_nothing(person: People, signed_in: SignedIn) -> None:
    key = saved(person("coordinator").viewer)
    browser, address = signed_in("coordinator"), f"/views/{key}"
    early = carried(check_page(browser.get(address)))
    send = {"headers": {"X-CSRFToken": early["csrf_token"]}}
    read = int(early["version"])
    changed = browser.put(f"/api/v1{address}", json={"name": "Laos", "shared": True, "version": read}, **send)
    assert changed.status_code == 200 and changed.get_json()["version"] != read
    assert browser.put(f"/api/v1{address}", json={"name": "Lao", "version": read}, **send).status_code == 409
    stale = check_page(browser.post(address, data={**early, "name": "Lao PDR"}), 409)
    chosen = {**carried(stale), "name": "Lao PDR", "take-name": "mine", "take-shared": "theirs"}
    assert browser.post(address, data=chosen).status_code == 303
    kept = browser.get(f"/api/v1{address}").get_json()
    assert (kept["name"], kept["shared"]) == ("Lao PDR", True)


def test_the_json_door_does_all_of_it(person: People, signed_in: SignedIn) -> None:
    browser = signed_in("officer")
    header = {"X-CSRFToken": token_of(check_page(browser.get("/views")))}
    given = {"list": "followups", "name": "All", "query": "owner=all", "opens": True}
    made = browser.post("/api/v1/views", json=given, headers=header)
    assert made.status_code == 201 and made.get_json()["address"] == "/followups?owner=all"
    address = made.headers["Location"]
    changed = browser.put(address, json={"name": "Everybody’s", "shared": True}, headers=header).get_json()
    assert (changed["name"], changed["shared"], changed["opens"]) == ("Everybody’s", True, False)
    assert browser.post(f"{address}/opens", json={"opens": True}, headers=header).get_json()["opens"]
    assert len(browser.get("/api/v1/views").get_json()["items"]) == 1
    assert browser.post(f"{address}/remove", json={}, headers=header).get_json()["items"] == []
    access.look_as(access.SYSTEM)
