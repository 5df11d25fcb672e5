"""What the audit tells of what is closed: nothing of a restricted State to colleagues who are not named for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete, select

from crm.accounts.models import Party, Role, User
from crm.accounts.service import open_account
from crm.accounts.viewers import viewer_of
from crm.activities.course.service import correct_activity
from crm.activities.margins.service import record_round
from crm.activities.margins.talks import Talk
from crm.activities.margins.undo import undo_round
from crm.activities.models import Activity
from crm.audit import queries, subjects
from crm.audit.models import AuditEntry
from crm.audit.queries import AuditLine, Wanted
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.drafts.models import Draft
from crm.files.intake import check
from crm.followups.models import FollowUp
from crm.imports import service as imports
from crm.imports import undoing
from crm.instructions import material, service, steps
from crm.pins.service import pin
from crm.reach.service import restricted
from tests.audit.entries import enter
from tests.files import samples
from tests.imports.sending import press, table, take, work
from tests.instructions.world import EMAILS, House, does, house, sent, task, told
from tests.reach.test_restricted import restrict
from tests.support.people import PASSWORD, Person, browser_of
from tests.support.records import anew, logged

People = Callable[[str], Person]
DOORS = ("/administration/audit", "/administration/audit.csv", "/api/v1/audit", "/api/v1/audit/export.csv")
WORKSHOP: dict[str, Any] = {"kind": "regional_workshop", "held_on": date(2026, 11, 1), "person_name": "Karma Example"}


def colleague(of: Viewer) -> Viewer:
    """Another coordinator of the same party, who is named for nothing."""
    with looking_as(SYSTEM), unit_of_work() as session:
        party = session.get_one(Party, of.party_id)
        return viewer_of(
            open_account(
                actor=SYSTEM, email="second@example.org", name="Second", party=party, roles=[Role.COORDINATOR],
                password=PASSWORD,
            )
        )  # fmt: skip


def lines(app: Flask, viewer: Viewer, *events: str) -> list[AuditLine]:
    """What somebody reads of these events, newest first."""
    with app.test_request_context(), looking_as(anew(viewer)):
        db.session.rollback()
        return [one for one in queries.page_of_entries(viewer=anew(viewer)).items if one.event in events]


def shown(found: Iterable[AuditLine]) -> set[Any]:
    """Every fact and value in these lines, but not their names."""
    facts = {str(value) for one in found for value in one.facts.values() if value is not None}
    return facts | {str(value) for one in found for change in one.changes for value in (change.before, change.after)}


@pytest.fixture
def home(app: Flask) -> House:
    """A government whose coordinator restricted Bhutan."""
    made = house()
    made.people["coordinator"] = restrict(made.coordinator, "BTN")
    colleague(made.coordinator)
    return made


def carried_on(home: House, app: Flask, cells: dict[str, str]) -> UUID:
    """An instruction with everything that the audit is told of one."""
    key, actor = sent(home, cells), home.coordinator
    file = does(actor, material.add_material, instruction_id=key, file=check(samples.pdf(), "paper.pdf")).id
    does(actor, service.amend_instruction, instruction_id=key, why="x", **told(objective="Canary words."))
    does(actor, steps.nudge, instruction_id=key, task_id=task("BTN").id)
    db.session.remove()
    for email, expected in ((EMAILS["coordinator"], 200), ("second@example.org", 200 if len(cells) > 1 else 404)):
        assert browser_of(app, email).get(f"/instructions/material/{file}").status_code == expected
    enter()
    does(actor, material.remove_material, material_id=file)
    does(actor, service.withdraw_instruction, instruction_id=key, why="x")
    return key


OF_INSTRUCTIONS = (
    "instruction_sent", "material_added", "instruction_amended", "instruction_nudged", "record_exported", "denied",
    "material_removed", "instruction_withdrawn",
)  # fmt: skip


def test_of_an_instruction_about_a_restricted_state_nothing_is_told(app: Flask, database: str, home: House) -> None:
    key = carried_on(home, app, {"BTN": "delhi"})
    named = lines(app, home.coordinator, *OF_INSTRUCTIONS)
    assert {one.event for one in named} == set(OF_INSTRUCTIONS)
    assert "Canary words." in shown(named) and all(one.facts.get("among", "BTN") == "BTN" for one in named)
    second = colleague_of(home)
    assert lines(app, second, *OF_INSTRUCTIONS) == []
    db.session.remove()
    browser = browser_of(app, "second@example.org")
    for door in DOORS:
        text = browser.get(door).get_data(as_text=True)
        assert "Canary" not in text and str(key) not in text and "instruction" not in text.partition("<table")[2], door
    if database == "postgresql":
        with looking_as(second):
            left = set(db.session.scalars(select(AuditEntry.__table__.c.event)))
            assert not left & {one for one in OF_INSTRUCTIONS if "instruction" in one or "material" in one}


def test_of_an_instruction_to_several_states_each_is_told_as_far_as_they_read_it(app: Flask, home: House) -> None:
    """Else the entry that is missing would tell that something of it is closed."""
    carried_on(home, app, {"BTN": "delhi", "IND": "delhi"})
    found = lines(app, colleague_of(home), *OF_INSTRUCTIONS)
    assert {one.event for one in found} == set(OF_INSTRUCTIONS) - {"instruction_nudged", "denied"}
    assert {one.facts["among"] for one in found} == {"IND"} and all(one.readable for one in found)
    assert "Canary words." in shown(found), "as on its page"
    db.session.remove()
    browser = browser_of(app, "second@example.org")
    for door in DOORS:
        text = browser.get(door).get_data(as_text=True)
        assert "BTN" not in text and "Bhutan" not in text.partition("<table")[2], door
    assert {one.facts["among"] for one in lines(app, home.coordinator, "instruction_sent")} == {"BTN IND"}


def colleague_of(home: House) -> Viewer:
    """The one who is not named."""
    with looking_as(SYSTEM):
        db.session.rollback()
        found = db.session.scalars(select(User).where(User.email == "second@example.org")).one()
        return viewer_of(found)


def corrected(actor: Viewer, key: UUID, **changes: Any) -> None:
    with looking_as(anew(actor)), unit_of_work():
        correct_activity(actor=anew(actor), activity_id=key, state_iso3="LAO", **{**WORKSHOP, **changes})


@pytest.fixture
def joined(app: Flask, person: People) -> UUID:
    """A workshop of Laos that Bhutan joined after it was restricted, by a correction."""
    actor = person("coordinator").viewer
    key = logged(actor, "LAO", **WORKSHOP, handling=Handling.COORDINATION)
    corrected(actor, key, reply="Canary words.")
    corrected(actor, key, reply="Nothing much.")
    restrict(actor, "BTN")
    corrected(actor, key, reply="Nothing much.", further_states=["BTN"])
    return key


def test_what_a_record_held_before_a_restricted_state_joined_it_is_closed_with_it(
    app: Flask, person: People, joined: UUID
) -> None:
    actor = person("coordinator").viewer
    assert "Canary words." in shown(lines(app, actor, "activity_corrected"))
    found = lines(app, colleague(actor), "activity_recorded", "activity_corrected")
    assert len(found) == 3 and not any(one.readable or one.open for one in found)
    assert shown(found) == {"None"} and [one.field for one in found[0].changes] == ["reply"]
    browser = browser_of(app, "second@example.org")
    for door in DOORS:
        text = browser.get(f"{door}?record={joined}").get_data(as_text=True)
        assert "Canary" not in text and "Nothing much" not in text, door


def gone(key: UUID) -> None:
    with looking_as(SYSTEM), unit_of_work() as session:
        session.execute(delete(Activity).where(Activity.id == key))


def test_what_is_gone_opens_nothing_that_was_closed(app: Flask, person: People, joined: UUID) -> None:
    actor = person("coordinator").viewer
    other = logged(actor, "LAO", **WORKSHOP)
    corrected(actor, other, reply="An open answer.")
    second = colleague(actor)
    for key in (joined, other):
        gone(key)
    assert "Canary words." in shown(lines(app, actor, "activity_corrected"))
    found = lines(app, second, "activity_recorded", "activity_corrected")
    assert {one.subject_id for one in found if one.readable} == {str(other)}
    assert "An open answer." in shown(found) and "Canary words." not in shown(found)
    with looking_as(SYSTEM), unit_of_work():
        restricted.release(actor=SYSTEM, state_iso3="BTN")
    assert "Canary words." in shown(lines(app, second, "activity_corrected"))


def test_what_is_gone_is_told_to_a_mission_of_its_states_alone(app: Flask, person: People) -> None:
    actor = person("coordinator").viewer
    key = logged(actor, "LAO", **WORKSHOP)
    gone(key)
    for states, readable in ((None, True), ({"LAO"}, True), ({"FJI"}, False)):
        bound = replace(actor, states=None if states is None else frozenset(states))
        with app.test_request_context(), looking_as(bound):
            found = queries.page_of_entries(viewer=bound, wanted=Wanted(record=str(key))).items
        assert [one.readable for one in found] == [readable], states


def spoken(actor: Viewer, *states: str) -> UUID:
    with looking_as(actor), unit_of_work():
        talks = [Talk(row=row, state_iso3=iso3, note="A note") for row, iso3 in enumerate(states)]
        return record_round(actor=actor, occasion="A reception", held_on=date(2026, 11, 1), talks=talks).id


def test_a_round_does_not_tell_of_talks_that_are_closed(app: Flask, person: People) -> None:
    rounds = ("round_recorded", "round_undone")
    actor = restrict(person("coordinator").viewer, "BTN")
    second = colleague(actor)
    for states in (("LAO", "BTN"), ("LAO",), ("BTN",)):
        key = spoken(actor, *states)
        with looking_as(actor), unit_of_work():
            undo_round(actor=actor, round_id=key)
    found = lines(app, second, *rounds)
    assert [one.facts for one in found] == [{"held_on": "2026-11-01", "among": "LAO"}] * 4
    assert len(lines(app, actor, *rounds)) == 6


def test_how_many_records_a_spreadsheet_became_is_for_whoever_sent_it(app: Flask, person: People) -> None:
    events = ("spreadsheet_sent", "spreadsheet_begun", "spreadsheet_ended")
    actor = restrict(person("coordinator").viewer, "BTN")
    second = colleague(actor)
    take(actor, table("Bhutan,2026-03-12,visit,Ana,Yes,,,,", "Fiji,2026-03-12,visit,Ana,Yes,,,,"))
    own, found = (lines(app, who, *events) for who in (actor, second))
    assert own[0].facts == {"rows": 2, "failed": 0, "among": "BTN FJI"}
    assert [one.event for one in found] == [one.event for one in own] and shown(found) == set()
    take(actor, table("Bhutan,2026-03-13,visit,Ana,Yes,,,,"))
    assert len(lines(app, second, "spreadsheet_ended")) == 1


@pytest.mark.parametrize("at_once", [200, 1], ids=["at once", "some at a time"])
def test_that_an_import_was_undone_names_the_states_of_its_records(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(undoing, "AT_ONCE", at_once)
    actor = restrict(person("coordinator").viewer, "BTN")
    second = colleague(actor)
    rows = {one: f"{one},2026-03-12,visit,Ana,Yes,,,," for one in ("Bhutan", "Fiji", "Laos")}
    for states in (("Bhutan", "Fiji", "Laos"), ("Bhutan",)):
        made = take(actor, table(*(rows[one] for one in states)))
        press(imports.undo, actor, made)
        work(actor, made)
    own, found = (lines(app, who, "spreadsheet_undone") for who in (actor, second))
    assert [one.facts for one in own] == [{"rows": 1, "among": "BTN"}, {"rows": 3, "among": "BTN FJI LAO"}]
    assert [one.id for one in found] == [own[1].id] and shown(found) == set()


def test_what_lies_over_a_record_names_the_states_of_the_record(app: Flask, person: People) -> None:
    actor = person("coordinator").viewer
    more = {"next_action": "Call back", "next_action_due": date(2026, 12, 1), "further_states": ["BTN"]}
    key = logged(actor, "LAO", **WORKSHOP, **more)
    with looking_as(actor), unit_of_work():
        followed, iso3 = db.session.execute(select(FollowUp.id, FollowUp.state_iso3)).one()
        pins = [
            pin(actor=actor, state_iso3=iso3, kind=kind, record_id=record).id
            for kind, record in (("activity", key), ("followup", followed))
        ]
        kept = Draft(user_id=actor.user_id, kind="finish", record_id=followed, typed="{}")
        db.session.add(kept)
        db.session.flush()
        draft = kept.id
    for kind, one in (("follow_up", followed), *(("timeline_pin", one) for one in pins), ("draft", draft)):
        assert subjects.about(kind, one).states == "BTN LAO", kind
