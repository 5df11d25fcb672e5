"""Verbs of the saved views. Each is part of a unit of work that its caller opens."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, func, select

from crm.core.access import Viewer, claim_for_real
from crm.core.db import db, expect_version, locked, unless_taken
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.listing import Listing
from crm.lists.models import DefaultView, SavedView
from crm.lists.queries import get_view

MOST = 100
"""Views that one person keeps."""

TAKEN = "You have a view of this name already."


def save_view(
    *,
    actor: Viewer,
    listing: Listing,
    name: str,
    query: str,
    shared: bool = False,
    opens: bool = False,
    sample: bool = False,
) -> SavedView:
    """Keep a list as it is shown. Raises RuleViolation for a query that the list cannot read, for a name that is taken,
    and for whoever has no party to share with; NotAllowed where the list itself is not open to the actor.
    """
    actor.require(listing.permission)
    if actor.user_id is None:
        raise NotAllowed("nobody to keep a view for")
    _may_share(actor, shared)
    kept = select(func.count()).select_from(SavedView).where(SavedView.user_id == actor.user_id)
    if (db.session.scalar(kept) or 0) >= MOST:
        raise RuleViolation("", f"You have {MOST} views. Remove one that you do not need any more.")
    view = SavedView(
        user_id=actor.user_id,
        party_id=actor.party_id,
        list_key=listing.key,
        name=name,
        query=listing.clean(query),
        shared=shared,
        state_iso3=_state_of(listing, query),
        made_by=actor.name,
        sample=sample or actor.sample,
    )
    with unless_taken("name", TAKEN):
        db.session.add(view)
    if opens:
        open_with(actor=actor, view_id=view.id)
    return view


def _may_share(actor: Viewer, shared: bool) -> None:
    if shared and actor.party_id is None:
        raise RuleViolation("shared", "You belong to no party with which it could be shared.")


def _state_of(listing: Listing, query: str) -> str | None:
    return listing.asked(query).about_state() or None


def change_view(
    *,
    actor: Viewer,
    view_id: UUID,
    name: str,
    shared: bool = False,
    opens: bool = False,
    version: int | None = None,
) -> SavedView:
    """Another name, shared or not, and whether one's list opens with it. `version`: the one that the actor has read,
    None where it does not matter. Raises as `save_view` does, and Stale where the view is another by now.
    """
    view = _own(actor, view_id)
    expect_version(get_view(view_id, actor), version)
    _may_share(actor, shared)
    with unless_taken("name", TAKEN):
        view.name, view.shared = name, shared
        claim_for_real(view, actor)
    if opens:
        open_with(actor=actor, view_id=view_id)
    else:
        _open_plainly(actor, view.list_key, view_id)
    return view


def remove_view(*, actor: Viewer, view_id: UUID) -> None:
    """Take one's own view away; lists that opened with it open plainly again."""
    db.session.delete(_own(actor, view_id))
    db.session.flush()


def open_with(*, actor: Viewer, view_id: UUID, opens: bool = True) -> None:
    """Let one's list open with a view, one's own or one that a colleague shares, or plainly again."""
    view = _seen(view_id)
    if opens:
        _open_plainly(actor, view.list_key)
        db.session.add(DefaultView(user_id=actor.user_id, list_key=view.list_key, view_id=view.id))
    else:
        _open_plainly(actor, view.list_key, view_id)
    db.session.flush()


def _open_plainly(actor: Viewer, list_key: str, view_id: UUID | None = None) -> None:
    gone = delete(DefaultView).where(DefaultView.user_id == actor.user_id, DefaultView.list_key == list_key)
    if view_id:
        gone = gone.where(DefaultView.view_id == view_id)
    db.session.execute(gone)


def _seen(view_id: UUID) -> SavedView:
    view = locked(SavedView, view_id)
    if view is None:
        raise NotFound("no such view")
    return view


def _own(actor: Viewer, view_id: UUID) -> SavedView:
    view = _seen(view_id)
    if view.user_id != actor.user_id:
        raise NotAllowed("a view of a colleague")
    return view
