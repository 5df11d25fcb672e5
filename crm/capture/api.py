"""The JSON door to the waiting room: the same forms, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for

from crm.activities.api import created, key_of
from crm.activities.forms import ActivityForm, PlanForm
from crm.capture import addresses, queries, service
from crm.capture.forms import KeepWithForm, proposed_day
from crm.capture.models import WaitingMail
from crm.capture.views import PERMISSION, handed_out
from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.routes import requires
from crm.reach.doers import doers
from crm.states.queries import states_of

api = Blueprint("capture_api", __name__, url_prefix="/api/v1")


def _line(one: Any) -> dict[str, Any]:
    plain = ("sender", "sender_name", "proven", "automatic", "subject", "sample")
    return {
        "id": str(one.id),
        **{name: getattr(one, name) for name in plain},
        "received_at": one.received_at.isoformat(),
        "sent_at": one.sent_at.isoformat() if one.sent_at else None,
        "states": one.states.split(),
        "invitation": one.invitation or None,
    }


def _proposed(mail: WaitingMail) -> dict[str, Any]:
    day = proposed_day(mail, access.viewer())
    return {**(mail.proposed or {}), **({"held_on": day.isoformat()} if day else {})}


def _record(mail: WaitingMail) -> dict[str, Any]:
    files = [
        {
            "id": str(one.id),
            "name": one.name,
            "media_type": one.media_type,
            "size": one.size,
            "sha256": one.sha256,
            "content": url_for("capture_api.content", part_id=one.id),
        }
        for one in queries.files_of(mail.id)
    ]
    return {
        **_line(mail),
        "phase": mail.phase,
        "text": mail.text,
        "proposed": _proposed(mail),
        "files": files,
        "left_out": [{"name": name, "reason": reason} for name, reason in mail.left_out],
        "activity_id": str(mail.activity_id) if mail.activity_id else None,
    }


@api.get("/waiting-room")
@requires(PERMISSION)
def index() -> Any:
    """Mails that wait, newest first; `after` is the cursor that the page before gave."""
    page = queries.waiting_mails(request.args.get("after"))
    return jsonify({"items": [{**_line(one), "files": one.files} for one in page.items], "next": page.next_cursor})


@api.get("/waiting-room/address")
@requires(PERMISSION)
def address() -> Any:
    """The address to which mail for the viewer's party is forwarded; null while it has none."""
    found = addresses.address_of(access.viewer())
    return jsonify({"address": found.text if found else None, "made_at": found.made_at.isoformat() if found else None})


@api.post("/waiting-room/address")
@requires(PERMISSION)
def new_address() -> Any:
    """Another address in its place."""
    doors.submit_json(ActionForm, partial(_made, access.viewer()))
    return address()


def _made(viewer: Any) -> None:
    addresses.make(actor=viewer)


@api.get("/waiting-room/<uuid:waiting_id>")
@requires(PERMISSION)
def show(waiting_id: UUID) -> Any:
    """One mail, without the bytes of its files."""
    return jsonify(_record(queries.get_waiting(waiting_id)))


@api.post("/waiting-room/<uuid:waiting_id>/entry")
@requires(PERMISSION)
def entry(waiting_id: UUID) -> Any:
    """Make an entry of a mail: the fields of an activity, nothing filled in beforehand; 201 with the record."""
    viewer = access.viewer()
    queries.get_waiting(waiting_id)
    states, owners = states_of(viewer), doers(viewer)
    verb = partial(key_of, partial(service.make_entry, waiting_id=waiting_id), viewer)
    return created(doors.submit_json(ActivityForm, verb, prepare=lambda form: form.offer(states, owners)))


@api.post("/waiting-room/<uuid:waiting_id>/plan")
@requires(PERMISSION)
def plan(waiting_id: UUID) -> Any:
    """Make a plan of a mail in the same way."""
    viewer = access.viewer()
    queries.get_waiting(waiting_id)
    states = states_of(viewer)
    verb = partial(key_of, partial(service.make_plan, waiting_id=waiting_id), viewer)
    return created(doors.submit_json(PlanForm, verb, prepare=lambda form: form.offer(states)))


@api.post("/waiting-room/<uuid:waiting_id>/keep-with")
@requires(PERMISSION)
def keep_with(waiting_id: UUID) -> Any:
    """Keep a mail with an entry that is there; what became of the mail."""
    viewer = access.viewer()
    entries = queries.entries_to_add_to(viewer, queries.get_waiting(waiting_id))
    verb = partial(service.add_to_entry, actor=viewer, waiting_id=waiting_id)
    doors.submit_json(KeepWithForm, verb, prepare=lambda form: form.offer(entries))
    return show(waiting_id)


@api.post("/waiting-room/<uuid:waiting_id>/throw-away")
@requires(PERMISSION)
def throw_away(waiting_id: UUID) -> Any:
    """Throw a mail away."""
    doors.submit_json(ActionForm, partial(service.throw_away, actor=access.viewer(), waiting_id=waiting_id))
    return show(waiting_id)


@api.post("/waiting-room/<uuid:waiting_id>/take-back")
@requires(PERMISSION)
def take_back(waiting_id: UUID) -> Any:
    """Let a mail wait again."""
    doors.submit_json(ActionForm, partial(service.take_back, actor=access.viewer(), waiting_id=waiting_id))
    return show(waiting_id)


@api.get("/waiting-room/files/<uuid:part_id>")
@requires(PERMISSION, exports="waiting_file")
def content(part_id: UUID) -> Response:
    """The bytes of one file."""
    return handed_out(part_id)
