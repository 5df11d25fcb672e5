"""What people have made of records keeps an import: seen or unseen, at once or by a worker, some hundred at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from crm.activities.course.service import take_step
from crm.activities.models import Activity
from crm.activities.rules import Status
from crm.activities.withdrawing import take_back
from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.followups.models import FollowUp, Reminder
from crm.followups.reminding import planning
from crm.followups.service import finish
from crm.imports import queries, service, undoing, working
from crm.imports.models import SpreadsheetImport, SpreadsheetRow
from crm.imports.rules.course import Phase
from crm.people.met.models import StanceClaim
from tests.imports.sending import many, press, seen, send, table, take, work
from tests.support.hanging import DEEDS, HIDDEN, Deed
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.statements import recorded

People = Callable[[str], Person]
KEPT = (Activity, FollowUp, StanceClaim)
LINE = "Bhutan,2026-03-12,visit,Karma Example,Supports the aims.,Send the kit,2027-01-15,staff,"
BOTH = '"Bhutan, Laos",2026-03-12,regional workshop,Karma,Yes,Send the kit,2027-01-12,,'


def _one() -> Activity:
    with looking_as(SYSTEM):
        return db.session.scalars(select(Activity)).one()


def _everything() -> dict[str, int]:
    with looking_as(SYSTEM):
        db.session.rollback()
        return seen(KEPT)


def _sources() -> set[object]:
    with looking_as(SYSTEM):
        return {*db.session.scalars(select(StanceClaim.source_id)), *db.session.scalars(select(FollowUp.activity_id))}


@pytest.mark.parametrize(("deed", "why"), DEEDS, ids=[deed.__name__ for deed, _ in DEEDS])
def test_what_anybody_made_of_a_record_keeps_the_import(app: Flask, person: People, deed: Deed, why: str) -> None:
    """Whoever would undo it is told the line where they see what was done, and nothing but that it stays otherwise."""
    actor, presidency = person("coordinator").viewer, person("presidency").viewer
    made = take(actor, table(LINE), handling=Handling.COORDINATION)
    key = _one().id
    deed(actor, presidency, key)
    before = _everything()
    with pytest.raises(RuleViolation, match=HIDDEN if why == HIDDEN else "records of line 2 since"):
        press(service.undo, actor, made)
    assert _everything() == before and _sources() == {key}


def test_what_was_done_where_the_actor_no_longer_sees_it_keeps_the_import(person: People) -> None:
    officer = person("officer").viewer
    made = take(officer, table(BOTH), handling=Handling.COORDINATION)
    with looking_as(officer), unit_of_work():
        key = db.session.scalars(select(FollowUp.id)).one()
        finish(actor=officer, followup_id=key, done_note="An hour of work")
    with pytest.raises(RuleViolation, match=HIDDEN):
        press(service.undo, replace(officer, states=frozenset({"LAO"})), made)
    assert _everything()["FollowUp"] == 1


def test_what_would_go_with_a_record_unseen_keeps_it(person: People) -> None:
    """The record is seen because of one of its States, its follow-up is about the other."""
    officer = person("officer").viewer
    made = take(officer, table(BOTH), handling=Handling.COORDINATION)
    with pytest.raises(RuleViolation, match=HIDDEN):
        press(service.undo, replace(officer, states=frozenset({"LAO"})), made)
    press(service.undo, officer, made)
    assert _everything() == {"Activity": 0, "FollowUp": 0, "StanceClaim": 0}


def _reminded(after: timedelta) -> object:
    moved = time_machine.travel(clock.now() + after)
    moved.start()
    with looking_as(SYSTEM), unit_of_work():
        planning.plan_due()
        planning.gather()
    with looking_as(SYSTEM):
        assert db.session.scalars(select(Reminder)).one()
    return moved


def test_a_reminder_of_a_day_that_has_come_keeps_the_import(person: People) -> None:
    officer = person("officer").viewer
    due = (clock.today("UTC") + timedelta(days=2)).isoformat()
    made = take(officer, table(LINE.replace("2027-01-15", due)))
    moved = _reminded(timedelta(days=4))
    try:
        with pytest.raises(RuleViolation, match="line 2 since"):
            press(service.undo, officer, made)
    finally:
        moved.stop()  # type: ignore[attr-defined]


def test_a_reminder_of_what_was_overdue_from_the_first_does_not(person: People) -> None:
    officer = person("officer").viewer
    made = take(officer, table(LINE.replace("2027-01-15", "2026-04-01")), open_past=True)
    moved = _reminded(timedelta(minutes=1))
    try:
        press(service.undo, officer, made)
    finally:
        moved.stop()  # type: ignore[attr-defined]
    assert _everything()["FollowUp"] == 0


def _state_of(made: SpreadsheetImport) -> tuple[str, int, int]:
    with looking_as(SYSTEM):
        db.session.rollback()
        found = db.session.scalars(select(SpreadsheetImport).where(SpreadsheetImport.id == made.id)).one()
        return found.phase, found.taken, found.undone


def _close_last(actor: Viewer) -> None:
    with looking_as(actor), unit_of_work():
        last = db.session.scalars(select(SpreadsheetRow.activity_id).order_by(SpreadsheetRow.line.desc())).first()
        take_step(actor=actor, activity_id=last, status=Status.CLOSED)


@pytest.fixture
def large(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> SpreadsheetImport:
    """An import of five records that a worker takes back two at a time, asked for."""
    monkeypatch.setattr(undoing, "AT_ONCE", 2)
    made = take(person("officer").viewer, many(5))
    press(service.undo, person("officer").viewer, made)
    assert _state_of(made) == ("undoing", 5, 0)
    return made


def test_a_large_import_goes_some_records_at_a_time(
    large: SpreadsheetImport, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = person("officer").viewer
    told = []

    def counted(actor: Viewer, keys: Sequence[UUID]) -> None:
        told.append(len(keys))
        take_back(actor, keys)

    monkeypatch.setattr("crm.imports.undoing.take_back", counted)
    monkeypatch.setattr(working, "SLICE", timedelta(microseconds=-1))
    work(officer, large)
    assert _state_of(large) == ("undoing", 5, 0), "out of time before the first"
    monkeypatch.setattr(working, "SLICE", timedelta(minutes=2))
    work(officer, large)
    assert told == [2, 2, 1] and _state_of(large) == ("undone", 0, 5)
    with looking_as(SYSTEM):
        entries = db.session.scalars(select(AuditEntry.details).where(AuditEntry.event == "spreadsheet_undone")).all()
        assert [one["rows"] for one in entries] == [5]
    assert queries.counts(queries.get_import(large.id))[""] == 5


def test_a_large_import_is_looked_through_whole_before_the_first_goes(large: SpreadsheetImport, person: People) -> None:
    officer = person("officer").viewer
    _close_last(officer)
    work(officer, large)
    assert _state_of(large) == ("done", 5, 0)
    assert "line 6 since" in queries.get_import(large.id).problem


def test_what_somebody_goes_on_with_meanwhile_stays_with_the_rest(
    large: SpreadsheetImport, person: People, signed_in: Callable[[str], object]
) -> None:
    officer = person("officer").viewer
    with looking_as(SYSTEM), working._still(large.id, large.attempt, Phase.UNDOING) as made:
        undoing.check(officer, made)
        assert undoing.take_some_back(officer, made)
        made.lease_until = None
    _close_last(officer)
    work(officer, large)
    assert _state_of(large) == ("done", 3, 2)
    problem = queries.get_import(large.id).problem
    assert problem.startswith("2 records were taken back. Somebody has gone on") and "so the rest stays" in problem
    key = large.id
    db.session.remove()
    page = check_page(signed_in("officer").get(f"/imports/{key}"))  # type: ignore[attr-defined]
    assert "2 records were taken back" in page and "Taken back" in page and "Undo the import" in page
    assert "All of it is here" not in page


def test_a_record_that_is_gone_already_does_not_hold_up_the_rest(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    made = take(officer, many(2))
    with looking_as(SYSTEM), unit_of_work():
        first = db.session.scalars(select(SpreadsheetRow).order_by(SpreadsheetRow.line)).first()
        db.session.delete(db.session.get_one(Activity, first.activity_id))
    press(service.undo, officer, made)
    assert _state_of(made) == ("undone", 0, 2)


def test_what_is_forgotten_is_not_said_to_be_undone(person: People) -> None:
    officer = person("officer").viewer
    made = take(officer, many(2))
    with time_machine.travel(clock.now() + timedelta(days=31)):
        with looking_as(SYSTEM), unit_of_work():
            service.tidy()
        with pytest.raises(RuleViolation, match="forgotten"):
            press(service.undo, officer, made)
    assert _everything()["Activity"] == 2


def test_lines_are_kept_while_a_worker_takes_them_back(large: SpreadsheetImport) -> None:
    with time_machine.travel(clock.now() + timedelta(days=31)), looking_as(SYSTEM), unit_of_work():
        assert service.tidy() == 0


def test_of_several_records_none_goes_where_one_stays(person: People) -> None:
    officer = person("officer").viewer
    made = take(officer, many(3))
    _close_last(officer)
    with pytest.raises(RuleViolation, match=r"line 4 since.*so nothing is undone"):
        press(service.undo, officer, made)
    assert _everything()["Activity"] == 3


def test_blank_cells_take_what_stands_above_however_far(app: Flask, person: People) -> None:
    """A line says what it takes from above when it is read; nobody looks for it again."""
    officer = person("officer").viewer
    blank = (f",,visit,Karma,Reply {number},,,," for number in range(3))
    made = take(
        officer, table("Bhutan,2026-03-12,visit,Karma,One,,,,", "No State,,visit,K,R,,,,", *blank), carry_down=True
    )
    with looking_as(SYSTEM):
        rows = db.session.execute(
            select(SpreadsheetRow.line, SpreadsheetRow.fate, SpreadsheetRow.carried).order_by(SpreadsheetRow.line)
        ).all()
    day = {"held_on": "2026-03-12"}
    assert [one.carried for one in rows] == [{}, day, *[{"state": "No State", **day}] * 3]
    assert [one.fate for one in rows] == ["taken", *["problem"] * 4]
    assert made.taken == 1


def test_taking_over_asks_as_much_for_blank_lines_as_for_full_ones(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    first = "Bhutan,2026-03-12,visit,Karma,One,,,,"
    full = table(first, *(f"Bhutan,2026-03-12,visit,Karma,Full {number},,,," for number in range(4)))
    blank = table(first.replace("Bhutan", "Fiji"), *(f",,visit,Karma,Blank {number},,,," for number in range(4)))
    asked = []
    for content in (full, blank):
        made = send(officer, content, carry_down=True)
        press(service.begin, officer, made)
        with recorded() as statements:
            work(officer, made)
        asked.append(len(statements))
        assert _state_of(made)[:2] == ("done", 5)
    assert asked[0] == asked[1]
