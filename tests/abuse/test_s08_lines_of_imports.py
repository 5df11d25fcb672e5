"""S8: whoever may no longer read of a State reads no line of a spreadsheet about it, whoever sent the spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import AccreditationKind, Mission, User
from crm.activities.models import Activity
from crm.activities.withdrawing import take_back
from crm.audit.models import AuditEntry
from crm.audit.service import Event
from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.imports import queries, service
from crm.imports.models import SpreadsheetRow
from crm.imports.rules.course import Fate
from crm.imports.storing import SentSheet
from crm.reach.service import missions, restricted
from tests.imports.sending import press, send, table, take
from tests.support.people import Person, browser_of
from tests.support.records import anew

People = Callable[[str], Person]

LINES = (
    "Lao PDR,2026-03-12,visit,Minister,CANARY of Lao PDR,,,,",
    "Fiji,2026-03-12,visit,Ana,CANARY of Fiji,,,,",
)
WRONG = (
    "Lao PDR,never,visit,Minister,CANARY of Lao PDR,,,,",
    "Lao PDR; Nowhere,2026-03-12,visit,Minister,CANARY of Lao PDR,,,,",
    "Fiji,never,visit,Ana,CANARY of Fiji,,,,",
)


def _shown(browser: FlaskClient, key: UUID) -> set[str]:
    """Of which States the doors of an import show words; the same at all of them that show any."""
    page, door = f"/imports/{key}", f"/api/v1/imports/{key}"
    places = (page, f"{page}/columns", f"{page}/problems.csv", door, f"{door}/lines")
    texts = [browser.get(one, follow_redirects=True).text for one in places]
    return {one for one in ("Lao PDR", "Fiji") if any(f"CANARY of {one}" in text for text in texts)}


def _restrict(by: Viewer) -> None:
    with looking_as(by), unit_of_work():
        restricted.restrict(actor=by, state_iso3="LAO")
    _anew()


def _anew() -> None:
    db.session.remove()
    access.look_as(SYSTEM)


def _withdrawn(owner: Viewer) -> None:
    with looking_as(owner), unit_of_work():
        take_back(owner, db.session.scalars(select(Activity.id)).all())


def _as_it_is(owner: Viewer) -> None:
    """Nothing happens to the records."""


STAGES: dict[str, tuple[Sequence[str], Any, Any]] = {
    "to be put right": (WRONG, send, _as_it_is),
    "ready": (LINES, send, _as_it_is),
    "taken over": (LINES, take, _as_it_is),
    "withdrawn since": (LINES, take, _withdrawn),
}


@pytest.mark.parametrize("stage", STAGES)
def test_lines_about_a_state_that_is_restricted_are_for_those_who_are_named(
    app: Flask, person: People, stage: str
) -> None:
    lines, verb, then = STAGES[stage]
    officer = person("officer")
    key = verb(officer.viewer, table(*lines)).id
    then(officer.viewer)
    _anew()
    assert _shown(browser_of(app, officer.email), key) == {"Lao PDR", "Fiji"}
    _restrict(person("coordinator").viewer)
    assert _shown(browser_of(app, officer.email), key) == {"Fiji"}
    with looking_as(anew(person("coordinator").viewer)), unit_of_work():
        restricted.name_reader(
            actor=anew(person("coordinator").viewer), state_iso3="LAO", user_id=officer.viewer.user_id or UUID(int=0)
        )
    _anew()
    assert _shown(browser_of(app, officer.email), key) == {"Lao PDR", "Fiji"}


@pytest.mark.parametrize("stage", STAGES)
def test_whoever_is_posted_elsewhere_reads_no_line_about_a_state_that_is_no_longer_theirs(
    app: Flask, person: People, stage: str
) -> None:
    lines, verb, then = STAGES[stage]
    officer = person("officer")
    key = verb(officer.viewer, table(*lines)).id
    then(officer.viewer)
    with looking_as(SYSTEM), unit_of_work() as session:
        user = session.get_one(User, officer.viewer.user_id)
        mission = Mission(party_id=user.party_id, name="Embassy in Suva")
        session.add(mission)
        session.flush()
        user.mission_id = mission.id
        missions.accredit(
            actor=SYSTEM, mission_id=mission.id, state_iso3="FJI", kind=AccreditationKind.RESIDENT,
            from_on=date(2020, 1, 1),
        )  # fmt: skip
    _anew()
    assert _shown(browser_of(app, officer.email), key) == {"Fiji"}
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, officer.viewer.user_id).mission_id = None
    _anew()
    assert _shown(browser_of(app, officer.email), key) == set()


def test_a_line_about_a_state_that_never_was_theirs_goes_back_to_its_sender(person: People) -> None:
    """It says so itself; a restricted State goes before that, too."""
    officer = replace(person("officer").viewer, states=frozenset({"FJI"}))
    made = send(officer, table(*LINES))
    lines = queries.page_of_lines(made, officer, "", None).items
    assert [(one.line, one.fate) for one in lines] == [(2, Fate.PROBLEM), (3, Fate.READY)]
    access.look_as(replace(officer, closed=frozenset({"LAO"})))
    assert [one.line for one in db.session.scalars(select(SpreadsheetRow))] == [3]


@pytest.mark.parametrize("lines", [LINES, WRONG], ids=["ready", "wrong"])
def test_who_asks_with_a_spreadsheet_leaves_a_word_that_those_who_are_named_read(
    person: People, lines: Sequence[str]
) -> None:
    officer = person("officer").viewer
    _restrict(person("coordinator").viewer)
    send(anew(officer), table(*lines))
    with looking_as(anew(person("coordinator").viewer)):
        wanted = select(AuditEntry).where(AuditEntry.event == Event.WRITTEN_UNSEEN.value)
        found = [(one.actor_id, one.details) for one in db.session.scalars(wanted)]
    assert found == [(officer.user_id, {"state": "LAO"})]


def test_what_its_sender_does_not_see_is_looked_through_anew_and_thrown_away_with_the_rest(person: People) -> None:
    _restrict(person("coordinator").viewer)
    officer = anew(person("officer").viewer)
    made = send(officer, table(*LINES))
    with unit_of_work():
        made = service.choose_columns(actor=officer, import_id=made.id, columns=made.head["guessed"])
    with looking_as(SYSTEM):
        assert [one.line for one in db.session.scalars(select(SpreadsheetRow).order_by(SpreadsheetRow.line))] == [2, 3]
    press(service.discard, officer, made)
    with looking_as(SYSTEM):
        assert db.session.scalars(select(SpreadsheetRow)).all() == []


def _choose(by: Viewer, key: UUID, **columns: int) -> None:
    with looking_as(anew(by)), unit_of_work():
        service.choose_columns(actor=anew(by), import_id=key, columns=columns)
    _anew()


def _elsewhere(officer: Person) -> None:
    """Post them to where Fiji alone is theirs."""
    with looking_as(SYSTEM), unit_of_work() as session:
        user = session.get_one(User, officer.viewer.user_id)
        mission = Mission(party_id=user.party_id, name="Embassy in Suva")
        session.add(mission)
        session.flush()
        user.mission_id = mission.id
        missions.accredit(
            actor=SYSTEM, mission_id=mission.id, state_iso3="FJI", kind=AccreditationKind.RESIDENT,
            from_on=date(2020, 1, 1),
        )  # fmt: skip
    _anew()


@pytest.mark.parametrize("away", ["restricted", "posted elsewhere"])
def test_whatever_column_is_said_to_tell_the_state_a_line_that_is_hidden_stays_so(
    app: Flask, person: People, away: str
) -> None:
    officer = person("officer")
    key = send(officer.viewer, table(*LINES)).id
    _anew()
    if away == "restricted":
        _restrict(person("coordinator").viewer)
    else:
        _elsewhere(officer)
    browser = browser_of(app, officer.email)
    assert _shown(browser, key) == {"Fiji"}
    for columns in ({"state": 3, "held_on": 1, "reply": 4}, {"state": 2, "held_on": 1, "person_name": 0, "reply": 4}):
        _choose(officer.viewer, key, **columns)
        assert _shown(browser, key) == {"Fiji"}, columns
    _choose(officer.viewer, key, state=0, held_on=1, reply=4)
    assert _shown(browser, key) == {"Fiji"}


@pytest.mark.parametrize("away", ["restricted", "posted elsewhere"])
def test_before_it_is_looked_through_nothing_of_such_a_line_is_shown_as_an_example(
    app: Flask, person: People, away: str
) -> None:
    officer = person("officer")
    with looking_as(officer.viewer), unit_of_work():
        made = service.send(actor=officer.viewer, file=SentSheet("list.csv", "csv", BytesIO(table(*LINES))))
        key = made.id
    _anew()
    browser = browser_of(app, officer.email)
    assert _shown(browser, key) == {"Lao PDR", "Fiji"}
    if away == "restricted":
        _restrict(person("coordinator").viewer)
    else:
        _elsewhere(officer)
    assert _shown(browser, key) == set()


def test_a_line_below_that_leaves_its_state_blank_goes_with_the_one_above(app: Flask, person: People) -> None:
    officer = person("officer")
    below = ",2026-03-13,visit,Minister,CANARY of Lao PDR,,,,"
    key = send(officer.viewer, table(LINES[0], below, LINES[1]), carry_down=True).id
    _anew()
    _restrict(person("coordinator").viewer)
    _choose(officer.viewer, key, state=0, held_on=1, reply=4)
    assert _shown(browser_of(app, officer.email), key) == {"Fiji"}
