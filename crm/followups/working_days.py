"""The verb that moves a follow-up from a day off to the next working day."""

from __future__ import annotations

from uuid import UUID

from crm.core.access import Viewer
from crm.core.errors import RuleViolation
from crm.followups import days_off, queries, service
from crm.followups.rules import Status


def move_to_working_day(*, actor: Viewer, followup_id: UUID, version: int | None = None) -> None:
    """Due on the next day on which all are there, with why in its history. Raises as `move` does, and RuleViolation
    for a day on which all work.
    """
    follow_up = queries.get_follow_up(followup_id)
    off = days_off.about(follow_up)
    if off is None or off.instead is None or follow_up.status != Status.OPEN:
        raise RuleViolation("", "Its day is a working day.")
    service.move(
        actor=actor, followup_id=followup_id, due_on=off.instead, note=f"Because of {off.because}.", version=version
    )
