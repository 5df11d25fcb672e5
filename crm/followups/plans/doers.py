"""Who does a step, who runs a plan in a State, and who is asked about it. Looks as the system, for many at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.core.access import Viewer
from crm.core.db import db
from crm.followups.cadence.queries import coordinators
from crm.followups.introductions import may_own, people_by_state
from crm.followups.plans.models import PlanRun, PlanStep
from crm.followups.plans.rules import Who


class Doers:
    """The people behind some States in plans: what is asked grows with the parties and people, not with the States."""

    def __init__(self, runs: Iterable[PlanRun], persons: Iterable[UUID | None] = ()) -> None:
        runs = list(runs)
        named = {one.runner_id for one in runs} | set(persons)
        self._people = _people({one for one in named if one})
        self._coordinators = cache(coordinators)
        self._posted = cache(people_by_state)
        self._sight = cache(viewer_of)

    def runner(self, run: PlanRun) -> Viewer | None:
        """Who runs a plan in a State: whoever began it, or a coordinator of the party once they are not there."""
        began = self._people.get(run.runner_id) if run.runner_id else None
        asked = [*([began] if began and began.party_id == run.party_id else []), *self._coordinators(run.party_id)]
        return next((self._sight(one) for one in asked), None)

    def owner(self, run: PlanRun, step: PlanStep) -> UUID | None:
        """Who does a step in a State, and who does it in their place where they could not open it; None for nobody."""
        return next((one.id for one in self._asked(run, step) if self._may_own(one, run)), None)

    def decider(self, run: PlanRun) -> UUID | None:
        """Who decides whether a plan goes on: whoever runs it if they coordinate, else who coordinates."""
        runner = self._people.get(run.runner_id) if run.runner_id else None
        stands_in = self._coordinators(run.party_id)
        first = [runner] if runner and runner.id in {one.id for one in stands_in} else []
        asked = [*first, *stands_in, *([runner] if runner else [])]
        return next((one.id for one in asked if self._may_own(one, run)), None)

    def _asked(self, run: PlanRun, step: PlanStep) -> Iterator[User]:
        posted = self._posted(run.party_id).get(run.state_iso3, [])
        runner = self._people.get(run.runner_id) if run.runner_id else None
        if step.who == Who.PERSON and step.person_id in self._people:
            yield self._people[step.person_id]
        if step.who != Who.RUNNER:
            yield from posted
        if runner:
            yield runner
        yield from self._coordinators(run.party_id)

    def _may_own(self, user: User, run: PlanRun) -> bool:
        return user.party_id == run.party_id and may_own(self._sight(user), run.party_id, run.state_iso3)


def _people(keys: Collection[UUID]) -> dict[UUID, User]:
    if not keys:
        return {}
    wanted = select(User).options(joinedload(User.party), joinedload(User.roles)).where(User.id.in_(keys), User.active)
    return {one.id: one for one in db.session.execute(wanted).unique().scalars()}
