"""S24, S26, S28: the second factor guessed, replayed, gone round, planted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from crm.accounts.factors import service
from crm.accounts.models import SignInFailure, User
from crm.accounts.queries import user_by_email
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.mail.models import OutboxMail
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, SECRET, Person, code_of, enrol
from tests.support.racing import at_once, slowly

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
HOME, AWAY = "198.51.100.7", "203.0.113.5"
WRONG = "000000"


@pytest.fixture
def email(person: People) -> str:
    """The coordinator's address; an authenticator app is set up."""
    found = person("coordinator").email
    db.session.remove()
    return found


def password(browser: FlaskClient, email: str, address: str = HOME) -> int:
    token = token_of(browser.get("/sign-in").get_data(as_text=True))
    given = {"email": email, "password": PASSWORD, "csrf_token": token}
    return browser.post("/sign-in", data=given, environ_overrides={"REMOTE_ADDR": address}).status_code


def step(browser: FlaskClient, code: str, address: str = HOME) -> int:
    data = {"code": code, "csrf_token": token_of(browser.get("/sign-in/second-step").get_data(as_text=True))}
    came_from = {"REMOTE_ADDR": address}
    return browser.post("/sign-in/second-step", data=data, environ_overrides=came_from).status_code


def waiting(app: Flask, email: str, address: str = HOME) -> FlaskClient:
    """A browser in which the password was right and the second factor is due."""
    browser = app.test_client()
    assert password(browser, email, address) == 302
    return browser


def test_s24_a_code_is_guessed_no_more_often_than_a_password(
    app: Flask, email: str, steady_clock: time_machine.Traveller
) -> None:
    browser = waiting(app, email)
    assert [step(browser, WRONG) for _ in range(6)] == [422] * 5 + [429]
    assert step(browser, code_of()) == 429, "the right one must not shine through"
    steady_clock.shift(timedelta(seconds=6))
    assert step(browser, WRONG) == 422
    assert step(browser, code_of()) == 429
    steady_clock.shift(timedelta(seconds=11))
    assert step(browser, code_of()) == 303
    with looking_as(SYSTEM):
        assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0, "its owner is forgiven"


def test_s24_the_right_password_forgives_no_wrong_code(app: Flask, email: str) -> None:
    for _ in range(5):
        assert step(waiting(app, email, AWAY), WRONG, AWAY) == 422
    assert password(app.test_client(), email, AWAY) == 429
    with looking_as(SYSTEM):
        assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 5
        entries = db.session.scalars(select(AuditEntry.event)).all()
        told = db.session.scalars(select(OutboxMail.text).where(OutboxMail.text.contains("right password"))).all()
    assert "signed_in" not in entries and entries.count("sign_in_failed") == 1
    assert len(told) == 1, "who knows the password and no code: the owner hears of it"


def test_s24_guesses_from_everywhere_wait_and_the_owner_at_home_does_not(app: Flask, email: str) -> None:
    owner = waiting(app, email)
    assert step(owner, code_of()) == 303
    for number in range(25):
        away = f"203.0.{number}.1"
        assert step(waiting(app, email, away), WRONG, away) == 422
    assert password(app.test_client(), email, "203.0.200.1") == 429
    assert password(app.test_client(), email, "203.0.3.1") == 429, "half a sign-in makes no network a home"
    at_home = waiting(app, email)
    assert step(at_home, code_of(steps=1)) == 303


def test_s24_a_code_counts_once(app: Flask, email: str, steady_clock: time_machine.Traveller) -> None:
    code = code_of()
    assert step(waiting(app, email), code) == 303
    thief = waiting(app, email)
    assert step(thief, code) == 422
    assert step(thief, code_of(steps=-1)) == 422, "nor does one from before it"
    steady_clock.shift(timedelta(seconds=30))
    assert step(thief, code) == 422
    assert step(thief, code_of()) == 303


