"""Who is posted to a mission, and who of them is to be charged with a State."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db


@dataclass(frozen=True)
class Officers:
    """People with an open account by the mission to which they are posted, as they may read today."""

    by_mission: Mapping[UUID, tuple[Viewer, ...]]

    def at(self, mission_id: UUID) -> tuple[Viewer, ...]:
        """Those of one mission, by name."""
        return self.by_mission.get(mission_id, ())

    def responsible(self, mission_id: UUID, state_iso3: str) -> Viewer | None:
        """The first of a mission who writes about a State and may read of it."""
        return next((one for one in self.at(mission_id) if may_deliver(one, state_iso3)), None)


def may_deliver(officer: Viewer, state_iso3: str) -> bool:
    """Whether somebody can be charged with an approach to a State."""
    return (
        officer.may("followups:write")
        and officer.may("activities:create")
        and officer.works_on(state_iso3)
        and state_iso3 not in officer.closed
    )


def officers_of(mission_ids: Iterable[UUID]) -> Officers:
    """Looks as the system: whoever instructs may not see everybody whom it reaches."""
    found: dict[UUID, list[Viewer]] = defaultdict(list)
    wanted = select(User).where(User.mission_id.in_(set(mission_ids)), User.active).order_by(User.name, User.id)
    with looking_as(SYSTEM):
        people = db.session.execute(wanted.options(joinedload(User.party), joinedload(User.roles)))
        for user in people.unique().scalars():
            if user.mission_id:
                found[user.mission_id].append(viewer_of(user))
    return Officers({mission: tuple(people) for mission, people in found.items()})
