"""Verbs of whoever sends this request about their own keys: they hold the account first, and look again whether what
opened it still does. Each is part of the unit of work that its door opens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import has_request_context, request, session
from flask_security import verify_password

from crm.accounts import rules, service, sessions, signin
from crm.accounts.rules import network_of
from crm.accounts.service import locked_user
from crm.core import access
from crm.core.access import SYSTEM, looking_as
from crm.core.errors import NotFound


def device() -> str:
    """What whoever sends this request has in front of them, as "Firefox on Windows"; "" where nobody sends one."""
    return rules.device(request.user_agent.string) if has_request_context() else ""


def hold() -> None:
    """Hold the account of whoever sends this request until the unit of work ends.

    Raises NotFound when the session or the token with which they came has ended, or the account is closed. Looks as
    the system: an enrolment may be pending.
    """
    known = access.viewer().user_id
    with looking_as(SYSTEM):
        if signin.comes_with_token():
            user = locked_user(known)
            lasts = signin.bearer() is not None
        else:
            user = locked_user(signin.owner_here().id)
            lasts = sessions.lasts(session.get(signin.KEY))
    if not (lasts and user.active):
        raise NotFound("no session")


def with_this_key(verb: Callable[..., Any], **command: Any) -> Any:
    """Run a verb that makes another key to the account, unless this one has ended meanwhile."""
    hold()
    return verb(**command)


def end_other_sessions() -> None:
    """Sign out everywhere but here, where the key changes too: a copy of this cookie is somewhere else. With a
    token, which is no session, everywhere.
    """
    hold()
    actor = access.viewer()
    if signin.comes_with_token():
        sessions.end_everywhere(actor=actor)
    else:
        signin.go_on_under(sessions.end_others(actor=actor, session_id=signin.session_here().id))


def change_password(*, current: str, password: str) -> bool:
    """Another password, if the present one is right; whether it was. Every key ends but this session, whose own key
    changes.

    A wrong one counts like a wrong one at the sign-in, and is looked at while the account is held: of those sent at
    the same moment no more are looked at than of those sent one after the other. Raises TooManyRequests in a pause,
    RuleViolation for a new password that will not do. Looks as the system: the hash is for the software alone.
    """
    hold()
    actor = access.viewer()
    with looking_as(SYSTEM):
        user = locked_user(actor.user_id)
        signin.refuse_for_now(user.email)
        if not (user.password and verify_password(current, user.password)):
            sessions.note_failure(email=user.email, network=network_of(request.remote_addr))
            return False
        going_on = signin.session_here().id
    service.change_password(actor=actor, password=password, going_on=going_on, device=device())
    signin.go_on_alone_here()
    return True
