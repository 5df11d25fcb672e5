"""S26: a sign-in that is under way while every key to the account ends (a new password, factors reset)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask_security.forms
import flask_security.utils
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts import invitations, service, sessions
from crm.accounts.factors import service as factors
from crm.accounts.models import ApiToken, SignInFailure
from crm.calendar.models import CalendarFeed
from crm.core import doors
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
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


@pytest.mark.parametrize("address", ["/account/sessions/end-others", "/account", "/calendar"])
def test_no_other_key_is_made_of_a_session_that_ended_meanwhile(
    app: Flask,
    person: People,
    signed_in: Callable[[str], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    browser, owner = signed_in("officer"), person("officer")
    token = token_of(browser.get("/account").get_data(as_text=True))
    change, validate = _new_password(app, owner), doors.ActionForm.validate

    def interrupted(form: Any, **given: Any) -> bool:
        fine = validate(form, **given)
        change()
        return fine

    monkeypatch.setattr(Form, "validate", interrupted)
    sent = browser.post(address, data={"csrf_token": token, "label": "thief", "detail": "neutral"})
    assert sent.status_code == 404
    assert browser.get("/account").status_code == 303
    with looking_as(SYSTEM):
        assert not db.session.scalars(select(ApiToken)).all() and not db.session.scalars(select(CalendarFeed)).all()


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
