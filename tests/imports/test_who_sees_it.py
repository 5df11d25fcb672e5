"""A spreadsheet is for whoever sent it alone; what becomes of its lines follows the rule of every record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from crm.accounts.models import RestrictedState, User, UserRole
from crm.activities.course.service import correct_activity
from crm.activities.models import Activity
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotFound, RuleViolation
from crm.followups.models import FollowUp
from crm.imports import queries, service
from crm.imports.models import HeadingMemory, SpreadsheetImport, SpreadsheetPart, SpreadsheetRow
from tests.imports.sending import many, press, seen, send, table, take
from tests.support.people import Person, browser_of

People = Callable[[str], Person]
TABLES = (SpreadsheetImport, SpreadsheetPart, SpreadsheetRow)
NOTHING = {"SpreadsheetImport": 0, "SpreadsheetPart": 0, "SpreadsheetRow": 0}


def _colleague(of: Viewer) -> str:
    """Somebody else of the same party, with the same role; their address."""
    with looking_as(SYSTEM), unit_of_work() as session:
        first = session.get_one(User, of.user_id)
        session.add(
            User(
                email="colleague@example.org", name="Colleague", party_id=first.party_id, active=True,
                mission_id=first.mission_id, roles=[UserRole(name=one.name) for one in first.roles],
            )
        )  # fmt: skip
    return "colleague@example.org"


OTHERS = ("colleague", "coordinator", "presidency", "other_officer", "observer", "administrator")


@pytest.mark.parametrize("who", OTHERS)
def test_what_was_sent_is_for_whoever_sent_it_alone(app: Flask, person: People, who: str) -> None:
    """A colleague of the same party may not work on its States: before they are records, lines have no handling."""
    officer = person("officer").viewer
    made = send(officer, many(2))
    assert seen(TABLES) == {"SpreadsheetImport": 1, "SpreadsheetPart": 1, "SpreadsheetRow": 2}
    key = made.id
    email = _colleague(officer) if who == "colleague" else person(who).email
    db.session.remove()
    browser = browser_of(app, email)
    for address in (f"/imports/{key}", f"/imports/{key}/problems.csv", f"/api/v1/imports/{key}/lines"):
        assert browser.get(address).status_code == (403 if who in ("observer", "administrator") else 404)
    if who not in ("observer", "administrator"):
        assert "list.csv" not in browser.get("/imports").get_data(as_text=True)
        assert browser.get("/api/v1/imports").json["items"] == []
    if who != "colleague":
        access.look_as(person(who).viewer)
        assert seen(TABLES) == NOTHING
        with pytest.raises(NotFound):
            queries.get_import(key)


def test_nobody_sees_nothing(app: Flask, person: People) -> None:
    send(person("officer").viewer, many(2))
    access.look_as(access.ANONYMOUS)
    assert seen((*TABLES, HeadingMemory)) == {**NOTHING, "HeadingMemory": 0}


@pytest.fixture
def closed(app: Flask, person: People) -> Viewer:
    """An officer to whom a restricted State is closed, without knowing it."""
    with looking_as(SYSTEM), unit_of_work() as session:
        session.add(RestrictedState(state_iso3="BTN"))
    return replace(person("officer").viewer, closed=frozenset({"BTN"}))


LINES = ("Bhutan,2026-03-12,visit,Karma,Yes,,,,", "Fiji,2026-03-12,visit,Ana,Yes,,,,")


def test_lines_about_a_restricted_state_are_kept_for_those_who_are_named(closed: Viewer) -> None:
    made = take(closed, table(*LINES))
    assert (made.taken, made.failed) == (2, 0), "nothing gives the restriction away"
    assert seen([Activity]) == {"Activity": 1}
    lines = queries.page_of_lines(made, closed, "", None).items
    assert [(one.line, one.activity_id is None) for one in lines] == [(3, False)]
    with looking_as(SYSTEM):
        assert seen([Activity]) == {"Activity": 2}


def test_what_whoever_sent_it_does_not_see_is_not_theirs_to_take_back(closed: Viewer) -> None:
    made = take(closed, table(*LINES))
    with pytest.raises(RuleViolation, match="do not see every record"):
        press(service.undo, closed, made)
    with looking_as(SYSTEM):
        assert seen([Activity]) == {"Activity": 2}


def test_whoever_was_posted_elsewhere_takes_nothing_back(person: People) -> None:
    officer = person("officer").viewer
    made = take(officer, table(*LINES))
    elsewhere = replace(officer, states=frozenset({"FJI"}))
    with pytest.raises(RuleViolation, match="do not see every record"):
        press(service.undo, elsewhere, made)
    with looking_as(SYSTEM):
        assert seen([Activity]) == {"Activity": 2}


def test_what_a_colleague_wrote_into_a_record_keeps_the_import(person: People) -> None:
    """An officer's comment is a row of its own; the record has moved on all the same."""
    officer = person("officer").viewer
    made = take(officer, table(LINES[1]))
    with looking_as(officer), unit_of_work():
        fiji = db.session.scalars(select(Activity)).one()
        correct_activity(
            actor=officer, activity_id=fiji.id, kind=fiji.kind, state_iso3="FJI", held_on=fiji.held_on,
            person_name="Ana", reply="Yes", officer_comment="Two pages of analysis.",
        )  # fmt: skip
    with pytest.raises(RuleViolation, match="gone on"):
        press(service.undo, officer, made)


def test_each_record_that_is_taken_back_has_its_entry(person: People) -> None:
    officer = person("officer").viewer
    made = take(officer, table("Bhutan,2026-03-12,visit,Karma,Yes,Send the kit,2027-01-12,,", LINES[1]))
    with looking_as(SYSTEM):
        keys = {str(one) for one in db.session.scalars(select(Activity.id))}
        followed = str(db.session.scalars(select(FollowUp.id)).one())
    press(service.undo, officer, made)
    with looking_as(SYSTEM):
        entries = db.session.execute(
            select(AuditEntry.event, AuditEntry.subject_id, AuditEntry.actor_id, AuditEntry.details).where(
                AuditEntry.event.in_(["activity_withdrawn", "followup_withdrawn"])
            )
        ).all()
        assert seen([FollowUp]) == {"FollowUp": 0}
    assert {key for event, key, *_ in entries if event == "activity_withdrawn"} == keys
    assert [(key, facts["state"]) for event, key, _, facts in entries if event == "followup_withdrawn"] == [
        (followed, "BTN")
    ]
    assert {actor for _, _, actor, _ in entries} == {officer.user_id}
