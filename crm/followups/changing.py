"""What several verbs do with a follow-up: set when it is due, and enter what changed into its history."""

from __future__ import annotations

from crm.core import clock
from crm.core.access import Viewer, claim_for_real
from crm.core.db import db
from crm.followups.models import FollowUp, FollowUpChange
from crm.followups.reminding.planning import look_again
from crm.followups.rules import Change, Due


def set_due(follow_up: FollowUp, due: Due) -> None:
    """A due moment, of which its owner is now to be reminded."""
    follow_up.due_on, follow_up.due_at_local, follow_up.zone = due.on, due.at, due.zone
    follow_up.due_at = due.moment
    remind_afresh(follow_up)


def remind_afresh(follow_up: FollowUp) -> None:
    """From now on, whatever was to be told before, and whatever its owner wanted to hear later."""
    follow_up.again_at = None
    look_again(follow_up)
    follow_up.planned_since = clock.now()


def changed(
    actor: Viewer, follow_up: FollowUp, kind: Change, *, note: str = "", before: str = "", after: str = ""
) -> None:
    """Enter a change into the history, for whoever reads the follow-up."""
    follow_up.version += 1
    claim_for_real(follow_up, actor)
    db.session.add(
        FollowUpChange(
            followup_id=follow_up.id,
            kind=kind.value,
            by=actor.name,
            note=note,
            before=before,
            after=after,
            sample=follow_up.sample,
        )
    )
