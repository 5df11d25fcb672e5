"""What can become of one State in one plan: a step begins, it is held, goes on, goes back a step, or ends there.

Whoever calls these holds its row and that of its follow-up, and looks as the system.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy.exc import IntegrityError

from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import SYSTEM, Viewer
from crm.core.db import db, savepoint
from crm.core.errors import RuleViolation
from crm.followups import service
from crm.followups.introductions import own_handling
from crm.followups.models import FollowUp
from crm.followups.plans import sleeping
from crm.followups.plans.doers import Doers
from crm.followups.plans.models import PlanRun, PlanRunStep, PlanStep
from crm.followups.plans.rules import (
    ASKED_WITHIN,
    HELD,
    OVER,
    WHY_LABELS,
    Stands,
    Unit,
    Why,
    after_rest,
    later,
    left_of,
)
from crm.followups.rules import Status

DECIDE = "Decide whether the plan goes on here: it has been standing still for a week"
DECIDED = "It was decided."


def entered(event: Event, actor: Viewer, run: PlanRun) -> None:
    """Write down what became of a State in a plan, whose version moves."""
    run.version += 1
    db.session.flush()
    record(
        event,
        actor=actor,
        subject=("plan_run", run.id),
        originator_id=run.party_id,
        state=run.state_iso3,
        step=run.step,
    )


def is_open(task: FollowUp | None) -> bool:
    """Whether there is a follow-up that is still to be done."""
    return task is not None and task.status == Status.OPEN


def begin(run: PlanRun, step: PlanStep, known: PlanRunStep | None, task: FollowUp | None, doers: Doers) -> None:
    """Charge somebody with the step at which a State stands: with a new follow-up, or with the one that there was
    before it was gone back to the step before. It is opened at once, with its day, so that calendars and reminders
    know of it beforehand. Where nobody could do it the plan is held.
    """
    if known and task:
        if not is_open(task):
            service.reopen(actor=SYSTEM, followup_id=task.id)
        sleeping.wake(task, run.due_on)
        run.due_on = task.due_on
        return
    owner_id = doers.owner(run, step)
    if owner_id is None:
        hold(run, Stands.PAUSED, Why.NOBODY, None, clock.today())
        return
    try:
        with savepoint():
            begun = known or PlanRunStep(run_id=run.id, number=run.step)
            db.session.add(begun)
            db.session.flush()
            opened = service.open_for(SYSTEM, _task(run, step.what), owner_id, run.due_on)
            begun.followup_id = opened.id
            db.session.flush()
    except IntegrityError:
        return
    except RuleViolation:
        hold(run, Stands.PAUSED, Why.NOBODY, None, clock.today())
        return
    run.due_on = opened.due_on


def _task(run: PlanRun, what: str) -> FollowUp:
    return FollowUp(
        what=what,
        state_iso3=run.state_iso3,
        originator_id=run.party_id,
        handling=own_handling().value,
        opened_by=SYSTEM.name,
        sample=run.sample,
    )


def set_next(run: PlanRun, following: PlanStep | None, done_on: date, today: date) -> None:
    """The State stands at the next step, due its interval after the last one was done; without one it is through."""
    if following is None:
        run.status, run.why, run.ended_on, run.days_left = Stands.FINISHED.value, Why.NONE.value, today, None
        decided(run)
        entered(Event.PLAN_FINISHED, SYSTEM, run)
        return
    run.step = following.number
    run.due_on = max(later(done_on, following.after, Unit(following.unit)), today)
    if run.status in HELD:
        run.days_left = left_of(run.due_on, today)


def hold(run: PlanRun, status: Stands, why: Why, task: FollowUp | None, today: date, actor: Viewer = SYSTEM) -> None:
    """Stand still, with what is left of the delay kept; the follow-up of its step sleeps."""
    run.due_on = task.due_on if task and is_open(task) else run.due_on
    run.status, run.why, run.held_on, run.days_left = status.value, why.value, today, left_of(run.due_on, today)
    if task and is_open(task):
        sleeping.put_to_sleep(task)
    entered(Event.PLAN_HELD, actor, run)


def release(run: PlanRun, task: FollowUp | None, today: date, actor: Viewer) -> None:
    """Go on, with what was left of the delay."""
    run.due_on = after_rest(today, run.days_left or 0)
    run.status, run.why, run.held_on, run.days_left = Stands.RUNNING.value, Why.NONE.value, None, None
    decided(run)
    if task and is_open(task):
        run.due_on = max(run.due_on, task.due_on)
        sleeping.wake(task, run.due_on)
    entered(Event.PLAN_WENT_ON, actor, run)


def end(run: PlanRun, why: Why, task: FollowUp | None, today: date, actor: Viewer = SYSTEM) -> None:
    """Over in this State: its open step is cancelled, with the reason."""
    run.status, run.why, run.ended_on, run.days_left = Stands.ENDED.value, why.value, today, None
    entered(Event.PLAN_ENDED, actor, run)
    if task and is_open(task):
        said = WHY_LABELS[why]
        note = f"The plan ended here: {said[:1].lower()}{said[1:]}." if said else "The plan ended here."
        service.cancel(actor=SYSTEM, followup_id=task.id, note=note)
    decided(run)


def back_to(run: PlanRun, step: PlanRunStep, task: FollowUp, following: FollowUp | None) -> None:
    """Stand at an earlier step again, which was opened again; what had begun after it is called off."""
    was_over = run.status in OVER
    run.step, run.due_on, run.ended_on, step.done_on = step.number, task.due_on, None, None
    if was_over:
        run.status, run.why = Stands.RUNNING.value, Why.NONE.value
    entered(Event.PLAN_WENT_BACK, SYSTEM, run)
    if following and is_open(following):
        service.cancel(actor=SYSTEM, followup_id=following.id, note="The step before it is open again.")


def ask(run: PlanRun, doers: Doers, today: date) -> None:
    """Ask whoever coordinates to decide, once while it stands still. The words are the same whatever holds it."""
    decider = doers.decider(run)
    if decider is not None:
        run.asked_id = service.open_for(SYSTEM, _task(run, DECIDE), decider, today + ASKED_WITHIN).id


def decided(run: PlanRun) -> None:
    """Nobody is asked any more."""
    asked = db.session.get(FollowUp, run.asked_id) if run.asked_id else None
    run.asked_id = None
    db.session.flush()
    if asked and is_open(asked):
        service.finish(actor=SYSTEM, followup_id=asked.id, done_note=DECIDED)
