"""What is sent twice is done once: both doors, one after the other and at the same moment (R7)."""

from __future__ import annotations

import io
import multiprocessing
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

import config
from crm.activities.models import Activity
from crm.calendar.models import CalendarFeed
from crm.core import access, clock, repeats
from crm.core.db import db, unit_of_work
from crm.core.repeats import AnsweredRequest
from crm.followups.models import FollowUp
from tests.support.databases import opened
from tests.support.pages import token_of
from tests.support.people import browser_of

Clients = Callable[[str], FlaskClient]
VISIT = {"kind": "capital_visit", "state_iso3": "BTN", "held_on": "2026-11-20", "person_name": "A", "reply": "Yes."}
WORDS = "Zwielicht over the delta"


def _count(model: type[Any]) -> int:
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def _send(browser: FlaskClient, key: str | None, address: str = "/api/v1/activities", **changes: Any) -> Any:
    token = token_of(browser.get("/account").get_data(as_text=True))
    headers = {"X-CSRFToken": token} | ({"Idempotency-Key": key} if key else {})
    return browser.post(address, json=VISIT | changes, headers=headers)


def _form(browser: FlaskClient, page: str = "/activities/new") -> dict[str, str]:
    """The hidden fields of a page's own form."""
    html = browser.get(page).get_data(as_text=True)
    main = html[html.index("<main") :]
    fields = re.findall(r'<input (?:id="[^"]*" )?(?:type="hidden" )?name="([^"]+)"[^>]*value="([^"]*)"', main)
    wanted = ("csrf_token", "request_key", "draft")
    return {name: value for name, value in fields if name in wanted}


