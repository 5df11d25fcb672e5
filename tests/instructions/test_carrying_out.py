"""What a mission does with an instruction, from acknowledging to reporting, and what follows of itself."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.course import service as course
from crm.activities.models import ActivityStep
from crm.activities.rules import Status
from crm.core import access, clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.followups.models import FollowUp
from crm.followups.rules import Status as FollowUpStatus
from crm.instructions import queries, service, steps
from crm.instructions.rules import Late, Standing, View
from tests.instructions.world import (
    EMAILS,
    activity,
    does,
    follow_up,
    house,
    instruction,
    mails,
    sent,
    task,
    told,
)
from tests.support.pages import check_page, token_of
from tests.support.people import browser_of


def _browser(app: Flask, who: str) -> FlaskClient:
    db.session.remove()
    return browser_of(app, EMAILS[who])


def _press(browser: FlaskClient, address: str, **given: str) -> Any:
    token = token_of(browser.get("/account").get_data(as_text=True))
    return browser.post(address, data={**given, "csrf_token": token})


def _standing(state_iso3: str) -> Standing:
    with looking_as(SYSTEM):
        return queries.get_task(task(state_iso3).id, clock.today()).standing


def _steps(state_iso3: str) -> list[str]:
    with looking_as(SYSTEM):
        wanted = select(ActivityStep.status).where(ActivityStep.activity_id == task(state_iso3).activity_id)
        return list(db.session.scalars(wanted.order_by(ActivityStep.at)))


def test_the_officer_finds_it_on_the_first_page_and_acknowledges_in_one_press(app: Flask) -> None:
    sent(house())
    browser = _browser(app, "second")
    page = check_page(browser.get("/"))
    assert "Instructed to you" in page and "Bhutan: Before the cabinet decides" in page and "Laos" not in page
    assert _press(browser, f"/instructions/tasks/{task('BTN').id}/acknowledge", back="/").headers["Location"] == "/"
    assert task("BTN").acknowledged_by == "Second" and _standing("BTN") is Standing.ACKNOWLEDGED
    assert follow_up("BTN").owner_id is not None
    with looking_as(SYSTEM):
        owner = follow_up("BTN").owner_id
    assert owner == _viewer("second"), "whoever acknowledges is responsible from then on"
    version = follow_up("BTN").version
    assert _press(browser, f"/instructions/tasks/{task('BTN').id}/acknowledge", back="/").status_code == 303
    assert follow_up("BTN").version == version and _steps("BTN") == ["instructed", "acknowledged"]


def _viewer(who: str) -> Any:
    from crm.accounts.queries import user_by_email

    user = user_by_email(EMAILS[who])
    assert user
    return user.id


def test_from_the_appointment_to_the_report_through_the_pages(app: Flask) -> None:
    sent(house())
    browser, where = _browser(app, "delhi"), f"/instructions/tasks/{task('BTN').id}"
    page = check_page(browser.get(where))
    assert "Acknowledge the instruction" in page and "Transit counts" in page and "Thank them." in page
    assert "Acknowledge" in check_page(browser.get("/instructions"))
    day = (clock.today() + timedelta(days=3)).isoformat()
    given = {"appointment_with": "Director, Multilateral Affairs", "appointment_on": day}
    assert _press(browser, f"{where}/appointment", **given).status_code == 303
    assert _standing("BTN") is Standing.APPOINTMENT and activity("BTN").held_on.isoformat() == day
    assert "Director, Multilateral Affairs" in check_page(browser.get(where))
    today = clock.today().isoformat()
    assert _press(browser, f"{where}/delivered", delivered_on=today).status_code == 303
    assert _standing("BTN") is Standing.DELIVERED and activity("BTN").held_on == clock.today()
    owed = follow_up("BTN")
    assert owed.what == "Report: Before the cabinet decides" and owed.due_on == instruction().report_by
    page = browser.get(f"/activities/{task('BTN').activity_id}/report").get_data(as_text=True)
    report = {
        "kind": "demarche", "state_iso3": "BTN", "held_on": today, "person_name": "Karma Example", "aim": "action",
        "reply": "The cabinet decides in March.", "paper_left": "non_paper", "paper_refused": "y",
        "officer_comment": "Seemed tired.", "handling": "coordination", "attribution": "state_not_person",
        "precision": "day", "version": page.partition('name="version" type="hidden" value="')[2].partition('"')[0],
        "csrf_token": token_of(page),
    }  # fmt: skip
    answer = browser.post(f"/activities/{task('BTN').activity_id}/report", data=report)
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    assert _standing("BTN") is Standing.REPORTED and follow_up("BTN").status == FollowUpStatus.DONE
    assert activity("BTN").paper_accepted is False
    assert _steps("BTN") == ["instructed", "appointment", "delivered", "reported"]
    entry = check_page(browser.get(f"/activities/{task('BTN').activity_id}"))
    assert "Appointment asked for" in entry and "asked for by the instruction" in entry
    assert "Bhutan" not in check_page(browser.get("/")).partition("Instructed to you")[2].partition("</section>")[0]


def test_an_appointment_that_a_colleague_told_meanwhile_is_not_written_over(app: Flask) -> None:
    sent(house())
    browser, where = _browser(app, "delhi"), f"/instructions/tasks/{task('BTN').id}/appointment"
    page = check_page(browser.get(where))
    sent_along = dict(re.findall(r'name="(version|original)"[^>]*value="([^"]*)"', page))
    day = (clock.today() + timedelta(days=3)).isoformat()
    theirs = {"appointment_with": "The Director", "appointment_on": day}
    assert _press(_browser(app, "second"), where, **theirs).status_code == 303
    mine = {"appointment_with": "The Minister", "appointment_on": "", **sent_along}
    mine["original"] = unescape(mine["original"])
    answer = _press(browser, where, **mine)
    again = check_page(answer, status=409)
    assert "Theirs" in again and "The Director" in again and "The Minister" in again
    assert task("BTN").appointment_with == "The Director"
    mine["version"] = re.findall(r'name="version"[^>]*value="([^"]*)"', again)[0]
    mine["take-appointment_with"], mine["take-appointment_on"] = "mine", "theirs"
    assert _press(browser, where, **mine).status_code == 303
    assert (task("BTN").appointment_with, task("BTN").appointment_on) == ("The Minister", date.fromisoformat(day))


def test_a_stale_appointment_is_refused_at_the_other_door(app: Flask) -> None:
    sent(house())
    browser, where = _browser(app, "delhi"), f"/api/v1/instructions/tasks/{task('BTN').id}"
    header = {"X-CSRFToken": token_of(browser.get("/account").get_data(as_text=True))}
    version = browser.get(where).get_json()["appointment_version"]
    first = browser.post(
        f"{where}/appointment", json={"appointment_with": "The Director", "version": version}, headers=header
    )
    assert (first.status_code, first.get_json()["appointment_version"]) == (200, version + 1)
    app.config["RAISE_ERRORS"] = False
    late = browser.post(f"{where}/appointment", json={"appointment_with": "X", "version": version}, headers=header)
    assert late.status_code == 409 and task("BTN").appointment_with == "The Director"


@pytest.mark.parametrize(("days", "why"), [(-1, "The instruction was sent on"), (1, "has not come yet")])
def test_the_day_of_a_delivery_lies_between_the_instruction_and_today(app: Flask, days: int, why: str) -> None:
    sent(house())
    browser, where = _browser(app, "delhi"), f"/instructions/tasks/{task('BTN').id}/delivered"
    day = (clock.today() + timedelta(days=days)).isoformat()
    page = check_page(_press(browser, where, delivered_on=day), status=422)
    assert why in page.partition('id="delivered_on-error"')[2][:900]
    header = {"X-CSRFToken": token_of(browser.get("/account").get_data(as_text=True))}
    app.config["RAISE_ERRORS"] = False
    answer = browser.post(f"/api/v1{where}", json={"delivered_on": day}, headers=header)
    assert answer.status_code == 422 and why in answer.get_json()["errors"]["delivered_on"][0]
    assert _standing("BTN") is not Standing.DELIVERED


def test_of_two_amendments_each_field_is_compared(app: Flask) -> None:
    """The reason is each one's own; arguments are compared as a whole."""
    home = house()
    key = sent(home)
    browser, where = _browser(app, "coordinator"), f"/instructions/{key}/amend"
    hidden = dict(re.findall(r'name="(version|original)"[^>]*value="([^"]*)"', check_page(browser.get(where))))
    said, own = told(), {"argument": "Their own", "objection": "", "answer": ""}
    mine = {name: text if isinstance(text, str) else str(text) for name, text in said.items() if name != "arguments"}
    mine |= {f"arguments-0-{name}": text for name, text in said["arguments"][0].items()}
    mine |= {"version": hidden["version"], "original": unescape(hidden["original"]), "why": "Mine"}
    mine["objective"] = "A date, and who decides."
    theirs = told(name="Before the cabinet meets", arguments=[own])
    does(home.coordinator, service.amend_instruction, instruction_id=key, why="Theirs", **theirs)
    db.session.remove()
    stale = check_page(_press(browser, where, **mine), status=409)
    assert "Before the cabinet meets" in stale and "Clearance funds – Not producers – Transit counts" in stale
    assert set(re.findall(r'name="take-([a-z_]+)"', stale)) == {"name", "arguments", "objective"}
    mine["version"] = re.findall(r'name="version"[^>]*value="([^"]*)"', stale)[0]
    mine |= {"take-name": "theirs", "take-arguments": "theirs", "take-objective": "mine"}
    assert _press(browser, where, **mine).status_code == 303
    now = instruction()
    assert (now.name, now.objective) == ("Before the cabinet meets", "A date, and who decides.")
    assert now.arguments == [own]


