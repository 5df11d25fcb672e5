"""S8, S24, S26: guessing, copied cookies, accounts that were closed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.accounts import sessions
from crm.accounts.models import ApiToken, Role, SignInFailure, User, UserSession
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
WRONG = "not the password at all"
NEW = "correct lantern violin marmalade"


@pytest.fixture
def email(person: People) -> str:
    """The officer's address."""
    found = person("officer").email
    db.session.remove()
    return found


def sign_in(browser: FlaskClient, email: str, password: str, address: str = "192.0.2.1") -> int:
    came_from = {"REMOTE_ADDR": address}
    token = token_of(browser.get("/sign-in").get_data(as_text=True))
    given = {"email": email, "password": password, "csrf_token": token}
    return browser.post("/sign-in", data=given, environ_overrides=came_from).status_code


def copy_of(browser: FlaskClient, app: Flask) -> FlaskClient:
    """Another browser with the same cookies, as a thief would have them."""
    with browser.session_transaction() as kept:
        stolen = dict(kept)
    thief = app.test_client()
    with thief.session_transaction() as kept:
        kept.update(stolen)
    return thief


def test_s24_guessing_costs_ever_more_time(app: Flask, email: str, steady_clock: time_machine.Traveller) -> None:
    browser = app.test_client()
    for _ in range(5):
        assert sign_in(browser, email, WRONG) == 200
    assert sign_in(browser, email, WRONG) == 429
    assert sign_in(browser, email, PASSWORD) == 429, "the right one must not shine through"
    steady_clock.shift(timedelta(seconds=6))
    assert sign_in(browser, email, WRONG) == 200
    assert sign_in(browser, email, PASSWORD) == 429
    steady_clock.shift(timedelta(seconds=11))
    assert sign_in(browser, email, PASSWORD) == 302
    page = check_page(browser.get("/account"))
    assert "This device" in page
    with looking_as(SYSTEM):
        assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0, "its owner is forgiven"


def test_s24_an_unknown_address_is_refused_alike(app: Flask, email: str) -> None:
    for address in (email, "nobody@example.org"):
        browser = app.test_client()
        answers = [sign_in(browser, address, WRONG, "192.0.2.9") for _ in range(7)]
        assert answers == [200] * 5 + [429] * 2, address
    answer = browser.post("/sign-in", data={"email": address}, environ_overrides={"REMOTE_ADDR": "192.0.2.9"})
    assert 0 < int(answer.headers["Retry-After"]) <= 5


def test_the_page_of_a_pause_says_how_long_it_lasts(
    app: Flask, email: str, steady_clock: time_machine.Traveller
) -> None:
    browser, said = app.test_client(), []
    for _ in range(6):
        while sign_in(browser, email, WRONG) == 200:
            pass
        answer = browser.post("/sign-in", data={"email": email}, environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
        page, seconds = check_page(answer, 429), int(answer.headers["Retry-After"])
        said.append(re.findall(r"Try again in (\d+ \w+)\. Nothing is locked for good", page))
        assert len(re.findall(r"\d+ (?:seconds|minutes)|minutes", page)) == 1, "one time, and the true one"
        steady_clock.shift(timedelta(seconds=seconds))
    told = [one for (one,) in said]
    assert told[:6] == ["5 seconds", "10 seconds", "20 seconds", "40 seconds", "80 seconds", "3 minutes"]


def test_s24_nobody_locks_an_owner_out(app: Flask, email: str) -> None:
    at_home = app.test_client()
    assert sign_in(at_home, email, PASSWORD, "198.51.100.7") == 302
    for number in range(30):
        sign_in(app.test_client(), email, WRONG, f"203.0.{number}.1")
    assert sign_in(app.test_client(), email, PASSWORD, "203.0.200.1") == 429
    assert sign_in(app.test_client(), email, PASSWORD, "198.51.100.8") == 302


def test_s24_a_network_that_guesses_does_not_lock_out_those_at_home_in_it(app: Flask, email: str) -> None:
    assert sign_in(app.test_client(), email, PASSWORD, "192.0.2.99") == 302
    for number in range(45):
        sign_in(app.test_client(), f"somebody{number}@example.org", WRONG, "192.0.2.50")
    assert sign_in(app.test_client(), email, PASSWORD, "192.0.2.99") == 302


def test_s24_one_network_does_not_try_every_account(app: Flask, email: str) -> None:
    for number in range(40):
        sign_in(app.test_client(), f"somebody{number}@example.org", WRONG, "192.0.2.50")
    assert sign_in(app.test_client(), email, PASSWORD, "192.0.2.51") == 429


@pytest.mark.parametrize(
    "spelling", ["OFFICER@EXAMPLE.ORG", " officer@example.org ", "officer@\uff45xample.org", "officer@example\u3002org"]
)
def test_s24_another_spelling_is_no_fresh_start(app: Flask, email: str, spelling: str) -> None:
    for _ in range(5):
        sign_in(app.test_client(), email, WRONG)
    assert sign_in(app.test_client(), spelling, PASSWORD) == 429


def test_s24_what_was_typed_is_kept_from_nobody_to_read(app: Flask, email: str) -> None:
    for _ in range(7):
        sign_in(app.test_client(), "mypassword@typed.in.the.wrong.box.example", WRONG)
        sign_in(app.test_client(), email, WRONG, "192.0.2.200")
    with looking_as(SYSTEM):
        kept = db.session.scalars(select(SignInFailure)).all()
        assert all("typed" not in one.account_sha256 and len(one.account_sha256) == 64 for one in kept)
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "sign_in_failed")).all()
        kinds = sorted(one.subject_kind for one in entries)
        assert kinds == ["sign_in", "user"], "once for each pause that begins, however often somebody tries"
        assert not any("typed" in str(one.details) + one.subject_id for one in entries)
        assert {one.subject_kind: one.details for one in entries} == {
            "sign_in": {"network": "192.0.2.0/24", "tries": 5, "addresses": 1},
            "user": {"network": "192.0.2.0/24", "tries": 5, "addresses": 1},
        }


