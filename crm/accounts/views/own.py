"""One's own account: sessions, password, tokens."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import render_template, session

from crm.accounts import changing, here, queries, service, sessions
from crm.accounts.forms import PasswordForm, ProfileForm, TokenForm
from crm.accounts.here import with_this_key
from crm.accounts.signin import KEY, owner_here
from crm.accounts.views.door import own_page, pages, pressed
from crm.core import access, doors
from crm.core.errors import RuleViolation
from crm.core.routes import fresh, signed_in


@pages.route("/account", methods=["GET", "POST"])
@fresh
@signed_in
def account() -> Any:
    """Who I am here, where I am signed in, and the tokens of my programs."""
    form, issued = TokenForm(), None
    sent = doors.submit(form, partial(with_this_key, service.issue_token, actor=access.viewer()))
    if sent.done:
        _, issued = sent.answer
        form = TokenForm(formdata=None)
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


@pages.route("/account/profile", methods=["GET", "POST"])
@signed_in
def profile() -> Any:
    """My name and title, and the zone of my days and times."""
    form = ProfileForm(obj=_profile())
    form.keep(access.viewer().time_zone)
    sent = doors.submit(form, partial(changing.change_own, actor=access.viewer()), _profile)
    if sent.done:
        return doors.said("Changed.", own_page())
    return render_template("accounts/profile.html", form=form, theirs=sent.theirs), sent.status


def _profile() -> changing.Profile:
    return changing.Profile.of(queries.own_account(access.viewer()))


@pages.post("/account/password")
@signed_in
def change_password() -> Any:
    """Another password; everywhere else I am signed out."""
    form = PasswordForm()
    sent = doors.submit(form, here.change_password)
    if sent.answer:
        return doors.said(
            "The password is changed. Everywhere else you are signed out, and your tokens and calendar feeds have "
            "ended.",
            own_page(),
        )
    if sent.done:
        form.refuse(RuleViolation("current", "This is not your present password."))
    return _account(TokenForm(formdata=None), form)


@pages.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> Any:
    """Sign out on one of my devices."""
    return pressed(sessions.end, "Signed out there.", own_page(), session_id=session_id)


@pages.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> Any:
    """Sign out everywhere but here."""
    doors.act(here.end_other_sessions)
    return doors.said("Everywhere else you are signed out.", own_page())


@pages.post("/account/tokens/<uuid:token_id>/revoke")
@signed_in
def revoke_token(token_id: UUID) -> Any:
    """End one of my tokens."""
    return pressed(service.revoke_token, "The token is revoked.", own_page(), token_id=token_id)
