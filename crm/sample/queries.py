"""Who can sign in, and who still could without the sample."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from crm.accounts.holders import holders_of
from crm.accounts.models import User
from crm.accounts.policy import roles_that_may
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.sample.accounts import ACCOUNTS


def present() -> bool:
    """Whether the sample campaign is in: its coordinator can sign in."""
    return _any(User.sample.is_(True), User.email == ACCOUNTS[1].email)


def anybody_can_sign_in() -> bool:
    """Whether there is an open account at all."""
    return _any()


def administrator_stays() -> bool:
    """Whether somebody who looks after the accounts can sign in when the sample accounts are gone."""
    return _any(User.sample.is_(False), User.id.in_(holders_of(roles_that_may("accounts:read"))))


def anybody_stays() -> bool:
    """Whether anybody can sign in when the sample accounts are gone."""
    return _any(User.sample.is_(False))


def _any(*conditions: ColumnElement[bool]) -> bool:
    with looking_as(SYSTEM):
        wanted = select(User.id).where(User.active, User.password.is_not(None), *conditions).limit(1)
        return db.session.scalar(wanted) is not None
