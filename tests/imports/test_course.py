"""How an import goes: taken over, stopped, resumed, set aside line by line, undone, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from crm.accounts.models import User
from crm.activities.course.service import correct_activity, take_step
from crm.activities.models import Activity, ActivityObstacle, ActivityState
from crm.activities.rules import Status
from crm.activities.service import record_activity
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.jobs import Job
from crm.followups.models import FollowUp
from crm.followups.service import finish, open_follow_up
from crm.imports import looking, service, staging, undoing, working
from crm.imports.models import HeadingMemory, SpreadsheetImport, SpreadsheetPart, SpreadsheetRow
from crm.imports.on_record import on_record
from crm.imports.rules.course import Phase
from crm.positions.models import ObstacleClaim
from tasks.equipment import equip
from tests.imports.sending import many, press, seen, send, table, take, work
from tests.support.people import Person
from tests.support.racing import at_once, slowly
from tests.support.statements import recorded

LINES = (
    "Bhutan,2026-03-12,visit,Karma Example,Supports the aims.,Send the kit,2027-01-15,staff,",
    "Mongolia,2026-03-13,letter,Minister,Received.,,,,states",
)
KEPT = (Activity, ActivityState, FollowUp, ObstacleClaim, ActivityObstacle)


@pytest.fixture
def actor(app: Flask, person: Callable[[str], Person]) -> Viewer:
    """An officer, who looks."""
    found = person("officer").viewer
    access.look_as(found)
    return found


def _fates(made: SpreadsheetImport) -> list[tuple[str, str]]:
    rows = db.session.scalars(
        select(SpreadsheetRow).where(SpreadsheetRow.import_id == made.id).order_by(SpreadsheetRow.line)
    )
    return [(one.fate, " ".join(text for _, text in one.problems)) for one in rows]


def _events() -> list[str]:
    with looking_as(SYSTEM):
        return list(db.session.scalars(select(AuditEntry.event).order_by(AuditEntry.place)))


def test_lines_that_differ_in_anything_are_all_meant(app: Flask, actor: Viewer) -> None:
    """Two talks with one person on one day may differ in what comes next alone; a line twice over is one."""
    first, other = LINES[0], LINES[0].replace("Send the kit", "Ask for the bill")
    made = take(actor, table(first, other, first))
    assert [fate for fate, _ in _fates(made)] == ["taken", "taken", "duplicate"]
    with looking_as(SYSTEM):
        assert set(db.session.scalars(select(Activity.next_action))) == {"Send the kit", "Ask for the bill"}
    again = send(actor, table(first, other))
    assert {fate for fate, _ in _fates(again)} == {"duplicate"}


def test_what_is_on_record_is_found_some_at_once(app: Flask, actor: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever number of records a day has, few of them are held together."""
    monkeypatch.setattr("crm.imports.on_record.AT_ONCE", 3)
    take(actor, many(10))
    with recorded() as statements:
        again = send(actor, table(*many(10).decode().splitlines()[1:], LINES[0]))
    assert [fate for fate, _ in _fates(again)] == ["duplicate"] * 10 + ["ready"]
    asked = [one for one in statements if "activity.reply" in one.sql and "ORDER BY" in one.sql]
    assert len(asked) == 4 and all("LIMIT" in one.sql for one in asked)


