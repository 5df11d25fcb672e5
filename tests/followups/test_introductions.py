"""A change of holder is a task of whoever is responsible for the State; a first record, or old history, is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from crm.accounts.models import AccreditationKind, Mission
from crm.audit.models import AuditEntry
from crm.audit.service import Event
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.followups.models import FollowUp
from crm.people import service as people
from crm.people.rules import Gender, OfficeKind
from crm.reach.service import missions, restricted
from crm.states.queries import register
from tests.support.people import Person
from tests.support.records import anew

People = Callable[[str], Person]
MINISTER = OfficeKind.FOREIGN_MINISTER


def _office(actor: Viewer, name: str, from_on: date, **more: Any) -> Any:
    given = {"state_iso3": "LAO", "kind": MINISTER, "gender": Gender.FEMALE, **more}
    with looking_as(actor), unit_of_work():
        return people.record_holder(actor=actor, name=name, from_on=from_on, **given)


def _accredit(who: Viewer, kind: AccreditationKind = AccreditationKind.RESIDENT, state: str = "LAO") -> None:
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Mission, who.mission_id).every_state = False
        missions.accredit(
            actor=SYSTEM, mission_id=who.mission_id, state_iso3=state, kind=kind, from_on=date(2020, 1, 1)
        )  # fmt: skip


def _tasks() -> list[FollowUp]:
    with looking_as(SYSTEM):
        db.session.rollback()
        return list(db.session.scalars(select(FollowUp).order_by(FollowUp.what, FollowUp.owner_id)))


def test_a_successor_is_to_be_called_on_by_every_mission_to_the_state(app: Flask, person: People) -> None:
    officer, other, coordinator = (person(who).viewer for who in ("officer", "other_officer", "coordinator"))
    _accredit(officer)
    _accredit(other, AccreditationKind.CONCURRENT)
    _office(coordinator, "Deki Example", date(2020, 1, 1))
    assert not _tasks(), "the first who is recorded is no change"
    _office(coordinator, "Karma Example", date(2026, 11, 20))
    tasks = _tasks()
    state = register().name_today("LAO")
    what = f"Introduce yourself to Karma Example, Foreign Minister of {state} in the place of Deki Example"
    assert {one.what for one in tasks} == {what}
    owners = {one.owner_id: one for one in tasks}
    assert set(owners) == {officer.user_id, other.user_id, coordinator.user_id}
    assert owners[officer.user_id].originator_id == officer.party_id
    assert {one.handling for one in tasks} == {Handling.ORIGINATOR.value}
    assert {one.due_on for one in tasks} == {date(2026, 12, 7)}


def test_somebody_real_who_follows_on_somebody_invented_is_to_be_called_on(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    _accredit(officer)
    _office(officer, "Invented Example", date(2020, 1, 1), sample=True)
    _office(officer, "Karma Example", date(2026, 11, 20))
    [task] = _tasks()
    assert task.what == f"Introduce yourself to Karma Example, Foreign Minister of {register().name_today('LAO')}"


def test_who_left_without_a_successor_is_to_be_followed(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    _accredit(officer)
    holder = _office(officer, "Deki Example", date(2020, 1, 1))
    with looking_as(officer), unit_of_work():
        people.end_term(actor=officer, holder_id=holder.id, until_on=date(2026, 11, 20), version=holder.version)
    (task,) = _tasks()
    assert task.what.startswith("Find out who follows Deki Example as Foreign Minister of")
    assert task.owner_id == officer.user_id


def test_old_history_is_no_task(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    _office(officer, "Deki Example", date(2010, 1, 1))
    _office(officer, "Karma Example", date(2015, 1, 1))
    _office(
        officer, "Somebody Between", date(2012, 1, 1), until_on=date(2013, 1, 1), ends_predecessor=False, acting=True
    )
    assert not _tasks()


def test_of_a_restricted_state_only_those_named_are_told(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    _accredit(officer)
    _office(coordinator, "Deki Example", date(2020, 1, 1))
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    _office(anew(officer), "Karma Example", date(2026, 11, 20))
    assert officer.user_id not in {one.owner_id for one in _tasks()}


def _unseen(viewer: Viewer) -> list[tuple[str, dict[str, Any]]]:
    with looking_as(anew(viewer)):
        db.session.rollback()
        wanted = select(AuditEntry).where(AuditEntry.event == Event.WRITTEN_UNSEEN.value)
        return [(one.actor_name, one.details) for one in db.session.scalars(wanted)]


def test_that_nobody_is_told_of_a_successor_is_no_silent_answer(app: Flask, person: People) -> None:
    """Whoever writes a successor down learns from the missing task that the State is restricted; they are named in
    the audit of those who are. Old history opens no task for any State, and tells nothing.
    """
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    for state in ("LAO", "PER"):
        _office(anew(officer), "Ana Example", date(2010, 1, 1), state_iso3=state)
        _office(anew(officer), "Deki Example", date(2020, 1, 1), state_iso3=state)
    assert _unseen(coordinator) == []
    for state in ("PER", "LAO"):
        _office(anew(officer), "Karma Example", date(2026, 11, 20), state_iso3=state)
    assert {one.state_iso3 for one in _tasks()} == {"PER"}
    assert _unseen(coordinator) == [("Officer", {"state": "LAO"})] and _unseen(officer) == []
    _office(anew(coordinator), "Sonam Example", date(2026, 11, 21))
    assert len(_unseen(coordinator)) == 1, "whoever is named tries nothing"
