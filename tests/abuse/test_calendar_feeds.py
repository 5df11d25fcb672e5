"""S22 and S5: the address of a feed leaks, is guessed, outlives its owner's rights."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from crm.accounts import service as accounts
from crm.accounts.models import User, UserRole
from crm.audit.models import AuditEntry
from crm.calendar import queries, service
from crm.calendar.models import CalendarFeed
from crm.calendar.rules import Detail
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.widening import widening
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.reach.service import restricted
from tests.followups.opening import change as change_one
from tests.followups.opening import colleague_of, opened
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person
from tests.support.racing import at_once, slowly

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
LAO = "Lao People's Democratic Republic"


def made(person: Person, detail: Detail = Detail.FULL) -> str:
    """The path of a new feed of that person."""
    with looking_as(person.viewer), unit_of_work():
        _, token = service.make_feed(actor=person.viewer, label="Telephone", detail=detail)
    return f"/calendar/{token}.ics"


def titles(app: Flask, path: str) -> list[str]:
    answer = app.test_client().get(path)
    assert answer.status_code == 200, answer.status_code
    found = [str(one["summary"]) for one in Calendar.from_ical(answer.data).walk("VEVENT")]
    return [one for one in found if "eeting" not in one and "onference" not in one]


def change(model: Any, **values: object) -> None:
    with looking_as(SYSTEM), widening(), unit_of_work() as session:
        for row in session.scalars(select(model)):
            for name, value in values.items():
                setattr(row, name, value)


def test_the_page_makes_a_feed_and_ends_it(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    page = check_page(browser.get("/calendar"))
    assert "No feed yet" in page
    assert "/calendar" in check_page(browser.get("/account")) and "/calendar" in check_page(browser.get("/followups"))
    data = {"csrf_token": token_of(page), "label": "Telephone", "detail": "state"}
    page = check_page(browser.post("/calendar", data=data))
    address = re.search(r'id="fresh-address">([^<]+)<', page)[1]
    assert address.startswith("http://localhost:8000/calendar/") and len(address.split("/")[-1]) > 43
    assert address not in check_page(browser.get("/calendar"))
    path = address.removeprefix("http://localhost:8000")
    answer = app.test_client().get(path)
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    assert answer.headers["Cache-Control"] == "no-store" and "ETag" not in answer.headers
    assert "last fetched" in check_page(browser.get("/calendar"))
    end = re.search(r'action="(/calendar/[^"]+/end)"', page)[1]
    assert browser.post(end, data={"csrf_token": token_of(page)}).status_code == 303
    assert app.test_client().get(path).status_code == 404
    page = check_page(browser.post("/calendar", data={"csrf_token": data["csrf_token"], "label": ""}), 422)
    assert "Say where you will use it." in page


def test_the_json_door_does_the_same(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    headers = {"X-CSRFToken": token_of(browser.get("/calendar").get_data(as_text=True))}
    made = browser.post("/api/v1/calendar-feeds", json={"label": "Desk"}, headers=headers)
    assert made.status_code == 201 and made.json["detail"] == "neutral"
    path = made.json["address"].removeprefix("http://localhost:8000")
    assert app.test_client().get(path).status_code == 200
    listed = browser.get("/api/v1/calendar-feeds").json["items"]
    assert [one["label"] for one in listed] == ["Desk"] and "address" not in listed[0]
    wrong = browser.post("/api/v1/calendar-feeds", json={"label": "Desk", "detail": "everything"}, headers=headers)
    assert wrong.status_code == 422 and "detail" in wrong.json["errors"]
    other = signed_in("other_officer")
    token = token_of(other.get("/calendar").get_data(as_text=True))
    end = f"/api/v1/calendar-feeds/{made.json['id']}/end"
    assert other.post(end, json={}, headers={"X-CSRFToken": token}).status_code == 404
    assert browser.post(end, json={}, headers=headers).json == {"items": []}
    assert app.test_client().get(path).status_code == 404


def test_s22_a_session_left_open_makes_no_feed(
    app: Flask, signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    """Its address would go on opening what the session opened, long after that has ended: both doors ask again."""
    browser = signed_in("officer")
    token = token_of(check_page(browser.get("/calendar")))
    header = {"X-CSRFToken": token}
    steady_clock.shift(timedelta(minutes=6))
    page = check_page(browser.post("/calendar", data={"csrf_token": token, "label": "Mine", "detail": "full"}), 401)
    assert 'name="label" value="Mine"' in page
    refused = browser.post("/api/v1/calendar-feeds", json={"label": "Mine"}, headers=header)
    assert (refused.status_code, refused.json["step"]) == (401, "confirm")
    assert browser.get("/api/v1/calendar-feeds").json == {"items": []}
    shown = browser.post("/api/v1/account/confirm", json={"password": PASSWORD}, headers=header)
    assert shown.status_code == 200
    assert browser.post("/api/v1/calendar-feeds", json={"label": "Mine"}, headers=header).status_code == 201


def test_s22_a_leaked_feed_is_neutral_unless_somebody_chose_otherwise(app: Flask, person: People) -> None:
    officer = person("officer")
    opened(officer.viewer, what="Canary text")
    body = app.test_client().get(made(officer, Detail.NEUTRAL)).get_data(as_text=True)
    assert "Follow-up due" in body
    for word in ("Canary", "Lao", "Officer", "example.org", "Embassy"):
        assert word not in body
    assert titles(app, made(officer, Detail.STATE)) == [f"Follow-up due: {LAO}"]
    assert titles(app, made(officer)) == [f"Canary text ({LAO})"]


def test_s22_a_feed_holds_what_its_owner_has_still_to_do(app: Flask, person: People) -> None:
    """Their colleagues' follow-ups, which they see on the page, and their own that are done stay out."""
    officer = person("officer")
    colleague = colleague_of(officer.viewer, "Near Colleague")
    opened(officer.viewer, what="Mine")
    theirs = opened(colleague, what="Theirs")
    done, cancelled = (opened(officer.viewer, what=what) for what in ("Done", "Cancelled"))
    change_one(officer.viewer, followups.finish, done)
    change_one(officer.viewer, followups.cancel, cancelled)
    with looking_as(officer.viewer):
        db.session.rollback()
        assert db.session.scalar(select(FollowUp.id).where(FollowUp.id == theirs))
    assert titles(app, made(officer)) == [f"Mine ({LAO})"]


