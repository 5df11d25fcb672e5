"""Verbs of the plans. Each is part of a unit of work that its caller opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import User
from crm.activities.models import Activity
from crm.audit.service import Event, note_unseen, record
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, claim_for_real, looking_as
from crm.core.db import db, expect_version, locked, unless_taken
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.followups import service as followups
from crm.followups.plans import hearing, queries
from crm.followups.plans.advancing import Held, go_over, take
from crm.followups.plans.models import Plan, PlanRun, PlanStart, PlanStep
from crm.followups.plans.rules import HELD, MOST_STATES, OVER, LeftOut, Stands, Unit, Who, Why, later
from crm.followups.plans.steps import end, entered, hold, is_open, release, set_next
from crm.followups.rules import Status
from crm.reach.queries import restricted_states

KEEP, RUN = "followups:take_over", "followups:write"
ONCE = "This plan runs there already."


def keep(
    *,
    actor: Viewer,
    name: str,
    steps: Sequence[dict[str, Any]],
    description: str = "",
    plan_id: UUID | None = None,
    version: int | None = None,
) -> Plan:
    """A plan of the actor's party, new or changed; where it runs already the steps stay with which it began there.

    Raises NotAllowed, NotFound, RuleViolation, Stale.
    """
    actor.require(KEEP)
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can keep a plan.")
    if not steps:
        raise RuleViolation("steps", "A plan has at least one step.")
    plan = locked(Plan, plan_id) if plan_id else Plan(party_id=actor.party_id, version=0, sample=actor.sample)
    if plan is None:
        raise NotFound("no such plan")
    expect_version(plan, version)
    plan.name, plan.description, plan.version = name, description, plan.version + 1
    plan.kept_by_id, plan.kept_by, plan.kept_at = actor.user_id, actor.name, clock.now()
    claim_for_real(plan, actor)
    db.session.add(plan)
    db.session.flush()
    for number, step in enumerate(steps, 1):
        _check_person(actor, number, step)
        db.session.add(PlanStep(plan_id=plan.id, plan_version=plan.version, number=number, **step))
    record(Event.PLAN_KEPT, actor=actor, subject=("plan", plan.id), originator_id=plan.party_id, steps=len(steps))
    db.session.flush()
    return plan


def _check_person(actor: Viewer, number: int, step: dict[str, Any]) -> None:
    if step["who"] != Who.PERSON:
        return
    with looking_as(SYSTEM):
        party = db.session.scalar(select(User.party_id).where(User.id == step.get("person_id"), User.active))
    if party != actor.party_id or party is None:
        raise RuleViolation(f"steps-{number - 1}-person_id", "Choose somebody of your party.")


def retire(*, actor: Viewer, plan_id: UUID) -> None:
    """It begins nowhere any more; where it runs it goes on. Raises NotAllowed, NotFound."""
    actor.require(KEEP)
    plan = locked(Plan, plan_id)
    if plan is None:
        raise NotFound("no such plan")
    if plan.ended_at is None:
        plan.ended_at = clock.now()
        record(Event.PLAN_RETIRED, actor=actor, subject=("plan", plan.id), originator_id=plan.party_id)
    db.session.flush()


def start(*, actor: Viewer, plan_id: UUID, states: Sequence[str], lately: bool = True) -> PlanStart:
    """Begin with these States in one go, as whoever runs the plan there; those that are left out (`rules.left_out`) are
    left out still. `lately`: also with those with which somebody was in touch lately.

    Looks as the system for what begins: it is for the whole party. Raises NotAllowed, NotFound, RuleViolation.
    """
    actor.require(RUN)
    plan = locked(Plan, plan_id)
    if plan is None:
        raise NotFound("no such plan")
    if plan.ended_at is not None:
        raise RuleViolation("", "This plan begins nowhere any more.")
    if not states:
        raise RuleViolation("states", "Choose at least one State.")
    if len(states) > MOST_STATES:
        raise RuleViolation("states", f"Choose at most {MOST_STATES} States at once.")
    out = {one.state_iso3: one.left_out for one in queries.preview(plan, states, actor)}
    closed = [one for one in out if one in actor.closed]
    overruled = {None, LeftOut.LATELY} if lately else {None}
    meant = [one for one, why in out.items() if why in overruled and one not in closed]
    note_unseen(actor=actor, states=closed)
    if not meant and not closed:
        raise RuleViolation("states", "None of these States can begin: see beside each why.")
    begun = PlanStart(plan_id=plan.id, party_id=plan.party_id, user_id=actor.user_id, sample=actor.sample)
    db.session.add(begun)
    db.session.flush()
    with looking_as(SYSTEM):
        _begin(actor, plan, begun, sorted(meant))
    return begun


def _begin(actor: Viewer, plan: Plan, begun: PlanStart, states: Sequence[str]) -> None:
    """The States in their order: of two who begin with one at the same time the later is refused."""
    today = clock.today()
    first = db.session.scalars(select(PlanStep).where(*queries.steps_of(plan.id, plan.version)).limit(1)).one()
    due_on, restricted = later(today, first.after, Unit(first.unit)), restricted_states()
    runs = [
        PlanRun(
            plan_id=plan.id, plan_version=plan.version, start_id=begun.id, party_id=plan.party_id, state_iso3=one,
            runner_id=actor.user_id, run_by=actor.name, began_on=today, due_on=due_on, sample=actor.sample,
        )
        for one in states
        if one not in restricted
    ]  # fmt: skip
    with unless_taken("states", ONCE):
        db.session.add_all(runs)
    for run in runs:
        entered(Event.PLAN_BEGUN, actor, run)
    these = take([one.id for one in runs])
    _read(these, actor)
    go_over(these)


def _read(these: Held, actor: Viewer) -> None:
    """What whoever runs the plan, or goes on with it, may read by now stops it no more."""
    for viewers in ({one.id: these.doers.runner(one) for one in these.runs}, {one.id: actor for one in these.runs}):
        for key, replies in hearing.unheard(these.runs, viewers).items():
            run = next(one for one in these.runs if one.id == key)
            hearing.note(run, replies, stopped=False)


def undo_start(*, actor: Viewer, start_id: UUID) -> int:
    """Take a beginning back: over in every State where nothing was done yet, and how many these are. Looks as the
    system for them: some may be out of the actor's sight by now.

    Raises NotAllowed for whoever neither began it nor coordinates, NotFound, RuleViolation when it was taken back.
    """
    actor.require(RUN)
    begun = locked(PlanStart, start_id)
    if begun is None:
        raise NotFound("no such beginning")
    if begun.user_id != actor.user_id and not actor.may(KEEP):
        raise NotAllowed("somebody else began it")
    if begun.undone_at is not None:
        raise RuleViolation("", "This was taken back already.")
    begun.undone_at = clock.now()
    with looking_as(SYSTEM):
        keys = db.session.scalars(select(PlanRun.id).where(PlanRun.start_id == start_id, PlanRun.step == 1)).all()
        these = take(keys)
        for run in these.runs:
            end(run, Why.UNDONE, these.task(run), these.today, actor)
        db.session.flush()
    record(
        Event.PLAN_BEGUN_UNDONE, actor=actor, subject=("plan_start", begun.id), originator_id=begun.party_id,
        states=len(these.runs),
    )  # fmt: skip
    return len(these.runs)


def _steered(actor: Viewer, run_id: UUID, version: int | None = None) -> Held:
    """A State in a plan, held, for somebody who runs it there or coordinates; raises NotAllowed, NotFound, Stale."""
    run = queries.get_run(run_id)
    if not queries.may_steer(actor, run):
        raise NotAllowed("somebody else runs it")
    with looking_as(SYSTEM):
        these = take([run_id], over_too=True)
    (run,) = these.runs
    expect_version(run, version)
    if run.status in OVER:
        raise RuleViolation("", "The plan is over in this State.")
    claim_for_real(run, actor)
    return these


def pause(*, actor: Viewer, run_id: UUID, version: int | None = None) -> PlanRun:
    """Stand still until somebody goes on. Pausing what stands still changes nothing. Looks as the system: whoever does
    the step may be out of the actor's sight. Raises as `_steered` does.
    """
    these = _steered(actor, run_id, version)
    (run,) = these.runs
    if run.status not in HELD:
        with looking_as(SYSTEM):
            hold(run, Stands.PAUSED, Why.HAND, these.task(run), these.today, actor)
    return run


def go_on(*, actor: Viewer, run_id: UUID, version: int | None = None) -> PlanRun:
    """Go on with what was left of the delay; what has come by now is read. After a step that was cancelled comes the
    next one. Looks as the system, as `pause` does. Raises as `_steered` does, and RuleViolation while the State is
    restricted.
    """
    these = _steered(actor, run_id, version)
    (run,) = these.runs
    if run.state_iso3 in restricted_states():
        raise RuleViolation("", "The State is restricted: plans leave it out.")
    with looking_as(SYSTEM):
        if run.status in HELD:
            _read(these, actor)
            task = these.task(run)
            skipped = task is not None and task.status == Status.CANCELLED
            release(run, task, these.today, actor)
            if skipped:
                set_next(run, these.step(run, run.step + 1), these.today, these.today)
            go_over(take([run_id]))
    return run


def end_here(*, actor: Viewer, run_id: UUID, version: int | None = None) -> PlanRun:
    """Over in this State; its open step is cancelled. Looks as the system, as `pause` does, and raises as it does."""
    these = _steered(actor, run_id, version)
    (run,) = these.runs
    with looking_as(SYSTEM):
        end(run, Why.HAND, these.task(run), these.today, actor)
    return run


def done_by(*, actor: Viewer, run_id: UUID, activity_id: UUID, version: int | None = None) -> PlanRun:
    """The present step was done by this activity: its follow-up is done, and the next step begins. Whoever says so has
    read what came of it, so it does not stop the plan. Looks as the system for what the plan has heard of. Raises
    NotAllowed, NotFound, RuleViolation, Stale.
    """
    run = queries.get_run(run_id)
    fitting = [one for one in queries.fitting(run) if one.id == activity_id]
    these = _linkable(actor, run, version)
    (run,) = these.runs
    if not fitting:
        raise RuleViolation("activity_id", "Choose an entry that fits the step.")
    known, task = these.known(run), these.task(run)
    if known is None or task is None or not is_open(task):
        raise RuleViolation("", "No step is open.")
    known.activity_id = db.session.scalars(select(Activity.id).where(Activity.id == activity_id)).one()
    heard = db.session.scalar(select(queries.heard_of(run.id, activity_id)))
    with looking_as(SYSTEM):
        if not heard:
            hearing.note(run, [activity_id], stopped=False)
        db.session.flush()
    followups.finish(actor=actor, followup_id=task.id)
    return run


def _linkable(actor: Viewer, run: PlanRun, version: int | None) -> Held:
    """For whoever steers the plan, or owns its present step."""
    if queries.may_steer(actor, run):
        return _steered(actor, run.id, version)
    with looking_as(SYSTEM):
        these = take([run.id])
    task = these.task(run)
    if not actor.may(RUN) or task is None or task.owner_id != actor.user_id:
        raise NotAllowed("somebody else does it")
    return these
