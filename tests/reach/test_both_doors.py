"""Page and JSON door do the same: each command goes through both, about two States, and leaves the same rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import Accreditation, EmergencyAccess, Mission, RestrictedState, RestrictedStateReader
from crm.activities.models import Activity, ActivityState
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db
from crm.sharing.models import HandlingRequest
from tests.support.pages import token_of
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]
Step = tuple[str, str, str, dict[str, Any]]

KEPT = (
    Mission, Accreditation, RestrictedState, RestrictedStateReader, EmergencyAccess, Activity, ActivityState,
    HandlingRequest, AuditEntry,
)  # fmt: skip
OWN = {AuditEntry: {"id", "at", "place", "link", "salt", "commitment"}}
"""What is never the same twice, keys and moments apart: the chain of the audit."""

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.+]+")


def rows(place: str, known: set[Any]) -> tuple[list[str], set[Any]]:
    """What is new since `known`, without what is never the same; the State reads the same for both."""
    found, seen = [], set(known)
    with looking_as(SYSTEM):
        db.session.rollback()
        for model in KEPT:
            for one in db.session.execute(select(model.__table__)).mappings():
                key = (model.__name__, str(one.get("id") or one))
                if key in known:
                    continue
                seen.add(key)
                plain = {
                    name: value for name, value in one.items()
                    if name not in OWN.get(model, {"id", "until"}) and not name.endswith(("_at", "_id"))
                }  # fmt: skip
                found.append(MOMENT.sub("MOMENT", f"{model.__name__} {plain}".replace(place, "STATE")))
        db.session.rollback()
    return sorted(found), seen


REFERENCE = {"kind": "demarche", "state_iso3": "STATE", "held_on": "2026-11-01", "report_ref": "12/3", "marks": "nfD"}
RESTRICT = ("/restricted", "POST", "/api/v1/restricted", {"state_iso3": "STATE"})
NAME = ("/restricted/STATE/people", "POST", "/api/v1/restricted/STATE/people", {"user_id": "OFFICER"})
PEOPLE = "/api/v1/restricted/STATE/people/OFFICER"

COMMANDS: dict[str, list[Step]] = {
    "only a reference": [("/activities/reference", "POST", "/api/v1/activities/references", REFERENCE)],
    "a restricted State": [
        RESTRICT,
        NAME,
        ("/restricted/STATE/people/OFFICER/strike", "DELETE", PEOPLE, {}),
        ("/restricted/STATE/release", "DELETE", "/api/v1/restricted/STATE", {}),
    ],
    "a mission": [("/missions", "POST", "/api/v1/missions", {"name": "Embassy in STATE"})],
    "an emergency": [
        ("/emergencies", "POST", "/api/v1/emergencies",
         {"state_iso3": "STATE", "reason": "A delegation is there today.", "hours": 2})
    ],
    "handling": [
        ("/sharing/activity/ACTIVITY", "POST", "/api/v1/sharing/activity/ACTIVITY/handling", {"handling": "public"})
    ],
    "a request": [
        ("/sharing/activity/THEIRS", "POST", "/api/v1/sharing/activity/THEIRS/requests",
         {"wanted": "public", "reason": "For the report."})
    ],
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_both_doors_leave_the_same_rows(app: Flask, person: People, signed_in: Clients, command: str) -> None:
    me, officer = person("coordinator").viewer, person("officer").viewer
    left: list[list[str]] = []
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").get_data(as_text=True))
    keys = {
        place: {
            "ACTIVITY": str(logged(me, place, handling=Handling.STATES)),
            "THEIRS": str(logged(officer, place, handling=Handling.STATES)),
            "OFFICER": str(officer.user_id),
            "STATE": place,
        }
        for place in ("LAO", "BTN")
    }
    known = rows("", set())[1]
    for door, place in enumerate(keys):
        for page, method, address, given in COMMANDS[command]:
            words = {name: _put(value, keys[place]) for name, value in given.items()}
            if door == 0:
                answer = browser.post(_put(page, keys[place]), data={**words, "csrf_token": token})
                assert answer.status_code == 303, (page, answer.status_code)
            else:
                answer = browser.open(
                    _put(address, keys[place]), method=method, json=words, headers={"X-CSRFToken": token}
                )
                assert answer.status_code in (200, 201, 204), (address, answer.get_data(as_text=True))
        new, known = rows(place, known)
        left.append(new)
    assert left[0] and left[0] == left[1]


def _put(value: Any, keys: dict[str, str]) -> Any:
    """A text with the keys of this State in it; what is no text as it is."""
    if not isinstance(value, str):
        return value
    for name, key in keys.items():
        value = value.replace(name, key)
    return value


def test_the_json_door_tells_the_restricted_states(app: Flask, person: People, signed_in: Clients) -> None:
    me = person("coordinator").viewer
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").get_data(as_text=True))
    browser.post("/api/v1/restricted", json={"state_iso3": "LAO"}, headers={"X-CSRFToken": token})
    (one,) = browser.get("/api/v1/restricted").json["items"]
    assert one["state_iso3"] == "LAO" and [each["user_id"] for each in one["readers"]] == [str(me.user_id)]


def test_the_json_door_tells_obstacles_and_withholds_small_figures(
    app: Flask, person: People, signed_in: Clients
) -> None:
    logged(person("officer").viewer, handling=Handling.STATES, obstacle="security")
    browser = signed_in("coordinator")
    lines = {one["type"]: one for one in browser.get("/api/v1/obstacles").json}
    assert lines["security"]["states_stated"] == 1 and lines["security"]["approaches"]
    table = browser.get("/api/v1/obstacles/figures").json
    cells = {(one["row"], one["column"]): one["states"] for one in table["cells"]}
    assert set(cells) == {(row, column) for row in table["rows"] for column in table["columns"]}
    assert None in cells.values() and 1 not in cells.values()
