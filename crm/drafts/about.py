"""Which States the records are about that drafts outlive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from crm.activities.models import ActivityState
from crm.capture.models import WaitingMail
from crm.core.db import db
from crm.followups.models import FollowUp


@dataclass
class Concerned:
    """The States of a record itself, and those of the activity behind it."""

    own: set[str] = field(default_factory=set)
    behind: set[str] = field(default_factory=set)


def states_of(record_ids: Collection[UUID]) -> defaultdict[UUID, Concerned]:
    """By key, of activities, follow-ups and waiting mails: all of them, so it is for the software to ask."""
    found: defaultdict[UUID, Concerned] = defaultdict(Concerned)
    sources: dict[UUID, UUID] = {}
    owed = select(FollowUp.id, FollowUp.state_iso3, FollowUp.activity_id).where(FollowUp.id.in_(record_ids))
    waits = select(WaitingMail.id, WaitingMail.states, WaitingMail.activity_id).where(WaitingMail.id.in_(record_ids))
    for key, states, activity_id in [*db.session.execute(owed), *db.session.execute(waits)]:
        found[key].own.update(states.split())
        if activity_id:
            sources[key] = activity_id
    of = _of_activities({*record_ids, *sources.values()})
    for key in record_ids:
        found[key].own |= of[key]
        found[key].behind |= of[sources[key]] - found[key].own if key in sources else set()
    return found


def _of_activities(keys: Collection[UUID]) -> defaultdict[UUID, set[str]]:
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    wanted = select(ActivityState.activity_id, ActivityState.state_iso3).where(ActivityState.activity_id.in_(keys))
    for key, iso3 in db.session.execute(wanted):
        found[key].add(iso3)
    return found
