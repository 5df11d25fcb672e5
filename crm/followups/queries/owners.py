"""Owners who were charged with something and may not open it any more, so that nobody is reminded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.activities.models import ActivityState
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.visibility import Record, not_closed
from crm.followups import rules
from crm.followups.models import FollowUp
from crm.followups.queries.missions import owed_by, people_at
from crm.followups.rules import Status


def out_of_sight(rows: Iterable[Any], viewer: Viewer) -> set[UUID]:
    """Which of these follow-ups are open and may not be opened by whoever owes them, by the rule that guards the pages:
    of a mission by nobody there.

    Owners whose account is closed and missions where nobody is left are left aside: of them it is said otherwise. Two
    statements for each owner beside the viewer, who sees what was found, and one where a State is closed to one of
    them.
    """
    open_ones = (row for row in rows if row.status == Status.OPEN)
    asked = [row for row in open_ones if not rules.owes(viewer, row.owner_id, row.owner_mission_id)]
    owners = _owners(asked)
    closed = any(one.closed for people in owners.values() for one in people)
    behind = states_behind([row.activity_id for row in asked if closed])
    found = set()
    for row in asked:
        people = owners.get(row.owner_id or row.owner_mission_id, [])
        if people and not any(_opens(one, row, behind.get(row.activity_id, frozenset())) for one in people):
            found.add(row.id)
    return found


def states_behind(activity_ids: Iterable[UUID | None]) -> dict[UUID | None, frozenset[str]]:
    """The States of each activity that something came out of. Looks as the system: they may lie where the viewer, or
    whoever is to be charged, does not see them.
    """
    keys = {one for one in activity_ids if one}
    if not keys:
        return {}
    found: dict[UUID | None, set[str]] = defaultdict(set)
    wanted = select(ActivityState.activity_id, ActivityState.state_iso3).where(ActivityState.activity_id.in_(keys))
    with looking_as(SYSTEM):
        for key, iso3 in db.session.execute(wanted):
            found[key].add(iso3)
    return {key: frozenset(codes) for key, codes in found.items()}


def _owners(rows: Sequence[Any]) -> dict[UUID, list[Viewer]]:
    """Whoever is there to do them, by the key of the person or of the mission."""
    keys = {row.owner_id for row in rows if row.owner_id}
    found = people_at({row.owner_mission_id for row in rows if row.owner_mission_id})
    if keys:
        wanted = select(User).where(User.id.in_(keys), User.active)
        with looking_as(SYSTEM):
            people = db.session.execute(wanted.options(joinedload(User.party), joinedload(User.roles)))
            found |= {one.id: [viewer_of(one)] for one in people.unique().scalars()}
    return found


def _opens(owner: Viewer, row: Any, behind: frozenset[str]) -> bool:
    record = Record(row.originator_id, Handling(row.handling), frozenset({row.state_iso3}), sources=behind)
    return rules.may_be_charged(owner, record)


def no_longer_mine(viewer: Viewer) -> int:
    """How many open follow-ups the viewer or their mission owes about States they do not work on any more.

    Of restricted States nothing is said, not even a number. Counts as the system: what is owed beside what is seen.
    """
    mine = select(func.count()).select_from(FollowUp).where(owed_by(viewer))
    mine = mine.where(FollowUp.status == Status.OPEN.value, FollowUp.state_iso3.not_in(sorted(viewer.closed)))
    mine = mine.where(not_closed(viewer, FollowUp.came_out_of))
    with looking_as(SYSTEM):
        owed = db.session.scalar(mine) or 0
    return owed - (db.session.scalar(mine) or 0)


def kept_about_restricted(viewer: Viewer, keys: Collection[UUID]) -> set[UUID]:
    """Those of these follow-ups that the viewer sees because they are named for a restricted State."""
    if not viewer.named or not keys:
        return set()
    these = select(FollowUp.id).where(FollowUp.id.in_(keys))
    with looking_as(viewer):
        seen = set(db.session.scalars(these))
    with looking_as(viewer.not_named()):
        return seen - set(db.session.scalars(these))
