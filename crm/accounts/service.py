"""Open accounts, issue and revoke tokens."""

from __future__ import annotations

import hashlib
import secrets
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from flask_security import hash_password
from sqlalchemy import select

from crm.accounts.models import ApiToken, Party, PartyKind, Role, User, UserRole
from crm.accounts.queries import party_named
from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.errors import NotFound, RuleViolation

MINIMUM_PASSWORD = 15
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
    if len(password) < MINIMUM_PASSWORD:
        raise RuleViolation("password", f"A password has at least {MINIMUM_PASSWORD} characters.")
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
