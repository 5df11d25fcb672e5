"""The JSON door to how an approach goes on: the same forms, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify

from crm.activities import queries
from crm.activities.api import as_json, created, key_of
from crm.activities.course import service
from crm.activities.course.forms import CorrectPlanForm, CorrectReportForm, ReportForm, StepForm
from crm.activities.forms import PlanForm
from crm.activities.rules import REPORTS, Status
from crm.activities.types import ACTIVITY_TYPES
from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, doors
from crm.core.routes import requires
from crm.reach.doers import doers
from crm.states.queries import states_of

api = Blueprint("course_api", __name__, url_prefix="/api/v1")


@api.post("/activities/plans")
@requires("activities:create")
def plan() -> Any:
    """Plan an approach; 201 with the record."""
    verb = partial(key_of, service.plan_activity, access.viewer())
    return created(doors.submit_json(PlanForm, verb, prepare=_offer))


@api.post("/activities/<uuid:activity_id>/report")
@requires("activities:create", opens="activity")
def report(activity_id: UUID) -> Any:
    """Tell what became of an approach that was planned. 409 when `version` is old. Who may see it is as planned where
    that is left out, and may be narrower.
    """
    planned = queries.own_activity(activity_id)
    as_planned = {"handling": planned.handling, "attribution": planned.attribution}
    return _changed(activity_id, ReportForm, service.report_activity, **as_planned)


@api.put("/activities/<uuid:activity_id>")
@requires("activities:create", opens="activity")
def correct(activity_id: UUID) -> Any:
    """Set a record as it should be; what is left out becomes empty. 409 when `version` is old."""
    activity = queries.own_activity(activity_id)
    form = CorrectReportForm if Status(activity.status) in REPORTS else CorrectPlanForm
    return _changed(activity_id, form, service.correct_activity)


@api.post("/activities/<uuid:activity_id>/step")
@requires("activities:create", opens="activity")
def step(activity_id: UUID) -> Any:
    """Let an approach go on to `status`. 409 when `version` is old."""
    activity = queries.own_activity(activity_id)
    instructed = ACTIVITY_TYPES[activity.kind].instructed
    doors.submit_json(
        StepForm,
        partial(service.take_step, actor=access.viewer(), activity_id=activity_id),
        prepare=lambda form: form.offer(Status(activity.status), instructed=instructed),
    )
    return jsonify(as_json(queries.get_activity(activity_id)))


def _changed(activity_id: UUID, form: type[PlanForm], verb: Any, **left_out: str) -> Any:
    queries.own_activity(activity_id)
    changing = partial(key_of, partial(verb, activity_id=activity_id), access.viewer())
    if doors.submit_json(form, changing, prepare=_offer, **left_out) is None:
        return jsonify({"kept": KEPT_UNSEEN})
    return jsonify(as_json(queries.get_activity(activity_id)))


def _offer(form: PlanForm) -> None:
    viewer = access.viewer()
    form.offer(states_of(viewer), doers(viewer))