def test_s24_fifty_guesses_read_otherwise_than_five(
    app: Flask, email: str, steady_clock: time_machine.Traveller
) -> None:
    """One who guesses on, and one who tries a word with many addresses."""
    with looking_as(SYSTEM), unit_of_work():
        for _ in range(20):
            steady_clock.shift(timedelta(seconds=1))
            sessions.note_failure(email=email, network="192.0.2.0/24")
        for number in range(40):
            steady_clock.shift(timedelta(seconds=1))
            sessions.note_failure(email=f"{number}@example.org", network="198.51.100.0/24")
    with looking_as(SYSTEM):
        entries = db.session.scalars(
            select(AuditEntry).where(AuditEntry.event == "sign_in_failed").order_by(AuditEntry.at)
        ).all()
    assert [
        (one.subject_kind, *(one.details[name] for name in ("network", "tries", "addresses"))) for one in entries
    ] == [
        ("user", "192.0.2.0/24", 5, 1),
        ("user", "192.0.2.0/24", 10, 1),
        ("user", "192.0.2.0/24", 20, 1),
        ("sign_in", "198.51.100.0/24", 40, 40),
    ]


def test_s24_the_present_password_is_not_to_be_guessed_either(app: Flask, email: str) -> None:
    browser = app.test_client()
    assert sign_in(browser, email, PASSWORD) == 302
    data = {"csrf_token": token_of(check_page(browser.get("/account"))), "current": WRONG, "password": NEW}
    answers = [browser.post("/account/password", data=data).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]
    assert browser.post("/account/password", data={**data, "current": PASSWORD}).status_code == 429


def test_s26_the_library_has_no_page_of_its_own(app: Flask, email: str) -> None:
    browser = app.test_client()
    assert sign_in(browser, email, PASSWORD) == 302
    assert browser.get("/verify").status_code == 404
    assert browser.post("/verify", data={"password": PASSWORD}).status_code == 404


def test_s26_a_copied_cookie_is_worthless_after_signing_out(app: Flask, email: str) -> None:
    browser = app.test_client()
    assert sign_in(browser, email, PASSWORD) == 302
    thief = copy_of(browser, app)
    assert thief.get("/account").status_code == 200
    token = token_of(browser.get("/account").get_data(as_text=True))
    assert browser.post("/sign-out", data={"csrf_token": token}).status_code == 302
    assert thief.get("/account").status_code == 303
    assert thief.post("/account", data={"label": "x", "csrf_token": token}).status_code == 401


def test_s26_signing_in_replaces_what_was_planted_in_the_cookie(app: Flask, email: str) -> None:
    browser = app.test_client()
    assert sign_in(browser, email, PASSWORD) == 302
    browser.get("/account")
    with browser.session_transaction() as kept:
        first_key, first_token = kept["key"], kept["csrf_token"]
    browser.post("/sign-out", data={"csrf_token": token_of(browser.get("/account").get_data(as_text=True))})
    planted = app.test_client()
    with planted.session_transaction() as kept:
        kept["key"], kept["csrf_token"] = first_key, first_token
    assert sign_in(planted, email, PASSWORD) == 302
    planted.get("/account")
    with planted.session_transaction() as kept:
        assert kept["key"] != first_key and kept["csrf_token"] != first_token


def test_s26_a_new_password_ends_every_other_session(app: Flask, email: str) -> None:
    browser, elsewhere = app.test_client(), app.test_client()
    for one in (browser, elsewhere):
        assert sign_in(one, email, PASSWORD) == 302
    page = check_page(browser.get("/account"))
    data = {"csrf_token": token_of(page), "current": PASSWORD, "password": NEW}
    for wrong in ({"current": WRONG}, {"password": "short"}, {"password": PASSWORD}, {"password": "passwordpassword"}):
        check_page(browser.post("/account/password", data={**data, **wrong}), 422)
    assert elsewhere.get("/account").status_code == 200
    thief = copy_of(browser, app)
    assert browser.post("/account/password", data=data).status_code == 303
    assert thief.get("/account").status_code == 303, "a copy of the very cookie in which it was changed"
    assert elsewhere.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200
    assert sign_in(app.test_client(), email, PASSWORD) == 200
    assert sign_in(app.test_client(), email, NEW) == 302


