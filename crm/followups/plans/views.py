"""Pages of the plans: where States stand in them, one plan, one State in it, keeping one, beginning with States."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from crm.activities.rules import LEVEL_LABELS
from crm.activities.types import ACTIVITY_TYPES
from crm.core import access, doors
from crm.core.display import day
from crm.core.errors import NotAllowed
from crm.core.lists import count_in_words, counted, page_of
from crm.core.routes import requires
from crm.followups.plans import queries, service
from crm.followups.plans.choosing import chosen, ways
from crm.followups.plans.forms import (
    READY,
    READY_DESCRIPTION,
    READY_NAME,
    WHO_LABELS,
    DoneByForm,
    PlanForm,
    StartForm,
)
from crm.followups.plans.listing import LISTING
from crm.followups.plans.models import Plan
from crm.followups.plans.rules import LEFT_OUT_LABELS, STANDS_LABELS, WHY_LABELS, in_words
from crm.states.queries import register

pages = Blueprint("plans", __name__)

MORE = "more_steps"
"""The button that asks for another row for a step."""

WORDS: dict[str, Any] = {
    "kinds": ACTIVITY_TYPES,
    "levels": {one.value: name for one, name in LEVEL_LABELS.items()},
    "who_labels": WHO_LABELS,
    "stands_labels": STANDS_LABELS,
    "why_labels": WHY_LABELS,
    "left_out_labels": LEFT_OUT_LABELS,
    "interval": in_words,
}


@pages.app_template_global("plan_of_follow_up")
def plan_of_follow_up(followup_id: UUID) -> queries.Line | None:
    """The State in a plan whose step a follow-up is, for its own page."""
    found = queries.run_of(followup_id)
    return queries.line_of(found[0]) if found else None


@pages.get("/plans")
@requires("followups:read")
def index() -> Any:
    """The plans of one's party, and where each State stands."""
    form = LISTING.filters(request.args)
    asked = LISTING.question(form, False)
    return render_template(
        "followups/plans/index.html",
        form=form,
        page=page_of(asked, cursor=request.args.get("after")),
        counted=count_in_words(counted(asked), LISTING.one, LISTING.many),
        columns=form.shown_columns(),
        listing=LISTING,
        filtered=form.narrowed(),
        plans=queries.open_plans(),
        may_keep=access.viewer().may(service.KEEP),
        name=register().name_today,
        **WORDS,
    )


@pages.route("/plans/new", methods=["GET", "POST"])
@requires("followups:take_over")
def new() -> Any:
    """Keep a plan; `ready` fills in the one that is offered."""
    form = PlanForm()
    if "ready" in request.args and not form.is_submitted():
        form.accept("name", READY_NAME)
        form.accept("description", READY_DESCRIPTION)
        form.show_steps(READY)
    return _form_page(form, None)


@pages.route("/plans/<uuid:plan_id>/edit", methods=["GET", "POST"])
@requires("followups:take_over", opens="plan")
def edit(plan_id: UUID) -> Any:
    """Change a plan; States in which it runs keep the steps that they began with."""
    plan = queries.get_plan(plan_id)
    form = PlanForm()
    if not form.is_submitted():
        form.show(plan)
        form.show_steps(queries.steps(plan))
    return _form_page(form, plan)


def _form_page(form: PlanForm, plan: Plan | None) -> Any:
    viewer = access.viewer()
    form.offer(queries.own_people(viewer))
    status, theirs = 200, None
    if MORE in request.form:
        form.add_step()
        form.offer(queries.own_people(viewer))
    else:
        verb = partial(service.keep, actor=viewer, plan_id=plan.id if plan else None)
        sent = doors.submit(form, verb, partial(queries.get_plan, plan.id) if plan else None)
        if sent.done:
            return doors.said("Saved.", _page(sent.answer.id))
        status, theirs = sent.status, sent.theirs
    page = render_template("followups/plans/form.html", form=form, plan=plan, theirs=theirs, more=MORE)
    return page, status


def _page(plan_id: UUID) -> str:
    return url_for("plans.show", plan_id=plan_id)


@pages.get("/plans/<uuid:plan_id>")
@requires("followups:read", opens="plan")
def show(plan_id: UUID) -> Any:
    """One plan: its steps, and where each State stands."""
    viewer, plan = access.viewer(), queries.get_plan(plan_id)
    return render_template(
        "followups/plans/show.html",
        plan=plan,
        steps=queries.steps(plan),
        lines=queries.lines_in(plan_id=plan.id),
        people=dict(queries.own_people(viewer)),
        may_keep=viewer.may(service.KEEP),
        may_run=viewer.may(service.RUN) and plan.ended_at is None,
        name=register().name_today,
        **WORDS,
    )


@pages.post("/plans/<uuid:plan_id>/end")
@requires("followups:take_over", opens="plan")
def retire(plan_id: UUID) -> Any:
    """It begins nowhere any more."""
    doors.act(service.retire, actor=access.viewer(), plan_id=plan_id)
    return doors.said("It begins nowhere any more. Where it runs it goes on.", _page(plan_id))


