"""An approach from the plan to its end, through both doors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.course import service
from crm.activities.models import Activity, ActivityState, ActivityStep
from crm.activities.rules import AHEAD, HAPPENED, Noted, Status, may_be_reported, steps_from
from crm.audit.models import AuditContent, AuditEntry
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation, Stale
from crm.followups.models import FollowUp
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged
from tests.support.statements import recorded

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]

DUE = date(2027, 1, 15)
PLAN = {
    "kind": "demarche",
    "state_iso3": "LAO",
    "held_on": "2026-12-01",
    "objective": "Ask for the date of the cabinet's decision.",
    "instruction_ref": "Tokyo 114",
    "handling": "states",
}
REPORT = {
    **PLAN,
    "held_on": "2026-11-22",
    "person_name": "Karma Example",
    "reply": "The cabinet decides in March.",
    "next_action": "Ask again",
    "next_action_due": "2027-03-15",
}


def _post(browser: FlaskClient, address: str, given: dict[str, str]) -> Any:
    page = browser.get(address).get_data(as_text=True)
    version = page.partition('name="version" type="hidden" value="')[2].partition('"')[0]
    return browser.post(address, data={"version": version, **given, "csrf_token": token_of(page)})


def _planned(browser: FlaskClient, **changes: str) -> str:
    """The address of an approach that is planned."""
    answer = _post(browser, "/activities/plan", {**PLAN, **changes})
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def _of(where: str) -> Activity:
    db.session.rollback()
    return db.session.scalars(select(Activity).where(Activity.id == UUID(where.rpartition("/")[2]))).one()


def test_what_is_ahead_is_no_contact_and_what_is_over_is_not_ahead() -> None:
    assert not AHEAD & HAPPENED
    assert {one for one in Status if may_be_reported(one)} == AHEAD | {Status.DELIVERED}
    assert Status.INSTRUCTED not in steps_from(Status.PLANNED, instructed=False)
    assert all(one not in steps_from(one, instructed=True) for one in Status)


def test_it_is_planned_instructed_delivered_reported_and_closed(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    where = _planned(browser, held_on="2026-11-23")
    page = check_page(browser.get(where))
    assert "Planned" in page and "Ask for the date of the cabinet" in page and "Tokyo 114" in page
    for status in ("instructed", "delivered"):
        assert _post(browser, f"{where}/step", {"status": status}).status_code == 303
        assert _of(where).status == status
    assert _post(browser, f"{where}/report", REPORT).status_code == 303
    page = check_page(browser.get(where))
    assert "The cabinet decides in March." in page and "Report on it" not in page
    assert _post(browser, f"{where}/step", {"status": "closed"}).status_code == 303
    with looking_as(SYSTEM):
        db.session.rollback()
        steps = list(db.session.scalars(select(ActivityStep.status).order_by(ActivityStep.at)))
        assert steps == ["planned", "instructed", "delivered", "reported", "closed"]
        assert db.session.scalars(select(FollowUp)).one().what == "Ask again"
        told = list(db.session.scalars(select(AuditEntry.event).where(AuditEntry.event.like("activity%"))))
    assert sorted(told) == [
        "activity_moved_on", "activity_moved_on", "activity_moved_on", "activity_planned", "activity_recorded",
    ]  # fmt: skip


def test_a_plan_stands_ahead_on_the_page_of_the_state_and_is_no_contact(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    _planned(browser)
    page = check_page(browser.get("/states/LAO"))
    assert "moment-upcoming" in page and "None that you may see" in page
    late = _planned(browser, held_on="2026-11-01")
    page = check_page(browser.get("/states/LAO"))
    assert "moment-overdue" in page
    assert _post(browser, f"{late}/step", {"status": "cancelled", "note": "The minister fell."}).status_code == 303
    assert "moment-overdue" not in check_page(browser.get("/states/LAO"))
    assert "The minister fell." in check_page(browser.get(late))
    assert "Cancelled" in check_page(browser.get("/activities?status=cancelled"))


def test_the_page_of_a_state_stays_cheap(app: Flask, signed_in: Clients, person: People) -> None:
    for day in (1, 2, 3):
        _planned(signed_in("officer"), held_on=f"2026-12-0{day}")
        logged(person("other_officer").viewer, handling=Handling.STATES, next_action="Ask", next_action_due=DUE)
    browser = signed_in("coordinator")
    browser.get("/states/LAO")
    with recorded() as seen:
        page = browser.get("/states/LAO").get_data(as_text=True)
    assert page.count("moment-upcoming") >= 3
    assert len(seen) <= 28, seen


@pytest.mark.parametrize(
    ("status", "given", "field", "says"),
    [
        ("planned", {"status": "cancelled"}, "note", "Say why"),
        ("planned", {"status": "delivered"}, "status", "has not come yet"),
        ("planned", {"status": "closed"}, "status", ""),
        ("reported", {"status": "cancelled", "note": "no"}, "status", ""),
    ],
)
def test_a_step_that_cannot_be_taken_is_refused(
    app: Flask, signed_in: Clients, status: str, given: dict[str, str], field: str, says: str
) -> None:
    browser = signed_in("officer")
    where = _planned(browser)
    if status == "reported":
        assert _post(browser, f"{where}/report", REPORT).status_code == 303
    page = check_page(_post(browser, f"{where}/step", given), 422)
    assert says in page and f'href="#{field}"' in page
    assert _of(where).status == status


def test_the_verb_itself_refuses_a_leap(app: Flask, person: People) -> None:
    actor = person("officer").viewer
    key = logged(actor)
    with looking_as(actor), unit_of_work(), pytest.raises(RuleViolation, match="cannot become"):
        service.take_step(actor=actor, activity_id=key, status=Status.DELIVERED)
    with looking_as(actor), unit_of_work(), pytest.raises(RuleViolation, match="reported already"):
        service.report_activity(
            actor=actor, activity_id=key, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1), reply="Again."
        )


def test_what_was_written_is_set_right_and_the_audit_has_both(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    where = _planned(browser)
    assert _post(browser, f"{where}/report", REPORT).status_code == 303
    right = {**REPORT, "reply": "The cabinet decides in April.", "person_name": "Karma Tshering"}
    assert _post(browser, f"{where}/correct", right).status_code == 303
    page = check_page(browser.get(where))
    assert "in April" in page and "Karma Tshering" in page and "Tokyo 114" in page
    with looking_as(SYSTEM):
        db.session.rollback()
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "activity_corrected")).one()
        assert sorted(entry.details["changed"]) == ["person_name", "reply"]
        kept = db.session.scalars(select(AuditContent).where(AuditContent.entry_id == entry.id)).one()
    assert kept.handling == "originator"
    assert db.session.scalars(select(FollowUp)).one().what == "Ask again"


def test_a_second_who_corrects_sees_what_the_first_saved(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    where = _planned(browser)
    page = browser.get(f"{where}/correct").get_data(as_text=True)
    assert _post(browser, f"{where}/correct", {**PLAN, "objective": "First."}).status_code == 303
    old = {**PLAN, "objective": "Second.", "version": "1", "csrf_token": token_of(page)}
    answer = browser.post(f"{where}/correct", data=old)
    both = check_page(answer, 409)
    assert "First." in both and "Second." in both
    assert _of(where).objective == "First."
    assert _post(browser, f"{where}/correct", {**PLAN, "objective": "Second."}).status_code == 303
    assert _of(where).objective == "Second."


def test_only_its_own_party_changes_it(app: Flask, person: People, signed_in: Clients) -> None:
    where = _planned(signed_in("officer"))
    key, other = UUID(where.rpartition("/")[2]), person("other_officer").viewer
    told = check_page(signed_in("other_officer").get(where))
    assert "Report on it" not in told and "Correct" not in told
    for page in ("report", "correct", "step"):
        assert signed_in("other_officer").get(f"{where}/{page}").status_code == 403
    with looking_as(other), unit_of_work(), pytest.raises(NotAllowed):
        service.take_step(actor=other, activity_id=key, status=Status.INSTRUCTED)
    own = logged(person("officer").viewer)
    with looking_as(other), unit_of_work(), pytest.raises(NotFound):
        service.take_step(actor=other, activity_id=own, status=Status.CLOSED)


def test_the_json_door_does_the_same(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    headers = {"X-CSRFToken": token_of(browser.get("/activities/plan").get_data(as_text=True))}
    planned = browser.post("/api/v1/activities/plans", json=PLAN, headers=headers)
    assert planned.status_code == 201 and planned.json["status"] == "planned", planned.json
    where = planned.headers["Location"]
    step = {"status": "instructed", "version": planned.json["version"]}
    moved = browser.post(f"{where}/step", json=step, headers=headers)
    assert moved.json["status"] == "instructed", moved.json
    assert browser.post(f"{where}/step", json={**step, "status": "cancelled"}, headers=headers).status_code == 409
    told = browser.post(f"{where}/report", json={**REPORT, "version": moved.json["version"]}, headers=headers)
    assert (told.json["status"], told.json["reply"]) == ("reported", REPORT["reply"]), told.json
    right = {**REPORT, "reply": "In April.", "version": told.json["version"]}
    for name in ("handling", "next_action", "next_action_due"):
        del right[name]
    assert browser.put(where, json=right, headers=headers).json["reply"] == "In April."
    assert browser.put(where, json=right, headers=headers).status_code == 409


def test_a_stale_step_is_said(app: Flask, person: People) -> None:
    actor = person("officer").viewer
    key = logged(actor)
    with looking_as(actor), unit_of_work(), pytest.raises(Stale):
        service.take_step(actor=actor, activity_id=key, status=Status.CLOSED, version=99)


@pytest.mark.parametrize("how", ["delivered", "appointment", "amended"])
def test_a_day_that_is_moved_is_told_with_the_day_before(app: Flask, person: People, how: str) -> None:
    actor = person("coordinator").viewer
    with looking_as(actor), unit_of_work():
        key = service.plan_activity(actor=actor, kind="demarche", state_iso3="LAO", held_on=date(2026, 12, 20)).id
    moved = date(2026, 11, 10)
    verbs: dict[str, Callable[[], Any]] = {
        "delivered": lambda: service.take_step(actor=actor, activity_id=key, status=Status.DELIVERED, on=moved),
        "appointment": lambda: service.note_on_the_way(actor=actor, activity_id=key, noted=Noted.APPOINTMENT, on=moved),
        "amended": lambda: service.direct_anew(actor=actor, activity_id=key, by=moved),
    }
    with looking_as(actor), unit_of_work():
        verbs[how]()
    with looking_as(SYSTEM):
        db.session.rollback()
        content = db.session.scalars(select(AuditContent)).one()
        assert content.values and content.values["held_on"] == ["2026-12-20", "2026-11-10"]
        assert {one.held_on for one in db.session.scalars(select(ActivityState))} == {moved}
