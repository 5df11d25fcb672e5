"""The JSON door to appointments: the same form, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify

from crm.activities import queries
from crm.activities.appointments import service
from crm.activities.appointments.forms import GuestAnswerForm, InviteForm
from crm.activities.appointments.models import Appointment
from crm.activities.appointments.views import whom
from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.errors import NotFound
from crm.core.routes import requires

api = Blueprint("appointments_api", __name__, url_prefix="/api/v1")


def _record(one: Appointment) -> dict[str, Any]:
    return {
        "activity_id": str(one.activity_id),
        "on": one.on.isoformat(),
        "at": f"{one.at:%H:%M}" if one.at else None,
        "minutes": one.minutes,
        "zone": one.zone,
        "place": one.place,
        "off": one.off,
        "version": one.version,
        "guests": [
            {
                "name": guest.name,
                "email": guest.email,
                "answer": guest.answer,
                "answered_at": guest.answered_at.isoformat() if guest.answered_at else None,
                "noted_by": guest.noted_by,
            }
            for guest in one.guests
            if not guest.left
        ],
    }


@api.get("/activities/<uuid:activity_id>/appointment")
@requires("activities:create", opens="activity")
def show(activity_id: UUID) -> Any:
    """When and where it is made, who is invited and what they answered; 404 where nobody is."""
    queries.own_activity(activity_id)
    found = service.appointment_of(activity_id)
    if found is None:
        raise NotFound("nobody was invited")
    return jsonify(_record(found))


@api.put("/activities/<uuid:activity_id>/appointment")
@requires("activities:create", opens="activity")
def invite(activity_id: UUID) -> Any:
    """Say when and where, and invite exactly these. 409 when `version` is old."""
    viewer = access.viewer()
    queries.own_activity(activity_id)
    doors.submit_json(
        InviteForm,
        partial(service.invite, actor=viewer, activity_id=activity_id),
        prepare=lambda form: form.offer(whom(viewer), viewer.time_zone),
    )
    return show(activity_id)


@api.post("/activities/<uuid:activity_id>/call-off")
@requires("activities:create", opens="activity")
def call_off(activity_id: UUID) -> Any:
    """Tell all who were invited that it does not take place."""
    doors.submit_json(ActionForm, partial(service.call_off, actor=access.viewer(), activity_id=activity_id))
    return show(activity_id)


@api.post("/activities/<uuid:activity_id>/guest-answer")
@requires("activities:create", opens="activity")
def guest_answer(activity_id: UUID) -> Any:
    """What somebody invited answered by telephone or in person."""
    queries.own_activity(activity_id)
    verb = partial(service.note_answer, actor=access.viewer(), activity_id=activity_id)
    doors.submit_json(GuestAnswerForm, verb)
    return show(activity_id)
