"""Whoever takes a file out reads that they did, whatever somebody else restricted: nothing is missing for one State."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.core.access import Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.reach.service import restricted
from tests.abuse.world import keeper
from tests.support.people import Person
from tests.support.records import logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


@pytest.mark.parametrize(
    ("file", "event"),
    [("/activities/export.csv?state={}", "list_exported"), ("/api/v1/briefs.pdf?states={}", "brief_exported")],
)
def test_no_own_file_is_missing_for_a_state_that_is_restricted(
    app: Flask, person: People, signed_in: Clients, file: str, event: str
) -> None:
    """Another party restricts one of two States; both files are told alike, plainly and by their State."""
    other = keeper()
    for state in ("BTN", "CAN"):
        logged(other, state, handling=Handling.COORDINATION)
    with looking_as(other), unit_of_work():
        restricted.restrict(actor=other, state_iso3="BTN")
    db.session.remove()
    browser = signed_in("coordinator")
    for state in ("BTN", "CAN"):
        assert browser.get(file.format(state)).status_code == 200
    found = [one for one in browser.get(f"/api/v1/audit?event={event}").json["items"] if one["facts"]["state"]]
    assert sorted(one["facts"]["state"] for one in found) == ["BTN", "CAN"]
    for state in ("BTN", "CAN"):
        (one,) = browser.get(f"/api/v1/audit?event={event}&state={state}").json["items"][:1]
        assert one["facts"]["state"] == state
