"""Owners who were charged with something and may not open it any more, so that nobody is reminded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
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
from crm.followups.rules import Status


def out_of_sight(rows: Iterable[Any], viewer: Viewer) -> set[UUID]:
    """Which of these follow-ups are open and may not be opened by their owner, by the rule that guards the pages.

    Owners whose account is closed are left aside: of them it is said otherwise. Two statements for each owner
    beside the viewer, who sees what was found, and one where a State is closed
    to one of them.
    """
    asked = [row for row in rows if row.status == Status.OPEN and row.owner_id != viewer.user_id]
    owners = _owners({row.owner_id for row in asked})
    behind = states_behind([row.activity_id for row in asked if any(one.closed for one in owners.values())])
    return {
        row.id
        for row in asked
        if row.owner_id in owners and not _opens(owners[row.owner_id], row, behind.get(row.activity_id, frozenset()))
    }


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


def _owners(keys: Collection[UUID]) -> dict[UUID, Viewer]:
    if not keys:
        return {}
    wanted = select(User).where(User.id.in_(keys), User.active)
    with looking_as(SYSTEM):
        found = db.session.execute(wanted.options(joinedload(User.party), joinedload(User.roles)))
        return {one.id: viewer_of(one) for one in found.unique().scalars()}


def _opens(owner: Viewer, row: Any, behind: frozenset[str]) -> bool:
    record = Record(row.originator_id, Handling(row.handling), frozenset({row.state_iso3}), sources=behind)
    return rules.may_be_charged(owner, record)


def no_longer_mine(viewer: Viewer) -> int:
    """How many open follow-ups the viewer owes about States they do not work on any more.

    Of restricted States nothing is said, not even a number. Counts as the system: what is owed beside what is seen.
    """
    mine = select(func.count()).select_from(FollowUp).where(FollowUp.owner_id == viewer.user_id)
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
