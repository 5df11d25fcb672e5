"""Pages about one's own account and, for administrators, about all of them."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, session, url_for

from crm.accounts import queries, service, sessions
from crm.accounts.forms import PasswordForm, TokenForm
from crm.accounts.policy import LABELS
from crm.accounts.rules import network_of
from crm.accounts.signin import KEY, begin_here, end_others_and_begin_anew, owner_here, refuse_for_now
from crm.core import access, doors
from crm.core.access import fresh, requires, signed_in
from crm.core.db import unit_of_work
from crm.core.errors import RuleViolation

pages = Blueprint("accounts", __name__)


@pages.route("/account", methods=["GET", "POST"])
@fresh
@signed_in
def account() -> Any:
    """Who I am here, where I am signed in, and my tokens for the JSON door."""
    form, issued = TokenForm(), None
    if form.is_submitted():
        done = doors.submit(form, partial(service.issue_token, actor=access.viewer()))
        issued = done[1] if done else None
        form = TokenForm(formdata=None) if done else form
    return _account(form, PasswordForm(formdata=None), issued)


def _account(form: TokenForm, password_form: PasswordForm, issued: str | None = None) -> Any:
    viewer, key = access.viewer(), session.get(KEY)
    page = render_template(
        "accounts/account.html",
        form=form,
        password_form=password_form,
        fresh=issued,
        tokens=queries.tokens_of(viewer),
        has_factor=owner_here().has_factor,
        sessions=[(one, sessions.is_mine(one, key)) for one in sessions.open_sessions(viewer)],
    )
    return page, 422 if form.errors or password_form.errors else 200


@pages.post("/account/password")
@signed_in
def change_password() -> Any:
    """Another password; everywhere else I am signed out."""
    form, viewer = PasswordForm(), access.viewer()
    refuse_for_now(viewer.email)
    if form.validate():
        try:
            with unit_of_work():
                service.change_password(actor=viewer, **form.command())
                begin_here(viewer.user_id)
            return doors.said(
                "The password is changed. Everywhere else you are signed out. The tokens of your programs still "
                "work: revoke them below if somebody else may know them.",
                _own_page(),
            )
        except RuleViolation as violation:
            form.refuse(violation)
            if form.current.errors:
                with unit_of_work():
                    sessions.note_failure(email=viewer.email, network=network_of(request.remote_addr))
    return _account(TokenForm(formdata=None), form)


def _own_page() -> str:
    return url_for("accounts.account")


@pages.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> Any:
    """Sign out on one of my devices."""
    doors.act(sessions.end, actor=access.viewer(), session_id=session_id)
    return doors.said("Signed out there.", _own_page())


@pages.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> Any:
    """Sign out everywhere but here."""
    doors.act(end_others_and_begin_anew)
    return doors.said("Everywhere else you are signed out.", _own_page())


@pages.post("/account/tokens/<uuid:token_id>/revoke")
@signed_in
def revoke_token(token_id: UUID) -> Any:
    """End one of my tokens."""
    doors.act(service.revoke_token, actor=access.viewer(), token_id=token_id)
    return doors.said("The token is revoked.", _own_page())


@pages.get("/administration/accounts")
@requires("accounts:read")
def directory() -> Any:
    """Parties and people with an account."""
    users = queries.accounts(access.viewer())
    labels = {role.value: label for role, label in LABELS.items()}
    return render_template("accounts/directory.html", users=users, labels=labels)


@pages.post("/administration/accounts/<uuid:user_id>/close")
@fresh
@requires("accounts:write")
def close(user_id: UUID) -> Any:
    """Nobody signs in with this account any more."""
    doors.act(service.close_account, actor=access.viewer(), user_id=user_id)
    message = {"text": "The account is closed.", "undo_href": url_for("accounts.reopen", user_id=user_id)}
    return doors.said(message, url_for("accounts.directory"))


@pages.post("/administration/accounts/<uuid:user_id>/reopen")
@fresh
@requires("accounts:write")
def reopen(user_id: UUID) -> Any:
    """The account may be used again."""
    doors.act(service.reopen_account, actor=access.viewer(), user_id=user_id)
    return doors.said("The account is open again.", url_for("accounts.directory"))
