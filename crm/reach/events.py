"""What this package tells higher floors."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class StateRestricted:
    """From now on only those who are named read about this State."""

    state_iso3: str


@dataclass(frozen=True)
class MissionManned:
    """Others are at a mission than before: somebody came or left, or it was closed."""

    mission_id: UUID
