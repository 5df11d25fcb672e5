"""Somebody posted elsewhere cannot open what they owed: they and their party are told, others are not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient

from crm.accounts.models import Mission, User
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import unit_of_work
from crm.core.visibility import Attribution
from crm.followups import service
from crm.reach.service import missions, restricted
from tests.followups.opening import change, colleague_of, forget_viewer, opened
from tests.support.pages import check_page
from tests.support.people import Person, browser_of
from tests.support.records import logged

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
OWED = "A follow-up that you owed is about a State you do not work on any more"
UNSEEN = "Nobody is reminded of these: the owner may not see them any more"


def _elsewhere(party_id: UUID | None) -> UUID:
    """Another mission of that party, which meets every State."""
    return missions.open_mission(actor=SYSTEM, name="Second mission", every_state=True, party_id=party_id).id


def test_its_owner_and_their_party_are_told(app: Flask, person: People, signed_in: Browser) -> None:
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Kim Example")
    followup_id = opened(officer)
    mine, theirs = signed_in("officer"), browser_of(app, colleague.email)
    assert OWED not in check_page(mine.get("/"))
    assert UNSEEN not in check_page(theirs.get("/followups"))
    forget_viewer()
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Mission, officer.mission_id).every_state = False
        session.get_one(User, colleague.user_id).mission_id = _elsewhere(officer.party_id)
    for address in ("/", "/followups"):
        page = check_page(mine.get(address))
        assert OWED in page and "Send the model law" not in page
    page = check_page(theirs.get("/followups"))
    assert UNSEEN in page and "Send the model law" in page and OWED not in page
    assert "The owner may not see it: nobody is reminded" in check_page(theirs.get("/followups?owner=all"))
    page = check_page(theirs.get(f"/followups/{followup_id}"))
    assert "Officer, may not see it any more" in page and "Take it" in page and "gets an email" not in page
    assert theirs.get(f"/api/v1/followups/{followup_id}").get_json()["out_of_sight"] is True
    (line,) = theirs.get("/api/v1/followups?owner=all").get_json()["items"]
    assert line["out_of_sight"] is True
    forget_viewer()
    change(colleague, service.reassign, followup_id, owner_id=colleague.user_id)
    assert OWED not in check_page(mine.get("/"))
    assert UNSEEN not in check_page(theirs.get("/followups"))


LAO_AS_WELL: dict[str, Any] = {
    "kind": "regional_workshop", "further_states": ("LAO",), "next_action": "Send the model law",
    "next_action_due": date(2026, 12, 1), "handling": Handling.COORDINATION, "attribution": Attribution.FULL,
}  # fmt: skip
"""A record about Bhutan and Laos; what is to be done is about Bhutan, which stands first."""


def test_what_came_out_of_a_record_about_a_restricted_state_is_not_counted_either(
    app: Flask, person: People, signed_in: Browser
) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    logged(officer, "BTN", **LAO_AS_WELL)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Mission, officer.mission_id).every_state = False
    assert OWED in check_page(signed_in("officer").get("/"))
    forget_viewer()
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    assert OWED not in check_page(signed_in("officer").get("/"))


def test_an_owner_who_is_not_named_for_a_state_of_the_source_is_out_of_sight(
    app: Flask, person: People, signed_in: Browser
) -> None:
    """The follow-up is about a State of theirs, and closed to them because of the record that it came out of."""
    presidency, coordinator = person("presidency").viewer, person("coordinator").viewer
    logged(coordinator, "BTN", **LAO_AS_WELL, next_action_owner_id=str(presidency.user_id))
    browser = signed_in("coordinator")
    assert UNSEEN not in check_page(browser.get("/followups"))
    forget_viewer()
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    page = check_page(browser.get("/followups"))
    assert UNSEEN in page and "Send the model law" in page
    (line,) = browser.get("/api/v1/followups?owner=all").get_json()["items"]
    assert line["out_of_sight"] is True
    assert browser.get(f"/api/v1/followups/{line['id']}").get_json()["out_of_sight"] is True


def test_of_a_restricted_state_not_even_a_number_is_told(app: Flask, person: People, signed_in: Browser) -> None:
    opened(person("officer").viewer)
    coordinator = person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    assert OWED not in check_page(signed_in("officer").get("/"))
