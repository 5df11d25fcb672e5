"""The JSON door to the cadences: the same form, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request

from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, clock, doors
from crm.core.routes import requires
from crm.followups.cadence import queries, service
from crm.followups.cadence.forms import CadenceForm, EndForm, as_key
from crm.followups.cadence.listing import LISTING
from crm.followups.cadence.models import Cadence
from crm.followups.cadence.rules import Silence

api = Blueprint("cadence_api", __name__, url_prefix="/api/v1")


def _record(one: Cadence) -> dict[str, Any]:
    return {"id": str(one.id), "about": as_key(one.scope, one.subject), "days": one.days, "kept_by": one.kept_by}


def _silence(one: Silence) -> dict[str, Any]:
    since = one.since.isoformat() if one.since else None
    return {"state_iso3": one.state_iso3, "since": since, "days": one.days, "of": one.most, "over": one.over}


@api.get("/cadences")
@requires("followups:read")
def index() -> Any:
    """The cadences of my party, and the silence of each State for which one holds."""
    viewer = access.viewer()
    form: Any = LISTING.read(request.args)
    found = queries.silences(viewer, clock.today(viewer.time_zone))
    found = [one for one in found if form.shows(one)] if request.args else found
    usual = queries.usual(viewer.party_id)
    return jsonify(
        {
            "items": [_record(one) for one in queries.cadences()],
            "usual_days": usual[0].days if usual else None,
            "silences": [_silence(one) for one in found],
        }
    )


@api.post("/cadences")
@requires("followups:take_over")
def keep() -> Any:
    """Keep a cadence, or change the one for the same States: the record, or that it is kept unseen."""
    made = doors.submit_json(CadenceForm, partial(service.keep, actor=access.viewer()), prepare=CadenceForm.offer)
    found = next((one for one in queries.cadences() if one.id == made), None)
    return jsonify(_record(found) if found else {"kept": KEPT_UNSEEN})


@api.post("/cadences/<uuid:cadence_id>/end")
@requires("followups:take_over")
def end(cadence_id: UUID) -> Any:
    """No longer; what it raised stays."""
    doors.submit_json(EndForm, partial(service.end, actor=access.viewer(), cadence_id=cadence_id))
    return "", 204
