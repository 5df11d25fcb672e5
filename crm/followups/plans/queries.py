"""Plans of a party, where States stand in them, and what is known before one begins, as far as the viewer may see."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, select
from sqlalchemy.orm import aliased

from crm.accounts.models import User
from crm.activities.models import Activity, ActivityState
from crm.activities.rules import HAPPENED
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.errors import NotFound
from crm.followups.cadence.queries import last_contacts
from crm.followups.models import FollowUp
from crm.followups.plans.models import Plan, PlanReply, PlanRun, PlanRunStep, PlanStep
from crm.followups.plans.rules import LATELY, Begun, LeftOut, Stands, Unit, Why, later, left_out
from crm.states.queries import register
from crm.states.rules import Status


def get_plan(plan_id: UUID) -> Plan:
    """One plan; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(Plan).where(Plan.id == plan_id))
    if found is None:
        raise NotFound("no such plan")
    return found


def get_run(run_id: UUID) -> PlanRun:
    """One State in a plan; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(PlanRun).where(PlanRun.id == run_id))
    if found is None:
        raise NotFound("no such State in a plan")
    return found


def may_steer(viewer: Viewer, run: PlanRun) -> bool:
    """Whether somebody may pause a plan in a State, go on with it or end it there: who runs it, and who coordinates."""
    return viewer.may("followups:write") and (viewer.may("followups:take_over") or viewer.user_id == run.runner_id)


def steps_of(plan_id: UUID, version: int) -> tuple[ColumnElement[bool], ...]:
    """Which steps are those of one version of a plan."""
    return PlanStep.plan_id == plan_id, PlanStep.plan_version == version


def steps(plan: Plan, version: int | None = None) -> list[PlanStep]:
    """The steps of a plan in their order, of the present version unless another is asked for."""
    wanted = select(PlanStep).where(*steps_of(plan.id, version or plan.version)).order_by(PlanStep.number)
    return list(db.session.scalars(wanted))


def plans() -> list[Plan]:
    """Every plan in sight, those that begin nowhere any more among them, by name."""
    return list(db.session.scalars(select(Plan).order_by(Plan.name, Plan.id)))


def open_plans() -> list[Plan]:
    """Those that may begin somewhere, by name."""
    return list(db.session.scalars(select(Plan).where(Plan.ended_at.is_(None)).order_by(Plan.name, Plan.id)))


def heard_of(run_id: UUID, activity_id: UUID) -> ColumnElement[bool]:
    """Whether a plan has heard of a reply."""
    return exists().where(PlanReply.run_id == run_id, PlanReply.activity_id == activity_id)


@dataclass(frozen=True)
class Candidate:
    """A State before a plan begins there: the day of its first step, or why it is left out."""

    state_iso3: str
    first_on: date
    left_out: LeftOut | None
    last_contact: date | None

    @property
    def may_begin(self) -> bool:
        """Whether it begins if somebody chooses it."""
        return self.left_out in (None, LeftOut.LATELY)


def preview(plan: Plan, states: Collection[str], viewer: Viewer) -> list[Candidate]:
    """What would begin, by name; as many statements however many States there are.

    A State that is closed to the viewer stands there like any other: that it is left out must not tell of it.
    """
    known, today = register(), clock.today()
    codes = {one for one in states if one in known.states}
    statuses = known.statuses(today)
    there = select(PlanRun.state_iso3).where(PlanRun.plan_id == plan.id, PlanRun.ended_on.is_(None))
    last = last_contacts(codes, today) if codes else {}
    begun = Begun(
        running=set(db.session.scalars(there.where(PlanRun.state_iso3.in_(codes)))),
        parties={one for one in codes if statuses.get(one) in (None, Status.STATE_PARTY)},
        restricted=viewer.named,
        lately={one for one, day in last.items() if day >= today - LATELY},
    )
    first = steps(plan)[0]
    first_on = later(today, first.after, Unit(first.unit))
    ordered = sorted(codes, key=lambda one: known.sort_key(one, today))
    return [
        Candidate(one, first_on, left_out(one, begun, works_on=viewer.works_on(one)), last.get(one)) for one in ordered
    ]


def stands() -> ColumnElement[str]:
    """How a State stands in a plan as whoever looks may know it: a reply that is not for them looks like a pause."""
    heard = select(PlanReply.id).where(PlanReply.run_id == PlanRun.id, PlanReply.stopped).exists()
    waiting = PlanRun.status == Stands.WAITING.value
    return case((and_(waiting, ~heard), literal(Stands.PAUSED.value)), else_=PlanRun.status)


@dataclass(frozen=True)
class Line:
    """Where one State stands in one plan. `what`: its present step; `owner` is "" where nobody is named."""

    id: UUID
    plan_id: UUID
    plan: str
    state_iso3: str
    stands: Stands
    why: Why
    step: int
    steps: int
    what: str
    due_on: date
    days_left: int | None
    began_on: date
    ended_on: date | None
    run_by: str
    owner: str
    followup_id: UUID | None
    version: int
    sample: bool
    start_id: UUID | None

    @property
    def over(self) -> bool:
        """Whether it does not go on any more."""
        return self.ended_on is not None


def lines_select() -> Any:
    """What the lines ask, without an order."""
    every = aliased(PlanStep)
    last = select(func.max(every.number)).where(
        every.plan_id == PlanRun.plan_id, every.plan_version == PlanRun.plan_version
    )
    return (
        select(
            PlanRun, Plan.name.label("plan"), PlanStep.what, last.correlate(PlanRun).scalar_subquery().label("steps"),
            stands().label("stands"), FollowUp.id.label("followup_id"), User.name.label("owner"),
        )
        .join(Plan, Plan.id == PlanRun.plan_id)
        .join(
            PlanStep,
            and_(
                PlanStep.plan_id == PlanRun.plan_id,
                PlanStep.plan_version == PlanRun.plan_version,
                PlanStep.number == PlanRun.step,
            ),
        )
        .outerjoin(PlanRunStep, and_(PlanRunStep.run_id == PlanRun.id, PlanRunStep.number == PlanRun.step))
        .outerjoin(FollowUp, FollowUp.id == PlanRunStep.followup_id)
        .outerjoin(User, User.id == FollowUp.owner_id)
    )  # fmt: skip


def lines_of(rows: Sequence[Any]) -> list[Line]:
    """Rows of `lines_select` as lines."""
    return [_line(row) for row in rows]


def _line(row: Any) -> Line:
    run, stands = row[0], Stands(row.stands)
    hidden = run.status == Stands.WAITING and stands is Stands.PAUSED
    return Line(
        run.id, run.plan_id, row.plan, run.state_iso3, stands, Why.HAND if hidden else Why(run.why), run.step,
        row.steps, row.what, run.due_on, run.days_left, run.began_on, run.ended_on, run.run_by, row.owner or "",
        row.followup_id, run.version, run.sample, run.start_id,
    )  # fmt: skip


def lines_in(*, plan_id: UUID | None = None, state_iso3: str = "", most: int = 300) -> list[Line]:
    """Where States stand in a plan, or a State in all plans that are not over there: what waits first, then by day."""
    wanted = lines_select()
    if plan_id:
        wanted = wanted.where(PlanRun.plan_id == plan_id)
    if state_iso3:
        wanted = wanted.where(PlanRun.state_iso3 == state_iso3, PlanRun.ended_on.is_(None))
    order = (PlanRun.ended_on.is_not(None), PlanRun.due_on, PlanRun.state_iso3, PlanRun.id)
    return lines_of(db.session.execute(wanted.order_by(*order).limit(most)).all())


def line_of(run_id: UUID) -> Line:
    """One State in a plan; NotFound when absent or not for this viewer."""
    row = db.session.execute(lines_select().where(PlanRun.id == run_id)).first()
    if row is None:
        raise NotFound("no such State in a plan")
    return _line(row)


def waiting_for(viewer: Viewer, most: int = 5) -> list[Line]:
    """Where an answer waits to be read by somebody who may go on, for the first page: the longest first."""
    if not viewer.may("followups:write"):
        return []
    wanted = lines_select().where(PlanRun.status == Stands.WAITING.value)
    wanted = wanted.where(stands() == Stands.WAITING.value)
    if not viewer.may("followups:take_over"):
        wanted = wanted.where(PlanRun.runner_id == viewer.user_id)
    return lines_of(db.session.execute(wanted.order_by(PlanRun.held_on, PlanRun.id).limit(most)).all())


@dataclass(frozen=True)
class Fitting:
    """An activity in the State since the plan began there: its kind and day."""

    id: UUID
    kind: str
    held_on: date
    precision: str


def fitting(run: PlanRun, most: int = 10) -> list[Fitting]:
    """The activities by which the present step may have been done, of the kind that it asks for, the newest first."""
    kind = db.session.scalar(
        select(PlanStep.kind).where(*steps_of(run.plan_id, run.plan_version), PlanStep.number == run.step)
    )
    wanted: Any = select(Activity.id, Activity.kind, Activity.held_on, Activity.precision)
    wanted = wanted.join(ActivityState, ActivityState.activity_id == Activity.id).where(
        ActivityState.state_iso3 == run.state_iso3,
        ActivityState.held_on >= run.began_on,
        Activity.status.in_(sorted(HAPPENED)),
        Activity.originator_id == run.party_id,
    )
    if kind:
        wanted = wanted.where(Activity.kind == kind)
    used = select(PlanRunStep.activity_id).where(PlanRunStep.run_id == run.id, PlanRunStep.activity_id.is_not(None))
    wanted = wanted.where(Activity.id.not_in(used)).order_by(Activity.held_on.desc(), Activity.id)
    return [Fitting(*row) for row in db.session.execute(wanted.limit(most))]


def reply_that_stopped(run_id: UUID) -> Fitting | None:
    """The newest reply that made a plan stop in a State, as far as the viewer may see it."""
    wanted: Any = select(Activity.id, Activity.kind, Activity.held_on, Activity.precision)
    wanted = wanted.join(PlanReply, PlanReply.activity_id == Activity.id)
    wanted = wanted.where(PlanReply.run_id == run_id, PlanReply.stopped).order_by(PlanReply.heard_at.desc())
    row = db.session.execute(wanted.limit(1)).first()
    return Fitting(*row) if row else None


def run_of(followup_id: UUID) -> tuple[UUID, int] | None:
    """The State in a plan whose step a follow-up is, and which step; None where there is none in sight."""
    row = db.session.execute(
        select(PlanRunStep.run_id, PlanRunStep.number).where(PlanRunStep.followup_id == followup_id)
    ).first()
    return (row.run_id, row.number) if row else None


def own_people(viewer: Viewer) -> list[tuple[str, str]]:
    """The people of the viewer's party, as choices."""
    wanted = select(User.id, User.name).where(User.party_id == viewer.party_id, User.active)
    return [(str(key), name) for key, name in db.session.execute(wanted.order_by(User.name, User.id))]


