"""What is proposed to whoever wants to remind a State of an answer: the follow-up, filled in."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.activities.models import Activity
from crm.activities.types import ACTIVITY_TYPES
from crm.audit import reading
from crm.core.access import Handling
from crm.core.db import db
from crm.core.display import day
from crm.core.visibility import Attribution, derived_handling, narrowest
from crm.followups.forms import WHAT_LENGTH
from crm.followups.models import FollowUp


def proposal(record_id: UUID, today: date) -> dict[str, Any]:
    """By the name of a field, what a follow-up begins with that reminds of an entry or of a promise; nothing where the
    viewer sees neither. It is proposed to travel no further than what it reminds of.
    """
    return _of_entry(record_id, today) or _of_promise(record_id, today)


def _of_entry(record_id: UUID, today: date) -> dict[str, Any]:
    found = db.session.scalar(select(Activity).where(Activity.id == record_id))
    if found is None:
        return {}
    what = ACTIVITY_TYPES[found.kind].label.lower()
    states = [one.state_iso3 for one in found.states]
    limit = derived_handling(Handling(found.handling), Attribution(found.attribution))
    words = f"Remind them: no answer yet to the {what} of {day(found.held_on, found.precision)}"
    return _filled(words, states[0] if states else "", limit, today)


def _of_promise(record_id: UUID, today: date) -> dict[str, Any]:
    found = db.session.scalar(select(FollowUp).where(FollowUp.id == record_id))
    if found is None:
        return {}
    reading.tells("follow_up", [found])
    return _filled(
        f"Remind them of what they promised: {found.what}", found.state_iso3, Handling(found.handling), today
    )


def _filled(what: str, state_iso3: str, limit: Handling, today: date) -> dict[str, Any]:
    return {
        "what": what[:WHAT_LENGTH],
        "state_iso3": state_iso3,
        "due_on": today,
        "handling": narrowest([Handling.COORDINATION, limit]).value,
    }
