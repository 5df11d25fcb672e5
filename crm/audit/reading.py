"""Reading and taking out, written down at the edge: a route says what it opens or exports, the rest is done here.

The answer is ready when the entry is written and is not sent before: what cannot be written down is not shown.
"""

from __future__ import annotations

import hashlib
import mimetypes

from flask import Flask, Response, request

from crm.audit import service, subjects
from crm.core import access
from crm.core.access import Handling, Viewer
from crm.core.db import unit_of_work
from crm.core.routes import Access, access_of


def register(app: Flask) -> None:
    """Hang the watch onto an application."""

    @app.after_request
    def watch(response: Response) -> Response:
        declared = access_of(app, request.endpoint) if request.endpoint else None
        if declared and request.method != "HEAD":
            if declared.exports and response.status_code == 200:
                _exported(declared, response)
            elif declared.opens and _shows(response):
                _opened(access.viewer())
        return response


def _shows(response: Response) -> bool:
    """Whether an answer holds the record: a page does so, too, when it gives a form back with its errors."""
    return response.status_code in (200, 201) or (response.status_code == 422 and response.mimetype == "text/html")


def _opened(viewer: Viewer) -> None:
    named = subjects.named_by(request.view_args)
    if named is None:
        raise RuntimeError(f"{request.endpoint} opens a record that its address does not name")
    subject, key = named
    found = subjects.standing(subject, key, viewer)
    if found is None or found.handling is None:
        return
    if service.is_sensitive(viewer, found.originator_id, found.handling):
        with unit_of_work():
            service.note_read(
                actor=viewer, subject=(subject.kind, key), originator_id=found.originator_id, handling=found.handling
            )


def _exported(declared: Access, response: Response) -> None:
    viewer, named = access.viewer(), subjects.named_by(request.view_args)
    response.direct_passthrough = False
    found = subjects.standing(*named, viewer) if named else None
    with unit_of_work():
        service.note_export(
            actor=viewer,
            subject=(named[0].kind, named[1]) if named else (declared.exports, declared.exports),
            file_format=(mimetypes.guess_extension(response.mimetype or "") or ".bin").lstrip("."),
            sha256=hashlib.sha256(response.get_data()).hexdigest(),
            originator_id=found.originator_id if found else None,
            handling=(found.handling if found else None) or Handling.ORIGINATOR,
        )
