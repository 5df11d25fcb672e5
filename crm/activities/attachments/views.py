"""Pages of what is kept with an activity: add, hand out, take away."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, url_for

from crm.activities import queries
from crm.activities.attachments import service
from crm.activities.attachments.forms import AttachmentForm
from crm.activities.views import activity_page
from crm.core import access, doors
from crm.core.routes import requires
from crm.files.download import sent

pages = Blueprint("attachments", __name__)


@pages.post("/activities/<uuid:activity_id>/attachments")
@requires("activities:create", opens="activity")
def add(activity_id: UUID) -> Any:
    """Keep a file with an activity."""
    viewer = access.viewer()
    activity = service.to_add_to(viewer, activity_id)
    form = AttachmentForm()
    form.offer(activity.handling)
    outcome = doors.submit(form, partial(service.add_attachment, actor=viewer, activity_id=activity_id))
    if not outcome.done:
        return activity_page(queries.get_activity(activity_id), form), outcome.status
    return doors.said("The file is added.", url_for("activities.show", activity_id=activity_id) + "#files")


@pages.get("/attachments/<uuid:attachment_id>")
@requires("activities:read", exports="attachment")
def download(attachment_id: UUID) -> Response:
    """The file, as a download."""
    return handed_out(attachment_id)


def handed_out(attachment_id: UUID) -> Response:
    """The bytes of an attachment; the audit writes down who took them before the first one leaves."""
    stored = service.hand_out(attachment_id)
    return sent(stored.content, name=stored.name, media_type=stored.media_type)


@pages.post("/attachments/<uuid:attachment_id>/remove")
@requires("activities:create")
def remove(attachment_id: UUID) -> Any:
    """Take an attachment away."""
    activity_id = doors.act(service.remove_attachment, actor=access.viewer(), attachment_id=attachment_id)
    return doors.said("The file is gone.", url_for("activities.show", activity_id=activity_id) + "#files")