def test_the_same_key_and_request_give_the_same_record(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    first, second = _send(browser, '"8e03978e-40d5"'), _send(browser, "8e03978e-40d5")
    assert first.status_code == second.status_code == 201
    assert first.json == second.json and first.headers["Location"] == second.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers and second.headers["Idempotency-Replayed"] == "true"
    assert _count(Activity) == 1


def test_without_a_key_two_requests_are_two(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    _send(browser, None), _send(browser, None)
    assert _count(Activity) == 2


def test_the_same_key_for_another_request_is_refused(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    _send(browser, "k")
    other = _send(browser, "k", reply="No.")
    elsewhere = _send(browser, "k", address="/api/v1/activities/plans")
    assert other.status_code == elsewhere.status_code == 422
    assert other.json["errors"][""] == [repeats.OTHER_DOCUMENT]
    assert _count(Activity) == 1


@pytest.mark.parametrize("key", ["a b", "x" * 256, "é", '""'])
def test_what_can_be_no_key_is_refused(app: Flask, signed_in: Clients, key: str) -> None:
    answer = _send(signed_in("officer"), key)
    assert answer.status_code == 422 and answer.json["errors"][""] == [repeats.UNREADABLE]


def test_a_key_is_its_owners_alone(app: Flask, signed_in: Clients) -> None:
    for who in ("officer", "other_officer"):
        assert _send(signed_in(who), "shared").status_code == 201
    assert _count(Activity) == 2


def test_what_was_refused_may_be_mended_under_the_same_key(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    assert _send(browser, "k", state_iso3="XXX").status_code == 422
    assert _count(AnsweredRequest) == 0
    assert _send(browser, "k").status_code == 201


def test_nothing_of_the_words_is_kept(app: Flask, signed_in: Clients) -> None:
    _send(signed_in("officer"), "k", reply=WORDS)
    with access.looking_as(access.SYSTEM):
        row = db.session.scalars(select(AnsweredRequest)).one()
        kept = f"{row.key_sha256} {row.request_mark} {row.answer}"
    assert WORDS not in kept and row.key_sha256 != "k"
    assert set(row.answer) == {"key"}


def test_a_day_later_a_key_is_new(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    _send(browser, "k")
    with access.looking_as(access.SYSTEM), unit_of_work():
        repeats.tidy()
    assert _count(AnsweredRequest) == 1
    with access.looking_as(access.SYSTEM), unit_of_work():
        db.session.scalars(select(AnsweredRequest)).one().at = clock.now() - repeats.KEPT - timedelta(minutes=1)
    with access.looking_as(access.SYSTEM), unit_of_work():
        repeats.tidy()
    assert _count(AnsweredRequest) == 0


def test_a_record_that_is_gone_is_not_told_again(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    _send(browser, "k")
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        for one in session.scalars(select(Activity)):
            session.delete(one)
    assert _send(browser, "k").status_code == 404


def test_a_secret_is_told_once(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    token = token_of(browser.get("/account").get_data(as_text=True))
    sent = {"json": {"label": "Phone"}, "headers": {"X-CSRFToken": token, "Idempotency-Key": "k"}}
    first, second = browser.post("/api/v1/calendar-feeds", **sent), browser.post("/api/v1/calendar-feeds", **sent)
    assert first.status_code == 201
    assert second.status_code == 422 and second.json["errors"][""] == [repeats.TOLD_ONCE]
    assert _count(CalendarFeed) == 1


def test_a_file_is_kept_once(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    made = _send(browser, None).json["id"]
    token = token_of(browser.get("/account").get_data(as_text=True))
    headers = {"X-CSRFToken": token, "Idempotency-Key": "file"}

    def upload(content: bytes) -> Any:
        data = {"file": (io.BytesIO(content), "note.txt"), "what": "Note"}
        return browser.post(f"/api/v1/activities/{made}/attachments", data=data, headers=headers)

    first, second, other = upload(b"What was left\n"), upload(b"What was left\n"), upload(b"Another\n")
    assert first.status_code == second.status_code == 201 and first.json["id"] == second.json["id"]
    assert other.status_code == 422
    assert len(browser.get(f"/api/v1/activities/{made}/attachments").json["items"]) == 1


def test_a_page_sent_twice_makes_one_record_and_leads_to_it(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    sent = VISIT | _form(browser)
    assert sent["request_key"]
    first, second = browser.post("/activities/new", data=sent), browser.post("/activities/new", data=sent)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert _count(Activity) == 1


def test_each_showing_of_a_form_has_a_key_of_its_own(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    assert _form(browser)["request_key"] != _form(browser)["request_key"]


def test_a_page_sent_again_with_other_words_is_asked_once_more(app: Flask, signed_in: Clients) -> None:
    """Back with the browser, another State, and "Save": meant is a second record, so a second press makes it."""
    browser = signed_in("officer")
    sent = VISIT | _form(browser)
    browser.post("/activities/new", data=sent)
    asked = browser.post("/activities/new", data=sent | {"state_iso3": "LAO"})
    html = asked.get_data(as_text=True)
    assert asked.status_code == 422 and "press the button again" in html and "Yes." in html
    fresh = re.search(r'name="request_key" value="([^"]+)"', html)
    assert fresh and fresh[1] != sent["request_key"]
    again = browser.post("/activities/new", data=sent | {"state_iso3": "LAO", "request_key": fresh[1]})
    assert again.status_code == 303
    assert _count(Activity) == 2


def test_a_follow_up_sent_twice_is_one(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    sent = {"what": "Call", "state_iso3": "BTN", "due_on": "2026-12-01", "due_time": "09:00"}
    sent |= {"handling": "coordination", **_form(browser, "/followups/new")}
    first, second = browser.post("/followups/new", data=sent), browser.post("/followups/new", data=sent)
    assert first.status_code == 303 and first.location == second.location
    assert _count(FollowUp) == 1


def _one_of_many(settings: config.Settings, email: str, start: Any, told: Any) -> None:
    """A process of its own that sends the same request as the others."""
    with opened(settings) as app:
        browser = browser_of(app, email)
        token = token_of(browser.get("/account").get_data(as_text=True))
        headers = {"X-CSRFToken": token, "Idempotency-Key": "race"}
        start.wait(60)
        answer = browser.post("/api/v1/activities", json=VISIT, headers=headers)
        told.put((answer.status_code, (answer.json or {}).get("id")))


def test_two_processes_at_the_same_moment_make_one_record(app: Flask, person: Callable[[str], Any]) -> None:
    email, settings, many = person("officer").email, app.extensions["settings"], 4
    db.session.remove()
    db.engine.dispose()
    context = multiprocessing.get_context("spawn")
    start, told = context.Barrier(many), context.Queue()
    started = [context.Process(target=_one_of_many, args=(settings, email, start, told)) for _ in range(many)]
    for one in started:
        one.start()
    answers = [told.get(timeout=240) for _ in started]
    for one in started:
        one.join(60)
    assert {status for status, _ in answers} == {201}
    assert len({key for _, key in answers}) == 1
    assert _count(Activity) == 1


def test_the_rows_are_seen_by_their_owner_alone(app: Flask, signed_in: Clients, person: Callable[[str], Any]) -> None:
    _send(signed_in("officer"), "k")
    for who, seen in (("officer", 1), ("coordinator", 0), ("administrator", 0)):
        with access.looking_as(person(who).viewer):
            db.session.rollback()
            assert len(db.session.scalars(select(AnsweredRequest)).all()) == seen
