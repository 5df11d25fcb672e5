"""What this package tells higher floors."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class ActivityRecorded:
    """An activity stands in the database, in the present transaction. `closed`: the States that whoever told of it now
    does not read about; that need not be who wrote it down first.
    """

    activity_id: UUID
    closed: frozenset[str]


@dataclass(frozen=True)
class ActivityWentOn:
    """An activity that was planned has another status now: `before` and `after` are words of `rules.Status`."""

    activity_id: UUID
    before: str
    after: str


@dataclass(frozen=True)
class ActivityNarrowed:
    """Fewer may see an activity, or learn of its source, than when it was planned."""

    activity_id: UUID


@dataclass(frozen=True)
class ActivitiesWithdrawn:
    """Activities are about to go for good, with all that came out of them."""

    activity_ids: tuple[UUID, ...]
