"""Pages of one task: the instruction as its mission reads it, and each thing that the mission tells."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup

from crm.core import access, doors
from crm.core.doors import local_path
from crm.core.forms import Form
from crm.core.routes import requires
from crm.instructions import queries, service, steps
from crm.instructions.forms import AppointmentForm, DeliveredForm
from crm.instructions.queries import TaskLine
from crm.instructions.views import asked_in_words, words
from crm.states.queries import register

pages = Blueprint("instruction_tasks", __name__)


@pages.app_template_global("instruction_behind")
def instruction_behind(activity_id: UUID) -> Markup:
    """On the page of an activity: the instruction that it fulfils."""
    if not access.viewer().may("instructions:read"):
        return Markup()
    found = queries.task_behind(activity_id)
    if found is None:
        return Markup()
    return Markup(render_template("instructions/_behind.html", task_id=found[0], title=found[1]))


@pages.get("/instructions/tasks/<uuid:task_id>")
@requires("instructions:read", opens="instruction_task")
def show(task_id: UUID) -> Any:
    """One task, with all that its instruction says."""
    return _page(queries.get_task(task_id, access.today()))


def _page(line: TaskLine) -> str:
    viewer, instruction = access.viewer(), queries.get_instruction(line.instruction_id)
    return render_template(
        "instructions/task.html",
        line=line,
        instruction=instruction,
        changes=queries.changes_of(instruction.id, line.seen_version) if line.seen_version else [],
        acts=steps.may_tell(viewer, line.mission_id),
        may_ask=viewer.may(service.WRITE) and instruction.withdrawn_at is None,
        **words(instruction),
    )


@pages.post("/instructions/tasks/<uuid:task_id>/acknowledge")
@requires("activities:create")
def acknowledge(task_id: UUID) -> Any:
    """The instruction was read."""
    queries.get_task(task_id, access.today())
    doors.act(steps.acknowledge, actor=access.viewer(), task_id=task_id)
    return doors.said("Acknowledged. It is yours to deliver.", local_path(request.form.get("back", "")))


@pages.route("/instructions/tasks/<uuid:task_id>/appointment", methods=["GET", "POST"])
@requires("activities:create", opens="instruction_task")
def appointment(task_id: UUID) -> Any:
    """An appointment was asked for, or its day is known."""
    line, form = queries.get_task(task_id, access.today()), AppointmentForm()
    if not form.is_submitted():
        form.show(queries.appointment_of(task_id))
    reread = partial(queries.appointment_of, task_id)
    return _told(form, line, steps.ask_appointment, "appointment", "Noted: the appointment.", reread)


@pages.route("/instructions/tasks/<uuid:task_id>/delivered", methods=["GET", "POST"])
@requires("activities:create", opens="instruction_task")
def delivered(task_id: UUID) -> Any:
    """It was delivered; the report follows."""
    line, form = queries.get_task(task_id, access.today()), DeliveredForm()
    return _told(form, line, steps.deliver, "delivered", "Noted: delivered. The report follows.")


def _told(
    form: Form,
    line: TaskLine,
    verb: Callable[..., Any],
    template: str,
    message: str,
    reread: Callable[[], Any] | None = None,
) -> Any:
    outcome = doors.submit(form, partial(verb, actor=access.viewer(), task_id=line.id), reread)
    if outcome.done:
        return doors.said(message, url_for("instruction_tasks.show", task_id=line.id))
    page = render_template(
        f"instructions/{template}.html", form=form, line=line, theirs=outcome.theirs, name=register().name_today
    )
    return page, outcome.status


@pages.post("/instructions/tasks/<uuid:task_id>/nudge")
@requires("instructions:write")
def nudge(task_id: UUID) -> Any:
    """Ask this mission how far it is."""
    line = queries.get_task(task_id, access.today())
    told = doors.act(steps.nudge_one, actor=access.viewer(), task_id=task_id)
    place = url_for("instructions.show", instruction_id=line.instruction_id)
    return doors.said(asked_in_words(told), local_path(request.form.get("back", "") or place))
