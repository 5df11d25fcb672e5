"""Inviting people by e-mail, and adding the parties they belong to."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import render_template, url_for

from crm.accounts import invitations, service
from crm.accounts.forms import PartyForm
from crm.accounts.offers import invite_form_of, offer, offer_states
from crm.accounts.views.directory import list_of_accounts
from crm.accounts.views.door import pages, pressed
from crm.core import access, doors
from crm.core.routes import fresh, requires


@pages.route("/administration/accounts/invite", methods=["GET", "POST"])
@fresh
@requires("party:accounts")
def invite() -> Any:
    """Ask somebody by e-mail to open an account."""
    viewer = access.viewer()
    form = invite_form_of(viewer)()
    offer(form)
    sent = doors.submit(form, partial(invitations.invite, actor=viewer))
    if sent.done:
        return doors.said(f"An invitation to {form.email.data} is on its way.", list_of_accounts())
    return render_template("accounts/invite.html", form=form), sent.status


@pages.route("/administration/parties/new", methods=["GET", "POST"])
@requires("accounts:write")
def add_party() -> Any:
    """Add an organisation that takes part."""
    form = PartyForm()
    offer_states(form)
    sent = doors.submit(form, partial(service.add_party, actor=access.viewer()))
    if sent.done:
        return doors.said("The party is added. Now invite its people.", url_for("accounts.invite"))
    return render_template("accounts/party.html", form=form), sent.status


@pages.post("/administration/invitations/<uuid:invitation_id>/resend")
@fresh
@requires("party:accounts")
def resend(invitation_id: UUID) -> Any:
    """Send an invitation again, with a new link."""
    words = "The invitation is on its way again; the link before it opens nothing any more."
    return pressed(invitations.resend, words, list_of_accounts(), invitation_id=invitation_id)


@pages.post("/administration/invitations/<uuid:invitation_id>/withdraw")
@requires("party:accounts")
def withdraw(invitation_id: UUID) -> Any:
    """Let an invitation open nothing any more."""
    return pressed(
        invitations.withdraw, "The invitation is withdrawn.", list_of_accounts(), invitation_id=invitation_id
    )
