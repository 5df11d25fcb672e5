"""A report says of who may see it what its plan said, or less: wider is said elsewhere, by somebody who is there."""

from __future__ import annotations

from dataclasses import dataclass

from crm.activities import whom, writing
from crm.activities.events import ActivityNarrowed
from crm.activities.models import Activity
from crm.activities.report import Occasion
from crm.audit.service import Event, record
from crm.core import events
from crm.core.access import Handling, Viewer
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution, derived_handling
from crm.core.widening import WIDER

TELLS_MORE = "Others may know no more of the source than was planned."


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
    if now.handling is not planned.handling:
        record(
            Event.HANDLING_CHANGED,
            actor=actor,
            subject=("activity", activity.id),
            originator_id=activity.originator_id,
            handling=now.handling,
            before=planned.handling.value,
            after=now.handling.value,
        )
    if now.attribution is not planned.attribution:
        changes = {"attribution": (planned.attribution.value, now.attribution.value)}
        writing.audit(Event.ACTIVITY_CORRECTED, actor, activity, changes=changes)
    handling = derived_handling(now.handling, now.attribution)
    events.emit(ActivityNarrowed(activity.id, handling, whom.told_of_person(activity)))
