"""Reading and taking out, written down at the edge: a route says what it opens or exports, the rest is done here.

The answer is ready when the entry is written and is not sent before: what cannot be written down is not shown.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Flask, Response, g, has_request_context, request
from sqlalchemy import Select

from crm.audit import service, subjects
from crm.audit.subjects import Standing
from crm.core import access
from crm.core.access import Handling, Viewer
from crm.core.db import db, unit_of_work
from crm.core.routes import Access, access_of
from crm.core.taken import Taken

_SHOWN = "records_shown"

MOST_SOUGHT = 200
"""So many of the records in which words were found are written down at most, the first of their order. Of more no
number is told: two numbers that differ by one record would tell of it, and nobody would know.
"""


def register(app: Flask) -> None:
    """Hang the watch onto an application."""

    @app.after_request
    def watch(response: Response) -> Response:
        declared = access_of(app, request.endpoint) if request.endpoint else None
        if declared:
            if declared.exports and response.status_code == 200:
                _exported(declared, response)
            elif _shows(response):
                _read(declared, access.viewer())
        return response


def _read(declared: Access, viewer: Viewer) -> None:
    """What the route opens by its address, and what it said that it shows beside that: the length of an answer tells of
    it, too. Whoever asks of one record only whether it is there has not read it.
    """
    if declared.opens and request.method != "HEAD":
        _opened(viewer)
    if shown := g.pop(_SHOWN, None):
        _shown(viewer, shown)


def shows(records: Iterable[tuple[str, UUID]]) -> None:
    """Say that the answer to the present request tells of these records, by kind and key, more than a list does."""
    g.setdefault(_SHOWN, set()).update(records)


def tells(kind: str, rows: Iterable[Any]) -> None:
    """Say that words of these records stand in the answer to the present request. Rows carry `id`, `originator_id` and
    `handling`; what is not sensitive costs nothing.
    """
    viewer = access.viewer()
    if has_request_context() and not viewer.is_system:
        found = [one for one in rows if service.is_sensitive(viewer, one.originator_id, Handling(one.handling))]
        if found:
            shows((kind, one.id) for one in found)


def sought(kind: str, asked: Select[Any]) -> int | None:
    """Say that the answer to the present request counts or names the records that `asked` finds by their words, shown
    or not: else a record could be found out word by word, and nobody would know. In one statement.

    Answers with the number that may be told at most, where it did not say so of all that there may be.
    """
    viewer, subject = access.viewer(), subjects.by_kind(kind)
    if not has_request_context() or viewer.is_system or subject is None:
        return None
    whole = subject.handled
    others = whole.handling.in_(sorted(service.SENSITIVE)), whole.originator_id.is_distinct_from(viewer.party_id)
    found = asked.with_only_columns(whole.id, maintain_column_froms=True).where(*others).limit(MOST_SOUGHT)
    keys = db.session.scalars(found).all()
    shows((kind, key) for key in keys)
    return MOST_SOUGHT if len(keys) == MOST_SOUGHT else None


def _shown(viewer: Viewer, records: Collection[tuple[str, UUID]]) -> None:
    """In as many statements as there are kinds, and two; each record once an hour, however often it is shown."""
    found: dict[tuple[str, UUID], Standing] = {}
    for kind in sorted({kind for kind, _ in records}):
        subject = subjects.by_kind(kind)
        keys = [key for one, key in records if one == kind]
        standings = subjects.standings(subject, keys, viewer) if subject and subject.handled else {}
        found.update({(kind, key): one for key, one in standings.items()})
    sensitive = {
        named: one
        for named, one in found.items()
        if one.handling and service.is_sensitive(viewer, one.originator_id, one.handling)
    }
    readings = [(named, one.handling) for named, one in sensitive.items() if one.handling]
    known = service.lately_read(viewer, readings) if readings else set()
    fresh = [(named, one) for named, one in sensitive.items() if (named[0], str(named[1])) not in known]
    if not fresh:
        return
    with unit_of_work():
        for named, one in fresh:
            assert one.handling
            service.note_read(
                actor=viewer,
                subject=named,
                originator_id=one.originator_id,
                handling=one.handling,
                asked=True,
            )


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
    if isinstance(response, Taken) and response.rows_of is not None:
        return _taken(declared, response, response.rows_of)
    viewer, named = access.viewer(), subjects.named_by(request.view_args)
    found = subjects.standing(*named, viewer) if named else None
    with unit_of_work():
        service.note_export(
            actor=viewer,
            subject=(named[0].kind, named[1]) if named else (declared.exports, declared.exports),
            file_format=_format(response),
            sha256=_digest(response),
            originator_id=found.originator_id if found else None,
            handling=(found.handling if found else None) or Handling.ORIGINATOR,
            states=getattr(response, "about_states", ""),
        )


def _taken(declared: Access, response: Taken, rows_of: Mapping[UUID, int]) -> None:
    file = service.File(declared.exports, _format(response), response.sha256)
    with unit_of_work():
        if response.asked_for is None:
            service.note_sheets(
                actor=access.viewer(),
                file=file,
                records_of=rows_of,
                states_of=response.states_of,
                states=response.about_states,
            )
        else:
            service.note_list(
                actor=access.viewer(),
                file=file,
                filters=response.asked_for,
                rows_of=rows_of,
                states=response.about_states,
            )


def _format(response: Response) -> str:
    return (mimetypes.guess_extension(response.mimetype or "") or ".bin").lstrip(".")


def _digest(response: Response) -> str:
    """Of what stands in a file the digest is known; reading it here would take it into memory."""
    if isinstance(response, Taken):
        return response.sha256
    response.direct_passthrough = False
    return hashlib.sha256(response.get_data()).hexdigest()
