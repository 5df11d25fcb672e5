"""Who is reminded of a follow-up, as they are at this moment. Everything here looks as the system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.holders import holders_of
from crm.accounts.models import Mission, Role, User
from crm.accounts.viewers import viewer_of
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.visibility import Record
from crm.followups import rules
from crm.followups.models import FollowUp
from crm.followups.queries.owners import states_behind
from crm.followups.reminding.models import ReminderWishes
from crm.followups.reminding.rules import Reader, Wishes

NOBODY_THERE = "Nobody was reminded: the account of the owner is closed."
NOBODY_POSTED = "Nobody was reminded: nobody is at the mission any more."
NOBODY_SEES = "Nobody was reminded: nobody at the mission may see it."


@dataclass(frozen=True)
class Known:
    """Somebody with an open account who may be reminded: who they are today, and how they wish it."""

    viewer: Viewer
    wishes: Wishes
    said_at: datetime | None

    def reader(self, *, owes: bool, looked_for: datetime | None = None) -> Reader:
        """As the rules read them. `looked_for`: the moment for which the planner looks; what has come since then was
        not written before, whatever was wished meanwhile.
        """
        wished_at = min(self.said_at, looked_for) if self.said_at and looked_for else self.said_at
        return Reader(self.wishes, rules.known_zone(self.viewer.time_zone), owes, wished_at)


class Readers:
    """The people whom a batch of follow-ups concerns; each is looked up once.

    Of what a mission owes is reminded everybody there who may open it, each by their own wishes. Of what others owe and
    is long overdue hear the coordinators of the party whose it is and of the party of its owner,
    as far as they may open it.
    """

    def __init__(self, rows: Collection[FollowUp]) -> None:
        owners = {row.owner_id for row in rows if row.owner_id}
        self._at = _posted({row.owner_mission_id for row in rows if row.owner_mission_id})
        coordinators = _coordinators()
        self._known = _known(owners | coordinators | {one for those in self._at.values() for one in those})
        self._coordinators = coordinators & self._known.keys()
        self._behind = states_behind([row.activity_id for row in rows])

    def owners_of(self, row: FollowUp) -> list[Known]:
        """Whoever owes it: its owner, or those of its mission who may open it; nobody once all accounts are closed."""
        if row.owner_id:
            return [self._known[row.owner_id]] if row.owner_id in self._known else []
        return [one for one in self._there(row) if self._opens(one, row)]

    def why_nobody(self, row: FollowUp) -> str:
        """Why nobody of those who owe it is reminded, in a sentence; nothing where somebody is."""
        if self.owners_of(row):
            return ""
        if row.owner_id:
            return NOBODY_THERE
        return NOBODY_SEES if self._there(row) else NOBODY_POSTED

    def told_of(self, row: FollowUp) -> list[Known]:
        """Those besides whoever owes it who hear of it when it is long overdue."""
        owners = self.owners_of(row)
        parties = {row.originator_id, *(one.viewer.party_id for one in owners)}
        owing = {row.owner_id, *(one.viewer.user_id for one in owners)}
        others = [self._known[key] for key in sorted(self._coordinators - owing)]
        return [one for one in others if one.viewer.party_id in parties and self._opens(one, row)]

    def _there(self, row: FollowUp) -> list[Known]:
        there = self._at.get(row.owner_mission_id, []) if row.owner_mission_id else []
        return [self._known[key] for key in there if key in self._known]

    def _opens(self, one: Known, row: FollowUp) -> bool:
        behind = self._behind.get(row.activity_id, frozenset())
        record = Record(row.originator_id, Handling(row.handling), frozenset({row.state_iso3}), sources=behind)
        return rules.may_be_charged(one.viewer, record)


def _posted(missions: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """By mission, who is posted there, by key; nobody to one that is closed."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    if missions:
        wanted = select(User.mission_id, User.id).join(Mission, Mission.id == User.mission_id)
        wanted = wanted.where(User.mission_id.in_(missions), Mission.closed_on.is_(None)).order_by(User.id)
        with looking_as(SYSTEM):
            for mission_id, user_id in db.session.execute(wanted):
                assert mission_id
                found[mission_id].append(user_id)
    return found


def _coordinators() -> set[UUID]:
    with looking_as(SYSTEM):
        return set(db.session.scalars(holders_of([Role.COORDINATOR])))


def _known(user_ids: Iterable[UUID]) -> dict[UUID, Known]:
    keys = set(user_ids)
    wanted = select(User).where(User.id.in_(keys), User.active)
    with looking_as(SYSTEM):
        found = db.session.execute(wanted.options(joinedload(User.party), joinedload(User.roles)))
        people = {one.id: viewer_of(one) for one in found.unique().scalars()}
        rows = db.session.scalars(select(ReminderWishes).where(ReminderWishes.user_id.in_(people))).all()
    said = {row.user_id: row for row in rows}
    return {
        key: Known(viewer, said[key].wishes, said[key].said_at) if key in said else Known(viewer, Wishes(), None)
        for key, viewer in people.items()
    }
