"""The reason of an emergency is for those who read of its State, whomever the notice was written to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import AccreditationKind, EmergencyAccess, EmergencyNotice, Mission
from crm.core import clock
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
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
    for nobody_concerned in ("administrator", "coordinator", "other_officer"):
        assert rows(EmergencyAccess, person(nobody_concerned).viewer) == 0, "it says what is known of the State"
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


def test_a_party_reads_of_the_emergency_of_which_it_was_told_and_of_no_other(app: Flask, person: People) -> None:
    begun_by, ours, other = (person(who).viewer for who in ("coordinator", "officer", "other_officer"))
    with looking_as(SYSTEM), unit_of_work() as session:
        for iso3, party_id in (("LAO", ours.party_id), ("BTN", other.party_id)):
            begun = EmergencyAccess(
                user_id=begun_by.user_id, party_id=begun_by.party_id, state_iso3=iso3, reason=REASON,
                until=clock.now(),
            )  # fmt: skip
            session.add(begun)
            session.flush()
            session.add(EmergencyNotice(emergency_id=begun.id, party_id=party_id))
    for who, iso3 in ((ours, "LAO"), (other, "BTN")):
        with looking_as(who):
            db.session.rollback()
            assert db.session.scalars(select(EmergencyAccess.state_iso3)).all() == [iso3]
            assert db.session.scalars(select(EmergencyNotice.party_id)).all() == [who.party_id]