@pages.get("/plans/begin")
@requires("followups:write")
def begin() -> Any:
    """Which plan is to begin with the States of an address."""
    states = chosen(request.args)
    return render_template(
        "followups/plans/begin.html",
        plans=queries.open_plans(),
        states=states,
        given={name: request.args.getlist(name) for name in ("state", "list") if name in request.args},
        may_keep=access.viewer().may(service.KEEP),
        name=register().name_today,
    )


@pages.route("/plans/<uuid:plan_id>/start", methods=["GET", "POST"])
@requires("followups:write", opens="plan")
def start(plan_id: UUID) -> Any:
    """Which States a plan would begin with and when, which are left out and why; and the beginning itself."""
    viewer, plan = access.viewer(), queries.get_plan(plan_id)
    form = StartForm()
    form.offer()
    states = chosen(request.args)
    sent = doors.submit(form, partial(service.start, actor=viewer, plan_id=plan_id))
    if sent.done:
        return doors.said(_told(sent.answer.id, len(form.states.data)), _page(plan_id))
    lines = queries.preview(plan, states or form.states.data or (), viewer)
    ticked = (
        set(form.states.data or ()) if form.is_submitted() else {one.state_iso3 for one in lines if not one.left_out}
    )
    page = render_template(
        "followups/plans/start.html",
        form=form,
        plan=plan,
        steps=queries.steps(plan),
        lines=lines,
        ticked=ticked,
        ways=ways(viewer, plan_id),
        here=doors.local_path(request.full_path),
        name=register().name_today,
        **WORDS,
    )
    return page, sent.status


def _told(start_id: UUID, asked: int) -> dict[str, str]:
    number = queries.number_begun(start_id)
    said = f"Begun in {number} {'State' if number == 1 else 'States'}."
    left = asked - number
    said += f" {left} {'was' if left == 1 else 'were'} left out." if left > 0 else ""
    return {"text": said, "undo_href": url_for("plans.undo", start_id=start_id)}


@pages.post("/plans/starts/<uuid:start_id>/undo")
@requires("followups:write", opens="plan_start")
def undo(start_id: UUID) -> Any:
    """Take a beginning back."""
    doors.act(service.undo_start, actor=access.viewer(), start_id=start_id)
    return doors.said("Taken back, where nothing was done yet.", url_for("plans.index"))


@pages.get("/plans/states/<uuid:run_id>")
@requires("followups:read", opens="plan_run")
def run(run_id: UUID) -> Any:
    """One State in a plan: its steps, what stopped it, and what can be done."""
    return _run_page(run_id, None)


def _run_page(run_id: UUID, form: DoneByForm | None, status: int = 200) -> Any:
    viewer, found = access.viewer(), queries.get_run(run_id)
    line = queries.line_of(run_id)
    plan = queries.get_plan(found.plan_id)
    return render_template(
        "followups/plans/run.html",
        line=line,
        plan=plan,
        steps=queries.steps(plan, found.plan_version),
        begun=queries.begun_steps(run_id),
        reply=queries.reply_that_stopped(run_id) if line.stands == "waiting" else None,
        may_steer=queries.may_steer(viewer, found) and not line.over,
        form=form or done_form(run_id),
        may_link=bool(line.followup_id) and not line.over and queries.may_link(viewer, found, line),
        name=register().name_today,
        **WORDS,
    ), status


def done_form(run_id: UUID) -> DoneByForm:
    """The form that says by which entry the present step was done, with those that fit it."""
    found = queries.get_run(run_id)
    form = DoneByForm(version=found.version)
    entries = queries.fitting(found)
    form.offer(
        [(str(one.id), f"{ACTIVITY_TYPES[one.kind].label}, {day(one.held_on, one.precision)}") for one in entries]
    )
    return form


@pages.post("/plans/states/<uuid:run_id>/pause")
@requires("followups:write", opens="plan_run")
def pause(run_id: UUID) -> Any:
    """Stand still."""
    return _steer(service.pause, run_id, "Paused. What is left of the delay is kept.")


@pages.post("/plans/states/<uuid:run_id>/go-on")
@requires("followups:write", opens="plan_run")
def go_on(run_id: UUID) -> Any:
    """Go on with what was left of the delay."""
    return _steer(service.go_on, run_id, "It goes on.")


@pages.post("/plans/states/<uuid:run_id>/end")
@requires("followups:write", opens="plan_run")
def end(run_id: UUID) -> Any:
    """Over in this State."""
    return _steer(service.end_here, run_id, "The plan is over in this State.")


def _steer(verb: Any, run_id: UUID, message: str) -> Any:
    version = request.form.get("version", type=int)
    doors.act(verb, actor=access.viewer(), run_id=run_id, version=version)
    return doors.said(message, doors.local_path(request.form.get("back") or url_for("plans.run", run_id=run_id)))


@pages.post("/plans/states/<uuid:run_id>/done-by")
@requires("followups:write", opens="plan_run")
def done_by(run_id: UUID) -> Any:
    """The present step was done by an entry."""
    form = done_form(run_id)
    line = queries.line_of(run_id)
    if not queries.may_link(access.viewer(), queries.get_run(run_id), line):
        raise NotAllowed("somebody else does it")
    sent = doors.submit(form, partial(service.done_by, actor=access.viewer(), run_id=run_id))
    if sent.done:
        return doors.said("Done. What comes next is open.", url_for("plans.run", run_id=run_id))
    return _run_page(run_id, form, sent.status)
