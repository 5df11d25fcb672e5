"""Signing in: Flask-Security with our data, our template and stricter settings."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, g, request, session
from flask_login import user_logged_in, user_logged_out
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore, login_user
from flask_security.utils import get_message
from werkzeug.exceptions import TooManyRequests
from wtforms import Field, PasswordField
from wtforms.validators import DataRequired, Length

from crm.accounts import rules, sessions
from crm.accounts.factors import ceremonies
from crm.accounts.models import User, UserRole, UserSession
from crm.accounts.queries import owes_factor, user_by_email, user_by_token
from crm.accounts.rules import LONGEST_ADDRESS, LONGEST_PASSWORD, MINIMUM_PASSWORD
from crm.accounts.service import locked_user
from crm.accounts.sessions import Proof, Try
from crm.accounts.viewers import viewer_of
from crm.audit import service as audit
from crm.audit.service import Event
from crm.core import access, clock, doors
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotFound
from crm.core.problems import wants_json
from crm.core.routes import declare_third_party
from crm.core.steps import Due, Standing

KEY = "key"
"""Where the cookie holds the key of the session."""

_FOUND = "user_session"
_ENTERED = "entered"

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
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
}
"""The library's own commands are off: they change accounts past the verbs, their sessions and the audit."""


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

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.email.label.text = "Email"

    def validate_next(self, field: Field) -> None:
        """Whoever was to be led elsewhere is led to the start page; a right password is not kept out for that."""
        field.data = doors.local_path(field.data) if field.data else field.data

    def validate(self, **kwargs: Any) -> bool:
        """What is overlong is wrong like anything else, without being normalised or hashed. A right password begins
        the session, unless it has become an old one meanwhile.

        Each try counts as failed before anything is looked at: of those sent at the same moment no more are looked
        at than of those sent one after the other. Counted as the system: nobody is signed in.
        """
        typed = str(self.email.data or "")
        if len(self.password.data or "") > LONGEST_PASSWORD or len(typed) > LONGEST_ADDRESS:
            self.password.data, self.email.data = "", typed[:LONGEST_ADDRESS]
        counted = _count_ahead(typed)
        if super().validate(**kwargs):
            user = cast(User, self.user)
            if _enter_with_password(user.id, user.password, counted):
                return True
            cast(list[str], self.password.errors).append(get_message("INVALID_PASSWORD")[0])
            return False
        with looking_as(SYSTEM), unit_of_work():
            if "csrf_token" in self.errors:
                sessions.release(counted)
            else:
                sessions.failed(counted)
        return False


def _count_ahead(email: str) -> Try:
    """Count a try as failed before it is looked at, one try after the other; raises TooManyRequests in a pause."""
    network = rules.network_of(request.remote_addr)
    with looking_as(SYSTEM), unit_of_work():
        sessions.take_turns(email=email, network=network)
        refuse_for_now(email)
        return sessions.count_ahead(email=email, network=network)


def _enter_with_password(user_id: UUID, checked: str | None, counted: Try) -> bool:
    """Begin the session of somebody whose password was right, if it still is; opens its own unit of work.

    Looked at was the hash that the account had then (`checked`). Looks as the system: nobody is signed in yet.
    """
    with looking_as(SYSTEM), unit_of_work():
        user = locked_user(user_id)
        if not user.active or user.password != checked:
            sessions.failed(counted)
            return False
        sessions.release(counted)
        enter(user)
        return True


def register(app: Flask) -> None:
    """Hang the sign-in onto an application.

    The library brings a second door along, tokens of its own that it takes from headers, addresses and
    bodies and that nobody can revoke. It stays shut: who has no session is nobody here but for our tokens.
    """
    app.config.update(SETTINGS)
    security = Security(app, Datastore(db, User, UserRole), login_form=SignInForm)
    security.want_json(lambda _request: False)
    security.login_context_processor(lambda: {"passkeys_work": ceremonies.site() is not None})
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


def go_on_under(key: str) -> None:
    """The session of this browser has another key from now on, which no copy of its cookie has."""
    g.pop(_FOUND, None)
    session[KEY] = key


def go_on_alone_here() -> None:
    """The session of this browser goes on under a new key, and every other one of its owner ends; part of a unit of
    work that holds the account. Raises NotFound.
    """
    found = session_here()
    key, _ended = sessions.go_on_alone(session_id=found.id, user_id=found.user_id)
    go_on_under(key)


def prove_here(*, factor: bool) -> None:
    """The owner of this browser's session has just shown a password or a factor; part of a unit of work."""
    go_on_under(sessions.prove(session_id=session_here().id, factor=factor))


