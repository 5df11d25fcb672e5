"""A report says of who may see it what its plan said, or less: wider is said elsewhere, by somebody who is there."""

from __future__ import annotations

from dataclasses import dataclass

from crm.activities.events import ActivityNarrowed
from crm.activities.models import Activity
from crm.activities.report import Occasion
from crm.audit.service import Event, record
from crm.core import events
from crm.core.access import Handling, Viewer
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution
from crm.core.widening import TELLS_MORE, WIDER


@dataclass(frozen=True)
class Reach:
    """How far an activity travels, and what others learn of its source."""

    handling: Handling
    attribution: Attribution

    @classmethod
    def of(cls, activity: Activity) -> Reach:
        """As it is at present."""
        return cls(Handling(activity.handling), Attribution(activity.attribution))


def check(planned: Reach, told: Occasion) -> None:
    """Raise RuleViolation for what is wider than the plan."""
    if told.handling.rank < planned.handling.rank:
        raise RuleViolation("handling", WIDER)
    if told.attribution.rank < planned.attribution.rank:
        raise RuleViolation("attribution", TELLS_MORE)


def enter(actor: Viewer, activity: Activity, planned: Reach) -> None:
    """Enter into the audit what became narrower than planned; announces ActivityNarrowed."""
    now = Reach.of(activity)
    if now == planned:
        return
    changed = {
        Event.HANDLING_CHANGED: (planned.handling, now.handling),
        Event.ATTRIBUTION_CHANGED: (planned.attribution, now.attribution),
    }
    for event, (before, after) in changed.items():
        if before is not after:
            record(
                event,
                actor=actor,
                subject=("activity", activity.id),
                originator_id=activity.originator_id,
                handling=now.handling,
                before=before.value,
                after=after.value,
            )
    events.emit(ActivityNarrowed(activity.id))
