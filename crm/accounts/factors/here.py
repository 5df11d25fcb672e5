"""What happens to this browser's session when a factor is added, removed or shown. For both doors.

Each function is the verb of a form: part of the unit of work that the door opens.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import request
from flask_security import verify_password

from crm.accounts import here, sessions, signin
from crm.accounts.factors import notices, service
from crm.accounts.factors.service import Added
from crm.accounts.models import User
from crm.accounts.rules import network_of
from crm.accounts.service import locked_user
from crm.accounts.viewers import viewer_of
from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db


def owner() -> User:
    """Whoever sends this request: the viewer, or the owner of a session whose enrolment is pending.

    Looks as the system: with enrolment pending nobody is signed in yet.
    """
    known = access.viewer().user_id
    with looking_as(SYSTEM):
        return db.session.get_one(User, known) if known else signin.owner_here()


def actor() -> Viewer:
    """The same as a viewer, for the audit and for verbs. Looks as the system, for the same reason."""
    with looking_as(SYSTEM):
        return viewer_of(owner())


def add_app(*, name: str, setup: str, code: str) -> Added:
    """Set up an app; see `_settle` for the session."""
    return _settle(lambda someone: service.add_app(actor=someone, name=name, setup=setup, code=code))


def add_passkey(*, name: str, ceremony: str, credential: str) -> Added:
    """Keep a passkey; see `_settle` for the session."""
    return _settle(
        lambda someone: service.add_passkey(actor=someone, name=name, ceremony=ceremony, credential=credential)
    )


def _settle(add: Callable[[Viewer], Added]) -> Added:
    """With the first factor every other session ends, and this one has shown it, under a new key. Where it was
    all that was missing, its owner is signed in now.
    """
    enrolling = signin.standing().due is not None
    here.hold()
    added = add(actor())
    if added.codes:
        user = owner()
        signin.go_on_alone_here()
        signin.prove_here(factor=True)
        if enrolling:
            signin.complete(user)
    return added


def remove(*, factor_id: UUID) -> None:
    """Take a factor away. Everywhere else its owner is signed out: who found it may have signed in with it."""
    here.hold()
    service.remove(actor=actor(), factor_id=factor_id)
    signin.go_on_alone_here()


def pass_second_step(*, code: str, ceremony: str, credential: str) -> bool:
    """Whether the second factor is right; then this browser is signed in, under a new key.

    Raises TooManyRequests while a pause lasts: looked up once the account's row is held, so that guesses sent at
    the same moment cannot slip past the counter. Looks as the system: nobody is signed in yet.
    """
    someone = actor()
    with looking_as(SYSTEM):
        user = locked_user(someone.user_id)
        signin.refuse_for_now(user.email)
        shown = (
            service.shows_passkey(user, ceremony, credential, bound_to=user.id)
            if credential
            else service.shows_app_code(user, code) or service.shows_recovery_code(user, code, someone)
        )
        if shown:
            signin.prove_here(factor=True)
            signin.complete(user)
        elif _count_failure(user):
            notices.tell(user, notices.GUESSED, device=here.device(), once_a_day=True)
    return shown


def _count_failure(user: User) -> bool:
    return sessions.note_failure(email=user.email, network=network_of(request.remote_addr))


def confirm(*, password: str, code: str, ceremony: str, credential: str) -> bool:
    """Whether the owner of this session has shown who they are; then it is fresh, under a new key.

    Raises NotFound for a program with a token, TooManyRequests while a pause lasts. Looks as the system: what an
    account has beside its password is for the software alone.
    """
    with looking_as(SYSTEM):
        user = locked_user(signin.owner_here().id)
        signin.refuse_for_now(user.email)
        factor = False
        if credential:
            factor = service.shows_passkey(user, ceremony, credential, bound_to=user.id)
        elif code:
            factor = service.shows_app_code(user, code)
        shown = factor or (bool(password) and verify_password(password, user.password or ""))
        if shown:
            sessions.forgive(email=user.email, network=network_of(request.remote_addr))
            signin.prove_here(factor=factor)
        else:
            _count_failure(user)
    return shown


def enter_with_passkey(*, ceremony: str, credential: str) -> User | None:
    """Whose passkey this is, when it has answered and the account is open: then their session begins.

    None counts as a failed try, by network alone: a passkey is not guessed, and nobody is to lock others out of
    theirs. Looks as the system: nobody is signed in yet.
    """
    network = network_of(request.remote_addr)
    counted_as = f"passkey from {network}"
    signin.refuse_for_now(counted_as)
    with looking_as(SYSTEM):
        user_id = service.owner_of_passkey(credential)
        user = locked_user(user_id) if user_id else None
        if user and user.active and service.shows_passkey(user, ceremony, credential, bound_to=None):
            signin.enter(user, factor=True)
            return user
        sessions.note_failure(email=counted_as, network=network)
    return None
