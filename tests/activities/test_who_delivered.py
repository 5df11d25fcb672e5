"""Who delivered it is said, and need not be who writes it down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import User
from crm.activities.course.service import correct_activity, report_activity, take_step
from crm.activities.margins.service import record_round
from crm.activities.margins.talks import Talk
from crm.activities.models import Activity
from crm.activities.rules import Status
from crm.activities.service import record_reference
from crm.audit.models import AuditContent
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.visibility import Attribution
from tests.instructions.world import activity, house, sent
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import anew, logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
AMBASSADOR = {"delivered_by": "Aiko Example", "delivered_by_title": "Ambassador"}
REPORT = {
    "kind": "demarche", "state_iso3": "LAO", "held_on": "2026-11-20", "person_name": "Karma Example",
    "reply": "They will look into it.", "handling": "states",
}  # fmt: skip


def _titled(viewer: Viewer, title: str = "Attaché") -> Viewer:
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, viewer.user_id).title = title
    return anew(viewer)


def _headers(browser: FlaskClient) -> dict[str, str]:
    return {"X-CSRFToken": token_of(browser.get("/activities/new").get_data(as_text=True))}


def _named(key: UUID | None = None) -> tuple[str, str]:
    with looking_as(SYSTEM):
        db.session.rollback()
        wanted = select(Activity).where(Activity.id == key) if key else select(Activity)
        found = db.session.scalars(wanted.order_by(Activity.recorded_at.desc())).first()
        assert found is not None
        return found.delivered_by, found.delivered_by_title


def test_it_is_whoever_is_named_and_else_whoever_writes_with_their_title(app: Flask, person: People) -> None:
    officer = _titled(person("officer").viewer)
    assert _named(logged(officer)) == ("Officer", "Attaché")
    assert _named(logged(officer, **AMBASSADOR)) == ("Aiko Example", "Ambassador")
    assert _named(logged(officer, delivered_by="Aiko Example")) == ("Aiko Example", "")


def test_the_forms_propose_the_writer_and_take_another(app: Flask, person: People, signed_in: Clients) -> None:
    browser = signed_in("officer")
    _titled(person("officer").viewer)
    page = check_page(browser.get("/activities/new"))
    assert 'name="delivered_by" type="text" value="Officer"' in page
    assert 'name="delivered_by_title" type="text" value="Attaché"' in page
    assert '<details class="fold" open' not in page
    sent_ = browser.post("/activities/new", data={**REPORT, **AMBASSADOR, "csrf_token": token_of(page)})
    assert sent_.status_code == 303 and _named() == ("Aiko Example", "Ambassador")
    assert "Aiko Example, Ambassador" in check_page(browser.get(sent_.headers["Location"]))
    plan = check_page(browser.get("/activities/plan"))
    assert 'value="Officer"' in plan and "Who delivers it" in plan


def test_json_takes_and_gives_it(app: Flask, person: People, signed_in: Clients) -> None:
    _titled(person("officer").viewer)
    browser = signed_in("officer")
    headers = _headers(browser)
    made = browser.post("/api/v1/activities", json={**REPORT, **AMBASSADOR}, headers=headers)
    assert made.status_code == 201
    assert {name: made.json[name] for name in AMBASSADOR} == AMBASSADOR
    again = browser.put(f"/api/v1/activities/{made.json['id']}", json={
        **{name: value for name, value in REPORT.items() if name != "handling"}, "version": made.json["version"],
    }, headers=headers)  # fmt: skip
    assert again.status_code == 200 and again.json["delivered_by"] == "Aiko Example", "a report has somebody"
    plain = browser.post("/api/v1/activities", json=REPORT, headers=headers).json
    assert (plain["delivered_by"], plain["delivered_by_title"]) == ("Officer", "Attaché")


def test_the_report_keeps_who_was_named_in_the_plan(app: Flask, person: People, signed_in: Clients) -> None:
    browser = signed_in("officer")
    plan = browser.post("/api/v1/activities/plans", json={
        "kind": "demarche", "state_iso3": "LAO", "held_on": "2026-12-01", **AMBASSADOR,
    }, headers=_headers(browser))  # fmt: skip
    assert plan.status_code == 201 and plan.json["delivered_by"] == "Aiko Example"
    page = check_page(browser.get(f"/activities/{plan.json['id']}/report"))
    assert 'value="Aiko Example"' in page and 'value="Ambassador"' in page
    assert "To be delivered by" in check_page(browser.get(f"/activities/{plan.json['id']}"))
    told = {**REPORT, "version": plan.json["version"], "handling": "coordination"}
    answer = browser.post(f"/api/v1/activities/{plan.json['id']}/report", json=told, headers=_headers(browser))
    assert answer.status_code == 200
    assert (answer.json["delivered_by"], answer.json["delivered_by_title"]) == ("Aiko Example", "Ambassador")


def test_of_an_instructed_approach_it_is_whoever_tells_so_until_the_report_says_another(app: Flask) -> None:
    home = house()
    sent(home, {"BTN": "delhi"})
    delhi, key = _titled(home.people["delhi"]), activity("BTN").id
    assert _named(key) == ("", "")
    with looking_as(delhi), unit_of_work():
        take_step(actor=delhi, activity_id=key, status=Status.DELIVERED, on=date(2026, 11, 20))
    assert _named(key) == ("Delhi", "Attaché")
    given: dict[str, Any] = {**REPORT, "state_iso3": "BTN", "held_on": date(2026, 11, 20), **AMBASSADOR}
    given["handling"] = Handling.COORDINATION
    with looking_as(delhi), unit_of_work():
        report_activity(actor=delhi, activity_id=key, details={"aim": "action"}, **given)
    assert _named(key) == ("Aiko Example", "Ambassador")


def test_what_was_corrected_of_it_stands_in_the_audit_for_its_own_party(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = logged(officer, handling=Handling.STATES)
    with looking_as(officer), unit_of_work():
        correct_activity(
            actor=officer, activity_id=key, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1),
            person_name="Karma Example", reply="They would join after the election.", **AMBASSADOR,
        )  # fmt: skip
    with looking_as(SYSTEM):
        kept = str([one.values for one in db.session.scalars(select(AuditContent))])
    assert "Aiko Example" in kept and "delivered_by_title" in kept
    with looking_as(person("other_officer").viewer):
        db.session.rollback()
        assert "Aiko" not in str([one.values for one in db.session.scalars(select(AuditContent))])


@pytest.mark.parametrize("attribution", [Attribution.STATE_NOT_PERSON, Attribution.FULL])
def test_others_are_told_where_the_attribution_tells_the_person(
    app: Flask, person: People, signed_in: Clients, attribution: Attribution
) -> None:
    key = logged(person("officer").viewer, handling=Handling.STATES, attribution=attribution, **AMBASSADOR)
    other = signed_in("other_officer")
    told = attribution is Attribution.FULL
    assert ("Aiko Example, Ambassador" in check_page(other.get(f"/activities/{key}"))) == told
    assert ("delivered_by_title" in (other.get(f"/api/v1/activities/{key}").json or {})) == told
    assert bool(other.get("/api/v1/search?q=aiko+ambassador").json["items"]) == told
    assert signed_in("officer").get("/api/v1/search?q=aiko+ambassador").json["items"]


def test_short_talks_name_the_writer_and_no_delegation_which_is_for_its_own_party(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    talk = Talk(row=0, state_iso3="LAO", note="They listened.")
    for delegation, name in (("Aiko Example and Ken Example", ""), ("", "Officer")):
        with looking_as(officer), unit_of_work():
            record_round(
                actor=officer,
                occasion="First Committee",
                held_on=date(2026, 11, 1),
                talks=[talk],
                delegation=delegation,
            )
        assert _named()[0] == name


def test_a_reference_names_nobody(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    with looking_as(officer), unit_of_work():
        key = record_reference(
            actor=officer, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1), report_ref="AB 12"
        ).id
    assert _named(key) == ("", "")
