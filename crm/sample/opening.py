"""Open the sample accounts, or take those back into use that had to stay when the sample was removed."""

from __future__ import annotations

from flask_security import hash_password

from crm.accounts import service as accounts
from crm.accounts.models import Role, User
from crm.accounts.policy import viewer_of
from crm.accounts.queries import user_by_email
from crm.audit.service import Event, record
from crm.core.access import SYSTEM, Viewer
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.sample.accounts import ACCOUNTS, PASSWORD, Account


def open_accounts() -> dict[Role, Viewer]:
    """Every sample account, by role; raises RuleViolation when a real one has the address of one of them."""
    return {one.role: viewer_of(_open(one)) for one in ACCOUNTS}


def _open(one: Account) -> User:
    kept = user_by_email(one.email)
    if kept is not None:
        return _take_back(kept, one)
    return accounts.open_account(
        actor=SYSTEM,
        email=one.email,
        name=one.name,
        party=accounts.open_party(name=one.party, kind=one.kind, state_iso3=one.state_iso3, sample=True),
        roles=[one.role],
        password=PASSWORD,
        time_zone=one.time_zone,
        sample=True,
    )


def _take_back(user: User, one: Account) -> User:
    if not user.sample:
        raise RuleViolation("", f"{one.email} is the address of an account that is not sample.")
    user.name, user.time_zone = one.name, one.time_zone
    user.active, user.password = True, hash_password(PASSWORD)
    db.session.flush()
    record(
        Event.ACCOUNT_OPENED,
        actor=SYSTEM,
        subject=("user", user.id),
        originator_id=user.party_id,
        roles=[one.role.value],
    )
    return user
