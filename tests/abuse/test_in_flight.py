"""S26: a sign-in that is under way while every key to the account ends (a new password, factors reset)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import flask_security.forms
import flask_security.utils
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts import here, invitations, resets, service, sessions
from crm.accounts.factors import service as factors
from crm.accounts.factors.models import RecoveryCode
from crm.accounts.models import ApiToken, SignInFailure, User
from crm.calendar.models import CalendarFeed
from crm.core import clock, doors, links
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotFound
from crm.core.forms import Form
from tests.support.links import link_in, mails_to
from tests.support.pages import token_of
from tests.support.people import PASSWORD, Person
from tests.support.racing import at_once, meanwhile, slowly

People = Callable[[str], Person]
NEW = "quite another password 4711 walrus"


def _send(browser: FlaskClient, email: str, password: str = PASSWORD) -> Any:
    token = token_of(browser.get("/sign-in").get_data(as_text=True))
    return browser.post("/sign-in", data={"csrf_token": token, "email": email, "password": password})


def _new_password(app: Flask, person: Person) -> Callable[[], None]:
    def change() -> None:
        service.set_password(actor=SYSTEM, user_id=person.viewer.user_id, password=NEW)  # type: ignore[arg-type]

    return lambda: meanwhile(app, change)


def test_the_old_password_looked_at_before_the_new_one_is_chosen_opens_nothing(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, browser = person("officer"), app.test_client()
    change, validate = _new_password(app, officer), flask_security.forms.LoginForm.validate

    def interrupted(form: Any, **given: Any) -> bool:
        fine = validate(form, **given)
        change()
        return fine

    monkeypatch.setattr(flask_security.forms.LoginForm, "validate", interrupted)
    refused = _send(browser, officer.email)
    assert refused.status_code == 200
    assert "The address or the password is not right." in refused.get_data(as_text=True)
    assert browser.get("/activities").status_code == 303
    with looking_as(SYSTEM):
        assert db.session.query(SignInFailure).count() == 1, "it counts like a wrong one"


def test_a_session_of_the_old_password_ends_with_it(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, browser = person("officer"), app.test_client()
    change, login_user = _new_password(app, officer), flask_security.utils.login_user

    def interrupted(*given: Any, **named: Any) -> bool:
        change()
        return login_user(*given, **named)

    monkeypatch.setattr("flask_security.views.login_user", interrupted)
    _send(browser, officer.email)
    assert browser.get("/activities").status_code == 303


def test_a_passkey_shown_before_the_factors_are_reset_opens_nothing(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, browser = person("coordinator"), app.test_client()
    monkeypatch.setattr(factors, "owner_of_passkey", lambda _credential: owner.viewer.user_id)
    monkeypatch.setattr(factors, "shows_passkey", lambda *_given, **_named: True)
    login_user = flask_security.utils.login_user

    def interrupted(*given: Any, **named: Any) -> bool:
        meanwhile(app, lambda: factors.reset(actor=SYSTEM, user_id=owner.viewer.user_id))  # type: ignore[arg-type]
        return login_user(*given, **named)

    monkeypatch.setattr("crm.accounts.signin.login_user", interrupted)
    token = token_of(browser.get("/sign-in").get_data(as_text=True))
    answered = browser.post("/sign-in/passkey", data={"csrf_token": token, "ceremony": "x", "credential": "y"})
    assert answered.status_code == 303
    assert browser.get("/activities").location.startswith("/sign-in?")


def test_an_invitation_that_is_accepted_opens_no_session_past_a_new_password(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    party_id = person("officer").viewer.party_id
    with looking_as(SYSTEM), unit_of_work():
        invitations.invite(
            actor=SYSTEM, email="guest@example.net", name="Guest", roles=["mission_officer"], party_id=party_id
        )
    guest, link, login_user = (
        app.test_client(),
        link_in(mails_to("guest@example.net")[0]),
        flask_security.utils.login_user,
    )

    def interrupted(user: Any, **named: Any) -> bool:
        user_id = user.id
        meanwhile(app, lambda: service.set_password(actor=SYSTEM, user_id=user_id, password=NEW))
        return login_user(user, **named)

    monkeypatch.setattr("crm.accounts.signin.login_user", interrupted)
    token = token_of(guest.get(link).get_data(as_text=True))
    accepted = guest.post(
        link, data={"csrf_token": token, "password": "correct lantern violin marmalade", "time_zone": "UTC"}
    )
    assert accepted.status_code == 303
    assert guest.get("/activities").status_code == 303


KEYS = {
    "/account/sessions/end-others": {},
    "/account": {"label": "thief"},
    "/calendar": {"label": "thief", "detail": "neutral"},
    "/account/password": {"current": PASSWORD, "password": "one more password 4711 lantern"},
    "/account/factors/recovery-codes": {},
}
"""What makes another key to an account, and what is sent there."""


@pytest.mark.parametrize("ends", ["a new password", "closing", "a reset", "its owner elsewhere"])
@pytest.mark.parametrize("address", KEYS)
def test_no_other_key_is_made_of_a_session_that_ended_meanwhile(
    app: Flask,
    person: People,
    signed_in: Callable[[str], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    ends: str,
) -> None:
    browser, owner = signed_in("coordinator"), person("coordinator").viewer
    user_id = cast(UUID, owner.user_id)
    token = token_of(browser.get("/account").get_data(as_text=True))
    validate, hash_before = doors.ActionForm.validate, _hash_of(user_id)
    with looking_as(SYSTEM):
        codes = set(db.session.scalars(select(RecoveryCode.sha256)))
    ending: dict[str, Callable[[], object]] = {
        "a new password": lambda: service.set_password(actor=SYSTEM, user_id=user_id, password=NEW),
        "closing": lambda: service.close_account(actor=SYSTEM, user_id=user_id),
        "a reset": lambda: factors.reset(actor=SYSTEM, user_id=user_id),
        "its owner elsewhere": lambda: sessions.end_everywhere(actor=owner),
    }

    def interrupted(form: Any, **given: Any) -> bool:
        fine = validate(form, **given)
        meanwhile(app, ending[ends])
        return fine

    monkeypatch.setattr(Form, "validate", interrupted)
    sent = browser.post(address, data={"csrf_token": token, **KEYS[address]})
    assert sent.status_code == 404
    monkeypatch.undo()
    assert browser.get("/account").status_code == 303
    with looking_as(SYSTEM):
        assert not db.session.scalars(select(ApiToken)).all() and not db.session.scalars(select(CalendarFeed)).all()
        assert codes >= set(db.session.scalars(select(RecoveryCode.sha256)))
    assert ends == "a new password" or _hash_of(user_id) == hash_before


def _hash_of(user_id: UUID) -> str | None:
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(User.password).where(User.id == user_id)).one()


def test_of_guesses_at_the_present_password_no_more_are_looked_at_than_promised(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "wait", slowly(sessions.wait))
    thief, answers, looked_at = signed_in("officer"), [], []
    token = token_of(thief.get("/account").get_data(as_text=True))
    cookie = thief.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie
    monkeypatch.setattr(here, "verify_password", lambda *_given: looked_at.append(1))
    browsers = [app.test_client() for _ in range(8)]

    def guess(browser: FlaskClient) -> Callable[[], None]:
        browser.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie.value)
        sent = {"csrf_token": token, "current": "a wrong guess", "password": "one more password 4711 lantern"}
        return lambda: answers.append(browser.post("/account/password", data=sent).status_code)

    at_once(app, [guess(one) for one in browsers])
    assert len(looked_at) == 5 and sorted(answers) == [422] * 5 + [429] * 3


def test_no_button_makes_a_session_live_longer(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient], steady_clock: time_machine.Traveller
) -> None:
    """Signing out everywhere else gives the session another key, and no more time."""
    browser, began = signed_in("officer"), clock.now()
    for hours in (3, 6, 9):
        steady_clock.move_to(began + timedelta(hours=hours))
        token = token_of(browser.get("/account").get_data(as_text=True))
        assert browser.post("/account/sessions/end-others", data={"csrf_token": token}).status_code == 303
    steady_clock.move_to(began + timedelta(hours=11, minutes=59))
    assert browser.get("/account").status_code == 200
    steady_clock.move_to(began + timedelta(hours=12))
    assert browser.get("/account").status_code == 303


def test_a_link_for_a_new_password_ends_with_the_keys(app: Flask, person: People) -> None:
    user_id = cast(UUID, person("officer").viewer.user_id)
    for ends in (
        lambda: service.set_password(actor=SYSTEM, user_id=user_id, password=NEW),
        lambda: service.close_account(actor=SYSTEM, user_id=user_id),
    ):
        with looking_as(SYSTEM), unit_of_work():
            service.reopen_account(actor=SYSTEM, user_id=user_id)
            _, secret = links.make(purpose=resets.PURPOSE, subject_id=user_id, lasts=resets.LASTS)
            ends()
        with looking_as(SYSTEM), unit_of_work():
            service.reopen_account(actor=SYSTEM, user_id=user_id)
        with pytest.raises(NotFound), looking_as(SYSTEM), unit_of_work():
            resets.choose(secret=secret, password="one more password 4711 lantern")


def test_a_token_makes_neither_a_feed_nor_a_session(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient]
) -> None:
    """Whatever cookie comes beside it: that says nothing, and is given nothing."""
    officer, stranger = person("officer").viewer, signed_in("observer")
    assert stranger.get("/account").status_code == 200
    with looking_as(officer), unit_of_work():
        _, secret = service.issue_token(actor=officer, label="program")
    headers = {"Authorization": f"Bearer {secret}"}
    for browser in (app.test_client(), stranger):
        made = browser.post("/api/v1/calendar-feeds", json={"label": "x", "detail": "neutral"}, headers=headers)
        assert (made.status_code, made.get_json()["step"]) == (401, "confirm")
        ended = browser.post("/api/v1/account/sessions/end-others", json={}, headers=headers)
        assert ended.status_code == 200 and "Set-Cookie" not in ended.headers
    assert stranger.get("/followups/new").status_code == 403, "still the observer"
    with looking_as(SYSTEM):
        assert not db.session.scalars(select(CalendarFeed)).all()


def test_of_guesses_at_the_same_moment_no_more_are_looked_at_than_promised(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    email, answers = person("officer").email, []
    monkeypatch.setattr(sessions, "wait", slowly(sessions.wait))
    looked_at = []
    validate = flask_security.forms.LoginForm.validate

    def counted(form: Any, **given: Any) -> bool:
        looked_at.append(1)
        return validate(form, **given)

    monkeypatch.setattr(flask_security.forms.LoginForm, "validate", counted)
    monkeypatch.setattr(flask_security.forms, "hash_password", lambda _password: "")
    browsers = [app.test_client() for _ in range(8)]
    tokens = [token_of(one.get("/sign-in").get_data(as_text=True)) for one in browsers]

    def guess(place: int) -> Callable[[], None]:
        def send() -> None:
            data = {"csrf_token": tokens[place], "email": email, "password": "a wrong password"}
            answers.append(browsers[place].post("/sign-in", data=data).status_code)

        return send

    at_once(app, [guess(place) for place in range(8)])
    assert len(looked_at) == 5 and sorted(answers) == [200] * 5 + [429] * 3
