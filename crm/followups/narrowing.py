"""How far a follow-up travels: no further than the activity that it came out of."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crm.core.access import Handling
from crm.core.db import db, held
from crm.followups.models import FollowUp
from crm.followups.service import held_behind


def source_handling(follow_up: FollowUp) -> Handling:
    """How far the activity that a follow-up came out of, which is held from now on, lets it travel."""
    behind = held_behind(follow_up.id)
    return behind.of_state if behind else Handling.PUBLIC


def narrow(activity_id: UUID, handling: Handling) -> None:
    """Let the follow-ups of an activity travel no further than this; narrower ones stay. As the system."""
    came_out = held(select(FollowUp).where(FollowUp.activity_id == activity_id).order_by(FollowUp.id))
    for follow_up in db.session.scalars(came_out):
        follow_up.narrow(handling)
    db.session.flush()
