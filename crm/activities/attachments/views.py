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
from crm.core.access import requires
from crm.core.db import unit_of_work
from crm.files.download import sent

pages = Blueprint("attachments", __name__)


@pages.post("/activities/<uuid:activity_id>/attachments")
@requires("activities:create")
def add(activity_id: UUID) -> Any:
    """Keep a file with an activity."""
    activity = queries.get_activity(activity_id)
    form = AttachmentForm()
    form.offer(activity.handling)
    verb = partial(service.add_attachment, actor=access.viewer(), activity_id=activity_id)
    added = doors.submit(form, verb)
    if added is None:
        return activity_page(queries.get_activity(activity_id), form), 422
    return doors.said("The file is kept.", url_for("activities.show", activity_id=activity_id) + "#files")


@pages.get("/attachments/<uuid:attachment_id>")
@requires("activities:read")
def download(attachment_id: UUID) -> Response:
    """The file, as a download."""
    return handed_out(attachment_id)


def handed_out(attachment_id: UUID) -> Response:
    """The bytes of an attachment; that another party took them is on record before the first one leaves."""
    with unit_of_work():
        stored = service.hand_out(actor=access.viewer(), attachment_id=attachment_id)
        name, media_type, content = stored.name, stored.media_type, stored.content
    return sent(content, name=name, media_type=media_type)


@pages.post("/attachments/<uuid:attachment_id>/remove")
@requires("activities:create")
def remove(attachment_id: UUID) -> Any:
    """Take an attachment away."""
    activity_id = doors.act(service.remove_attachment, actor=access.viewer(), attachment_id=attachment_id)
    return doors.said("The file is gone.", url_for("activities.show", activity_id=activity_id) + "#files")
