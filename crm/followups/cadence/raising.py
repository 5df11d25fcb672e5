"""What silence raises: a task for whoever is responsible for the State, once for each silence.

Each party is looked at in a unit of work of its own that looks as the system, and in turn: two at the same time raise
nothing twice, and the unique key of `SilenceTask` is the last word. Whether somebody was in touch is asked as whoever
has the task, or would get it: what they may not see neither keeps a task away nor ends it. Nor does what they see only
because they are named for a further State, or opened its records in an emergency: everybody of the party reads a task.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from crm.accounts.models import Party, User
from crm.accounts.viewers import viewer_of
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, in_turn, savepoint
from crm.followups import service
from crm.followups.cadence.models import Cadence, SilenceTask
from crm.followups.cadence.queries import coordinators, last_contacts, rhythms_of, standings
from crm.followups.cadence.rules import MOST_A_DAY, WITHIN, Rhythm, counts_from, rhythm_of
from crm.followups.introductions import may_own, own_handling, people_by_state
from crm.followups.models import FollowUp
from crm.followups.rules import Status

IN_TOUCH = "There was a contact since."


@dataclass(frozen=True)
class Known:
    """The newest task of a silence: the follow-up, from when the silence counted, and when it was closed."""

    follow_up: FollowUp
    counted_from: date

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.follow_up.status == Status.OPEN

    @property
    def closed_on(self) -> date | None:
        """The day on which it was done or called off."""
        return clock.day_of(self.follow_up.done_at) if self.follow_up.done_at else None


@dataclass(frozen=True)
class Due:
    """A State for which a cadence of the party holds, and whoever is responsible for it."""

    iso3: str
    rhythm: Rhythm
    owner_id: UUID
    owner: Viewer
    known: Known | None
    sample: bool


def parties() -> list[UUID]:
    """The parties of which some State may be silent for too long."""
    everyone = db.session.scalars(select(Party.id).order_by(Party.name)).all()
    own = set(db.session.scalars(select(Cadence.party_id).distinct()))
    return [one for one in everyone if one in own or coordinators(one)]


def raise_for(party_id: UUID) -> int:
    """End the tasks of silences that are broken, raise those of silences that are over; returns how many it raised."""
    in_turn(f"cadence {party_id}")
    today = clock.today()
    due = list(_due(party_id, today))
    last = _last_contacts(due, today)
    for one in due:
        if one.known and one.known.open and last[one.owner_id].get(one.iso3, date.min) > one.known.counted_from:
            service.finish(actor=SYSTEM, followup_id=one.known.follow_up.id, done_note=IN_TOUCH)
    over = [(since, one) for one in due if (since := _over(one, last[one.owner_id].get(one.iso3), today))]
    return _raise(party_id, sorted(over, key=lambda each: (each[0], each[1].iso3)), today)


def _due(party_id: UUID, today: date) -> Iterable[Due]:
    """What cadences of the party hold for, each with whoever has its task or would get it."""
    rhythms, known, posted = rhythms_of(party_id), _known(party_id), people_by_state(party_id)
    named = {one.keeper_id for one in rhythms if one.keeper_id}
    named |= {one.follow_up.owner_id for one in known.values() if one.open and one.follow_up.owner_id}
    named |= _posted_to({one.follow_up.owner_mission_id for one in known.values() if one.open})
    stand_in, people = coordinators(party_id), {one.id: one for one in _people(named)}
    everyone = people | {one.id: one for one in (*stand_in, *(each for those in posted.values() for each in those))}
    sight = cache(lambda key: viewer_of(everyone[key]))
    for state in standings(today):
        rhythm, before = rhythm_of(rhythms, state), known.get(state.iso3)
        if rhythm is None:
            continue
        if before and before.open:
            has_it = _holders(before.follow_up, everyone)
        else:
            asked = [*(one.id for one in posted.get(state.iso3, [])), rhythm.keeper_id, *(one.id for one in stand_in)]
            ours = [one for one in asked if one in everyone and everyone[one].party_id == party_id]
            has_it = [one for one in ours if may_own(sight(one), party_id, state.iso3)]
        for key in has_it[:1]:
            if key in everyone:
                yield Due(state.iso3, rhythm, key, sight(key), before, everyone[key].sample)


def _posted_to(missions: set[UUID | None]) -> set[UUID]:
    keys = missions - {None}
    return set(db.session.scalars(select(User.id).where(User.mission_id.in_(keys)))) if keys else set()


def _holders(task: FollowUp, everyone: Mapping[UUID, User]) -> list[UUID]:
    """Whoever has an open task; of a mission those who are posted there and may open it."""
    if task.owner_id:
        return [task.owner_id]
    there = [one for one in everyone.values() if one.mission_id == task.owner_mission_id]
    return [one.id for one in there if may_own(viewer_of(one), task.originator_id, task.state_iso3)]


def _known(party_id: UUID) -> dict[str, Known]:
    """By State, the task of its newest silence."""
    wanted = select(SilenceTask, FollowUp).join(FollowUp, FollowUp.id == SilenceTask.followup_id)
    wanted = wanted.where(SilenceTask.party_id == party_id).order_by(SilenceTask.counted_from)
    return {task.state_iso3: Known(row, task.counted_from) for task, row in db.session.execute(wanted)}


def _people(keys: set[UUID]) -> list[User]:
    if not keys:
        return []
    wanted = select(User).options(joinedload(User.party), joinedload(User.roles)).where(User.id.in_(keys), User.active)
    return list(db.session.execute(wanted).unique().scalars())


def _last_contacts(due: Iterable[Due], today: date) -> Mapping[UUID, Mapping[str, date]]:
    """By whoever is responsible, the last contact with each of their States as they see it."""
    together: dict[tuple[UUID, str], list[Due]] = defaultdict(list)
    for one in due:
        together[one.owner_id, one.iso3 if one.iso3 in one.owner.named else ""].append(one)
    found: dict[UUID, dict[str, date]] = defaultdict(dict)
    for (key, named), those in together.items():
        with looking_as(_as_readers_of_the_task(those[0].owner, named)):
            found[key] |= last_contacts({one.iso3 for one in those}, today)
    return found


def _as_readers_of_the_task(owner: Viewer, named: str) -> Viewer:
    """What whoever reads a task sees as well as its owner does; `named`: its State, where that is restricted."""
    others = owner.named - {named}
    return replace(owner, named=owner.named - others, closed=owner.closed | others, opened=frozenset())


def _over(one: Due, last: date | None, today: date) -> date | None:
    """From when a silence counted that is over and has no task yet; else None."""
    if one.known and one.known.open:
        return None
    since = counts_from(one.rhythm, last, one.known.closed_on if one.known else None)
    return since if since and (today - since).days >= one.rhythm.days else None


def _raise(party_id: UUID, over: Iterable[tuple[date, Due]], today: date) -> int:
    had = select(FollowUp.owner_id).join(SilenceTask, SilenceTask.followup_id == FollowUp.id)
    given: Counter[UUID | None] = Counter(
        db.session.scalars(had.where(SilenceTask.raised_on == today, SilenceTask.party_id == party_id))
    )
    raised = 0
    for since, one in over:
        if given[one.owner_id] < MOST_A_DAY and _raise_one(party_id, since, one, today):
            given[one.owner_id] += 1
            raised += 1
    return raised


def _raise_one(party_id: UUID, since: date, one: Due, today: date) -> bool:
    task = FollowUp(
        what=f"Get in touch: no contact for {one.rhythm.days} days",
        state_iso3=one.iso3,
        originator_id=party_id,
        handling=own_handling().value,
        opened_by=SYSTEM.name,
        sample=one.sample,
    )
    try:
        with savepoint():
            service.open_for(SYSTEM, task, one.owner_id, today + WITHIN)
            db.session.add(
                SilenceTask(
                    followup_id=task.id, party_id=party_id, state_iso3=one.iso3, counted_from=since, raised_on=today
                )
            )
            db.session.flush()
    except IntegrityError:
        return False
    return True
