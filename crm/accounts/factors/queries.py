"""Reading what an account has beside its password, without the secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from crm.accounts.factors.models import AuthenticatorApp, Passkey, RecoveryCode
from crm.accounts.models import User
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db


@dataclass(frozen=True)
class Factor:
    """One second factor as its owner sees it. `kind`: app or passkey."""

    id: UUID
    kind: str
    name: str
    created_at: datetime
    used_at: datetime | None


def apps_of(user_id: UUID) -> Sequence[AuthenticatorApp]:
    """Somebody's apps, oldest first. Looks as the system: they are for the software alone."""
    with looking_as(SYSTEM):
        wanted = select(AuthenticatorApp).where(AuthenticatorApp.user_id == user_id)
        ordered = wanted.order_by(AuthenticatorApp.created_at, AuthenticatorApp.id)
        return db.session.scalars(ordered.execution_options(populate_existing=True)).all()


def passkeys_of(user_id: UUID) -> Sequence[Passkey]:
    """Somebody's passkeys, oldest first. Looks as the system: they are for the software alone."""
    with looking_as(SYSTEM):
        wanted = select(Passkey).where(Passkey.user_id == user_id)
        ordered = wanted.order_by(Passkey.created_at, Passkey.id)
        return db.session.scalars(ordered.execution_options(populate_existing=True)).all()


def factors_of(user: User) -> list[Factor]:
    """Somebody's own factors: apps first, then passkeys."""
    return [
        *(Factor(one.id, "app", one.name, one.created_at, one.used_at) for one in apps_of(user.id)),
        *(Factor(one.id, "passkey", one.name, one.created_at, one.used_at) for one in passkeys_of(user.id)),
    ]


def codes_left(user_id: UUID) -> int:
    """How many recovery codes somebody has not used. Looks as the system: the codes are for the software alone."""
    left = select(func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    with looking_as(SYSTEM):
        return db.session.scalar(left) or 0
