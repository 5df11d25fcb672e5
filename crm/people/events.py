"""What this package tells higher floors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from crm.core.access import Viewer
from crm.people.rules import OfficeKind


@dataclass(frozen=True)
class HolderChanged:
    """An office has another holder from a day on, or none: told in the transaction in which it is written down.

    `left`: the name of whoever held it, "" for somebody invented on whom somebody real follows; `came`: of whoever
    holds it now, "" while it is vacant; `holder_id`: the record of whoever came, else of whoever left.
    """

    actor: Viewer
    state_iso3: str
    kind: OfficeKind
    on: date
    left: str
    came: str
    holder_id: UUID
    sample: bool


@dataclass(frozen=True)
class HolderCorrected:
    """What is known of a holder or of the titles of an office was set right: letters to it may read otherwise."""

    actor: Viewer
    state_iso3: str
    kind: OfficeKind
