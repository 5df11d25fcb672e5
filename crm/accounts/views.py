"""Pages about one's own account and, for administrators, about all of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for

from crm.accounts import queries, service
from crm.accounts.forms import TokenForm
from crm.accounts.policy import LABELS
from crm.core import access, doors
from crm.core.access import requires, signed_in

pages = Blueprint("accounts", __name__)


@pages.route("/account", methods=["GET", "POST"])
@signed_in
def account() -> Any:
    """Who I am here, and my tokens for the JSON door."""
    form, fresh = TokenForm(), None
    if form.is_submitted():
        done = doors.submit(form, lambda label: service.issue_token(actor=access.viewer(), label=label))
        fresh = done[1] if done else None
        form = TokenForm(formdata=None) if done else form
    tokens = queries.tokens_of(access.viewer())
    return render_template("accounts/account.html", form=form, fresh=fresh, tokens=tokens)


@pages.post("/account/tokens/<uuid:token_id>/revoke")
@signed_in
def revoke_token(token_id: UUID) -> Any:
    """End one of my tokens."""
    doors.act(service.revoke_token, actor=access.viewer(), token_id=token_id)
    return doors.said("The token is revoked.", url_for("accounts.account"))


@pages.get("/administration/accounts")
@requires("accounts:read")
def directory() -> Any:
    """Parties and people with an account."""
    with access.looking_as(access.SYSTEM):
        users = queries.accounts()
    labels = {role.value: label for role, label in LABELS.items()}
    return render_template("accounts/directory.html", users=users, labels=labels)