def test_it_stands_on_the_page_of_the_state(app: Flask) -> None:
    sent(house())
    page = check_page(_browser(app, "delhi").get("/states/BTN"))
    assert "Instructed to you" in page and f"/instructions/tasks/{task('BTN').id}" in page
    assert "Mission in Delhi" in check_page(_browser(app, "coordinator").get("/states/BTN"))


def test_a_report_straight_away_closes_all_that_is_owed(app: Flask) -> None:
    home = house()
    sent(home)
    does(
        home.people["delhi"], course.report_activity, activity_id=task("IND").activity_id, kind="demarche",
        state_iso3="IND", held_on=clock.today(), person_name="Somebody", reply="They will see.",
    )  # fmt: skip
    assert _standing("IND") is Standing.REPORTED
    with looking_as(SYSTEM):
        mine = db.session.scalars(select(FollowUp).where(FollowUp.activity_id == task("IND").activity_id)).all()
    assert [one.status for one in mine] == ["done"] and mine[0].done_note == "Reported."


def test_a_cancelled_task_is_owed_no_more_and_can_be_taken_up_again(app: Flask) -> None:
    home = house()
    sent(home)
    key = task("IND").activity_id
    does(home.people["delhi"], course.take_step, activity_id=key, status=Status.CANCELLED, note="The minister fell.")
    assert _standing("IND") is Standing.CANCELLED and follow_up("IND").status == FollowUpStatus.CANCELLED
    does(home.people["delhi"], course.take_step, activity_id=key, status=Status.PLANNED)
    assert _standing("IND") is Standing.SENT and follow_up("IND").status == FollowUpStatus.OPEN