def test_s24_one_code_sent_six_times_at_the_same_moment_opens_once(
    app: Flask, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both those who look whether it was used and those who count wrong ones take turns."""
    browsers = [waiting(app, email) for _ in range(6)]
    tokens = [token_of(one.get("/sign-in/second-step").get_data(as_text=True)) for one in browsers]
    code, answers = code_of(), [0] * 6
    monkeypatch.setattr(service, "shows_app_code", slowly(service.shows_app_code))

    def send(place: int) -> None:
        data = {"code": code, "csrf_token": tokens[place]}
        came_from = {"REMOTE_ADDR": HOME}
        sent = browsers[place].post("/sign-in/second-step", data=data, environ_overrides=came_from)
        answers[place] = sent.status_code

    assert at_once(app, [partial(send, place) for place in range(6)]) == [None] * 6
    assert answers.count(303) == 1
    assert set(answers) <= {303, 422, 429}


def test_s24_a_code_shown_to_confirm_does_not_sign_in(app: Flask, email: str, signed_in: Clients) -> None:
    browser, code = signed_in("coordinator"), code_of()
    token = token_of(check_page(browser.get("/account")))
    header = {"X-CSRFToken": token}
    assert browser.post("/api/v1/account/confirm", json={"code": code}, headers=header).status_code == 200
    assert step(waiting(app, email), code) == 422


def test_s24_confirming_is_no_way_to_guess_the_password(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}

    def confirm(**body: str) -> TestResponse:
        return browser.post("/api/v1/account/confirm", json=body, headers=header)

    answers = [confirm(password="wrong").status_code, *(confirm(code=WRONG).status_code for _ in range(5))]
    assert answers == [422] * 5 + [429]
    assert confirm(password=PASSWORD).status_code == 429


def test_s24_an_app_is_of_no_use_for_somebody_else(app: Flask, email: str, person: People) -> None:
    other = person("presidency").email
    with looking_as(SYSTEM), unit_of_work():
        assert db.session.scalars(select(User.has_factor)).all() == [True, True]
    db.session.remove()
    browser = waiting(app, email)
    made = app.test_client()
    assert password(made, other) == 302
    assert step(made, code_of()) == 303
    setup = made.get("/api/v1/account/factors/app").get_json()
    data = {"name": "x", "setup": setup["setup"], "code": code_of(setup["secret"])}
    token = token_of(browser.get("/sign-in/second-step").get_data(as_text=True))
    refused = browser.post("/api/v1/account/factors/app", json=data, headers={"X-CSRFToken": token})
    assert (refused.status_code, refused.get_json()["step"]) == (401, "second_factor")


@pytest.mark.parametrize("header", [{"Authorization": "Bearer dmr_wrong"}, {"Authorization": "x"}])
def test_s28_a_wrong_token_lends_no_waiting_session_its_cookie(
    app: Flask, person: People, header: dict[str, str]
) -> None:
    """With a header of its own a request needs no token of a form; then the cookie must count for nothing."""
    found = person("coordinator").email
    with looking_as(SYSTEM), unit_of_work():
        user = user_by_email(found)
        assert user is not None
        user.has_factor = False
    db.session.remove()
    browser = waiting(app, found)
    assert browser.get("/api/v1/account/factors").status_code == 200
    assert browser.get("/api/v1/account/factors", headers=header).status_code == 401
    for address in ("factors/app", "factors/passkey", "confirm"):
        refused = browser.post(f"/api/v1/account/{address}", json={"password": PASSWORD}, headers=header)
        assert (refused.status_code, refused.get_json()["step"]) == (401, "sign_in"), address


def test_s28_another_site_cannot_have_its_change_confirmed(
    signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    browser = signed_in("coordinator")
    browser.get("/account")
    steady_clock.shift(timedelta(minutes=6))
    for planted in ({"label": "evil"}, {"label": "evil", "csrf_token": "made up"}):
        answer = browser.post("/account", data=planted)
        assert answer.status_code == 403 and "evil" not in answer.text


def test_s27_confirming_leads_to_no_other_site(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/account")))
    for target in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        data = {"proof-csrf_token": token, "proof-password": PASSWORD, "proof-action": target}
        answer = browser.post("/account/confirm", data=data)
        assert (answer.status_code, answer.location) == (307, "/"), target
        answer = browser.post("/account/confirm", query_string={"next": target}, data={**data, "proof-action": ""})
        assert (answer.status_code, answer.location) == (303, "/"), target


def test_s26_a_cookie_copied_between_the_steps_is_worthless_after_them(app: Flask, email: str) -> None:
    browser, thief = waiting(app, email), app.test_client()
    with browser.session_transaction() as kept:
        stolen = dict(kept)
    with thief.session_transaction() as kept:
        kept.update(stolen)
    assert step(browser, code_of()) == 303
    assert browser.get("/account").status_code == 200
    assert thief.get("/account").location.startswith("/sign-in?")


def test_s26_signing_out_half_way_ends_it(app: Flask, email: str) -> None:
    browser = waiting(app, email)
    token = token_of(check_page(browser.get("/sign-in/second-step")))
    assert browser.post("/sign-out", data={"csrf_token": token}).status_code == 302
    assert browser.get("/sign-in/second-step").location.startswith("/sign-in?")
    with looking_as(SYSTEM):
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "signed_out")).one()
        assert entry.subject_id == str(entry.actor_id)


def test_s26_a_closed_account_has_no_second_step(app: Flask, email: str) -> None:
    browser = waiting(app, email)
    token = token_of(check_page(browser.get("/sign-in/second-step")))
    with looking_as(SYSTEM), unit_of_work():
        db.session.scalars(select(User)).one().active = False
    data = {"csrf_token": token, "code": code_of()}
    assert browser.post("/sign-in/second-step", data=data).status_code == 401


def test_s10_nobody_hands_in_whose_factor_it_is(signed_in: Clients, person: People) -> None:
    browser = signed_in("officer")
    made = browser.get("/api/v1/account/factors/app").get_json()
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}
    body = {"name": "x", "setup": made["setup"], "code": code_of(made["secret"])}
    planted = {**body, "user_id": str(person("coordinator").viewer.user_id)}
    assert browser.post("/api/v1/account/factors/app", json=planted, headers=header).status_code == 422
    stranger = signed_in("observer")
    header = {"X-CSRFToken": token_of(check_page(stranger.get("/account")))}
    assert stranger.post("/api/v1/account/factors/app", json=body, headers=header).status_code == 422


def test_s11_secrets_are_in_no_answer(signed_in: Clients, person: People) -> None:
    keeper, officer = signed_in("administrator"), person("officer").email
    with looking_as(SYSTEM), unit_of_work():
        user = user_by_email(officer)
        assert user is not None
        enrol(user)
    access.look_as(SYSTEM)
    for address in ("/account/factors", "/administration/accounts", "/administration/audit", "/api/v1/accounts"):
        answer = keeper.get(address)
        assert answer.status_code == 200
        assert SECRET not in answer.text and "gAAAA" not in answer.text, address


@pytest.mark.parametrize("credential", ["x", "{}", "[]", '{"id": 5}', '{"id": "é"}', "[" * 9000, '{"id": "AAAA"}'])
def test_s34_odd_passkeys_are_no_passkeys(app: Flask, credential: str) -> None:
    app.config["RAISE_ERRORS"] = False
    browser = app.test_client()
    asked = browser.get("/api/v1/sign-in/passkey").get_json()
    token = token_of(check_page(browser.get("/sign-in")))
    data = {"csrf_token": token, "ceremony": asked["ceremony"], "credential": credential}
    answer = browser.post("/sign-in/passkey", data=data)
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/")
    assert "did not open" in check_page(browser.get("/sign-in"))
    codes = [browser.post("/sign-in/passkey", data=data).status_code for _ in range(5)]
    assert codes == [303] * 4 + [429]
