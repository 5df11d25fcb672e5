"""How plans go on by themselves: what is done is followed by the next step, a reply stops them, some ends are final.

A batch is held, follow-ups before the States that stand in plans, in the order of their keys, as every verb does. What
is looked at does not grow with the batch; each change does. Two at once do nothing twice: the later finds what the
earlier did, and the unique keys of `PlanRunStep` and `PlanReply` are the last word.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, select

from crm.activities.events import ActivityRecorded, ActivityWentOn
from crm.activities.models import ActivityState
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, held
from crm.core.jobs import Job, enqueue
from crm.followups.events import FollowUpTurned
from crm.followups.models import FollowUp
from crm.followups.plans import hearing, sleeping
from crm.followups.plans.doers import Doers
from crm.followups.plans.models import PlanRun, PlanRunStep, PlanStep
from crm.followups.plans.rules import ASKED_AFTER, HELD, Stands, Why, after_rest
from crm.followups.plans.steps import ask, back_to, begin, end, hold, is_open, set_next
from crm.followups.rules import Status
from crm.reach.queries import restricted_states
from crm.states.queries import register
from crm.states.rules import Status as Standing

BATCH = 200


@dataclass(frozen=True)
class Held:
    """States in plans that are held, with what they need to go on."""

    runs: Sequence[PlanRun]
    today: date
    planned: Mapping[tuple[UUID, int, int], PlanStep]
    begun: Mapping[tuple[UUID, int], PlanRunStep]
    tasks: Mapping[UUID, FollowUp]
    doers: Doers

    def step(self, run: PlanRun, number: int | None = None) -> PlanStep | None:
        """A step of the version with which a State began: the present one unless another is asked for."""
        return self.planned.get((run.plan_id, run.plan_version, number or run.step))

    def known(self, run: PlanRun, number: int | None = None) -> PlanRunStep | None:
        """The same as it began in the State, None where it did not."""
        return self.begun.get((run.id, number or run.step))

    def task(self, run: PlanRun, number: int | None = None) -> FollowUp | None:
        """Its follow-up."""
        known = self.known(run, number)
        return self.tasks.get(known.followup_id) if known and known.followup_id else None


def take(keys: Collection[UUID], *, over_too: bool = False) -> Held:
    """Hold these States in plans that are not over, with their follow-ups; looks as the system."""
    among = PlanRunStep.run_id.in_(keys)
    present = and_(PlanRun.id == PlanRunStep.run_id, PlanRunStep.number >= PlanRun.step - 1)
    behind = select(PlanRunStep.followup_id).join(PlanRun, present).where(among)
    wanted = select(FollowUp).where(FollowUp.id.in_(behind)).order_by(FollowUp.id)
    tasks = {one.id: one for one in db.session.scalars(held(wanted, of=FollowUp))}
    runs = select(PlanRun).where(PlanRun.id.in_(keys))
    runs = runs if over_too else runs.where(PlanRun.ended_on.is_(None))
    found = db.session.scalars(held(runs.order_by(PlanRun.id))).all()
    begun = {(one.run_id, one.number): one for one in db.session.scalars(held(select(PlanRunStep).where(among)))}
    # What began while the States were waited for has a follow-up that was not there to be held before.
    lately = {(one.id, one.step - back) for one in found for back in (0, 1)}
    since = {one.followup_id for place, one in begun.items() if place in lately and one.followup_id} - tasks.keys()
    if since:
        tasks |= {one.id: one for one in db.session.scalars(held(select(FollowUp).where(FollowUp.id.in_(since))))}
    steps = select(PlanStep).where(PlanStep.plan_id.in_({one.plan_id for one in found}))
    planned = {(one.plan_id, one.plan_version, one.number): one for one in db.session.scalars(steps)}
    persons = {one.person_id for one in planned.values()}
    return Held(found, clock.today(), planned, begun, tasks, Doers(found, persons))


def advance(after: UUID | None = None, limit: int = BATCH) -> UUID | None:
    """Look at the next States in plans in the order of their keys; the last of them, or None when all were looked at.

    Part of a unit of work that looks as the system.
    """
    wanted = select(PlanRun.id).where(PlanRun.ended_on.is_(None)).order_by(PlanRun.id).limit(limit)
    if after is not None:
        wanted = wanted.where(PlanRun.id > after)
    keys = list(db.session.scalars(wanted))
    if keys:
        go_over(take(keys))
    return keys[-1] if len(keys) == limit else None


def advance_all() -> None:
    """All of them, in one unit of work."""
    after = advance()
    while after is not None:
        after = advance(after)


def go_over(these: Held) -> None:
    """Let each go on as far as it goes by itself."""
    statuses, restricted = register().statuses(these.today), restricted_states()
    for run in these.runs:
        _turn(run, these, statuses.get(run.state_iso3), restricted)
    running = [one for one in these.runs if one.status == Stands.RUNNING]
    replies = hearing.unheard(running, {one.id: these.doers.runner(one) for one in running})
    for run in running:
        if came := replies.get(run.id):
            hearing.note(run, came, stopped=True)
            hold(run, Stands.WAITING, Why.REPLY, these.task(run), these.today)
        elif (step := these.step(run)) and not is_open(these.task(run)):
            begin(run, step, these.known(run), these.task(run), these.doers)
    for run in these.runs:
        if run.status in HELD and run.held_on:
            _rest(run, these)
    db.session.flush()


def _turn(run: PlanRun, these: Held, standing: Standing | None, restricted: Collection[str]) -> None:
    """What the State, or what was done with its step, makes of it."""
    task = these.task(run)
    if standing is None or standing is Standing.STATE_PARTY:
        end(run, Why.JOINED if standing else Why.GONE, task, these.today)
    elif task and task.status == Status.DONE:
        done_on = clock.day_of(task.done_at, task.zone) if task.done_at else these.today
        if known := these.known(run):
            known.done_on = done_on
        set_next(run, these.step(run, run.step + 1), done_on, these.today)
    elif run.status == Stands.RUNNING and task and task.status == Status.CANCELLED:
        hold(run, Stands.PAUSED, Why.CALLED_OFF, task, these.today)
    if run.state_iso3 in restricted and run.status == Stands.RUNNING:
        hold(run, Stands.PAUSED, Why.RESTRICTED, these.task(run), these.today)


def _rest(run: PlanRun, these: Held) -> None:
    """Its day stays as far away as it was, and after a while somebody is asked to decide."""
    task, due_on = these.task(run), after_rest(these.today, run.days_left or 0)
    if run.due_on < due_on:
        run.due_on = due_on
    if task and is_open(task):
        sleeping.keep_away(task, run.due_on)
    if run.asked_id is None and run.held_on and run.held_on + ASKED_AFTER <= these.today:
        ask(run, these.doers, these.today)


def turned(event: FollowUpTurned) -> None:
    """A follow-up was done, called off or opened again: the plan whose step it was goes on, stands still, or goes back.

    Looks as the system: whoever did it may not see the plan.
    """
    with looking_as(SYSTEM):
        found = select(PlanRunStep.run_id, PlanRunStep.number).where(PlanRunStep.followup_id == event.followup_id)
        row = db.session.execute(found).first()
        if row is None:
            return
        these = take([row.run_id], over_too=True)
        for run in these.runs:
            _went_back(run, row.number, these)
        go_over(take([row.run_id]))


def _went_back(run: PlanRun, number: int, these: Held) -> None:
    """To the step before the present one, or to the last one of a plan that is through, where it is open again."""
    known, task = these.known(run, number), these.task(run, number)
    through = run.status == Stands.FINISHED and number == run.step
    before = run.ended_on is None and number == run.step - 1
    present = these.task(run)
    if known and task and is_open(task) and (through or (before and not (present and present.status == Status.DONE))):
        if through and _runs_anew(run):
            return
        back_to(run, known, task, None if through else present)


def _runs_anew(run: PlanRun) -> bool:
    """Whether the plan began in the State once more since it was through there."""
    same = PlanRun.plan_id == run.plan_id, PlanRun.state_iso3 == run.state_iso3, PlanRun.ended_on.is_(None)
    return db.session.scalar(select(PlanRun.id).where(*same).limit(1)) is not None


def look_soon(event: ActivityRecorded | ActivityWentOn) -> None:
    """Have the plans looked at as soon as may be, where one is under way in a State of an activity: it may be a reply.

    Looks as the system: the plan may be another party's.
    """
    there = select(PlanRun.id).join(ActivityState, ActivityState.state_iso3 == PlanRun.state_iso3)
    there = there.where(ActivityState.activity_id == event.activity_id, PlanRun.ended_on.is_(None)).limit(1)
    with looking_as(SYSTEM):
        if db.session.scalar(there) is not None:
            enqueue(Job.ADVANCE_PLANS)