def test_only_the_mission_itself_or_who_instructs_tells(app: Flask) -> None:
    home = house()
    sent(home, {"BTN": "delhi", "LAO": "bangkok"})
    with looking_as(home.people["bangkok"]), unit_of_work(), pytest.raises(NotFound):
        steps.acknowledge(actor=home.people["bangkok"], task_id=task("BTN").id)
    other = sent(home, {"BTN": "new_york"}, name="By New York")
    with looking_as(SYSTEM):
        (line,) = queries.tasks_of(other, clock.today())
    with looking_as(home.people["delhi"]), unit_of_work(), pytest.raises(NotAllowed):
        steps.acknowledge(actor=home.people["delhi"], task_id=line.id)
    does(home.coordinator, steps.acknowledge, task_id=line.id)
    with looking_as(SYSTEM):
        db.session.rollback()
        assert queries.get_task(line.id, clock.today()).acknowledged_by == "Coordinator"


def test_nothing_is_told_of_what_is_over(app: Flask) -> None:
    home = house()
    key = sent(home)
    does(home.coordinator, service.withdraw_instruction, instruction_id=key, why="The vote was moved.")
    with looking_as(home.people["delhi"]), unit_of_work(), pytest.raises(RuleViolation, match="cancelled"):
        steps.acknowledge(actor=home.people["delhi"], task_id=task("BTN").id)
    with looking_as(home.people["delhi"]), unit_of_work(), pytest.raises(RuleViolation):
        steps.deliver(actor=home.people["delhi"], task_id=task("BTN").id, delivered_on=clock.today())


