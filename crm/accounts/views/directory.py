"""Pages for those who keep accounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import render_template, url_for

from crm.accounts import queries, service
from crm.accounts.policy import LABELS
from crm.accounts.views.door import pages, pressed
from crm.core import access
from crm.core.access import requires


@pages.get("/administration/accounts")
@requires("accounts:read")
def directory() -> Any:
    """Parties and people with an account."""
    users = queries.accounts(access.viewer())
    labels = {role.value: label for role, label in LABELS.items()}
    return render_template("accounts/directory.html", users=users, labels=labels)


def _list() -> str:
    return url_for("accounts.directory")


@pages.post("/administration/accounts/<uuid:user_id>/close")
@requires("accounts:write")
def close(user_id: UUID) -> Any:
    """Nobody signs in with this account any more."""
    message = {"text": "The account is closed.", "undo_href": url_for("accounts.reopen", user_id=user_id)}
    return pressed(service.close_account, message, _list(), user_id=user_id)


@pages.post("/administration/accounts/<uuid:user_id>/reopen")
@requires("accounts:write")
def reopen(user_id: UUID) -> Any:
    """The account may be used again."""
    return pressed(service.reopen_account, "The account is open again.", _list(), user_id=user_id)
