"""The list of accounts and invitations, for those who keep them: of everybody, or of their own party."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for

from crm.accounts import changing, invitations, service
from crm.accounts.forms import AccountForm
from crm.accounts.listing import LISTING
from crm.accounts.policy import LABELS, PARTY_ADMINISTRATOR, keeps_accounts_of
from crm.accounts.views.door import pages, pressed
from crm.core import access, doors
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import fresh, requires
from crm.mail.queries import deliveries


@pages.get("/administration/accounts")
@requires("party:accounts")
def directory() -> Any:
    """People with an account, and those who are invited."""
    viewer = access.viewer()
    waiting = invitations.waiting(viewer)
    form = LISTING.filters(request.args)
    asked = LISTING.question(form, False)
    return render_template(
        "accounts/directory.html",
        form=form,
        page=page_of(asked, cursor=request.args.get("after")),
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=form.shown_columns(),
        listing=LISTING,
        filtered=form.narrowed(),
        labels={role.value: label for role, label in LABELS.items()},
        party_administrator=PARTY_ADMINISTRATOR,
        keeps=lambda user: keeps_accounts_of(viewer, user.party_id),
        invitations=waiting,
        words_for=invitations.words_for,
        standing=invitations.standing([one.id for one in waiting]),
        mails=deliveries([one.mail_id for one in waiting if one.mail_id]),
    )


def list_of_accounts() -> str:
    """The address of the list."""
    return url_for("accounts.directory")


@pages.route("/administration/accounts/<uuid:user_id>", methods=["GET", "POST"])
@fresh
@requires("party:accounts")
def change(user_id: UUID) -> Any:
    """Name, title and roles of an account."""
    viewer = access.viewer()
    found = changing.to_change(viewer, user_id)
    form = AccountForm(obj=changing.Standing.of(found))
    form.offer(changing.roles_offered(viewer, found))
    verb = partial(changing.change_account, actor=viewer, user_id=user_id)
    sent = doors.submit(form, verb, lambda: changing.Standing.of(changing.to_change(viewer, user_id)))
    if sent.done:
        return doors.said("Changed. It holds from their next click on.", list_of_accounts())
    return render_template("accounts/change.html", form=form, user=found, theirs=sent.theirs), sent.status


@pages.post("/administration/accounts/<uuid:user_id>/close")
@fresh
@requires("party:accounts")
def close(user_id: UUID) -> Any:
    """Nobody signs in with this account any more."""
    message = {"text": "The account is closed.", "undo_href": url_for("accounts.reopen", user_id=user_id)}
    return pressed(service.close_account, message, list_of_accounts(), user_id=user_id)


@pages.post("/administration/accounts/<uuid:user_id>/reopen")
@fresh
@requires("party:accounts")
def reopen(user_id: UUID) -> Any:
    """The account may be used again."""
    return pressed(service.reopen_account, "The account is open again.", list_of_accounts(), user_id=user_id)


@pages.post("/administration/accounts/<uuid:user_id>/party-administration/give")
@fresh
@requires("accounts:write")
def give_party_administration(user_id: UUID) -> Any:
    """Let somebody keep the accounts of their own party."""
    words = "They keep the accounts of their party from now on."
    return pressed(service.give_party_administration, words, list_of_accounts(), user_id=user_id)


@pages.post("/administration/accounts/<uuid:user_id>/party-administration/take")
@fresh
@requires("accounts:write")
def take_party_administration(user_id: UUID) -> Any:
    """They keep accounts no more."""
    words = "They keep the accounts of their party no more."
    return pressed(service.take_party_administration, words, list_of_accounts(), user_id=user_id)
