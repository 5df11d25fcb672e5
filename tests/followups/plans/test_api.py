"""The JSON door to the plans: the same forms, the same verbs, and nothing more told than on the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from crm.core.access import Handling
from crm.followups.plans.rules import Stands
from tests.followups.opening import forget_viewer
from tests.followups.plans.running import advance, begun, kept, replied, run
from tests.followups.plans.test_stopping import officer_of
from tests.support.pages import token_of
from tests.support.people import Person, browser_of

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
STEPS = [
    {"what": "Write", "after": 0, "unit": "days"},
    {"what": "Call", "kind": "demarche", "after": 1, "unit": "months"},
]


def _json(browser: FlaskClient, path: str, status: int = 200, method: str = "get", **body: Any) -> Any:
    token = {} if method == "get" else {"X-CSRFToken": token_of(browser.get("/account").text)}
    sent = {} if method == "get" else {"json": body, "headers": token}
    found = getattr(browser, method)(f"/api/v1{path}", **sent)
    forget_viewer()
    assert found.status_code == status, found.text
    return found.get_json()


def test_a_plan_from_its_keeping_to_its_end(app: Flask, person: People, signed_in: Browser) -> None:
    browser = signed_in("coordinator")
    plan = _json(browser, "/plans", 201, "post", name="Ours", steps=STEPS)
    told = [(one["what"], one["after"], one["who"]) for one in plan["steps"]]
    assert told == [("Write", 0, "mission"), ("Call", 1, "mission")]
    place = f"/plans/{plan['id']}"
    assert _json(browser, place, 200, "put", name="Ours", steps=STEPS[:1], version=1)["version"] == 2
    _json(browser, place, 409, "put", name="Ours", steps=STEPS, version=1)
    preview = _json(browser, f"{place}/start?state=KHM&state=LAO")["items"]
    assert {one["state_iso3"]: one["left_out"] for one in preview} == {"KHM": None, "LAO": "party"}
    _json(browser, f"{place}/start?list=nonsense%3D1", 422)
    _json(browser, f"{place}/start", 422, "post", states=["XXX"])
    lot = _json(browser, f"{place}/start", 201, "post", states=["KHM", "LAO"])
    assert [one["state_iso3"] for one in lot["items"]] == ["KHM"]
    here = f"/plans/states/{lot['items'][0]['id']}"
    assert _json(browser, f"{here}/pause", 200, "post")["stands"] == "paused"
    assert _json(browser, f"{here}/go-on", 200, "post")["stands"] == "running"
    assert _json(browser, f"{here}/end", 200, "post")["stands"] == "ended"
    _json(browser, f"{here}/pause", 422, "post")
    assert _json(browser, f"/plans/starts/{lot['start_id']}/undo", 200, "post") == {"states": 0}
    _json(browser, f"/plans/starts/{lot['start_id']}/undo", 422, "post")


def test_a_step_for_a_person_names_one_of_the_party(app: Flask, person: People, signed_in: Browser) -> None:
    browser, other = signed_in("coordinator"), person("presidency").viewer
    one = {"what": "Call", "after": 0, "unit": "days", "who": "person"}
    _json(browser, "/plans", 422, "post", name="x", steps=[one])
    _json(browser, "/plans", 422, "post", name="x", steps=[{**one, "person_id": str(other.user_id)}])
    _json(browser, "/plans", 422, "post", name="x", steps=[])


def test_a_reply_that_is_not_theirs_to_read_is_a_pause_to_them(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    officer = officer_of(coordinator)
    begun(coordinator, kept(coordinator))
    replied(person("presidency").viewer, handling=Handling.COORDINATION)
    advance()
    assert run().status == Stands.WAITING
    browser = browser_of(app, officer.email)
    told = _json(browser, f"/plans/states/{run().id}")
    assert (told["stands"], told["why"], told["reply_id"]) == ("paused", "hand", None)
    assert [one["stands"] for one in _json(browser, "/plans/states")["items"]] == ["paused"]
    assert _json(browser, "/plans/states?stands=waiting")["items"] == []
    assert len(_json(browser, "/plans/states?stands=paused")["items"]) == 1
    assert "Answer to be read" not in browser.get("/plans/export.csv").text
    assert "eply" not in browser.get(f"/plans/states/{run().id}").text.partition("<main")[2]
    forget_viewer()
