"""The JSON door to what is kept with an activity: the same form, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, url_for

from crm.activities.attachments import queries, service
from crm.activities.attachments.forms import AttachmentForm
from crm.activities.attachments.queries import AttachmentLine
from crm.activities.attachments.views import handed_out
from crm.activities.queries import get_activity
from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.routes import requires
from crm.files.fields import sent_form

api = Blueprint("attachments_api", __name__, url_prefix="/api/v1")


def _record(line: AttachmentLine) -> dict[str, Any]:
    plain = ("name", "what", "media_type", "size", "sha256", "handling", "added_by", "sample", "reading")
    return {
        "id": str(line.id),
        "activity_id": str(line.activity_id),
        **{name: getattr(line, name) for name in plain},
        "added_at": line.added_at.isoformat(),
        "content": url_for("attachments_api.content", attachment_id=line.id),
    }


@api.get("/activities/<uuid:activity_id>/attachments")
@requires("activities:read", opens="activity")
def index(activity_id: UUID) -> Any:
    """What is kept with an activity."""
    get_activity(activity_id)
    return jsonify({"items": [_record(line) for line in queries.attachments_of(activity_id, access.viewer())]})


@api.post("/activities/<uuid:activity_id>/attachments")
@requires("activities:create", opens="activity")
def add(activity_id: UUID) -> Any:
    """Keep a file: multipart with `file`, `what` and `handling`, or the bytes as the body and the rest, with
    `name`, in the address. 201 with the record.
    """
    viewer = access.viewer()
    activity = service.to_add_to(viewer, activity_id)
    form = sent_form(AttachmentForm, "file", prepare=lambda one: one.offer(activity.handling))
    added = doors.submit_sent(form, partial(service.add_attachment, actor=viewer, activity_id=activity_id))
    return doors.created(
        _record(queries.line_of(added, viewer)), url_for("attachments_api.show", attachment_id=added.id)
    )


@api.get("/attachments/<uuid:attachment_id>")
@requires("activities:read", opens="attachment")
def show(attachment_id: UUID) -> Any:
    """One attachment, without its bytes."""
    return jsonify(_record(queries.line_of(queries.get_attachment(attachment_id), access.viewer())))


@api.get("/attachments/<uuid:attachment_id>/content")
@requires("activities:read", exports="attachment")
def content(attachment_id: UUID) -> Response:
    """The bytes of one attachment."""
    return handed_out(attachment_id)


@api.post("/attachments/<uuid:attachment_id>/remove")
@requires("activities:create", opens="attachment")
def remove(attachment_id: UUID) -> Any:
    """Take an attachment away; what is left of the list."""
    verb = partial(service.remove_attachment, actor=access.viewer(), attachment_id=attachment_id)
    return index(doors.submit_json(ActionForm, verb))
