"""What the follow-ups tell higher floors and the rooms beside."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class FollowUpTurned:
    """A follow-up was done, called off or opened again, in the present transaction."""

    followup_id: UUID
