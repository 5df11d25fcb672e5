"""What a link in a mail opens: an invitation, a new password. Reading these pages changes nothing."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import render_template, request, url_for
from werkzeug.exceptions import TooManyRequests

from crm.accounts import invitations, resets
from crm.accounts.forms import ForgottenForm, NewPasswordForm, WelcomeForm
from crm.accounts.models import User
from crm.accounts.rules import WINDOW, network_of
from crm.accounts.signin import enter, let_in
from crm.accounts.views.door import pages
from crm.core import doors
from crm.core.db import unit_of_work
from crm.core.errors import NotFound
from crm.core.routes import link_holder, public_form


@pages.route("/invitation/<invitation_link>", methods=["GET", "POST"])
@link_holder
def invitation(invitation_link: str) -> Any:
    """Accept an invitation: choose a password and be in."""
    try:
        invited = invitations.behind(invitation_link)
    except NotFound:
        return _over("invitation")
    facts = {"invited": invited, "party": invited.party.name, "roles": invitations.words_for(invited)}
    form = WelcomeForm()
    sent = doors.submit(form, partial(_accept, secret=invitation_link))
    if sent.done:
        let_in(sent.answer, "password")
        return doors.said("Welcome. Your account is open.", url_for("home.today"))
    return render_template("accounts/invitation.html", form=form, **facts), sent.status


def _accept(**command: Any) -> User:
    user = invitations.accept(**command)
    enter(user)
    return user


@pages.route("/forgotten-password", methods=["GET", "POST"])
@public_form
def forgotten_password() -> Any:
    """Ask for a link. The answer is the same whoever asks and whatever address is typed."""
    form, network = ForgottenForm(), network_of(request.remote_addr)
    if form.is_submitted():
        if resets.too_many(network):
            raise TooManyRequests("Try again in an hour.", retry_after=int(WINDOW.total_seconds()))
        if form.validate():
            with unit_of_work():
                resets.ask(network=network, **form.command())
            return doors.said(
                "If there is an account with this address, a mail with a link is on its way to it.",
                url_for("security.login"),
            )
    page = render_template("accounts/forgotten_password.html", form=form)
    return page, 422 if form.errors else 200


@pages.route("/new-password/<password_link>", methods=["GET", "POST"])
@link_holder
def new_password(password_link: str) -> Any:
    """Choose another password by a link."""
    try:
        name, form = resets.behind(password_link).name, NewPasswordForm()
    except NotFound:
        return _over("password")
    sent = doors.submit(form, partial(resets.choose, secret=password_link))
    if sent.done:
        return doors.said("The password is changed. Sign in with it.", url_for("security.login"))
    return render_template("accounts/new_password.html", form=form, name=name), sent.status


def _over(kind: str) -> Any:
    """The same answer for a link that was used, ran out, was withdrawn or never was."""
    return render_template("accounts/link_over.html", kind=kind), 404
