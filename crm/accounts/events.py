"""What this package tells higher floors."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class KeysEnded:
    """Nothing that opened an account until now opens it any more; what higher floors gave to its owner ends too."""

    user_id: UUID


@dataclass(frozen=True)
class RolesChanged:
    """Its owner may do other things from the next request on."""

    user_id: UUID


@dataclass(frozen=True)
class AccountClosed:
    """Its owner signs in no more."""

    user_id: UUID
