"""Who is charged with a follow-up: a person, or a mission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import Mission, User
from crm.accounts.viewers import viewer_of
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.core.visibility import Record
from crm.followups import rules
from crm.followups.models import FollowUp
from crm.followups.queries.missions import people_at

NOT_OFFERED = "Choose somebody from the list."


@dataclass(frozen=True)
class Owner:
    """Whoever owes a follow-up, and the zone in which it falls due for them: exactly one key is there."""

    name: str
    zone: str
    person_id: UUID | None = None
    mission_id: UUID | None = None

    def charge(self, follow_up: FollowUp) -> None:
        """From now on it is theirs."""
        follow_up.owner_id, follow_up.owner_mission_id = self.person_id, self.mission_id


def owner_of(
    owner_id: UUID | None,
    follow_up: FollowUp,
    behind: frozenset[str],
    *,
    by: Viewer,
    unseen: bool = False,
    now: Viewer | None = None,
) -> Owner:
    """The person or the mission with this key: somebody with an account who could open the follow-up, or a mission
    where somebody could; raises RuleViolation("owner_id"). Looks as the system.

    `behind`: the States of its source. `by`: whoever writes. `unseen`: one of its States is closed to them; a refusal
    must not tell them so of anybody. `now`: somebody who need not be asked for again if they are the owner.
    """
    states = frozenset({follow_up.state_iso3})
    wanted = Record(follow_up.originator_id, Handling(follow_up.handling), states, sources=behind)
    with looking_as(SYSTEM):
        found = db.session.execute(
            select(User).where(User.id == owner_id).options(joinedload(User.party), joinedload(User.roles))
        )
        user = found.unique().scalar_one_or_none()
        if user is None:
            return _mission(owner_id, follow_up, wanted, by, unseen=unseen)
        if not user.active:
            raise RuleViolation("owner_id", NOT_OFFERED)
        charged = now if now and now.user_id == user.id else viewer_of(user)
        if not _who_may([charged], wanted, unseen=unseen):
            raise RuleViolation(
                "owner_id", f"{user.name} may not see this. Choose a colleague or let more people see it."
            )
        return Owner(user.name, rules.known_zone(user.time_zone), person_id=user.id)


def name_of_owner(follow_up: FollowUp) -> str:
    """What whoever owes it is called. Looks as the system: the actor may not see them."""
    with looking_as(SYSTEM):
        if follow_up.owner_mission_id:
            return db.session.get_one(Mission, follow_up.owner_mission_id).name
        return db.session.get_one(User, follow_up.owner_id).name


def _mission(mission_id: UUID | None, follow_up: FollowUp, wanted: Record, by: Viewer, *, unseen: bool) -> Owner:
    """A mission of the party whose it is, or of whoever writes: of other parties nobody knows who is there."""
    mission = db.session.get(Mission, mission_id) if mission_id else None
    theirs = mission and (by.is_system or mission.party_id in (by.party_id, follow_up.originator_id))
    if mission is None or not theirs or mission.closed_on:
        raise RuleViolation("owner_id", NOT_OFFERED)
    there = _who_may(people_at([mission.id]).get(mission.id, []), wanted, unseen=unseen)
    if not there:
        raise RuleViolation(
            "owner_id", f"Nobody at {mission.name} may see this. Choose somebody else or let more people see it."
        )
    return Owner(mission.name, rules.zone_of_most(one.time_zone for one in there), mission_id=mission.id)


def _who_may(people: Sequence[Viewer], wanted: Record, *, unseen: bool) -> list[Viewer]:
    return [one for one in people if rules.may_be_charged(replace(one, closed=frozenset()) if unseen else one, wanted)]
