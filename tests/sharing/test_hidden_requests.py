"""A request for wider handling is for those of its two parties who may see the record itself."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts.models import Party, Role
from crm.accounts.service import open_account
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.letters import service as letters
from crm.letters.progress import LanguageChoice
from crm.reach.service import restricted
from crm.sharing import service as sharing
from crm.sharing.models import HandlingRequest
from crm.states.rules import Status
from tests.followups.opening import opened
from tests.letters.conftest import JUNE_2011
from tests.support.people import PASSWORD, Person, browser_of
from tests.support.records import logged
from tests.support.wall import rows

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]
REASON = "Canary: they told us that they will sign"


def asked(kind: str, actor: Viewer, record_id: UUID) -> UUID:
    """A request for a record of somebody else, committed."""
    with looking_as(actor), unit_of_work():
        return sharing.ask_wider(actor=actor, kind=kind, record_id=record_id, wanted=Handling.STATES, reason=REASON).id


def told(browser: FlaskClient, request_id: UUID) -> set[bool]:
    """Whether a browser reads the request: by both lists and by its own page."""
    lists = {REASON in browser.get(door).get_data(as_text=True) for door in ("/sharing", "/api/v1/sharing/requests")}
    return lists | {REASON in browser.get(f"/sharing/requests/{request_id}").get_data(as_text=True)}


@pytest.mark.parametrize("kind", ["activity", "follow_up"])
def test_s06_a_restriction_hides_what_was_asked(app: Flask, person: People, signed_in: Clients, kind: str) -> None:
    officer, presidency, coordinator = (person(one).viewer for one in ("officer", "presidency", "coordinator"))
    make = logged if kind == "activity" else opened
    request_id = asked(kind, presidency, make(officer, handling=Handling.COORDINATION))
    assert told(signed_in("officer"), request_id) == {True}
    assert rows(HandlingRequest, officer) == rows(HandlingRequest, presidency) == 1
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    for who in ("officer", "presidency"):
        assert told(signed_in(who), request_id) == {False}, who
        assert rows(HandlingRequest, person(who).viewer) == 0, who
    with looking_as(SYSTEM), unit_of_work():
        restricted.name_reader(actor=SYSTEM, state_iso3="LAO", user_id=officer.user_id or UUID(int=0))
    assert told(signed_in("officer"), request_id) == {True}
    assert (rows(HandlingRequest, officer), rows(HandlingRequest, presidency)) == (1, 0)


def test_a_colleague_of_another_mission_does_not_read_it(app: Flask, person: People) -> None:
    officer, presidency = person("officer").viewer, person("presidency").viewer
    key = logged(officer, handling=Handling.COORDINATION)
    with looking_as(SYSTEM), unit_of_work() as session:
        home = session.get_one(Party, officer.party_id)
        other = open_account(
            actor=SYSTEM, email="b@example.org", name="B", party=home, roles=[Role.MISSION_OFFICER], password=PASSWORD
        ).id
    request_id = asked("activity", presidency, key)
    db.session.remove()
    browser = browser_of(app, "b@example.org")
    assert browser.get(f"/activities/{key}").status_code == 404
    assert told(browser, request_id) == {False}
    assert rows(HandlingRequest, Viewer(user_id=other)) == 0


def test_a_request_about_a_campaign_is_seen_as_the_campaign(app: Flask, person: People) -> None:
    presidency, coordinator = person("presidency").viewer, person("coordinator").viewer
    with looking_as(presidency), unit_of_work():
        campaign = letters.plan_campaign(
            actor=presidency, name="Shared", letter_date=JUNE_2011, statuses=[Status.NON_SIGNATORY],
            languages=LanguageChoice.ENGLISH, handling=Handling.COORDINATION,
        ).id  # fmt: skip
    asked("letter_campaign", coordinator, campaign)
    assert rows(HandlingRequest, presidency) == rows(HandlingRequest, coordinator) == 1
    assert rows(HandlingRequest, person("officer").viewer) == 0