def test_who_has_not_delivered_in_one_click_late_first(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    home = house()
    key = sent(home)
    does(home.people["bangkok"], steps.deliver, task_id=task("LAO").id, delivered_on=clock.today())
    browser = _browser(app, "coordinator")
    page = check_page(browser.get(f"/instructions/{key}?show=undelivered"))
    assert "Bhutan" in page and "India" in page and "Lao People" not in page
    assert 'href="/instructions/' + str(key) + '?show=undelivered"' in check_page(browser.get(f"/instructions/{key}"))
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(type(instruction()), key).deliver_by = clock.today() - timedelta(days=1)
    page = check_page(browser.get(f"/instructions/{key}"))
    assert "Late" in page and "Ask all that are late" in page
    assert page.index("Mission in Delhi") < page.index("Mission in Bangkok"), "late ones stand first"
    with looking_as(SYSTEM):
        lines = queries.tasks_of(key, clock.today())
    assert [one.late for one in lines] == [Late.DELIVERY, Late.DELIVERY, None]
    assert len(queries.in_view(lines, View.LATE)) == 2
    assert browser.get(f"/instructions/{key}?show=nonsense").status_code == 404


def test_the_table_goes_out_as_it_is_shown(app: Flask) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    home = house()
    key = sent(home, name="=1+1")
    does(home.people["bangkok"], steps.deliver, task_id=task("LAO").id, delivered_on=clock.today())
    does(home.people["delhi"], steps.ask_appointment, task_id=task("BTN").id, appointment_with="=Director")
    browser = _browser(app, "coordinator")
    table = browser.get(f"/instructions/{key}/table.csv?show=undelivered").get_data(as_text=True)
    assert "Bhutan" in table and "Lao" not in table and "'=Director" in table
    sheet = load_workbook(BytesIO(browser.get(f"/instructions/{key}/table.xlsx").get_data())).active
    assert sheet is not None and sheet.max_row == 4
    assert browser.get(f"/instructions/{key}/table.pdf").status_code == 404


def test_an_amendment_is_told_shown_and_acknowledged_anew(app: Flask) -> None:
    home = house()
    key = sent(home)
    does(home.people["delhi"], steps.acknowledge, task_id=task("BTN").id)
    does(home.people["bangkok"], steps.deliver, task_id=task("LAO").id, delivered_on=clock.today())
    later = clock.today() + timedelta(days=20)
    browser = _browser(app, "coordinator")
    page = browser.get(f"/instructions/{key}/amend").get_data(as_text=True)
    assert "Clearance funds" in page
    given = {
        **{name: value for name, value in told().items() if isinstance(value, str)},
        "arguments-0-argument": "Clearance funds", "arguments-0-objection": "Not producers",
        "arguments-0-answer": "Transit counts", "deliver_by": later.isoformat(), "report_by": later.isoformat(),
        "objective": "A date, and who decides.", "why": "The session was moved.", "version": "1",
        "csrf_token": token_of(page),
    }  # fmt: skip
    assert browser.post(f"/instructions/{key}/amend", data=given).status_code == 303
    stale = browser.post(f"/instructions/{key}/amend", data={**given, "objective": "Another."})
    assert "What they saved" in check_page(stale, 409)
    access.look_as(SYSTEM)
    assert instruction().version == 2 and _standing("BTN") is Standing.SENT
    assert activity("BTN").objective == "" and activity("BTN").held_on == later
    assert follow_up("BTN").due_on == later and activity("LAO").held_on == clock.today()
    assert _standing("LAO") is Standing.DELIVERED
    page = check_page(_browser(app, "delhi").get(f"/instructions/tasks/{task('BTN').id}"))
    assert "What has changed since you read it" in page and "The session was moved." in page
    assert "A date, and who decides." in page and "Acknowledge the amended instruction" in page
    amended = [one for one in mails() if "amended" in one.subject]
    assert {one.recipient for one in amended} == {EMAILS["delhi"], EMAILS["second"]}, "Bangkok has delivered"
    same = {name: getattr(instruction(), name) for name in told()}
    with looking_as(home.coordinator), unit_of_work(), pytest.raises(RuleViolation, match="Nothing is changed"):
        service.amend_instruction(actor=home.coordinator, instruction_id=key, why="x", **same)


def test_withdrawing_cancels_what_is_not_delivered_and_tells_why(app: Flask) -> None:
    home = house()
    key = sent(home)
    does(home.people["bangkok"], steps.deliver, task_id=task("LAO").id, delivered_on=clock.today())
    browser = _browser(app, "coordinator")
    assert check_page(_press(browser, f"/instructions/{key}/withdraw", why=""), 422)
    assert _press(browser, f"/instructions/{key}/withdraw", why="The vote was moved.").status_code == 303
    access.look_as(SYSTEM)
    assert {_standing(one) for one in ("IND", "BTN")} == {Standing.CANCELLED}
    assert _standing("LAO") is Standing.DELIVERED and follow_up("BTN").status == FollowUpStatus.CANCELLED
    gone = [one for one in mails() if "withdrawn" in one.subject]
    assert {one.recipient for one in gone} == {EMAILS["delhi"], EMAILS["second"]}
    assert "The vote was moved." in check_page(_browser(app, "delhi").get(f"/instructions/tasks/{task('BTN').id}"))
    page = check_page(_browser(app, "coordinator").get(f"/instructions/{key}"))
    assert "Amend" not in page and "Withdrawn" in page


def test_a_program_does_the_same(app: Flask) -> None:
    sent(house())
    browser = _browser(app, "delhi")
    token = {"X-CSRFToken": token_of(browser.get("/account").get_data(as_text=True))}
    (first, *_rest) = browser.get("/api/v1/instructions/tasks").get_json()["items"]
    where = f"/api/v1/instructions/tasks/{first['id']}"
    assert browser.post(f"{where}/acknowledge", json={}, headers=token).get_json()["standing"] == "acknowledged"
    asked = browser.post(f"{where}/appointment", json={"appointment_with": "Director"}, headers=token)
    assert asked.get_json()["standing"] == "appointment"
    gone = (clock.today() - timedelta(days=2)).isoformat()
    wrong = browser.post(f"{where}/appointment", json={"appointment_on": gone}, headers=token)
    assert wrong.status_code == 422 and "appointment_on" in wrong.get_json()["errors"]
    done = browser.post(f"{where}/delivered", json={"delivered_on": clock.today().isoformat()}, headers=token)
    assert done.get_json()["standing"] == "delivered"
    early = (clock.today() + timedelta(days=2)).isoformat()
    assert browser.post(f"{where}/delivered", json={"delivered_on": early}, headers=token).status_code == 422
