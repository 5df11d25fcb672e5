"""The reason of an emergency is for those who read of its State, whomever the notice was written to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts.models import AccreditationKind, EmergencyAccess, Mission
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import unit_of_work
from crm.reach.service import missions, restricted
from tests.reach.test_emergency import REASON, begin
from tests.support.people import Person
from tests.support.records import logged
from tests.support.wall import rows

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]


def told(browser: FlaskClient) -> set[bool]:
    """Whether both doors give the reason."""
    doors = ("/emergencies", "/api/v1/emergencies")
    return {REASON in browser.get(one).get_data(as_text=True) for one in doors}


@pytest.fixture
def opened(app: Flask, person: People) -> None:
    """The presidency opened what an officer keeps about Laos."""
    logged(person("officer").viewer, "LAO", handling=Handling.ORIGINATOR)
    begin(person("presidency").viewer)


def test_s06_a_restriction_hides_why_it_was_opened(opened: None, person: People, signed_in: Clients) -> None:
    readers = ("officer", "presidency")
    assert rows(EmergencyAccess, person("administrator").viewer) == 1
    for who in readers:
        assert told(signed_in(who)) == {True} and rows(EmergencyAccess, person(who).viewer) == 1, who
    with looking_as(SYSTEM), unit_of_work():
        restricted.restrict(actor=SYSTEM, state_iso3="LAO")
    assert rows(EmergencyAccess, person("administrator").viewer) == 0
    for who in readers:
        used_it = who == "presidency"
        assert told(signed_in(who)) == {used_it} and rows(EmergencyAccess, person(who).viewer) == used_it, who
    with looking_as(SYSTEM), unit_of_work():
        restricted.name_reader(actor=SYSTEM, state_iso3="LAO", user_id=person("officer").viewer.user_id or UUID(int=0))
    assert told(signed_in("officer")) == {True} and rows(EmergencyAccess, person("officer").viewer) == 1


def test_a_mission_elsewhere_is_not_told_why(opened: None, person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Mission, officer.mission_id).every_state = False
        missions.accredit(
            actor=SYSTEM, mission_id=officer.mission_id or uuid4(), state_iso3="CAN",
            kind=AccreditationKind.RESIDENT, from_on=date(2020, 1, 1),
        )  # fmt: skip
    assert told(signed_in("officer")) == {False} and rows(EmergencyAccess, officer) == 0
