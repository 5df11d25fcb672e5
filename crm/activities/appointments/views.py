"""The page on which people are invited to an approach that is to come."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for

from crm.accounts.queries import colleagues
from crm.activities import queries
from crm.activities.appointments import service
from crm.activities.appointments.forms import InviteForm
from crm.activities.appointments.rules import ANSWER_LABELS, Answer
from crm.activities.types import ACTIVITY_TYPES
from crm.core import access, doors
from crm.core.access import Viewer
from crm.core.routes import requires

pages = Blueprint("appointments", __name__)


def whom(viewer: Viewer) -> list[tuple[str, str]]:
    """Who may be invited with an account: those to whom an action may be given, but oneself."""
    return [one for one in colleagues(viewer) if one[0] != str(viewer.user_id)]


@pages.route("/activities/<uuid:activity_id>/invite", methods=["GET", "POST"])
@requires("activities:create", opens="activity")
def invite(activity_id: UUID) -> Any:
    """Say when and where, and invite people."""
    viewer, activity = access.viewer(), queries.own_activity(activity_id)
    appointment, form = service.appointment_of(activity_id), InviteForm()
    form.offer(whom(viewer), viewer.time_zone)
    if not form.is_submitted():
        form.fill(appointment, viewer.time_zone)
    verb = partial(service.invite, actor=viewer, activity_id=activity_id)
    sent = doors.submit(form, verb, partial(service.appointment_of, activity_id))
    if sent.done:
        return doors.said("Saved. Whoever is to know gets a mail.", _page_of(activity_id))
    page = render_template(
        "activities/appointments/invite.html",
        form=form,
        activity=activity,
        appointment=appointment,
        theirs=sent.theirs,
        kind=ACTIVITY_TYPES[activity.kind],
        answer_labels=ANSWER_LABELS,
    )
    return page, sent.status


@pages.post("/activities/<uuid:activity_id>/call-off")
@requires("activities:create", opens="activity")
def call_off(activity_id: UUID) -> Any:
    """Tell all who were invited that it does not take place."""
    doors.act(service.call_off, actor=access.viewer(), activity_id=activity_id)
    return doors.said("Called off. Whoever was invited gets a mail.", _page_of(activity_id))


@pages.post("/activities/<uuid:activity_id>/guest-answer")
@requires("activities:create", opens="activity")
def guest_answer(activity_id: UUID) -> Any:
    """What somebody invited answered by telephone or in person."""
    verb = partial(service.note_answer, actor=access.viewer(), activity_id=activity_id)
    doors.act(verb, **{name: request.form.get(name, "") for name in ("email", "answer")})
    return doors.said("Noted.", f"{_page_of(activity_id)}#appointment")


def _page_of(activity_id: UUID) -> str:
    return url_for("activities.show", activity_id=activity_id)


@pages.app_context_processor
def _on_the_page_of_an_activity() -> dict[str, Any]:
    return {"appointment_of": service.appointment_of, "answer_labels": ANSWER_LABELS, "guest_answers": list(Answer)}
