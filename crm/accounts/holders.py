"""Who holds a role: asked here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Select, select

from crm.accounts.models import Role, UserRole


def holders_of(roles: Iterable[Role]) -> Select[UUID]:
    """The keys of the accounts, open or closed, that hold at least one of these roles."""
    return select(UserRole.user_id).where(UserRole.name.in_(sorted(one.value for one in roles)))
