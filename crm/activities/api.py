"""The JSON door to the activities: the same form, the same verb."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from crm.activities import queries, service, whom
from crm.activities.forms import ActivityForm, ReferenceForm
from crm.activities.listing import LISTING
from crm.activities.models import Activity
from crm.activities.nearby import Contact, contacts_with
from crm.activities.particulars import particulars
from crm.activities.writing import KEPT_UNSEEN
from crm.core import access, doors
from crm.core.access import Viewer
from crm.core.lists import page_of
from crm.core.routes import requires
from crm.reach.doers import doers
from crm.states.queries import register, states_of

api = Blueprint("activities_api", __name__, url_prefix="/api/v1")


_TOLD = ("place", "occasion", "objective", "next_action", "marks", "report_ref")
_WHERE_TOLD = ("instead_of_state", "delivered_by", "delivered_by_title")


def as_json(activity: Activity) -> dict[str, Any]:
    """An activity as JSON, as far as its attribution tells; the officer's comment only for its own party."""
    plain = (
        "kind", "status", "reply", "paper_left", "paper_accepted", "handling", "attribution", "precision", "sample",
        "version",
    )  # fmt: skip
    told, known = particulars(activity, access.viewer()), whom.known_among(activity)
    body = {name: getattr(activity, name) for name in plain}
    body |= {name: getattr(told, name) for name in _TOLD}
    body |= {
        "id": str(activity.id),
        "party": told.party or None,
        "held_on": activity.held_on.isoformat(),
        "recorded_at": activity.recorded_at.isoformat(),
        "next_action_due": told.next_action_due.isoformat() if told.next_action_due else None,
        "states": sorted(one.state_iso3 for one in activity.states),
        "details": {detail.key: answer for detail, answer in told.details},
        "steps": [{"status": one.status, "at": one.at.isoformat(), "note": one.note} for one in activity.steps],
        "people": [
            {
                "name": one.name,
                "title": one.title,
                "ministry": one.ministry,
                "level": one.level,
                "level_other": one.level_other,
                "known_as": str(known.get(one.id) or one.holder_id or "") or None,
            }
            for one in activity.people
        ],
        "obstacles": [
            {"type": one.type, "subtype": one.subtype, "other": one.other, "basis": one.basis}
            for one in queries.claims_of(activity.id)
        ],
    }
    body |= {name: text for name in _WHERE_TOLD if (text := getattr(told, name))}
    if talk_round := queries.round_of(activity):
        body["round"] = str(talk_round.id)
    if activity.comment:
        body["officer_comment"] = activity.comment.text
    return body


@api.get("/activities")
@requires("activities:read")
def index() -> Any:
    """A page of activities, newest first; `after` is the cursor that the page before gave."""
    asked = LISTING.question(LISTING.read(request.args), False)
    page = page_of(asked, cursor=request.args.get("after"))
    items = [
        {
            "id": str(line.id),
            "kind": line.kind,
            "status": line.status,
            "held_on": line.held_on.isoformat(),
            "states": line.states,
            "people": line.people,
            "summary": line.summary,
            "kept_back": line.kept_back,
            "party": line.party or None,
            "version": line.version,
            "sample": line.sample,
        }
        for line in page.items
    ]
    return jsonify({"items": items, "next": page.next_cursor})


@api.get("/activities/nearby")
@requires("activities:read")
def nearby() -> Any:
    """The last contact with the State `state`, and what others did there in the last 30 days or plan."""
    state = register().state(request.args.get("state", "").upper())
    found = contacts_with(state.iso3, access.viewer(), access.today())
    return jsonify(
        {
            "state": state.iso3,
            "last": _contact(found.last) if found.last else None,
            "others": [_contact(one) for one in found.others],
        }
    )


def _contact(one: Contact) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": one.kind,
        "status": one.status.value,
        "held_on": one.held_on.isoformat(),
        "precision": one.precision,
        "party": one.party or None,
        "mission": one.mission or None,
        "person": one.person or None,
    }


def created(recorded: UUID | None) -> Any:
    """201 with the record, or with the word that it is kept where it is not the writer's to read."""
    if recorded is None:
        return jsonify({"kept": KEPT_UNSEEN}), 201
    return doors.created(as_json(queries.get_activity(recorded)), url_for("activities_api.show", activity_id=recorded))


def key_of(verb: Callable[..., Activity], viewer: Viewer, **command: Any) -> UUID | None:
    """The key of what a verb recorded, unless its State is closed to whoever wrote it: then nothing of it is read."""
    made = verb(actor=viewer, **command)
    concerned = {command["state_iso3"], *command.get("further_states", ())}
    return None if concerned & viewer.closed else made.id


@api.post("/activities")
@requires("activities:create")
def create() -> Any:
    """Record an activity; 201 with the whole record, 422 with every error."""
    viewer = access.viewer()
    states, owners = states_of(viewer), doers(viewer)
    recorded = doors.submit_json(
        ActivityForm,
        partial(key_of, service.record_activity, viewer),
        prepare=lambda form: form.offer(states, owners),
    )
    return created(recorded)


@api.post("/activities/references")
@requires("activities:create")
def create_reference() -> Any:
    """Record only that something happened and where its report lies; 201 with the record."""
    viewer = access.viewer()
    states = states_of(viewer)
    recorded = doors.submit_json(
        ReferenceForm,
        partial(key_of, service.record_reference, viewer),
        prepare=lambda form: form.offer(states),
    )
    return created(recorded)


@api.get("/activities/<uuid:activity_id>")
@requires("activities:read", opens="activity")
def show(activity_id: UUID) -> Any:
    """One activity, whole."""
    return jsonify(as_json(queries.get_activity(activity_id)))
