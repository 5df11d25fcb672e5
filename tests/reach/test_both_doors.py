"""Page and JSON door do the same: each command goes through both, about two States, and leaves the same rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts import service as accounts
from crm.accounts.models import (
    Accreditation,
    AccreditationKind,
    EmergencyAccess,
    Mission,
    Party,
    RestrictedState,
    RestrictedStateReader,
    Role,
    User,
)
from crm.activities.models import Activity, ActivityState
from crm.audit.models import AuditContent, AuditEntry
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import unit_of_work
from crm.reach.service import emergency, missions
from crm.sharing import service as sharing
from crm.sharing.models import HandlingRequest
from tests.support.doors import differences, put, rows
from tests.support.pages import token_of
from tests.support.people import PASSWORD, Person
from tests.support.records import logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]
Step = tuple[str, str, str, dict[str, Any]]

KEPT = (
    Mission, Accreditation, RestrictedState, RestrictedStateReader, EmergencyAccess, Activity, ActivityState,
    HandlingRequest, AuditEntry, AuditContent, User,
)  # fmt: skip

REFERENCE = {"kind": "demarche", "state_iso3": "STATE", "held_on": "2026-11-01", "report_ref": "12/3", "marks": "nfD"}
RESTRICT = ("/restricted", "POST", "/api/v1/restricted", {"state_iso3": "STATE"})
NAME = ("/restricted/STATE/people", "POST", "/api/v1/restricted/STATE/people", {"user_id": "OFFICER"})
PEOPLE = "/api/v1/restricted/STATE/people/OFFICER"
POSTED = ("/missions/MISSION/people", "POST", "/api/v1/missions/MISSION/people", {"user_id": "COLLEAGUE"})
TERM = "/missions/MISSION/accreditations/TERM"

COMMANDS: dict[str, list[Step]] = {
    "only a reference": [("/activities/reference", "POST", "/api/v1/activities/references", REFERENCE)],
    "a restricted State": [
        RESTRICT,
        NAME,
        ("/restricted/STATE/people/OFFICER/strike", "DELETE", PEOPLE, {}),
        ("/restricted/STATE/release", "DELETE", "/api/v1/restricted/STATE", {}),
    ],
    "a mission": [("/missions", "POST", "/api/v1/missions", {"name": "Embassy in STATE"})],
    "an accreditation": [
        ("/missions/MISSION", "POST", "/api/v1/missions/MISSION/accreditations",
         {"state_iso3": "CAN", "kind": "resident", "from_on": "2019-01-01", "until_on": "2021-01-01"})
    ],
    "an accreditation set right": [
        (TERM, "PUT", f"/api/v1{TERM}", {"kind": "resident", "from_on": "2019-01-01", "until_on": "2030-01-01"})
    ],
    "the end of an accreditation": [(f"{TERM}/end", "DELETE", f"/api/v1{TERM}", {})],
    "a posting": [
        POSTED,
        ("/missions/MISSION/people/COLLEAGUE/leave", "DELETE", "/api/v1/missions/MISSION/people/COLLEAGUE", {}),
    ],
    "the end of a mission": [("/missions/MISSION/close", "DELETE", "/api/v1/missions/MISSION", {})],
    "an emergency": [
        ("/emergencies", "POST", "/api/v1/emergencies",
         {"state_iso3": "STATE", "reason": "A delegation is there today.", "hours": 2})
    ],
    "handling": [
        ("/sharing/activity/ACTIVITY", "POST", "/api/v1/sharing/activity/ACTIVITY/handling", {"handling": "public"})
    ],
    "a request": [
        ("/sharing/activity/THEIRS/requests", "POST", "/api/v1/sharing/activity/THEIRS/requests",
         {"wanted": "public", "reason": "For the report."})
    ],
    "an answer": [
        ("/sharing/requests/REQUEST", "POST", "/api/v1/sharing/requests/REQUEST/answer",
         {"granted": "yes", "answer": "Gladly."})
    ],
    "no to a request": [
        ("/sharing/requests/REQUEST", "POST", "/api/v1/sharing/requests/REQUEST/answer",
         {"granted": "no", "answer": "Not yet."})
    ],
    "a request taken back": [("/sharing/requests/MADE/withdraw", "DELETE", "/api/v1/sharing/requests/MADE", {})],
    "the end of an emergency": [
        ("/emergencies/EMERGENCY/end", "DELETE", "/api/v1/emergencies/EMERGENCY", {})
    ],
}  # fmt: skip


def put_there(me: Viewer, officer: Viewer, place: str) -> dict[str, str]:
    """What the commands about one State need, each by its word."""
    mine = logged(me, place, handling=Handling.STATES)
    theirs = logged(officer, place, handling=Handling.STATES)
    with looking_as(officer), unit_of_work():
        asked = sharing.ask_wider(
            actor=officer, kind="activity", record_id=mine, wanted=Handling.COMMUNITY, reason="For the report."
        )
    other = logged(officer, place, handling=Handling.STATES)
    with looking_as(me), unit_of_work():
        made = sharing.ask_wider(
            actor=me, kind="activity", record_id=other, wanted=Handling.COMMUNITY, reason="For the report."
        )
    with looking_as(SYSTEM), unit_of_work() as session:
        colleague = accounts.open_account(
            actor=SYSTEM, email=f"{place.lower()}@example.org", name=f"Colleague for {place}",
            party=session.get_one(Party, me.party_id), roles=[Role.MISSION_OFFICER], password=PASSWORD,
        )  # fmt: skip
        mission = missions.open_mission(actor=SYSTEM, name=f"Embassy for {place}", party_id=me.party_id)
        term = missions.accredit(
            actor=SYSTEM, mission_id=mission.id, state_iso3=place, kind=AccreditationKind.CONCURRENT,
            from_on=date(2020, 1, 1),
        )  # fmt: skip
        keys: dict[str, Any] = {
            "MISSION": mission,
            "TERM": term,
            "COLLEAGUE": colleague,
            "REQUEST": asked,
            "MADE": made,
        }
        found = {word: str(one.id) for word, one in keys.items()}
    return {**found, "ACTIVITY": str(mine), "THEIRS": str(theirs), "OFFICER": str(officer.user_id), "STATE": place,
            "ADDRESS": f"{place.lower()}@example.org"}  # fmt: skip


def opened_now(me: Viewer, place: str) -> str:
    with looking_as(me), unit_of_work():
        return str(emergency.begin(actor=me, state_iso3=place, reason="A delegation is there today.").id)


@pytest.mark.parametrize("command", COMMANDS)
def test_both_doors_leave_the_same_rows(app: Flask, person: People, signed_in: Clients, command: str) -> None:
    me, officer = person("coordinator").viewer, person("officer").viewer
    left: list[list[list[str]]] = []
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").get_data(as_text=True))
    keys = {place: put_there(me, officer, place) for place in ("LAO", "BTN")}
    if command == "the end of an emergency":
        keys = {place: {**own, "EMERGENCY": opened_now(me, place)} for place, own in keys.items()}
    known = rows(KEPT)
    for door, place in enumerate(keys):
        left.append([])
        for page, method, address, given in COMMANDS[command]:
            words = {name: put(value, keys[place]) for name, value in given.items()}
            if door == 0:
                answer = browser.post(put(page, keys[place]), data={**words, "csrf_token": token})
                assert answer.status_code == 303, (page, answer.status_code)
            else:
                answer = browser.open(
                    put(address, keys[place]), method=method, json=words, headers={"X-CSRFToken": token}
                )
                assert answer.status_code in (200, 201, 204), (address, answer.get_data(as_text=True))
            after = rows(KEPT)
            left[door].append(differences(known, after, keys[place]))
            known = after
    assert all(left[0]) and left[0] == left[1]


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
