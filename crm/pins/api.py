"""The JSON door to the pins: the same form, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, url_for

from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.routes import requires
from crm.pins import queries, service
from crm.pins.forms import PinForm
from crm.pins.models import TimelinePin
from crm.states.queries import register

api = Blueprint("pins_api", __name__, url_prefix="/api/v1")


def _record(one: TimelinePin) -> dict[str, Any]:
    kind, _, key = one.record.partition(":")
    return {
        "id": str(one.id),
        "state_iso3": one.state_iso3,
        "kind": kind,
        "record_id": key,
        "for_party": one.for_party,
        "pinned_by": one.pinned_by,
        "pinned_at": one.pinned_at.isoformat(),
    }


@api.post("/states/<string(length=3):iso3>/pins")
@requires("states:read")
def pin(iso3: str) -> Any:
    """Keep an entry on top of the timeline of a State; 201 with the pin."""
    state = register().state(iso3.upper())
    made = doors.submit_json(PinForm, partial(service.pin, actor=access.viewer(), state_iso3=state.iso3))
    return doors.created(_record(queries.get_pin(made.id)), url_for("pins_api.show", pin_id=made.id))


@api.get("/pins/<uuid:pin_id>")
@requires("states:read")
def show(pin_id: UUID) -> Any:
    """One pin, mine or my party's."""
    return jsonify(_record(queries.get_pin(pin_id)))


@api.post("/pins/<uuid:pin_id>/remove")
@requires("states:read")
def unpin(pin_id: UUID) -> Any:
    """Take it away."""
    queries.get_pin(pin_id)
    doors.submit_json(ActionForm, partial(service.unpin, actor=access.viewer(), pin_id=pin_id))
    return jsonify({"removed": str(pin_id)})
