"""A row that is held is read anew, and whoever was overtaken hears so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import select

from crm.accounts import service as accounts
from crm.accounts.models import Accreditation, AccreditationKind, Mission, Party, Role
from crm.activities.models import Activity
from crm.core import clock
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, held, locked, unit_of_work, unless_taken
from crm.core.errors import RuleViolation, Stale
from crm.followups.service import open_follow_up as opened
from crm.reach.service import missions
from crm.sharing import service as sharing
from tests.support.people import PASSWORD, Person
from tests.support.racing import at_once, meanwhile, slowly
from tests.support.records import logged
from tests.support.statements import recorded

People = Callable[[str], Person]

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
"""On SQLite a unit of work holds the whole database from its beginning."""


def _rename(party: Party, name: str) -> None:
    db.session.get_one(Party, party.id).name = name


def _accredited(mission: Mission, iso3: str, from_on: date) -> Accreditation:
    return missions.accredit(
        actor=SYSTEM, mission_id=mission.id, state_iso3=iso3, kind=AccreditationKind.RESIDENT, from_on=from_on
    )


def _mission(who: Person) -> Mission:
    return db.session.scalars(select(Mission).where(Mission.id == who.viewer.mission_id)).one()


def test_what_was_read_before_is_read_anew(app: Flask, person: People) -> None:
    known = db.session.get_one(Party, person("officer").viewer.party_id)
    name = known.name
    meanwhile(app, lambda: _rename(known, "Anew"))
    with unit_of_work():
        assert known.name == name
        assert locked(Party, known.id) is known and known.name == "Anew"
    meanwhile(app, lambda: _rename(known, "Once more"))
    with unit_of_work():
        assert known.name == "Anew"
        assert db.session.scalar(held(select(Party).where(Party.id == known.id))) is known
        assert known.name == "Once more"


def test_a_page_holds_nothing(app: Flask, person: People, signed_in: Callable[[str], FlaskClient]) -> None:
    """What a page offers is asked with the questions of the verbs; nobody is to wait for who only looks."""
    boss, browser = person("coordinator").viewer, signed_in("coordinator")
    source = logged(boss)
    with looking_as(boss), unit_of_work():
        due = clock.today("UTC") + timedelta(days=9)
        key = opened(actor=boss, what="Call", state_iso3="LAO", due_on=due, activity_id=source).id
    with recorded() as asked:
        assert browser.get(f"/sharing/follow_up/{key}").status_code == 200
    assert [one for one in asked if "FROM activity" in one.sql]
    assert not [one for one in asked if "FOR UPDATE" in one.sql]


def test_collections_are_read_anew_too(app: Flask, person: People) -> None:
    mission = _mission(person("officer"))
    assert mission.accreditations == []
    meanwhile(app, lambda: _accredited(mission, "LAO", date(2020, 1, 1)))
    with unit_of_work():
        assert mission.accreditations == []
        held_one = locked(Mission, mission.id)
        assert held_one is mission and [one.state_iso3 for one in mission.accreditations] == ["LAO"]


def test_what_a_verb_has_changed_itself_is_not_lost(app: Flask, person: People) -> None:
    known = db.session.get_one(Party, person("officer").viewer.party_id)
    with unit_of_work():
        known.name = "Renamed"
        assert locked(Party, known.id) is known and known.name == "Renamed"


def test_a_term_that_somebody_else_has_just_written_is_not_overlapped(app: Flask, person: People) -> None:
    mission = _mission(person("officer"))
    assert mission.accreditations == []
    meanwhile(app, lambda: _accredited(mission, "LAO", date(2020, 1, 1)))
    with pytest.raises(RuleViolation, match="in that time already"), unit_of_work():
        _accredited(mission, "LAO", date(2025, 1, 1))


def test_a_handling_that_was_changed_meanwhile_is_changed_from_what_it_is_now(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = logged(officer, handling=Handling.COORDINATION)

    def change(handling: Handling) -> None:
        sharing.change_handling(actor=officer, kind="activity", record_id=key, handling=handling)

    def elsewhere() -> None:
        with looking_as(officer):
            change(Handling.STATES)

    with looking_as(officer):
        assert sharing.find("activity", key).handling == "coordination"
        meanwhile(app, elsewhere)
        with unit_of_work():
            change(Handling.COMMUNITY)
    assert db.session.get_one(Activity, key).handling == "community"


def test_whoever_was_overtaken_without_holding_is_told(app: Flask, person: People) -> None:
    key = logged(person("officer").viewer)
    known = db.session.get_one(Activity, key)
    assert known.place is not None

    def elsewhere() -> None:
        db.session.get_one(Activity, key).place = "Vientiane"

    meanwhile(app, elsewhere)
    with pytest.raises(Stale), unit_of_work():
        known.place = "Geneva"
    assert db.session.get_one(Activity, key).place == "Vientiane"


def test_what_there_is_once_is_refused_to_the_later_one(app: Flask, person: People) -> None:
    known = db.session.get_one(Party, person("officer").viewer.party_id)
    with pytest.raises(RuleViolation) as refused, unit_of_work(), unless_taken("name", "There is one."):
        db.session.add(Party(name=known.name, kind="government"))
    assert refused.value.errors == {"name": ["There is one."]}


def test_two_parties_or_accounts_of_one_name_at_once_are_one(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = db.session.get_one(Party, person("officer").viewer.party_id).id
    monkeypatch.setattr(accounts, "Party", slowly(Party))
    monkeypatch.setattr(accounts, "hash_password", slowly(hash_password))

    def party() -> None:
        with unit_of_work():
            accounts.add_party(actor=SYSTEM, name="Norway", kind="government", state_iso3="NOR")

    def account() -> None:
        with unit_of_work() as session:
            accounts.open_account(
                actor=SYSTEM, email="new@example.org", name="New", party=session.get_one(Party, home),
                roles=[Role.MISSION_OFFICER], password=PASSWORD,
            )  # fmt: skip

    for verb, field in ((party, "name"), (account, "email")):
        refused = [one for one in at_once(app, [verb, verb]) if one]
        assert [set(getattr(one, "errors", {})) for one in refused] == [{field}]
