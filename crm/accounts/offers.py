"""What whoever keeps accounts may choose from, the same for the pages and for the JSON door."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from crm.accounts import invitations, queries
from crm.accounts.forms import InviteColleagueForm, InviteForm
from crm.accounts.models import Party, PartyKind, Role
from crm.accounts.policy import roles_to_give
from crm.core import access
from crm.core.access import Viewer
from crm.core.errors import NotFound
from crm.states.queries import register


def invite_form_of(viewer: Viewer) -> type[InviteColleagueForm]:
    """The form for this viewer: only an administrator chooses the party, and who administers it."""
    return InviteForm if viewer.may("accounts:write") else InviteColleagueForm


def offer(form: Any) -> None:
    """Fill in what the viewer may choose from."""
    viewer, parties = access.viewer(), queries.parties(access.viewer())
    own = next((one for one in parties if one.id == viewer.party_id), None)
    if viewer.may("accounts:write"):
        roles = list(Role)
    elif own is not None:
        roles = roles_to_give(viewer, PartyKind(own.kind), invitations.held_roles(own.id))
    else:
        raise NotFound("no party")
    form.offer(roles, [(str(one.id), one.name) for one in parties])
    form.objections = partial(_objections, viewer, parties)


def _objections(viewer: Viewer, parties: Iterable[Party], typed: dict[str, Any]) -> dict[str, str]:
    """What speaks against an invitation as it was typed, whatever else is still missing in the form."""
    wanted = typed.get("party_id") or str(viewer.party_id)
    return invitations.objections(
        actor=viewer,
        party=next((one for one in parties if str(one.id) == wanted), None),
        email=typed["email"],
        roles=[one for one in typed["roles"] or [] if one in set(Role)],
        administers_party=typed.get("administers_party", False),
    )


def offer_states(form: Any) -> None:
    """Fill in the States of today."""
    form.offer(register().options(access.today()))
