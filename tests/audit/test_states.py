"""Every entry about a record that concerns a State says which; once that is restricted it is for those named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.attachments import service as attachments
from crm.activities.models import ActivityState
from crm.audit import subjects
from crm.audit.models import AuditEntry
from crm.audit.service import Event, erase_values, record
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.followups import service as followups
from crm.reach.service import restricted
from tests.activities.test_attachments import kept
from tests.audit.entries import enter
from tests.followups.opening import opened
from tests.sharing.test_handling import answer, ask, handle
from tests.support.people import Person
from tests.support.records import anew, logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


def do(verb: Callable[..., Any], actor: Viewer, **given: Any) -> None:
    with looking_as(actor), unit_of_work():
        verb(actor=actor, **given)


@pytest.fixture
def life(app: Flask, person: People, signed_in: Clients) -> set[str]:
    """Everything that can happen to a record about Laos; the events that it left behind."""
    presidency, coordinator = person("presidency").viewer, person("coordinator").viewer
    activity = logged(presidency, "LAO", handling=Handling.COORDINATION)
    file = kept(presidency, activity)
    task = opened(presidency, handling=Handling.COORDINATION)
    do(followups.move, presidency, followup_id=task, due_on=date(2026, 12, 24), note="Later")
    do(followups.reassign, presidency, followup_id=task, owner_id=coordinator.user_id)
    do(followups.finish, presidency, followup_id=task)
    do(followups.reopen, presidency, followup_id=task)
    do(followups.cancel, presidency, followup_id=task)
    browser = signed_in("coordinator")
    for address in (f"/activities/{activity}", f"/attachments/{file}", f"/followups/{task}"):
        assert browser.get(address).status_code == 200
    answer(presidency, ask(coordinator, activity, Handling.STATES), True)
    handle(presidency, activity, Handling.ORIGINATOR)
    for address in (f"/activities/{activity}", f"/attachments/{file}"):
        assert browser.get(address).status_code == 404
    enter()
    handle(presidency, activity, Handling.COORDINATION)
    do(attachments.remove_attachment, presidency, attachment_id=file)
    with unit_of_work():
        erase_values(actor=SYSTEM, subject=("follow_up", str(task)), reference="case 7")
    with looking_as(SYSTEM):
        about = select(AuditEntry.event, AuditEntry.details).where(
            AuditEntry.subject_id.in_([str(activity), str(file), str(task)])
        )
        rows = db.session.execute(about).all()
        db.session.rollback()
    assert {row.details["state"] for row in rows} == {"LAO"}
    return {row.event for row in rows}


def test_every_entry_names_it(life: set[str]) -> None:
    assert life == {
        "activity_recorded", "attachment_added", "attachment_removed", "followup_opened", "followup_moved",
        "followup_reassigned", "followup_done", "followup_reopened", "followup_cancelled", "wider_handling_asked",
        "wider_handling_answered", "handling_changed", "record_opened", "record_exported", "denied", "values_erased",
    }  # fmt: skip


def test_s06_whoever_is_not_named_reads_none_of_them(
    life: set[str], database: str, person: People, signed_in: Clients
) -> None:
    for iso3 in ("LAO", "BTN"):
        do(restricted.restrict, person("coordinator").viewer, state_iso3=iso3)
    do(restricted.name_reader, SYSTEM, state_iso3="LAO", user_id=person("coordinator").viewer.user_id)
    browser = signed_in("presidency")
    items = browser.get("/api/v1/audit").get_json()["items"]
    assert items and not life & {one["event"] for one in items}
    csv = browser.get("/administration/audit.csv?columns=what,event,kind").get_data(as_text=True)
    assert not [one for one in life if f",{one}," in csv]
    named = signed_in("coordinator").get("/api/v1/audit").get_json()["items"]
    assert {"activity_recorded", "handling_changed"} <= {one["event"] for one in named}
    if database == "postgresql":
        with looking_as(anew(person("presidency").viewer)):
            left = set(db.session.scalars(select(AuditEntry.__table__.c.event)))
            assert left & life <= {"record_exported"}, "their own taking of the table along"


def test_a_record_about_several_states_is_hidden_by_each_of_them(app: Flask, database: str, person: People) -> None:
    presidency, coordinator = person("presidency").viewer, person("coordinator").viewer
    key = logged(presidency, "LAO", handling=Handling.COORDINATION)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.add(ActivityState(activity_id=key, state_iso3="BTN", held_on=date(2026, 11, 1)))
    assert subjects.about("activity", key).states == "BTN LAO"
    handle(presidency, key, Handling.STATES)
    wanted = select(AuditEntry.__table__.c.event if database == "postgresql" else AuditEntry.event)
    for iso3 in ("LAO", "BTN"):
        with looking_as(anew(coordinator)):
            assert "handling_changed" in set(db.session.scalars(wanted))
        do(restricted.restrict, SYSTEM, state_iso3=iso3)
        with looking_as(anew(coordinator)):
            assert "handling_changed" not in set(db.session.scalars(wanted)), iso3
        do(restricted.release, SYSTEM, state_iso3=iso3)


def test_an_event_that_could_not_name_it_is_refused(app: Flask, person: People) -> None:
    presidency = person("presidency").viewer
    key = logged(presidency, "LAO")
    with pytest.raises(ValueError, match="does not carry the State"), unit_of_work():
        record(Event.CAMPAIGN_STOPPED, actor=presidency, subject=("activity", key), letters=1)
