"""The page and the JSON door: what each may see, and the filters."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.activities.service import record_activity
from crm.core import clock
from crm.core.access import Handling
from crm.core.db import db, unit_of_work
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.statements import recorded

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


def visit(someone: Person, handling: Handling, state: str) -> None:
    with unit_of_work():
        record_activity(
            actor=someone.viewer, kind="demarche", state_iso3=state, held_on=clock.today(),
            person_name="Somebody", reply="Canary words.", handling=handling,
        )  # fmt: skip


@pytest.fixture
def three(app: Flask, person: People) -> None:
    """Three records of three parties: one kept, two shared."""
    visit(person("officer"), Handling.ORIGINATOR, "LAO")
    visit(person("other_officer"), Handling.COORDINATION, "BTN")
    visit(person("presidency"), Handling.STATES, "TON")
    db.session.remove()


@pytest.mark.parametrize(
    ("who", "states"),
    [("coordinator", {"BTN", "TON"}), ("presidency", {"BTN", "TON"}), ("administrator", set())],
)
def test_s09_each_sees_what_concerns_them(three: None, signed_in: Clients, who: str, states: set[str]) -> None:
    browser = signed_in(who)
    items = browser.get("/api/v1/audit").get_json()["items"]
    assert {one["facts"]["state"] for one in items if one["event"] == "activity_recorded"} == states
    page = check_page(browser.get("/administration/audit"))
    assert "Canary words" not in page and "LAO" not in page
    of_others = [one for one in items if one["event"] == "account_opened" and one["actor"] == "Demarche"]
    assert len(of_others) == (4 if who == "administrator" else 1), "their own party's, and everybody's for the keeper"


@pytest.mark.parametrize("who", ["officer", "secretariat", "observer"])
def test_it_is_not_open_to_all(three: None, signed_in: Clients, who: str) -> None:
    assert signed_in(who).get("/administration/audit").status_code == 403
    assert signed_in(who).get("/api/v1/audit").status_code == 403


def test_filters_and_pages(three: None, signed_in: Clients) -> None:
    browser = signed_in("coordinator")

    def states(query: str) -> list[str]:
        items = browser.get(f"/api/v1/audit?{query}").get_json()["items"]
        return [one["facts"].get("state") for one in items]

    assert states("event=activity_recorded") == ["TON", "BTN"]
    assert states("event=activity_recorded&q=PRESID") == ["TON"]
    assert states("event=activity_recorded&q=%25") == []
    assert states("event=activity_recorded&since=2026-11-23") == ["TON", "BTN"]
    assert states("event=activity_recorded&until=2026-11-22") == []
    assert states("event=activity_recorded&until=2026-11-23") == ["TON", "BTN"]
    for odd in ("since=never&event=nothing", "until=9999-12-31", "since=0001-01-01", "until=0001-01-01", "q=%00"):
        assert browser.get(f"/api/v1/audit?{odd}").status_code == 200
        assert check_page(browser.get(f"/administration/audit?{odd}"))
    assert "No entry fits" in check_page(browser.get("/administration/audit?q=nobody+at+all"))


def test_a_page_asks_few_questions(three: None, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    browser.get("/administration/audit")
    with recorded() as seen:
        browser.get("/administration/audit")
    assert len(seen) <= 6, "who, the reference data, the end of the chain, the entries, one for each kind of record"


def test_a_mark_is_held_against_the_chain(three: None, signed_in: Clients) -> None:
    browser = signed_in("presidency")
    chained = browser.get("/api/v1/audit").get_json()["chain"]
    mark = f"{chained['entries']}:{chained['link']}"
    assert chained["mark_holds"] is None
    assert browser.get("/api/v1/audit", query_string={"mark": mark}).get_json()["chain"]["mark_holds"] is True
    assert "The chain goes through this mark." in check_page(
        browser.get("/administration/audit", query_string={"mark": mark})
    )
    for wrong in (mark[:-1] + "x", "1:" + chained["link"], "nonsense", "\u0661:x"):
        page = check_page(browser.get("/administration/audit", query_string={"mark": wrong}))
        assert "does not go through this mark" in page
