"""The JSON door to one's own sessions, and to the accounts for those who keep them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, session

from crm.accounts import changing, queries, service, sessions
from crm.accounts.api_inviting import inviting
from crm.accounts.forms import AccountForm, ProfileForm
from crm.accounts.here import end_other_sessions as end_others
from crm.accounts.listing import LISTING
from crm.accounts.models import User, UserSession
from crm.accounts.signin import KEY
from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.listing import ListForm
from crm.core.lists import page_of
from crm.core.routes import fresh, requires, signed_in

api = Blueprint("accounts_api", __name__, url_prefix="/api/v1")
api.register_blueprint(inviting)


def _session(one: UserSession) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "device": one.device,
        "network": one.network,
        "began_at": one.began_at.isoformat(),
        "seen_at": one.seen_at.isoformat(),
        "this_one": sessions.is_mine(one, session.get(KEY)),
    }


@api.get("/account/sessions")
@signed_in
def own_sessions() -> Any:
    """Where I am signed in."""
    return jsonify({"items": [_session(one) for one in sessions.open_sessions(access.viewer())]})


@api.post("/account/sessions/<uuid:session_id>/end")
@signed_in
def end_session(session_id: UUID) -> Any:
    """Sign out on one of my devices."""
    doors.submit_json(ActionForm, partial(sessions.end, actor=access.viewer(), session_id=session_id))
    return own_sessions()


@api.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> Any:
    """Sign out everywhere but here; with a token, which is no session, everywhere."""
    doors.submit_json(ActionForm, end_others)
    return own_sessions()


@api.get("/account")
@signed_in
def own_account() -> Any:
    """What others read of me, and my time zone."""
    own = queries.own_account(access.viewer())
    profile = changing.Profile.of(own)
    return jsonify({**asdict(profile), "version": profile.version})


@api.put("/account")
@signed_in
def change_own_account() -> Any:
    """Change them; what is left out stays."""
    viewer = access.viewer()
    doors.submit_json(
        ProfileForm,
        partial(changing.change_own, actor=viewer),
        prepare=lambda form: form.keep(viewer.time_zone),
        obj=changing.Profile.of(queries.own_account(viewer)),
    )
    return own_account()


def _account(user: User) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "email": user.email,
        "name": user.name,
        "title": user.title,
        "party": user.party.name,
        "roles": sorted(role.name for role in user.roles),
        "administers_party": user.administers_party,
        "active": user.active,
        "closed_by_operator": user.closed_by_operator,
        "sample": user.sample,
        "version": changing.Standing.of(user).version,
    }


@api.get("/accounts")
@requires("party:accounts")
def directory() -> Any:
    """A page of those with an account, or of one's own party; `after` is the cursor that the page before gave."""
    return _listed(LISTING.read(request.args))


def _listed(form: ListForm) -> Any:
    page = page_of(LISTING.question(form, False), cursor=request.args.get("after"))
    return jsonify({"items": [_account(one) for one in page.items], "next": page.next_cursor})


def _pressed(verb: Callable[..., Any], user_id: UUID) -> Any:
    """Do to an account what its address says, and answer with the list of them."""
    doors.submit_json(ActionForm, partial(verb, actor=access.viewer(), user_id=user_id))
    return _listed(LISTING.filters(request.args))


@api.put("/accounts/<uuid:user_id>")
@fresh
@requires("party:accounts")
def change(user_id: UUID) -> Any:
    """Name, title and roles of an account; what is left out stays."""
    viewer = access.viewer()
    found = changing.to_change(viewer, user_id)
    doors.submit_json(
        AccountForm,
        partial(changing.change_account, actor=viewer, user_id=user_id),
        prepare=lambda form: form.offer(changing.roles_offered(viewer, found)),
        obj=changing.Standing.of(found),
    )
    return jsonify(_account(changing.to_change(viewer, user_id)))


@api.post("/accounts/<uuid:user_id>/close")
@fresh
@requires("party:accounts")
def close(user_id: UUID) -> Any:
    """Nobody signs in with this account any more."""
    return _pressed(service.close_account, user_id)


@api.post("/accounts/<uuid:user_id>/reopen")
@fresh
@requires("party:accounts")
def reopen(user_id: UUID) -> Any:
    """The account may be used again."""
    return _pressed(service.reopen_account, user_id)


@api.post("/accounts/<uuid:user_id>/party-administration/give")
@fresh
@requires("accounts:write")
def give_party_administration(user_id: UUID) -> Any:
    """Let somebody keep the accounts of their own party."""
    return _pressed(service.give_party_administration, user_id)


@api.post("/accounts/<uuid:user_id>/party-administration/take")
@fresh
@requires("accounts:write")
def take_party_administration(user_id: UUID) -> Any:
    """They keep accounts no more."""
    return _pressed(service.take_party_administration, user_id)
