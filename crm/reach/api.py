"""The JSON door to missions, restricted States and emergencies: the same forms, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, url_for

from crm.accounts.models import Mission
from crm.core import access, doors
from crm.core.db import unit_of_work
from crm.core.routes import fresh, requires
from crm.reach import queries
from crm.reach.forms import (
    AccreditationForm,
    CorrectionForm,
    EmergencyForm,
    MissionForm,
    PostingForm,
    ReaderForm,
    RestrictForm,
)
from crm.reach.service import emergency, restricted
from crm.reach.service import missions as service
from crm.states.queries import register

api = Blueprint("reach_api", __name__, url_prefix="/api/v1")


def _states() -> list[tuple[str, str]]:
    return register().options(access.today())


def _mission(one: Mission) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "name": one.name,
        "party_id": str(one.party_id),
        "every_state": one.every_state,
        "closed_on": one.closed_on.isoformat() if one.closed_on else None,
        "accreditations": [
            {
                "id": str(term.id),
                "state_iso3": term.state_iso3,
                "kind": term.kind,
                "from_on": term.from_on.isoformat(),
                "until_on": term.until_on.isoformat() if term.until_on else None,
                "version": term.version,
            }
            for term in one.accreditations
        ],
    }


@api.get("/missions")
@requires("missions:read")
def missions() -> Any:
    """Every mission with the States of today."""
    items = [
        {
            "id": str(line.id),
            "name": line.name,
            "party": line.party,
            "every_state": line.every_state,
            "states": [{"state_iso3": iso3, "kind": kind} for iso3, kind in line.states],
            "closed_on": line.closed_on.isoformat() if line.closed_on else None,
        }
        for line in queries.missions(access.viewer())
    ]
    return jsonify({"items": items})


@api.post("/missions")
@fresh
@requires("missions:write")
def open_mission() -> Any:
    """Open a mission; 201 with it."""
    viewer = access.viewer()
    offered = queries.parties(viewer)
    opened = doors.submit_json(
        MissionForm, partial(service.open_mission, actor=viewer), prepare=lambda form: form.offer(offered)
    )
    return doors.created(_mission(queries.get_mission(opened.id)), url_for("reach_api.mission", mission_id=opened.id))


@api.get("/missions/<uuid:mission_id>")
@requires("missions:read")
def mission(mission_id: UUID) -> Any:
    """One mission with every accreditation it has or had."""
    return jsonify(_mission(queries.get_mission(mission_id)))


@api.post("/missions/<uuid:mission_id>/accreditations")
@fresh
@requires("missions:write")
def accredit(mission_id: UUID) -> Any:
    """Accredit it to one more State."""
    viewer = access.viewer()
    queries.mission_to_change(viewer, mission_id)
    states = _states()
    doors.submit_json(
        AccreditationForm,
        partial(service.accredit, actor=viewer, mission_id=mission_id),
        prepare=lambda form: form.offer(states),
    )
    return jsonify(_mission(queries.get_mission(mission_id))), 201


@api.put("/missions/<uuid:mission_id>/accreditations/<uuid:accreditation_id>")
@fresh
@requires("missions:write")
def correct_accreditation(mission_id: UUID, accreditation_id: UUID) -> Any:
    """Set right its kind and its term; what is left out stays."""
    viewer = access.viewer()
    term = queries.get_accreditation(queries.mission_to_change(viewer, mission_id), accreditation_id)
    verb = partial(
        service.correct_accreditation, actor=viewer, mission_id=mission_id, accreditation_id=accreditation_id
    )
    doors.submit_json(CorrectionForm, verb, obj=term)
    return jsonify(_mission(queries.get_mission(mission_id)))


@api.delete("/missions/<uuid:mission_id>/accreditations/<uuid:accreditation_id>")
@requires("missions:write")
def end_accreditation(mission_id: UUID, accreditation_id: UUID) -> Any:
    """Over from today on; one that has not begun is taken back."""
    with unit_of_work():
        service.end_accreditation(actor=access.viewer(), mission_id=mission_id, accreditation_id=accreditation_id)
    return jsonify(_mission(queries.get_mission(mission_id)))


@api.post("/missions/<uuid:mission_id>/people")
@fresh
@requires("missions:write")
def post_to(mission_id: UUID) -> Any:
    """Post somebody of its party there."""
    viewer = access.viewer()
    offered = queries.people_of(viewer, queries.mission_to_change(viewer, mission_id))[1]
    doors.submit_json(
        PostingForm,
        partial(service.post_to, actor=viewer, mission_id=mission_id),
        prepare=lambda form: form.offer(offered),
    )
    return "", 204


@api.delete("/missions/<uuid:mission_id>/people/<uuid:user_id>")
@requires("missions:write")
def leave(mission_id: UUID, user_id: UUID) -> Any:
    """Somebody is posted there no more."""
    with unit_of_work():
        service.leave(actor=access.viewer(), user_id=user_id, mission_id=mission_id)
    return "", 204


@api.delete("/missions/<uuid:mission_id>")
@requires("missions:write")
def close(mission_id: UUID) -> Any:
    """Close it; what was recorded stays."""
    with unit_of_work():
        service.close_mission(actor=access.viewer(), mission_id=mission_id)
    return jsonify(_mission(queries.get_mission(mission_id)))


@api.get("/restricted")
@requires("own:read")
def list_restricted() -> Any:
    """The restricted States and who is named for each; for those who do not keep them, the ones of their own."""
    items = [
        {
            "state_iso3": one.state_iso3,
            "by": one.by,
            "mine": one.mine,
            "readers": [{"user_id": str(key), "name": name} for key, name in one.readers],
        }
        for one in queries.restrictions(access.viewer())
    ]
    return jsonify({"items": items})


@api.post("/restricted")
@fresh
@requires("restricted:write")
def restrict() -> Any:
    """Restrict a State; the caller is the first named."""
    states = _states()
    doors.submit_json(
        RestrictForm, partial(restricted.restrict, actor=access.viewer()), prepare=lambda form: form.offer(states)
    )
    return list_restricted(), 201


@api.delete("/restricted/<iso3>")
@fresh
@requires("restricted:write")
def release(iso3: str) -> Any:
    """Lift a restriction."""
    with unit_of_work():
        restricted.release(actor=access.viewer(), state_iso3=iso3.upper())
    return "", 204


@api.post("/restricted/<iso3>/people")
@fresh
@requires("restricted:write")
def name_reader(iso3: str) -> Any:
    """Name somebody for a restricted State."""
    restricted.check_named(actor=access.viewer(), state_iso3=iso3.upper())
    people = queries.everybody()
    doors.submit_json(
        ReaderForm,
        partial(restricted.name_reader, actor=access.viewer(), state_iso3=iso3.upper()),
        prepare=lambda form: form.offer(people),
    )
    return list_restricted(), 201


@api.delete("/restricted/<iso3>/people/<uuid:user_id>")
@requires("restricted:write")
def strike_reader(iso3: str, user_id: UUID) -> Any:
    """Somebody is named no more."""
    with unit_of_work():
        restricted.strike_reader(actor=access.viewer(), state_iso3=iso3.upper(), user_id=user_id)
    return "", 204


@api.get("/emergencies")
@requires("own:read")
def emergencies() -> Any:
    """What was opened in an emergency, as far as the caller may know."""
    items = [
        {
            "id": str(one.id),
            "state_iso3": one.state_iso3,
            "reason": one.reason,
            "person": one.person,
            "party": one.party,
            "begun_at": one.begun_at.isoformat(),
            "until": one.until.isoformat(),
            "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        }
        for one in queries.emergencies(access.viewer())
    ]
    return jsonify({"items": items})


@api.post("/emergencies")
@fresh
@requires("emergencies:open")
def begin_emergency() -> Any:
    """Open what other parties keep about a State, for a reason and a short time."""
    viewer = access.viewer()
    states = _states()
    begun = doors.submit_json(
        EmergencyForm, partial(emergency.begin, actor=viewer), prepare=lambda form: form.offer(states)
    )
    return jsonify({"id": str(begun.id), "until": begun.until.isoformat()}), 201


@api.delete("/emergencies/<uuid:emergency_id>")
@requires("own:read")
def end_emergency(emergency_id: UUID) -> Any:
    """Over before its time."""
    with unit_of_work():
        emergency.end(actor=access.viewer(), emergency_id=emergency_id)
    return "", 204
