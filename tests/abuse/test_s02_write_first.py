"""S2: a change of what is not theirs is refused before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.core.access import Handling
from tests.followups.opening import opened
from tests.support.pages import token_of
from tests.support.people import Person
from tests.support.records import logged
from tests.support.statements import recorded

VISIT = {"kind": "demarche", "state_iso3": "LAO", "held_on": "2026-11-01", "person_name": "A", "reply": "Changed"}
TRIES: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "/api/v1/activities/ACTIVITY", {**VISIT, "version": 1}),
    ("POST", "/activities/ACTIVITY/correct", VISIT),
    ("POST", "/api/v1/followups/FOLLOWUP/done", {}),
    ("POST", "/followups/FOLLOWUP/done", {}),
    ("POST", "/api/v1/sharing/activity/ACTIVITY/handling", {"handling": "public"}),
    ("POST", "/sharing/activity/ACTIVITY", {"handling": "public"}),
]


@pytest.mark.parametrize(("method", "address", "sent"), TRIES, ids=[f"{one} {two}" for one, two, _ in TRIES])
def test_s02_nothing_is_written_before_it_is_refused(
    app: Flask,
    person: Callable[[str], Person],
    signed_in: Callable[[str], FlaskClient],
    method: str,
    address: str,
    sent: dict[str, Any],
) -> None:
    owner = person("other_officer").viewer
    keys = {"ACTIVITY": logged(owner, handling=Handling.ORIGINATOR)}
    keys["FOLLOWUP"] = opened(owner, handling=Handling.ORIGINATOR)
    for name, key in keys.items():
        address = address.replace(name, str(key))
    browser = signed_in("officer")
    token = token_of(browser.get("/account").get_data(as_text=True))
    with recorded() as seen:
        if address.startswith("/api/"):
            answer = browser.open(address, method=method, json=sent, headers={"X-CSRFToken": token})
        else:
            answer = browser.post(address, data={**sent, "csrf_token": token})
    assert answer.status_code == 404
    assert not [one.sql for one in seen if one.changes and "INTO audit_refusal" not in one.sql]