def complete(user: User) -> None:
    """Everything is shown: this is a sign-in now, and what failed on the way is forgiven; part of a unit of work.

    Works as the system: the viewer of this request is not yet whoever signs in.
    """
    device, network = rules.device(request.user_agent.string), rules.network_of(request.remote_addr)
    with looking_as(SYSTEM):
        sessions.forgive(email=user.email, network=network)
        audit.record(Event.SIGNED_IN, actor=viewer_of(user), subject=("user", user.id), device=device)
    _new_form_token()


def enter(user: User, *, factor: bool = False) -> None:
    """Begin the session of somebody who has shown who they are (`factor`: with more than a password).

    Part of the unit of work in which that was looked at, or looked at again, with the account held: so no session
    outlives what ended every key meanwhile. It opens nothing, and guesses are not forgiven, as long as a second
    factor is due. Works as the system: the viewer of this request is not yet whoever signs in.
    """
    now = clock.now()
    device, network = rules.device(request.user_agent.string), rules.network_of(request.remote_addr)
    with looking_as(SYSTEM):
        sessions.end_behind(session.get(KEY))
        g.pop(_FOUND, None)
        proof = Proof(now, now if factor else None)
        session[KEY] = sessions.begin(user_id=user.id, device=device, network=network, proof=proof)
        if factor or _due_of(user, None) is None:
            complete(user)
        setattr(g, _ENTERED, viewer_of(user))


def let_in(user: User, way: str) -> None:
    """Tell the library of somebody whose session was begun by `enter`.

    Nobody is signed in yet while it reads their account. It reads as the system, therefore.
    """
    with looking_as(SYSTEM):
        login_user(user, remember=False, authn_via=[way])


def _begin(_app: Flask, **_signed_in: Any) -> None:
    """The library knows of somebody whose session was begun: what is left of this request reads their account as
    theirs, and its forms have a fresh token. Raises RuntimeError where nothing was begun: nobody enters otherwise.
    """
    entered: Viewer | None = g.pop(_ENTERED, None)
    if entered is None:
        raise RuntimeError("signed in without a session of ours")
    access.look_as(entered)
    _new_form_token()


def _new_form_token() -> None:
    for kept in (session, g):
        kept.pop("csrf_token", None)


def _end(_app: Flask, user: User) -> None:
    """Somebody signs out: the cookie opens nothing any more, wherever a copy of it may be."""
    actor = viewer_of(user)
    with looking_as(SYSTEM), unit_of_work():
        g.pop(_FOUND, None)
        sessions.end_behind(session.pop(KEY, None))
        audit.record(Event.SIGNED_OUT, actor=actor, subject=("user", user.id))


def load_viewer() -> Viewer:
    """Who sends this request: the bearer of a token (JSON door only) or the owner of the session."""
    if comes_with_token():
        user = bearer()
        return viewer_of(user) if user else Viewer()
    if request.endpoint == "static":
        return Viewer()
    found = _session_here()
    return viewer_of(found.user) if found and _due_of(found.user, found.verified_at) is None else Viewer()


def comes_with_token() -> bool:
    """Then the cookie says nothing."""
    return wants_json() and bool(request.headers.get("Authorization"))


def bearer() -> User | None:
    """Whose token this request came with, if it opens anything."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return user_by_token(token.strip()) if scheme.lower() == "bearer" else None


def standing() -> Standing:
    """What the owner of this browser has shown; nothing for whoever comes with a token."""
    found = _cookie_session()
    if found is None:
        return Standing()
    shown = found.proved_at is not None and clock.now() - found.proved_at < rules.FRESH
    return Standing(due=_due_of(found.user, found.verified_at), fresh=shown)


def owner_here() -> User:
    """The owner of this browser's session, even while a step is due; raises NotFound for whoever has none."""
    return session_here().user


def session_here() -> UserSession:
    """The session of this browser, even while a step is due; raises NotFound for whoever has none or comes with a
    token.
    """
    found = _cookie_session()
    if found is None:
        raise NotFound("no session")
    return found


def _cookie_session() -> UserSession | None:
    """The session of this browser, unless the request came with a token."""
    if comes_with_token():
        return None
    found = _session_here()
    return found if found and found.user.active else None


def _due_of(user: User, verified_at: datetime | None) -> Due | None:
    """What is still due of somebody who signed in. A second factor that a provider proved is one, too."""
    if user.has_factor:
        return None if verified_at else Due.FACTOR
    return Due.ENROLMENT if owes_factor(user) and not verified_at else None


def _session_here() -> UserSession | None:
    """The live session of this browser, looked up once for a request: the library asks for it again."""
    if _FOUND not in g:
        with looking_as(SYSTEM):
            found = sessions.find(session.get(KEY))
            waited = found and _due_of(found.user, found.verified_at) is Due.FACTOR
            if found and waited and clock.now() - found.began_at >= rules.HALFWAY:
                found = None
            setattr(g, _FOUND, found)
    kept: UserSession | None = g.get(_FOUND)
    return kept
