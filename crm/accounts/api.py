"""The JSON door to one's own sessions, and to the accounts for those who keep them."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, session

from crm.accounts import queries, service, sessions
from crm.accounts.models import User, UserSession
from crm.accounts.signin import KEY, end_others_and_begin_anew
from crm.core import access, doors
from crm.core.access import fresh, requires, signed_in
from crm.core.doors import ActionForm

api = Blueprint("accounts_api", __name__, url_prefix="/api/v1")


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
    doors.submit_json(ActionForm, end_others_and_begin_anew)
    return own_sessions()


def _account(user: User) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "email": user.email,
        "name": user.name,
        "party": user.party.name,
        "roles": sorted(role.name for role in user.roles),
        "active": user.active,
        "sample": user.sample,
    }


@api.get("/accounts")
@requires("accounts:read")
def directory() -> Any:
    """Everybody with an account."""
    return jsonify({"items": [_account(one) for one in queries.accounts(access.viewer())]})


@api.post("/accounts/<uuid:user_id>/close")
@fresh
@requires("accounts:write")
def close(user_id: UUID) -> Any:
    """Nobody signs in with this account any more."""
    doors.submit_json(ActionForm, partial(service.close_account, actor=access.viewer(), user_id=user_id))
    return directory()


@api.post("/accounts/<uuid:user_id>/reopen")
@fresh
@requires("accounts:write")
def reopen(user_id: UUID) -> Any:
    """The account may be used again."""
    doors.submit_json(ActionForm, partial(service.reopen_account, actor=access.viewer(), user_id=user_id))
    return directory()