def test_s22_what_a_party_keeps_to_itself_stays_neutral(app: Flask, person: People) -> None:
    officer = person("officer")
    opened(officer.viewer, what="Canary text", handling=Handling.ORIGINATOR)
    assert titles(app, made(officer)) == ["Follow-up due"]


def test_s22_what_is_about_a_restricted_state_stays_neutral(app: Flask, person: People) -> None:
    coordinator = person("coordinator")
    for state in ("LAO", "BTN"):
        opened(coordinator.viewer, what=f"Send the kit to {state}", state_iso3=state)
    path = made(coordinator)
    assert sorted(titles(app, path)) == ["Send the kit to BTN (Bhutan)", f"Send the kit to LAO ({LAO})"]
    with looking_as(coordinator.viewer), unit_of_work():
        restricted.restrict(actor=coordinator.viewer, state_iso3="LAO")
    assert sorted(titles(app, path)) == ["Follow-up due", "Send the kit to BTN (Bhutan)"]


def test_s22_the_installation_caps_what_feeds_say(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer")
    opened(officer.viewer, what="Canary text")
    path = made(officer)
    app.extensions["settings"] = replace(app.extensions["settings"], calendar_detail="neutral")
    assert titles(app, path) == ["Follow-up due"]
    browser = signed_in("officer")
    page = check_page(browser.get("/calendar"))
    assert 'value="full"' not in page
    data = {"csrf_token": token_of(page), "label": "Telephone", "detail": "full"}
    check_page(browser.post("/calendar", data=data), 422)


def test_s22_only_the_hash_is_kept_and_the_secret_is_in_no_log(
    app: Flask, person: People, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    path = made(person("officer"))
    secret = path.split("/")[-1].removesuffix(".ics")
    app.test_client().get(path)
    app.test_client().get(path.replace(".ics", "x.ics"))
    printed = capsys.readouterr()
    assert secret not in caplog.text + printed.out + printed.err
    with looking_as(SYSTEM):
        kept = db.session.scalars(select(CalendarFeed)).one()
        noted = [str(one.details) for one in db.session.scalars(select(AuditEntry))]
    assert secret not in str(vars(kept)) and secret not in str(noted)


def test_s22_unknown_ended_and_closed_are_the_same(app: Flask, person: People) -> None:
    officer = person("officer")
    ended, closed = made(officer), made(person("other_officer"))
    with looking_as(officer.viewer), unit_of_work():
        service.end_feed(actor=officer.viewer, feed_id=db.session.scalars(select(CalendarFeed.id)).one())
    with looking_as(SYSTEM), unit_of_work():
        accounts.close_account(actor=SYSTEM, user_id=person("other_officer").viewer.user_id)
    never = "/calendar/" + "A" * 43 + ".ics"
    stranger = app.test_client()
    answers = [stranger.get(path) for path in (never, ended, closed, "/calendar/%ff%00.ics", "/nothing-here")]
    assert {one.status_code for one in answers} == {404}
    plain = {re.sub(r'(value|content|nonce)="[^"]*"', "", one.get_data(as_text=True)) for one in answers}
    assert len(plain) == 1


def test_s05_rights_are_looked_at_at_each_fetch(app: Flask, person: People) -> None:
    coordinator, officer = person("coordinator"), person("officer")
    opened(officer.viewer, what="Given away", owner_id=coordinator.viewer.user_id, handling=Handling.STATES)
    path = made(coordinator)
    assert titles(app, path) == [f"Given away ({LAO})"]
    change(FollowUp, handling="originator")
    assert titles(app, path) == []
    change(FollowUp, handling="coordination")
    assert len(titles(app, path)) == 1
    with looking_as(SYSTEM), unit_of_work() as session:
        for role in session.scalars(select(UserRole).where(UserRole.user_id == coordinator.viewer.user_id)):
            role.name = "observer"
    assert app.test_client().get(path).status_code == 404


def test_s05_a_feed_does_not_come_back_with_its_account(app: Flask, person: People) -> None:
    officer = person("officer")
    path = made(officer)
    with looking_as(SYSTEM), unit_of_work():
        accounts.close_account(actor=SYSTEM, user_id=officer.viewer.user_id)
    assert app.test_client().get(path).status_code == 404
    with looking_as(SYSTEM), unit_of_work():
        accounts.reopen_account(actor=SYSTEM, user_id=officer.viewer.user_id)
    assert app.test_client().get(path).status_code == 404
    with looking_as(SYSTEM):
        assert db.session.get_one(User, officer.viewer.user_id).active


def test_s36_two_at_once_make_no_feed_too_many(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = person("officer")
    for _ in range(4):
        made(officer)
    monkeypatch.setattr(queries, "feeds_of", slowly(queries.feeds_of))
    outcomes = at_once(app, [lambda: made(officer), lambda: made(officer)])
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "RuleViolation"]


def test_s36_nobody_makes_feeds_without_end(app: Flask, person: People, signed_in: Clients) -> None:
    for _ in range(5):
        made(person("officer"))
    browser = signed_in("officer")
    page = check_page(browser.get("/calendar"))
    assert "as many as there can be" in page
    data = {"csrf_token": token_of(page), "label": "A sixth", "detail": "neutral"}
    assert "You have 5 feeds" in browser.post("/calendar", data=data).get_data(as_text=True)