def test_s26_sessions_are_listed_and_ended_one_by_one(app: Flask, email: str, signed_in: Clients) -> None:
    browser, phone = app.test_client(), app.test_client()
    for one in (browser, phone):
        assert sign_in(one, email, PASSWORD) == 302
    items = browser.get("/api/v1/account/sessions").get_json()["items"]
    assert sorted(one["this_one"] for one in items) == [False, True]
    other = next(one["id"] for one in items if not one["this_one"])
    token = token_of(check_page(browser.get("/account")))
    stranger = signed_in("coordinator")
    theirs = token_of(check_page(stranger.get("/account")))
    assert stranger.post(f"/account/sessions/{other}/end", data={"csrf_token": theirs}).status_code == 404
    assert phone.get("/account").status_code == 200
    assert browser.post(f"/account/sessions/{other}/end", data={"csrf_token": token}).status_code == 303
    assert phone.get("/account").status_code == 303
    again = app.test_client()
    assert sign_in(again, email, PASSWORD) == 302
    header, thief = {"X-CSRFToken": token}, copy_of(browser, app)
    answer = browser.post("/api/v1/account/sessions/end-others", json={}, headers=header)
    assert [one["this_one"] for one in answer.get_json()["items"]] == [True]
    assert thief.get("/account").status_code == 303
    assert again.get("/account").status_code == 303


def test_s26_a_session_ends_by_itself(app: Flask, email: str, steady_clock: time_machine.Traveller) -> None:
    browser = app.test_client()
    assert sign_in(browser, email, PASSWORD) == 302
    for _ in range(3):
        steady_clock.shift(timedelta(hours=3, minutes=55))
        assert browser.get("/account").status_code == 200
    steady_clock.shift(timedelta(minutes=20))
    assert browser.get("/account").status_code == 303, "twelve hours, however busy"
    idle = app.test_client()
    assert sign_in(idle, email, PASSWORD) == 302
    steady_clock.shift(timedelta(hours=4, minutes=1))
    assert idle.get("/account").status_code == 303


def test_s08_a_closed_account_is_out_at_once_and_stays_out(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer")
    browser, keeper = signed_in("officer"), signed_in("administrator")
    made = browser.post(
        "/account", data={"label": "script", "csrf_token": token_of(check_page(browser.get("/account")))}
    )
    bearer = {"Authorization": "Bearer " + made.text.split('id="fresh-token">')[1].split("<")[0]}
    assert app.test_client().get("/api/v1/activities", headers=bearer).status_code == 200
    token = token_of(check_page(keeper.get("/administration/accounts")))
    own = f"/administration/accounts/{person('administrator').viewer.user_id}/close"
    assert keeper.post(own, data={"csrf_token": token}).status_code == 422
    where = f"/administration/accounts/{officer.viewer.user_id}"
    for _ in range(2):
        assert keeper.post(f"{where}/close", data={"csrf_token": token}).status_code == 303
    assert browser.get("/").status_code == 303
    assert app.test_client().get("/api/v1/activities", headers=bearer).status_code == 401
    assert sign_in(app.test_client(), officer.email, PASSWORD) == 200
    assert keeper.post(f"{where}/reopen", data={"csrf_token": token}).status_code == 303
    assert browser.get("/").status_code == 303, "an old cookie does not come back to life"
    assert app.test_client().get("/api/v1/activities", headers=bearer).status_code == 401
    assert sign_in(app.test_client(), officer.email, PASSWORD) == 302
    access.look_as(SYSTEM)
    assert db.session.scalar(select(ApiToken.revoked_at)) is not None
    assert signed_in("officer").post(f"{where}/close", data={"csrf_token": token}).status_code == 403


def test_s08_another_role_counts_at_the_next_request(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    assert browser.get("/activities/new").status_code == 200
    with unit_of_work():
        db.session.scalars(select(User)).one().roles[0].name = Role.OBSERVER.value
    assert browser.get("/activities/new").status_code == 403


def test_old_sessions_and_failures_are_put_away(app: Flask, email: str) -> None:
    sign_in(app.test_client(), email, PASSWORD)
    sign_in(app.test_client(), email, WRONG)
    access.look_as(SYSTEM)
    with unit_of_work():
        sessions.tidy()
    assert db.session.scalar(select(func.count()).select_from(UserSession)) == 1
    with time_machine.travel(datetime(2026, 12, 30, tzinfo=UTC)), unit_of_work():
        sessions.tidy()
    for model in (UserSession, SignInFailure):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0