def test_one_file_that_two_imports_take_over_at_the_same_moment_is_on_record_once(
    app: Flask, actor: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tabs, or two colleagues: both have looked at all lines before either begins."""
    both = [send(actor, many(60)) for _ in range(2)]
    for made in both:
        press(service.begin, actor, made)
    keys = [made.id for made in both]
    monkeypatch.setattr(staging, "on_record", slowly(on_record))
    assert at_once(app, [partial(working.work, key) for key in keys]) == [None, None]
    db.session.rollback()
    access.look_as(SYSTEM)
    assert db.session.scalar(select(func.count()).select_from(Activity)) == 60
    rows = db.session.scalars(select(SpreadsheetRow)).all()
    assert sorted(one.fate for one in rows) == ["duplicate"] * 60 + ["taken"] * 60


def test_every_line_becomes_a_record_with_what_follows_from_it(actor: Viewer) -> None:
    made = take(actor, table(*LINES), handling=Handling.COORDINATION)
    assert (made.phase, made.taken, made.ready, made.failed) == ("done", 2, 0, 0)
    bhutan, mongolia = db.session.scalars(select(Activity).order_by(Activity.held_on))
    assert (bhutan.handling, mongolia.handling) == ("coordination", "coordination"), "a cell narrows, it never widens"
    assert bhutan.originator_id == actor.party_id and bhutan.recorded_by_id == actor.user_id
    follow_up = db.session.scalars(select(FollowUp)).one()
    assert (follow_up.owner_id, follow_up.activity_id) == (actor.user_id, bhutan.id)
    assert db.session.scalars(select(ObstacleClaim.type)).all() == ["human_resources"]
    assert [one for one in _events() if one.startswith("spreadsheet")] == [
        "spreadsheet_sent", "spreadsheet_begun", "spreadsheet_ended",
    ]  # fmt: skip
    assert _events().count("activity_recorded") == 2
    assert seen([SpreadsheetPart]) == {"SpreadsheetPart": 0}, "the file itself is not needed any more"


def test_a_cell_narrows_who_may_see(actor: Viewer) -> None:
    take(actor, table(*LINES[:1], LINES[1].replace("states", "internal")), handling=Handling.COORDINATION)
    found = db.session.scalars(select(Activity.handling).order_by(Activity.held_on)).all()
    assert found == ["coordination", "originator"]


def test_a_handling_above_the_ceiling_is_refused(app: Flask, actor: Viewer) -> None:
    from dataclasses import replace

    app.extensions["settings"] = replace(app.extensions["settings"], handling_ceiling="states")
    with pytest.raises(RuleViolation) as refused:
        send(actor, table(*LINES), handling=Handling.COORDINATION)
    assert "handling" in refused.value.errors


def test_what_nobody_may_is_refused(app: Flask, actor: Viewer, person: Callable[[str], Person]) -> None:
    with pytest.raises(NotAllowed):
        send(person("observer").viewer, table(*LINES))
    made = send(actor, table(*LINES))
    for verb in (service.begin, service.undo, service.discard, service.stop, service.resume):
        with pytest.raises(NotFound):
            press(verb, person("coordinator").viewer, made)


def test_a_state_that_is_not_ones_own_is_a_problem_of_its_line(app: Flask, actor: Viewer) -> None:
    from dataclasses import replace

    made = send(replace(actor, states=frozenset({"BTN"})), table(*LINES))
    assert [fate for fate, _ in _fates(made)] == ["ready", "problem"]
    assert "not among those you work on" in _fates(made)[1][1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The Gambia", ""),
        ("Royaume-Uni", ""),
        ("Kingdom of Bhutan", ""),
        ("Burma (Myanmar)", ""),
        ("Bhutan; Mongolia", "is kept for one State"),
        ("Mongolai", "No State is called “Mongolai”. Perhaps Mongolia?"),
        ("Burma (Thailand)", "No State is called"),
        ("Guinea-", ""),
        ("Korea", "No State is called “Korea”. Perhaps"),
    ],
)
def test_states_by_any_name_and_none_by_chance(actor: Viewer, text: str, said: str) -> None:
    made = send(actor, table(f"{text},2026-03-12,visit,A,B,,,,"))
    [(fate, problem)] = _fates(made)
    assert (fate, problem) == ("ready", "") if not said else said in problem


def test_stopped_and_resumed_nothing_comes_twice(actor: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "TAKEN_AT_ONCE", 3)
    monkeypatch.setattr(working, "SLICE", timedelta(0))
    made = send(actor, many(8))
    press(service.begin, actor, made)
    monkeypatch.setattr(working, "SLICE", timedelta(microseconds=1))
    with looking_as(SYSTEM), working._still(made.id, made.attempt, Phase.TAKING) as mine, looking_as(actor):
        assert staging.take_lines(actor, mine, staging.judge_of(actor, mine))
    access.look_as(actor)
    press(service.stop, actor, made)
    assert (made.phase, made.taken, made.ready) == ("stopped", 3, 5)
    work(actor, made)
    assert seen([Activity]) == {"Activity": 3}, "stopped is stopped"
    monkeypatch.setattr(working, "SLICE", timedelta(minutes=2))
    press(service.resume, actor, made)
    work(actor, made, made)
    made = db.session.scalars(select(SpreadsheetImport)).one()
    assert (made.phase, made.taken, made.ready) == ("done", 8, 0)
    assert seen([Activity]) == {"Activity": 8}


def test_a_worker_that_was_overtaken_leaves_the_import_alone(actor: Viewer) -> None:
    made = send(actor, many(2))
    press(service.begin, actor, made)
    with looking_as(SYSTEM):
        with unit_of_work():
            claimed = working._claim(made)
        assert claimed
        assert working._claim(made) is None, "another has it"
        with unit_of_work():
            made.attempt += 1
        with pytest.raises(working.Overtaken), working._still(made.id, claimed[0], Phase.TAKING):
            pytest.fail("it is not this worker's any more")


def test_a_poisoned_line_is_set_aside_alone(actor: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:

    def poisoned(**told: object) -> Activity:
        made = record_activity(**told)  # type: ignore[arg-type]
        if told["reply"] == "Reply number 1":
            made.status = None  # type: ignore[assignment]
        return made

    monkeypatch.setattr(staging, "record_activity", poisoned)
    made = take(actor, many(3))
    assert [fate for fate, _ in _fates(made)] == ["taken", "failed", "taken"]
    assert "Tell the operator" in _fates(made)[1][1]
    assert (made.taken, made.failed) == (2, 1)
    assert seen([Activity]) == {"Activity": 2}
    assert _events().count("activity_recorded") == 2


def test_what_changed_between_the_look_and_the_taking_is_seen_again(actor: Viewer) -> None:
    first, second = send(actor, table(*LINES)), send(actor, table(*LINES))
    assert (second.ready, second.duplicates) == (2, 0)
    for one in (first, second):
        press(service.begin, actor, one)
        work(actor, one)
    assert (second.taken, second.duplicates) == (0, 2)
    assert seen([Activity]) == {"Activity": 2}


def test_the_work_of_somebody_whose_account_was_closed_stops(actor: Viewer) -> None:
    made = send(actor, many(2))
    press(service.begin, actor, made)
    with looking_as(SYSTEM), unit_of_work():
        db.session.execute(update(User).where(User.id == actor.user_id).values(active=False))
    work(actor, made)
    db.session.refresh(made)
    assert (made.phase, made.taken) == ("stopped", 0) and "may not import" in made.problem


def test_undo_takes_everything_back(actor: Viewer) -> None:
    take(actor, table("Fiji,2026-03-12,visit,Ana Example,Yes,Call again,2027-01-15,staff,"))
    before = seen(KEPT)
    made = take(actor, table(*LINES))
    assert seen(KEPT) != before
    press(service.undo, actor, made)
    assert made.phase == "undone" and seen(KEPT) == before
    assert [fate for fate, _ in _fates(made)] == ["undone", "undone"]
    assert _events()[-1] == "spreadsheet_undone"
    assert take(actor, table(*LINES)).taken == 2, "and may be brought in anew"


def _correct(actor: Viewer, activity: Activity) -> None:
    take_step(actor=actor, activity_id=activity.id, status=Status.CLOSED)


def _rewrite(actor: Viewer, activity: Activity) -> None:
    correct_activity(
        actor=actor, activity_id=activity.id, kind="capital_visit", state_iso3="BTN", held_on=activity.held_on,
        reply="Something else.",
    )  # fmt: skip


def _finish(actor: Viewer, activity: Activity) -> None:
    finish(actor=actor, followup_id=db.session.scalars(select(FollowUp.id)).one())


def _open(actor: Viewer, activity: Activity) -> None:
    day = activity.held_on.replace(year=2027)
    open_follow_up(actor=actor, what="More", state_iso3="BTN", due_on=day, activity_id=activity.id)


@pytest.mark.parametrize("touch", [_correct, _rewrite, _finish, _open])
def test_nothing_is_undone_once_somebody_has_gone_on(actor: Viewer, touch: Callable[..., None]) -> None:
    made = take(actor, table(*LINES))
    bhutan = db.session.scalars(select(Activity).order_by(Activity.held_on)).first()
    with time_machine.travel(clock_later(), tick=True), unit_of_work():
        touch(actor, bhutan)
    before = seen(KEPT)
    with pytest.raises(RuleViolation, match="line 2 since"):
        press(service.undo, actor, made)
    db.session.rollback()
    assert seen(KEPT) == before
    assert db.session.scalars(select(SpreadsheetImport.phase)).one() == "done"


def clock_later() -> object:
    from crm.core import clock

    return clock.now() + timedelta(minutes=1)


def test_a_large_import_is_taken_back_by_a_worker(actor: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "AT_ONCE", 1)
    made = take(actor, table(*LINES))
    press(service.undo, actor, made)
    assert made.phase == "undoing" and seen([Activity]) == {"Activity": 2}
    work(actor, made)
    assert db.session.scalars(select(SpreadsheetImport.phase)).one() == "undone"
    assert seen([Activity]) == {"Activity": 0}


def test_long_files_are_read_on_by_a_worker_that_may_die(actor: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "IN_A_REQUEST", 4)
    monkeypatch.setattr(staging, "READ_AT_ONCE", 3)
    monkeypatch.setattr(working, "SLICE", timedelta(microseconds=1))
    blank = table("Bhutan,2026-03-12,visit,Karma,One,,,,", *(f",,visit,Karma,Reply {n},,,," for n in range(10)))
    made = send(actor, blank, carry_down=True)
    assert (made.phase, made.lines) == ("reading", 4)
    for lines in (7, 10, 11):
        work(actor, made)
        db.session.expire_all()
        made = db.session.scalars(select(SpreadsheetImport)).one()
        assert made.lines == lines
    work(actor, made)
    db.session.expire_all()
    assert (made.phase, made.ready) == ("preview", 11)


def test_one_line_too_many_refuses_the_file(app: Flask, actor: Viewer) -> None:
    from dataclasses import replace

    app.extensions["settings"] = replace(app.extensions["settings"], import_most_rows=3)
    made = send(actor, many(4))
    assert made.phase == "refused" and "more than 3 lines" in made.problem


def test_the_sweeper_finds_what_the_queue_lost(actor: Viewer) -> None:
    made = send(actor, many(1))
    press(service.begin, actor, made)
    with looking_as(SYSTEM):
        with unit_of_work():
            assert service.sweep() == 1
            working._claim(made)
        with unit_of_work():
            assert service.sweep() == 0, "somebody works on it"
        with time_machine.travel(clock_later() + timedelta(minutes=10)), unit_of_work():  # type: ignore[operator]
            assert service.sweep() == 1, "whoever held it is dead"


def test_the_worker_knows_both_jobs(app: Flask, actor: Viewer) -> None:
    made = send(actor, many(2))
    press(service.begin, actor, made)
    key = str(made.id)
    db.session.remove()
    celery = equip(app)
    celery.tasks[Job.SWEEP_SPREADSHEETS.value]()
    celery.tasks[Job.WORK_ON_SPREADSHEET.value](key)
    access.look_as(actor)
    assert db.session.scalars(select(SpreadsheetImport.phase)).one() == "done"
    assert seen([Activity]) == {"Activity": 2}


def test_an_import_on_which_workers_die_is_stopped(actor: Viewer) -> None:
    made = send(actor, many(1))
    press(service.begin, actor, made)
    with looking_as(SYSTEM), unit_of_work():
        for _ in range(working.MOST_DEATHS):
            assert working._claim(made)
            made.lease_until = None
        assert working._claim(made) is None
    assert made.phase == "stopped" and "cut off too often" in made.problem


def test_lines_are_forgotten_after_thirty_days_and_records_stay(actor: Viewer) -> None:
    take(actor, table(*LINES))
    send(actor, many(2))
    with looking_as(SYSTEM):
        with time_machine.travel(clock_later() + timedelta(days=29)), unit_of_work():  # type: ignore[operator]
            assert service.tidy() == 0
        with time_machine.travel(clock_later() + timedelta(days=31)), unit_of_work():  # type: ignore[operator]
            assert service.tidy() == 2
            assert service.tidy() == 0
    access.look_as(actor)
    assert seen([Activity, SpreadsheetImport, SpreadsheetRow, SpreadsheetPart]) == {
        "Activity": 2, "SpreadsheetImport": 1, "SpreadsheetRow": 0, "SpreadsheetPart": 0,
    }  # fmt: skip


def test_a_party_is_not_asked_twice_what_a_heading_means(actor: Viewer, person: Callable[[str], Person]) -> None:
    content = table("Peru,2026-03-12,visit,A,B", headings="Land,Tag,Art,Wer,Antwort")
    access.look_as(actor)
    send(actor, content, columns={"state": 0, "held_on": 1, "kind": 2, "person_name": 3, "reply": 4})
    again = send(actor, content)
    assert again.ready == 1
    assert seen([HeadingMemory]) == {"HeadingMemory": 5}
    access.look_as(person("other_officer").viewer)
    assert seen([HeadingMemory]) == {"HeadingMemory": 0}, "another party has its own words"
    assert send(person("other_officer").viewer, content).problems == 1
