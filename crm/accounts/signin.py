"""Signing in: Flask-Security with our data, our template and stricter settings."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, g, request, session
from flask_login import user_logged_in, user_logged_out
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore
from werkzeug.exceptions import TooManyRequests
from wtforms import PasswordField
from wtforms.validators import DataRequired, Length

from crm.accounts import rules, sessions
from crm.accounts.models import User, UserRole, UserSession
from crm.accounts.queries import user_by_email, user_by_token
from crm.accounts.rules import LONGEST_PASSWORD, MINIMUM_PASSWORD
from crm.accounts.viewers import viewer_of
from crm.audit import service as audit
from crm.audit.service import Event
from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotFound
from crm.core.web import declare_third_party, wants_json

KEY = "key"
"""Where the cookie holds the key of the session."""

_FOUND = "user_session"

SETTINGS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    "SECURITY_PASSWORD_LENGTH_MIN": MINIMUM_PASSWORD,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
    "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
    "SECURITY_MSG_UNAUTHENTICATED": ("Please sign in.", "info"),
    "SECURITY_MSG_GENERIC_AUTHN_FAILED": ("The address or the password is not right.", "error"),
    "SECURITY_FLASH_MESSAGES": False,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
    "SECURITY_SEND_REGISTER_EMAIL": False,
    "SECURITY_JOIN_USER_ROLES": False,
}


class Datastore(SQLAlchemyUserDatastore):
    """Looks users up as the system: nobody is signed in yet while somebody signs in."""

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> User | None:
        (name, value), *_ = wanted.items()
        if name != "fs_uniquifier":
            return user_by_email(str(value))
        found = _session_here()
        return found.user if found and found.user.fs_uniquifier == value else None


class SignInForm(LoginForm):
    """The library's form, within the length that its hash accepts."""

    password = PasswordField("Password", validators=[DataRequired(), Length(max=LONGEST_PASSWORD)])

    def validate(self, **kwargs: Any) -> bool:
        """An overlong password is wrong like any other, without being hashed. What fails is counted."""
        typed = str(self.email.data or "")
        if len(self.password.data or "") > LONGEST_PASSWORD or len(typed) > LONGEST_PASSWORD:
            self.password.data = ""
        if super().validate(**kwargs):
            return True
        if "csrf_token" not in self.errors:
            network = rules.network_of(request.remote_addr)
            with looking_as(SYSTEM), unit_of_work():
                sessions.note_failure(email=typed, network=network)
        return False


def register(app: Flask) -> None:
    """Hang the sign-in onto an application.

    The library brings a second door along, tokens of its own that it takes from headers, addresses and
    bodies and that nobody can revoke. It stays shut: who has no session is nobody here but for our tokens.
    """
    app.config.update(SETTINGS)
    security = Security(app, Datastore(db, User, UserRole), login_form=SignInForm)
    security.want_json(lambda _request: False)
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    app.before_request(_refuse_for_now)
    user_logged_in.connect(_begin, app, weak=False)
    user_logged_out.connect(_end, app, weak=False)
    declare_third_party("security.login", signed_in=False, form_only=True)
    declare_third_party("security.logout", signed_in=False, form_only=True, token=True)
    declare_third_party("security.verify", signed_in=True, form_only=True)
    declare_third_party("static", signed_in=False)
    declare_third_party("security.static", signed_in=False)


def _refuse_for_now() -> None:
    """Before a password is looked at: whoever has guessed too often waits, known account or not."""
    if request.endpoint == "security.verify":
        raise NotFound("no page of ours")
    if request.endpoint != "security.login":
        return
    try:
        urlsplit(request.args.get("next", "").replace("\\", "/"))
    except ValueError:
        raise NotFound("no such address") from None
    if request.method == "POST":
        refuse_for_now(request.form.get("email", ""))


def refuse_for_now(email: str) -> None:
    """Raise TooManyRequests while a pause for this account and network lasts."""
    pause = sessions.wait(email=email, network=rules.network_of(request.remote_addr))
    if pause:
        seconds = math.ceil(pause.total_seconds())
        raise TooManyRequests(f"Try again in {_span(seconds)}.", retry_after=seconds)


def _span(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"


def begin_here(user_id: UUID | None) -> None:
    """A session of its own for this browser, under a key that no copy of its cookie has; part of a unit of work."""
    device, network = rules.device(request.user_agent.string), rules.network_of(request.remote_addr)
    if user_id is None:
        raise NotFound("no account")
    g.pop(_FOUND, None)
    with looking_as(SYSTEM):
        session[KEY] = sessions.begin(user_id=user_id, device=device, network=network)


def end_others_and_begin_anew() -> int:
    """Sign out everywhere but here, where the key changes too: a copy of this cookie is somewhere else."""
    actor, here = access.viewer(), session.get(KEY)
    ended = sessions.end_everywhere(actor=actor)
    if here:
        begin_here(actor.user_id)
    return ended


def _begin(_app: Flask, user: User) -> None:
    """Somebody has signed in: a session of their own, a fresh token for the forms; the rest is read as theirs."""
    device, network = rules.device(request.user_agent.string), rules.network_of(request.remote_addr)
    with looking_as(SYSTEM), unit_of_work():
        begin_here(user.id)
        sessions.forgive(email=user.email, network=network)
        actor = viewer_of(user)
        audit.record(Event.SIGNED_IN, actor=actor, subject=("user", user.id), device=device)
    access.look_as(actor)
    for kept in (session, g):
        kept.pop("csrf_token", None)


def _end(_app: Flask, user: User) -> None:
    """Somebody signs out: the cookie opens nothing any more, wherever a copy of it may be."""
    actor = access.viewer()
    with looking_as(SYSTEM), unit_of_work():
        g.pop(_FOUND, None)
        sessions.end_behind(session.pop(KEY, None))
        audit.record(Event.SIGNED_OUT, actor=actor, subject=("user", str(actor.user_id)))


def load_viewer() -> Viewer:
    """Who sends this request: the bearer of a token (JSON door only) or the owner of the session."""
    header = request.headers.get("Authorization", "")
    if wants_json() and header:
        scheme, _, token = header.partition(" ")
        user = user_by_token(token.strip()) if scheme.lower() == "bearer" else None
        return viewer_of(user) if user else Viewer()
    if request.endpoint == "static":
        return Viewer()
    found = _session_here()
    return viewer_of(found.user) if found else Viewer()


def _session_here() -> UserSession | None:
    """The live session of this browser, looked up once for a request: the library asks for it again."""
    if _FOUND not in g:
        with looking_as(SYSTEM):
            setattr(g, _FOUND, sessions.find(session.get(KEY)))
    found: UserSession | None = g.get(_FOUND)
    return found
