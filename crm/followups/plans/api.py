"""The JSON door to the plans: the same forms, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.errors import NotAllowed
from crm.core.lists import page_of
from crm.core.routes import requires
from crm.followups.plans import queries, service
from crm.followups.plans.choosing import chosen
from crm.followups.plans.forms import DoneByForm, PlanForm, StartForm, SteerForm
from crm.followups.plans.listing import LISTING
from crm.followups.plans.models import Plan
from crm.followups.plans.queries import Line
from crm.followups.plans.rules import Stands
from crm.followups.plans.views import done_form

api = Blueprint("plans_api", __name__, url_prefix="/api/v1")


def _key(key: UUID | None) -> str | None:
    return str(key) if key else None


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "id": str(plan.id),
        "name": plan.name,
        "description": plan.description,
        "version": plan.version,
        "kept_by": plan.kept_by,
        "ended": plan.ended_at is not None,
        "sample": plan.sample,
    }


def _whole(plan: Plan) -> dict[str, Any]:
    texts = ("what", "kind", "level", "after", "unit", "who")
    steps = [
        {**{name: getattr(one, name) for name in texts}, "person_id": _key(one.person_id)}
        for one in queries.steps(plan)
    ]
    return {**_plan(plan), "steps": steps}


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": str(line.id),
        "plan_id": str(line.plan_id),
        "plan": line.plan,
        "state_iso3": line.state_iso3,
        "stands": line.stands.value,
        "why": line.why.value,
        "step": line.step,
        "steps": line.steps,
        "what": line.what,
        "due_on": line.due_on.isoformat(),
        "days_left": line.days_left,
        "began_on": line.began_on.isoformat(),
        "ended_on": line.ended_on.isoformat() if line.ended_on else None,
        "run_by": line.run_by,
        "owner": line.owner,
        "follow_up_id": _key(line.followup_id),
        "version": line.version,
        "sample": line.sample,
    }


@api.get("/plans")
@requires("followups:read")
def index() -> Any:
    """The plans of one's party."""
    return jsonify({"items": [_plan(one) for one in queries.plans()]})


@api.post("/plans")
@requires("followups:take_over")
def keep() -> Any:
    """Keep a plan; 201 with it and its steps."""
    people = queries.own_people(access.viewer())
    made = doors.submit_json(
        PlanForm, partial(service.keep, actor=access.viewer()), prepare=lambda form: form.offer(people)
    )
    return doors.created(_whole(made), url_for("plans_api.show", plan_id=made.id))


@api.get("/plans/<uuid:plan_id>")
@requires("followups:read", opens="plan")
def show(plan_id: UUID) -> Any:
    """One plan with its steps."""
    return jsonify(_whole(queries.get_plan(plan_id)))


@api.put("/plans/<uuid:plan_id>")
@requires("followups:take_over", opens="plan")
def edit(plan_id: UUID) -> Any:
    """Change a plan; where it runs already its steps stay."""
    queries.get_plan(plan_id)
    people = queries.own_people(access.viewer())
    verb = partial(service.keep, actor=access.viewer(), plan_id=plan_id)
    return jsonify(_whole(doors.submit_json(PlanForm, verb, prepare=lambda form: form.offer(people))))


@api.post("/plans/<uuid:plan_id>/end")
@requires("followups:take_over", opens="plan")
def retire(plan_id: UUID) -> Any:
    """It begins nowhere any more."""
    queries.get_plan(plan_id)
    doors.submit_json(ActionForm, partial(service.retire, actor=access.viewer(), plan_id=plan_id))
    return jsonify(_whole(queries.get_plan(plan_id)))


@api.get("/plans/<uuid:plan_id>/start")
@requires("followups:write", opens="plan")
def preview(plan_id: UUID) -> Any:
    """What would begin with the States of the address (`state`, several times, or `list`, a query of the States)."""
    found = queries.preview(queries.get_plan(plan_id), chosen(request.args, strict=True), access.viewer())
    items = [
        {
            "state_iso3": one.state_iso3,
            "first_on": one.first_on.isoformat(),
            "left_out": one.left_out.value if one.left_out else None,
            "last_contact": one.last_contact.isoformat() if one.last_contact else None,
        }
        for one in found
    ]
    return jsonify({"items": items})


@api.post("/plans/<uuid:plan_id>/start")
@requires("followups:write", opens="plan")
def start(plan_id: UUID) -> Any:
    """Begin with these States in one go; 201 with what takes the lot back, and where it began."""
    queries.get_plan(plan_id)
    begun = doors.submit_json(
        StartForm, partial(service.start, actor=access.viewer(), plan_id=plan_id), prepare=StartForm.offer
    )
    lines = [one for one in queries.lines_in(plan_id=plan_id) if one.start_id == begun.id]
    return jsonify({"start_id": str(begun.id), "items": [_line(one) for one in lines]}), 201


@api.post("/plans/starts/<uuid:start_id>/undo")
@requires("followups:write", opens="plan_start")
def undo(start_id: UUID) -> Any:
    """Take a beginning back, where nothing was done yet."""
    number = doors.submit_json(ActionForm, partial(service.undo_start, actor=access.viewer(), start_id=start_id))
    return jsonify({"states": number})


@api.get("/plans/states")
@requires("followups:read")
def states() -> Any:
    """Where States stand in plans, as the list is filtered; `after` is the cursor that the page before gave."""
    asked = LISTING.question(LISTING.read(request.args), False)
    page = page_of(asked, cursor=request.args.get("after"))
    return jsonify({"items": [_line(one) for one in page.items], "next": page.next_cursor})


@api.get("/plans/states/<uuid:run_id>")
@requires("followups:read", opens="plan_run")
def run(run_id: UUID) -> Any:
    """One State in a plan, with the reply that stopped it where that is in sight."""
    return jsonify(_run(run_id))


def _run(run_id: UUID) -> dict[str, Any]:
    line = queries.line_of(run_id)
    reply = queries.reply_that_stopped(run_id) if line.stands is Stands.WAITING else None
    return {**_line(line), "reply_id": _key(reply.id if reply else None)}


def _steer(verb: Any, run_id: UUID) -> Any:
    queries.get_run(run_id)
    doors.submit_json(SteerForm, partial(verb, actor=access.viewer(), run_id=run_id))
    return jsonify(_run(run_id))


@api.post("/plans/states/<uuid:run_id>/pause")
@requires("followups:write", opens="plan_run")
def pause(run_id: UUID) -> Any:
    """Stand still."""
    return _steer(service.pause, run_id)


@api.post("/plans/states/<uuid:run_id>/go-on")
@requires("followups:write", opens="plan_run")
def go_on(run_id: UUID) -> Any:
    """Go on with what was left of the delay."""
    return _steer(service.go_on, run_id)


@api.post("/plans/states/<uuid:run_id>/end")
@requires("followups:write", opens="plan_run")
def end(run_id: UUID) -> Any:
    """Over in this State."""
    return _steer(service.end_here, run_id)


@api.post("/plans/states/<uuid:run_id>/done-by")
@requires("followups:write", opens="plan_run")
def done_by(run_id: UUID) -> Any:
    """The present step was done by an entry."""
    found = queries.get_run(run_id)
    if not queries.may_link(access.viewer(), found, queries.line_of(run_id)):
        raise NotAllowed("somebody else does it")
    entries = done_form(run_id).activity_id.choices
    doors.submit_json(
        DoneByForm,
        partial(service.done_by, actor=access.viewer(), run_id=run_id),
        prepare=lambda form: form.offer([(value, label) for value, label, *_ in entries if value]),
    )
    return jsonify(_run(run_id))
