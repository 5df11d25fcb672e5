"""What this package tells higher floors."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class ActivityRecorded:
    """An activity stands in the database, in the present transaction."""

    activity_id: UUID
