"""The JSON door to one task: the same forms, the same verbs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify

from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.forms import Form
from crm.core.routes import requires
from crm.instructions import queries, steps
from crm.instructions.api import task_as_json
from crm.instructions.forms import AppointmentForm, DeliveredForm

api = Blueprint("instruction_tasks_api", __name__, url_prefix="/api/v1")


@api.get("/instructions/tasks")
@requires("instructions:read")
def index() -> Any:
    """What the caller's mission is asked for and has not reported yet, late first."""
    found = queries.instructed_to(access.viewer(), access.today())
    return jsonify({"items": [{"name": one.name, **task_as_json(one)} for one in found]})


@api.get("/instructions/tasks/<uuid:task_id>")
@requires("instructions:read", opens="instruction_task")
def show(task_id: UUID) -> Any:
    """One task."""
    return jsonify(_whole(task_id))


def _whole(task_id: UUID) -> dict[str, Any]:
    """One task; `appointment_version` is what the address of its appointment takes as `version`."""
    line = queries.get_task(task_id, access.today())
    return {**task_as_json(line), "appointment_version": queries.appointment_of(task_id).version}


@api.post("/instructions/tasks/<uuid:task_id>/acknowledge")
@requires("activities:create", opens="instruction_task")
def acknowledge(task_id: UUID) -> Any:
    """The instruction was read as it stands now."""
    return _told(task_id, ActionForm, steps.acknowledge)


@api.post("/instructions/tasks/<uuid:task_id>/appointment")
@requires("activities:create", opens="instruction_task")
def appointment(task_id: UUID) -> Any:
    """An appointment was asked for, or its day is known."""
    return _told(task_id, AppointmentForm, steps.ask_appointment)


@api.post("/instructions/tasks/<uuid:task_id>/delivered")
@requires("activities:create", opens="instruction_task")
def delivered(task_id: UUID) -> Any:
    """It was delivered; the report goes to the activity."""
    return _told(task_id, DeliveredForm, steps.deliver)


def _told(task_id: UUID, form: type[Form], verb: Callable[..., Any]) -> Any:
    queries.get_task(task_id, access.today())
    doors.submit_json(form, partial(verb, actor=access.viewer(), task_id=task_id))
    return jsonify(_whole(task_id))


@api.post("/instructions/tasks/<uuid:task_id>/nudge")
@requires("instructions:write", opens="instruction_task")
def nudge(task_id: UUID) -> Any:
    """Ask its mission how far it is; how many people are written to."""
    queries.get_task(task_id, access.today())
    verb = partial(steps.nudge_one, actor=access.viewer(), task_id=task_id)
    return jsonify({"asked": doors.submit_json(ActionForm, verb)})
