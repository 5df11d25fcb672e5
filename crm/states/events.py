"""What this floor tells the floors above."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class InstrumentDeposited:
    """A State's consent to be bound (ratification, acceptance, approval or accession) came on file.

    Emitted when an import is committed, once for each consent that it adds; neither for a signature or a
    withdrawal nor for the correction of an act that was on file.
    """

    state_iso3: str
    act_id: UUID
