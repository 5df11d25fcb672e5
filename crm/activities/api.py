"""The JSON door to the activities: the same form, the same verb."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from crm.accounts.queries import colleagues
from crm.activities import queries, service
from crm.activities.filters import ActivityFilter
from crm.activities.forms import ActivityForm, ReferenceForm
from crm.activities.models import Activity
from crm.core import access, doors
from crm.core.access import Viewer
from crm.core.routes import requires
from crm.states.queries import register, states_of

api = Blueprint("activities_api", __name__, url_prefix="/api/v1")


def _whole(activity: Activity) -> dict[str, Any]:
    """An activity as JSON, as far as its attribution tells; the officer's comment only for its own party."""
    plain = (
        "kind", "status", "reply", "paper_left", "paper_accepted", "handling", "attribution", "precision", "sample",
        "version",
    )  # fmt: skip
    told = queries.particulars(activity, access.viewer())
    body = {name: getattr(activity, name) for name in plain}
    body |= {name: getattr(told, name) for name in ("place", "occasion", "next_action", "marks", "report_ref")}
    body |= {
        "id": str(activity.id),
        "party": told.party or None,
        "held_on": activity.held_on.isoformat(),
        "recorded_at": activity.recorded_at.isoformat(),
        "next_action_due": told.next_action_due.isoformat() if told.next_action_due else None,
        "states": sorted(one.state_iso3 for one in activity.states),
        "people": [
            {"name": one.name, "title": one.title, "level": one.level, "level_other": one.level_other}
            for one in activity.people
        ],
        "obstacles": [
            {"type": one.type, "subtype": one.subtype, "other": one.other, "basis": one.basis}
            for one in queries.claims_of(activity.id)
        ],
    }
    body |= {name: text for name in ("instead_of_state", "delivered_by") if (text := getattr(told, name))}
    if activity.comment:
        body["officer_comment"] = activity.comment.text
    return body


@api.get("/activities")
@requires("activities:read")
def index() -> Any:
    """A page of activities, newest first; `after` is the cursor that the page before gave."""
    form = ActivityFilter(request.args, meta={"csrf": False})
    form.offer(register().options(access.today()))
    page = queries.page_of_activities(**form.wanted(), cursor=request.args.get("after"))
    items = [
        {
            "id": str(line.id),
            "kind": line.kind,
            "held_on": line.held_on.isoformat(),
            "states": line.states,
            "people": line.people,
            "summary": line.summary,
            "party": line.party or None,
            "sample": line.sample,
        }
        for line in page.items
    ]
    return jsonify({"items": items, "next": page.next_cursor})


def _created(recorded: UUID | None) -> Any:
    """201 with the record, or with the word that it is kept where it is not the writer's to read."""
    if recorded is None:
        return jsonify({"kept": service.KEPT_UNSEEN}), 201
    return doors.created(_whole(queries.get_activity(recorded)), url_for("activities_api.show", activity_id=recorded))


def _key_of(verb: Callable[..., Activity], viewer: Viewer, **command: Any) -> UUID | None:
    """The key of what a verb recorded, unless its State is closed to whoever wrote it: then nothing of it is read."""
    made = verb(actor=viewer, **command)
    return None if command["state_iso3"] in viewer.closed else made.id


@api.post("/activities")
@requires("activities:create")
def create() -> Any:
    """Record an activity; 201 with the whole record, 422 with every error."""
    viewer = access.viewer()
    states, owners = states_of(viewer), colleagues(viewer)
    recorded = doors.submit_json(
        ActivityForm,
        partial(_key_of, service.record_activity, viewer),
        prepare=lambda form: form.offer(states, owners),
    )
    return _created(recorded)


@api.post("/activities/references")
@requires("activities:create")
def create_reference() -> Any:
    """Record only that something happened and where its report lies; 201 with the record."""
    viewer = access.viewer()
    states = states_of(viewer)
    recorded = doors.submit_json(
        ReferenceForm,
        partial(_key_of, service.record_reference, viewer),
        prepare=lambda form: form.offer(states),
    )
    return _created(recorded)


@api.get("/activities/<uuid:activity_id>")
@requires("activities:read", opens="activity")
def show(activity_id: UUID) -> Any:
    """One activity, whole."""
    return jsonify(_whole(queries.get_activity(activity_id)))
