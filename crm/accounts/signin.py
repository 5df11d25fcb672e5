"""Signing in: Flask-Security with our data, our template and stricter settings."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_login import current_user
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore
from wtforms import PasswordField
from wtforms.validators import DataRequired, Length

from crm.accounts.models import User, UserRole
from crm.accounts.policy import viewer_of
from crm.accounts.queries import user_by_email, user_by_session_key, user_by_token
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.web import declare_third_party, wants_json

LONGEST_PASSWORD = 1024

SETTINGS: dict[str, Any] = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    "SECURITY_PASSWORD_LENGTH_MIN": 15,
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
        with looking_as(SYSTEM):
            return user_by_session_key(value) if name == "fs_uniquifier" else user_by_email(str(value))


class SignInForm(LoginForm):
    """The library's form, within the length that its hash accepts."""

    password = PasswordField("Password", validators=[DataRequired(), Length(max=LONGEST_PASSWORD)])

    def validate(self, **kwargs: Any) -> bool:
        """An overlong password is wrong like any other, without being hashed."""
        if len(self.password.data or "") > LONGEST_PASSWORD or len(self.email.data or "") > LONGEST_PASSWORD:
            self.password.data = ""
        return bool(super().validate(**kwargs))


def register(app: Flask) -> None:
    """Hang the sign-in onto an application.

    The library brings a second door along, tokens of its own that it takes from headers, addresses and
    bodies and that nobody can revoke. It stays shut: who has no session is nobody here but for our tokens.
    """
    app.config.update(SETTINGS)
    security = Security(app, Datastore(db, User, UserRole), login_form=SignInForm)
    security.want_json(lambda _request: False)
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    declare_third_party("security.login", signed_in=False, form_only=True)
    declare_third_party("security.logout", signed_in=False, form_only=True, token=True)
    declare_third_party("security.verify", signed_in=True, form_only=True)
    declare_third_party("static", signed_in=False)
    declare_third_party("security.static", signed_in=False)


def load_viewer() -> Viewer:
    """Who sends this request: the bearer of a token (JSON door only) or the owner of the session."""
    header = request.headers.get("Authorization", "")
    if wants_json() and header:
        scheme, _, token = header.partition(" ")
        user = user_by_token(token.strip()) if scheme.lower() == "bearer" else None
        return viewer_of(user) if user else Viewer()
    if request.endpoint == "static" or not current_user.is_authenticated:
        return Viewer()
    return viewer_of(current_user._get_current_object())
