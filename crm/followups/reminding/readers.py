"""Who is reminded of a follow-up, as they are at this moment. Everything here looks as the system."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.holders import holders_of
from crm.accounts.models import Role, User
from crm.accounts.viewers import viewer_of
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.visibility import Record
from crm.followups import rules
from crm.followups.models import FollowUp
from crm.followups.queries.owners import states_behind
from crm.followups.reminding.models import ReminderWishes
from crm.followups.reminding.rules import Reader, Wishes


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

    Of what others owe and is long overdue hear the coordinators of the party whose it is and of the party of its owner,
    as far as they may open it.
    """

    def __init__(self, rows: Collection[FollowUp]) -> None:
        owners = {row.owner_id for row in rows}
        coordinators = _coordinators()
        self._known = _known(owners | coordinators)
        self._coordinators = coordinators & self._known.keys()
        self._behind = states_behind([row.activity_id for row in rows])

    def owner_of(self, row: FollowUp) -> Known | None:
        """Whoever owes it; None once their account is closed."""
        return self._known.get(row.owner_id)

    def told_of(self, row: FollowUp) -> list[Known]:
        """Those besides its owner who hear of it when it is long overdue."""
        behind = self._behind.get(row.activity_id, frozenset())
        record = Record(row.originator_id, Handling(row.handling), frozenset({row.state_iso3}), sources=behind)
        owner = self.owner_of(row)
        parties = {row.originator_id, owner.viewer.party_id if owner else row.originator_id}
        others = [self._known[key] for key in sorted(self._coordinators - {row.owner_id})]
        return [one for one in others if one.viewer.party_id in parties and rules.may_be_charged(one.viewer, record)]


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
