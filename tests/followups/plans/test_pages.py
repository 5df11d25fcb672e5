"""The pages of the plans: keeping one, seeing what would begin, beginning, reading where a State stands, steering."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.followups import service as followups
from crm.followups.plans.forms import READY_NAME
from crm.followups.plans.rules import LEFT_OUT_LABELS, LeftOut, Stands
from crm.states.rules import Status
from tests.followups.opening import change, forget_viewer
from tests.followups.plans.running import advance, begun, kept, replied, run, task
from tests.support.pages import check_page, token_of
from tests.support.people import Person

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]


@pytest.fixture(autouse=True)
def with_tokens(app: Flask) -> None:
    """The pages as they are in earnest."""
    app.config["WTF_CSRF_ENABLED"] = True


def _page(browser: FlaskClient, path: str, status: int = 200) -> str:
    text = check_page(browser.get(path), status)
    forget_viewer()
    return unescape(text)


def _send(browser: FlaskClient, page: str, path: str, **data: Any) -> str:
    """Send a form with the token of a page, and read the page to which it leads."""
    found = browser.post(path, data={"csrf_token": token_of(browser.get(page).text), **data}, follow_redirects=True)
    forget_viewer()
    return unescape(found.text)


def test_a_first_plan_is_offered_ready_made(app: Flask, person: People, signed_in: Browser) -> None:
    browser = signed_in("coordinator")
    assert "Start from the ready-made plan" in _page(browser, "/plans")
    form = _page(browser, "/plans/new?ready=1")
    assert f'value="{READY_NAME}"' in form and 'value="Make a démarche on the letter"' in form
    steps = {"steps-0-what": "Write", "steps-0-after": "0", "steps-0-unit": "days", "steps-0-who": "runner"}
    steps |= {"steps-1-what": "", "steps-1-after": "2", "steps-1-unit": "weeks", "steps-1-who": "runner"}
    shown = _send(browser, "/plans/new", "/plans/new", name="Ours", **steps)
    assert "<h1" in shown and "1. Write" in shown and "2. " not in shown, "a row without words is left out"


def test_what_would_begin_is_seen_first_with_what_is_left_out_and_why(
    app: Flask, person: People, signed_in: Browser
) -> None:
    browser, coordinator = signed_in("coordinator"), person("coordinator").viewer
    plan = kept(coordinator)
    begun(coordinator, plan, "KHM")
    replied(coordinator, "MNG")
    page = _page(browser, f"/plans/{plan}/start?state=KHM&state=MNG&state=NPL&state=LAO")
    for why in (LeftOut.RUNS, LeftOut.LATELY, LeftOut.PARTY):
        assert LEFT_OUT_LABELS[why] in page
    assert 'value="NPL" checked' in page and 'value="MNG">' in page, "a contact lately is not ticked, but may be"
    assert 'value="KHM"' not in page and 'value="LAO"' not in page


def test_a_filter_of_the_states_begins_as_one_lot_that_can_be_taken_back(
    app: Flask, person: People, signed_in: Browser
) -> None:
    browser, coordinator = signed_in("coordinator"), person("coordinator").viewer
    plan = kept(coordinator)
    assert "/plans/begin?list=status%3Dsignatory" in _page(browser, "/states?status=signatory")
    assert f"/plans/{plan}/start?list=status%3Dsignatory" in _page(browser, "/plans/begin?list=status%3Dsignatory")
    place = f"/plans/{plan}/start?list=status%3D{Status.SIGNATORY.value}"
    assert 'value="HTI" checked' in _page(browser, place)
    shown = _send(browser, place, place, states=["HTI", "JAM"])
    assert "Begun in 2 States." in shown
    assert run("HTI").status == run("JAM").status == Stands.RUNNING
    undo = shown.split("/plans/starts/")[1].split("/undo")[0]
    _send(browser, "/plans", f"/plans/starts/{undo}/undo")
    assert run("HTI").status == run("JAM").status == Stands.ENDED
    assert task("HTI").status == "cancelled"


def test_the_page_of_a_state_says_where_it_stands(app: Flask, person: People, signed_in: Browser) -> None:
    browser, coordinator = signed_in("coordinator"), person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    change(coordinator, followups.finish, task().id)
    assert "step 2 of 3, Make a démarche, due 7 December 2026" in _page(browser, "/states/KHM")
    assert "Step 2 of 3 of the plan" in _page(browser, f"/followups/{task().id}")


def test_who_waits_sees_the_reply_and_goes_on(app: Flask, person: People, signed_in: Browser) -> None:
    browser, coordinator = signed_in("coordinator"), person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    reply = replied(person("presidency").viewer)
    advance()
    page = f"/plans/states/{run().id}"
    shown = _page(browser, page)
    assert f"/activities/{reply}" in shown and "A reply came" in shown
    assert "Plans that wait for you to read an answer" in _page(browser, "/")
    assert "it sleeps" in _page(browser, f"/followups/{task().id}")
    assert "It goes on." in _send(browser, page, f"{page}/go-on", version=run().version)
    assert run().status == Stands.RUNNING


def test_a_step_is_done_by_an_entry(app: Flask, person: People, signed_in: Browser) -> None:
    browser, coordinator = signed_in("coordinator"), person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    change(coordinator, followups.finish, task().id)
    entry = replied(coordinator)
    page = f"/plans/states/{run().id}"
    assert str(entry) in _page(browser, page)
    _send(browser, page, f"{page}/done-by", activity_id=str(entry))
    assert (run().step, run().status) == (3, Stands.RUNNING)
    advance()
    assert run().status == Stands.RUNNING, "whoever says so has read what came of it"


@pytest.mark.parametrize("who", ["officer", "secretariat"])
def test_who_does_not_coordinate_keeps_no_plan(app: Flask, person: People, signed_in: Browser, who: str) -> None:
    assert signed_in(who).get("/plans/new").status_code == 403
