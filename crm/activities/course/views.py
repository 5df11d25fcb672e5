"""Pages on which an approach is planned, goes on, is reported on and set right."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, url_for

from crm.activities import queries
from crm.activities.course import service
from crm.activities.course.forms import CorrectPlanForm, CorrectReportForm, ReportForm, StepForm
from crm.activities.forms import PlanForm
from crm.activities.models import Activity
from crm.activities.rules import REPORTS, STATUS_LABELS, Status
from crm.activities.types import ACTIVITY_TYPES
from crm.activities.views import (
    asks_fields,
    goes_unseen,
    kept_unseen,
    near,
    out_of_reach,
    proposed,
    shown_in_full,
    words_of_kinds,
)
from crm.core import access, doors
from crm.core.access import Viewer
from crm.core.routes import keeps_draft, requires
from crm.reach.doers import doers
from crm.states.queries import states_of

pages = Blueprint("course", __name__)


@pages.route("/activities/plan", methods=["GET", "POST"])
@keeps_draft("plan")
@requires("activities:create")
def plan() -> Any:
    """Write down an approach that is to come."""
    viewer = access.viewer()
    form = PlanForm(**proposed())
    _offer(form, viewer)
    sent = doors.submit(form, partial(service.plan_activity, actor=viewer)) if not asks_fields() else doors.Outcome()
    if sent.done and goes_unseen(form, viewer):
        return kept_unseen()
    if sent.done:
        return doors.said("Planned. It stands on the page of the State.", _page_of(sent.answer.id))
    page = render_template(
        "activities/course/plan.html",
        form=form,
        out_of_reach=out_of_reach(viewer),
        **_words(form),
        **near(form.state_iso3.data),
    )
    return page, sent.status


@pages.route("/activities/<uuid:activity_id>/report", methods=["GET", "POST"])
@keeps_draft("report")
@requires("activities:create", opens="activity")
def report(activity_id: UUID) -> Any:
    """Tell what became of an approach that was planned."""
    viewer, activity = access.viewer(), queries.own_activity(activity_id)
    form = ReportForm()
    _offer(form, viewer)
    return _changed(form, activity, partial(service.report_activity, actor=viewer), "activities/course/report.html")


@pages.route("/activities/<uuid:activity_id>/correct", methods=["GET", "POST"])
@keeps_draft("correction")
@requires("activities:create", opens="activity")
def correct(activity_id: UUID) -> Any:
    """Set right what was written down."""
    viewer, activity = access.viewer(), queries.own_activity(activity_id)
    form = CorrectReportForm() if Status(activity.status) in REPORTS else CorrectPlanForm()
    _offer(form, viewer)
    return _changed(form, activity, partial(service.correct_activity, actor=viewer), "activities/course/correct.html")


@pages.route("/activities/<uuid:activity_id>/step", methods=["GET", "POST"])
@keeps_draft("step")
@requires("activities:create", opens="activity")
def step(activity_id: UUID) -> Any:
    """Let an approach go on, or cancel it."""
    viewer, activity = access.viewer(), queries.own_activity(activity_id)
    form = StepForm()
    form.offer(Status(activity.status), instructed=ACTIVITY_TYPES[activity.kind].instructed)
    verb = partial(service.take_step, actor=viewer, activity_id=activity_id)
    sent = doors.submit(form, verb, lambda: queries.own_activity(activity_id))
    if sent.done:
        return doors.said(f"{STATUS_LABELS[Status(sent.answer.status)]}.", _page_of(activity_id))
    if not form.is_submitted() and not form.begun:
        form.accept("version", activity.version)
    page = render_template(
        "activities/course/step.html",
        form=form,
        activity=activity,
        theirs=sent.theirs,
        kind=ACTIVITY_TYPES[activity.kind],
        status_labels=STATUS_LABELS,
    )
    return page, sent.status


def _changed(form: PlanForm, activity: Activity, verb: Any, template: str) -> Any:
    """A form about an activity that is there: filled in, sent, or shown beside what somebody else saved."""
    if not form.is_submitted() and not form.begun:
        form.show(activity)
    sent = doors.Outcome()
    if not asks_fields():
        sent = doors.submit(form, partial(verb, activity_id=activity.id), lambda: queries.own_activity(activity.id))
    if sent.done and goes_unseen(form, access.viewer()):
        return kept_unseen()
    if sent.done:
        return doors.said("Saved.", _page_of(activity.id))
    page = render_template(
        template, form=form, activity=activity, theirs=sent.theirs, status_labels=STATUS_LABELS, **_words(form)
    )
    return page, sent.status


def _offer(form: PlanForm, viewer: Viewer) -> None:
    form.offer(states_of(viewer), doers(viewer), queries.recent_states(viewer))


def _words(form: PlanForm) -> dict[str, Any]:
    return {"kind": form.chosen, "kind_words": words_of_kinds(form), "advanced": shown_in_full(form)}


def _page_of(activity_id: UUID) -> str:
    return url_for("activities.show", activity_id=activity_id)
