"""Open accounts, issue and revoke tokens."""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password, verify_password
from sqlalchemy import select, update

from crm.accounts import rules, sessions
from crm.accounts.events import AccountClosed
from crm.accounts.models import ApiToken, Party, PartyKind, Role, User, UserRole
from crm.accounts.queries import party_named
from crm.audit.service import Event, record
from crm.core import clock, events
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import NotFound, RuleViolation

_TOKEN_MARK = "dmr_"


def open_party(*, name: str, kind: PartyKind, state_iso3: str | None = None, sample: bool = False) -> Party:
    """Find or make a party."""
    found = party_named(name)
    if found is None:
        found = Party(name=name, kind=kind.value, state_iso3=state_iso3, sample=sample)
        db.session.add(found)
        db.session.flush()
    return found


def open_account(
    *,
    actor: Viewer,
    email: str,
    name: str,
    party: Party,
    roles: list[Role],
    password: str,
    title: str = "",
    time_zone: str = "UTC",
    sample: bool = False,
) -> User:
    """Open an account; raises RuleViolation for a taken or impossible address and a short password."""
    try:
        address = validate_email(email, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as error:
        raise RuleViolation("email", str(error)) from None
    _check_password(password, email, name, party.name)
    if db.session.scalar(select(User.id).where(User.email == address)):
        raise RuleViolation("email", "There is an account with this address already.")
    user = User(
        email=address,
        name=name,
        title=title,
        password=hash_password(password),
        party=party,
        time_zone=time_zone,
        sample=sample,
        roles=[UserRole(name=role.value) for role in roles],
    )
    db.session.add(user)
    db.session.flush()
    record(
        Event.ACCOUNT_OPENED,
        actor=actor,
        subject=("user", user.id),
        originator_id=party.id,
        roles=[role.value for role in roles],
    )
    return user


def _check_password(password: str, *known: str) -> None:
    if problem := rules.password_problem(password, known):
        raise RuleViolation("password", problem)


def change_password(*, actor: Viewer, current: str, password: str) -> None:
    """Another password, by its owner. Every session ends, also the one in which it is done: its key may be known.

    Raises RuleViolation for a wrong present password or a new one that will not do.
    """
    user = _user(actor.user_id)
    if not verify_password(current, user.password or ""):
        raise RuleViolation("current", "This is not your present password.")
    if verify_password(password, user.password or ""):
        raise RuleViolation("password", "This is your present password. Choose another.")
    _check_password(password, user.email, user.name, actor.party_name)
    user.password = hash_password(password)
    ended = sessions.end_all(user_id=user.id)
    record(Event.PASSWORD_CHANGED, actor=actor, subject=("user", user.id), sessions_ended=ended)


def set_password(*, actor: Viewer, user_id: UUID, password: str) -> None:
    """Another password, by an administrator. Every session of the account ends."""
    actor.require("accounts:write")
    user = _user(user_id)
    _check_password(password, user.email, user.name)
    user.password = hash_password(password)
    ended = sessions.end_all(user_id=user.id)
    record(Event.PASSWORD_CHANGED, actor=actor, subject=("user", user.id), sessions_ended=ended)


def close_account(*, actor: Viewer, user_id: UUID) -> None:
    """Nobody signs in with it any more: sessions end, tokens are revoked. Closing twice changes nothing.

    Raises RuleViolation for the actor's own account: somebody must be left to open it again.
    """
    actor.require("accounts:write")
    user = _user(user_id)
    if user.id == actor.user_id:
        raise RuleViolation("", "You cannot close your own account. Ask another administrator.")
    if not user.active:
        return
    ended = shut(user)
    record(Event.ACCOUNT_CLOSED, actor=actor, subject=("user", user.id), sessions_ended=ended)


def shut(user: User) -> int:
    """Let an account open no door any more: inactive, sessions ended, tokens revoked. How many sessions there were."""
    user.active = False
    tokens = update(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
    with looking_as(SYSTEM):
        db.session.execute(tokens.values(revoked_at=clock.now()).execution_options(synchronize_session=False))
    events.emit(AccountClosed(user.id))
    return sessions.end_all(user_id=user.id)


def reopen_account(*, actor: Viewer, user_id: UUID) -> None:
    """It may be used again, with the password it had; sessions and tokens stay ended."""
    actor.require("accounts:write")
    user = _user(user_id)
    if not user.active:
        user.active = True
        record(Event.ACCOUNT_REOPENED, actor=actor, subject=("user", user.id))


def _user(user_id: UUID | None) -> User:
    with looking_as(SYSTEM):
        found = db.session.get(User, user_id, with_for_update=True) if user_id else None
    if found is None:
        raise NotFound("no such account")
    return found


def issue_token(*, actor: Viewer, label: str) -> tuple[ApiToken, str]:
    """A new key to the JSON door and its text, which is shown this once."""
    if actor.user_id is None:
        raise NotFound("no account")
    token = _TOKEN_MARK + secrets.token_urlsafe(32)
    kept = ApiToken(user_id=actor.user_id, label=label, sha256=hashlib.sha256(token.encode()).hexdigest())
    db.session.add(kept)
    db.session.flush()
    record(Event.TOKEN_ISSUED, actor=actor, subject=("api_token", kept.id), label=label)
    return kept, token


def revoke_token(*, actor: Viewer, token_id: UUID) -> None:
    """End a token at once."""
    kept = db.session.scalar(select(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == actor.user_id))
    if kept is None:
        raise NotFound("no such token")
    kept.revoked_at = kept.revoked_at or clock.now()
    record(Event.TOKEN_REVOKED, actor=actor, subject=("api_token", kept.id))
