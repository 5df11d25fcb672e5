"""The JSON door to invitations and parties, for those who keep accounts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify

from crm.accounts import invitations, queries, service
from crm.accounts.forms import PartyForm
from crm.accounts.models import Invitation, Party
from crm.accounts.offers import invite_form_of, offer, offer_states
from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.routes import fresh, requires
from crm.mail.queries import deliveries

inviting = Blueprint("inviting", __name__)


def _listed(found: Sequence[Invitation]) -> list[dict[str, Any]]:
    standing = invitations.standing([one.id for one in found])
    mails = deliveries([one.mail_id for one in found if one.mail_id])
    return [_invitation(one, one.id in standing, mails.get(one.mail_id) if one.mail_id else None) for one in found]


def _invitation(one: Invitation, stands: bool, mail: Any) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "email": one.email,
        "name": one.name,
        "title": one.title,
        "party": one.party.name,
        "roles": one.roles,
        "administers_party": one.administers_party,
        "invited_by": one.invited_by_name,
        "sent_at": one.sent_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "stands": stands,
        "mail": mail.state.value if mail else None,
        "answer": mail.answer if mail else "",
    }


def _party(one: Party) -> dict[str, Any]:
    return {"id": str(one.id), "name": one.name, "kind": one.kind, "state_iso3": one.state_iso3, "sample": one.sample}


@inviting.get("/invitations")
@requires("party:accounts")
def waiting() -> Any:
    """Invitations that nobody has accepted yet, the newest first."""
    return jsonify({"items": _listed(invitations.waiting(access.viewer()))})


@inviting.post("/invitations")
@fresh
@requires("party:accounts")
def invite() -> Any:
    """Ask somebody by e-mail to open an account."""
    viewer = access.viewer()
    made = doors.submit_json(invite_form_of(viewer), partial(invitations.invite, actor=viewer), prepare=offer)
    return jsonify(_listed([made])[0]), 201


@inviting.post("/invitations/<uuid:invitation_id>/resend")
@fresh
@requires("party:accounts")
def resend(invitation_id: UUID) -> Any:
    """Send an invitation again, with a new link."""
    verb = partial(invitations.resend, actor=access.viewer(), invitation_id=invitation_id)
    doors.submit_json(ActionForm, verb)
    return waiting()


@inviting.post("/invitations/<uuid:invitation_id>/withdraw")
@requires("party:accounts")
def withdraw(invitation_id: UUID) -> Any:
    """Let an invitation open nothing any more."""
    verb = partial(invitations.withdraw, actor=access.viewer(), invitation_id=invitation_id)
    doors.submit_json(ActionForm, verb)
    return waiting()


@inviting.get("/parties")
@requires("party:accounts")
def parties() -> Any:
    """The parties whose accounts one keeps."""
    return jsonify({"items": [_party(one) for one in queries.parties(access.viewer())]})


@inviting.post("/parties")
@requires("accounts:write")
def add_party() -> Any:
    """Add an organisation that takes part."""
    made = doors.submit_json(PartyForm, partial(service.add_party, actor=access.viewer()), prepare=offer_states)
    return jsonify(_party(made)), 201