def number_begun(start_id: UUID) -> int:
    """In how many States a plan began at once, as far as the viewer may see them."""
    return db.session.scalar(select(func.count()).select_from(PlanRun).where(PlanRun.start_id == start_id)) or 0


def may_link(viewer: Viewer, run: PlanRun, line: Line) -> bool:
    """Whether somebody may say by which entry the present step was done: who steers the plan, and who does the step."""
    if not viewer.may("followups:write"):
        return False
    owner = db.session.scalar(select(FollowUp.owner_id).where(FollowUp.id == line.followup_id))
    return may_steer(viewer, run) or owner == viewer.user_id


@dataclass(frozen=True)
class BegunStep:
    """A step that began in a State: its follow-up, by which entry it was done and when, as far as they are in sight."""

    followup_id: UUID | None
    due_on: date | None
    done_on: date | None
    activity_id: UUID | None


def begun_steps(run_id: UUID) -> dict[int, BegunStep]:
    """The steps that began in a State, by number."""
    wanted: Any = select(PlanRunStep.number, PlanRunStep.done_on, FollowUp.id, FollowUp.due_on, Activity.id)
    wanted = wanted.outerjoin(FollowUp, FollowUp.id == PlanRunStep.followup_id)
    wanted = wanted.outerjoin(Activity, Activity.id == PlanRunStep.activity_id).where(PlanRunStep.run_id == run_id)
    return {
        number: BegunStep(task, due_on, done_on, activity)
        for number, done_on, task, due_on, activity in db.session.execute(wanted)
    }
