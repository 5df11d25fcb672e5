"""What this package tells higher floors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StateRestricted:
    """From now on only those who are named read about this State."""

    state_iso3: str
