"""The JSON door to the imports: the same steps, the same forms, the same verbs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for

from crm.core import access, doors
from crm.core.db import unit_of_work
from crm.core.routes import requires
from crm.files.fields import sent_form
from crm.imports import queries, service
from crm.imports.forms import ColumnsForm, ReadingForm, SendForm
from crm.imports.models import SpreadsheetImport
from crm.imports.rules.columns import letter
from crm.imports.views import problems_file

api = Blueprint("imports_api", __name__, url_prefix="/api/v1")

_PLAIN = (
    "name", "kind", "size", "sha256", "phase", "problem", "ready", "problems", "duplicates", "left_out", "taken",
    "failed", "undone", "sample",
)  # fmt: skip


def as_json(made: SpreadsheetImport) -> dict[str, Any]:
    """An import as JSON: how far it is, its columns, and what was said of them."""
    head, choices, samples = made.head, dict(made.choices), queries.samples_of(made, access.viewer())
    columns = choices.pop("columns", head["guessed"])
    return {
        **{name: getattr(made, name) for name in _PLAIN},
        "id": str(made.id),
        "sent_at": made.sent_at.isoformat(),
        "ended_at": made.ended_at.isoformat() if made.ended_at else None,
        "may_be_undone": queries.may_be_undone(made),
        "reading": {
            "sheet": head["how"]["sheet"],
            "sheets": head["sheets"],
            "encoding": head["how"]["encoding"],
            "heading_line": head["heading_line"],
            "unread": queries.unread_of(made).as_json(),
        },
        "headings": [
            {"column": letter(at), "heading": heading, "samples": samples[at]}
            for at, heading in enumerate(head["headings"])
        ],
        "columns": {f"column_{key}": letter(at) for key, at in columns.items()},
        "choices": choices,
    }


@api.get("/imports")
@requires(service.PERMISSION)
def index() -> Any:
    """The viewer's imports, newest first; `after` is the cursor that the page before gave."""
    page = queries.page_of_imports(request.args.get("after"))
    return jsonify({"items": [as_json(one) for one in page.items], "next": page.next_cursor})


@api.post("/imports")
@requires(service.PERMISSION, large=True)
def send() -> Any:
    """Send a spreadsheet; 201 with its columns, 422 where it cannot be read."""
    made = doors.submit_sent(sent_form(SendForm, "file"), partial(service.send, actor=access.viewer()))
    return doors.created(as_json(made), url_for("imports_api.show", spreadsheet_id=made.id))


@api.get("/imports/<uuid:spreadsheet_id>")
@requires(service.PERMISSION)
def show(spreadsheet_id: UUID) -> Any:
    """One import; ask again while `phase` is reading, taking or undoing."""
    return jsonify(as_json(queries.get_import(spreadsheet_id)))


@api.post("/imports/<uuid:spreadsheet_id>/reading")
@requires(service.PERMISSION)
def reading(spreadsheet_id: UUID) -> Any:
    """Read the file in another way."""
    return _told(ReadingForm, service.read_again, spreadsheet_id)


@api.post("/imports/<uuid:spreadsheet_id>/columns")
@requires(service.PERMISSION)
def columns(spreadsheet_id: UUID) -> Any:
    """Say what the columns say, by their letters; the lines are looked through."""
    return _told(ColumnsForm, service.choose_columns, spreadsheet_id)


def _told(form: Any, verb: Callable[..., Any], spreadsheet_id: UUID) -> Any:
    made = queries.get_import(spreadsheet_id)
    doors.submit_json(
        form,
        partial(verb, actor=access.viewer(), import_id=spreadsheet_id),
        prepare=lambda one: one.offer(made),
    )
    return jsonify(as_json(queries.get_import(spreadsheet_id)))


@api.get("/imports/<uuid:spreadsheet_id>/lines")
@requires(service.PERMISSION)
def lines(spreadsheet_id: UUID) -> Any:
    """The lines in the order of the file; `show` is problems, ready, taken, duplicates or left_out."""
    made = queries.get_import(spreadsheet_id)
    page = queries.page_of_lines(made, access.viewer(), request.args.get("show", ""), request.args.get("after"))
    items = [
        {
            "line": one.line,
            "fate": one.fate.value,
            "cells": [{"column": column, "text": text} for column, text in one.cells],
            "understood": list(one.understood),
            "problems": [{"column": column, "problem": text} for column, text in one.problems],
            "notes": list(one.notes),
            "activity": str(one.activity_id) if one.activity_id else None,
        }
        for one in page.items
    ]
    return jsonify({"items": items, "next": page.next_cursor})


@api.get("/imports/<uuid:spreadsheet_id>/problems.<ending>")
@requires(service.PERMISSION, exports="spreadsheet_import")
def problems(spreadsheet_id: UUID, ending: str) -> Response:
    """The lines to be put right, as `csv` or `xlsx`."""
    return problems_file(spreadsheet_id, ending)


@api.post("/imports/<uuid:spreadsheet_id>/begin")
@requires(service.PERMISSION)
def begin(spreadsheet_id: UUID) -> Any:
    """Take the lines over that are ready."""
    return _pressed(service.begin, spreadsheet_id)


@api.post("/imports/<uuid:spreadsheet_id>/stop")
@requires(service.PERMISSION)
def stop(spreadsheet_id: UUID) -> Any:
    """Take no further line over."""
    return _pressed(service.stop, spreadsheet_id)


@api.post("/imports/<uuid:spreadsheet_id>/resume")
@requires(service.PERMISSION)
def resume(spreadsheet_id: UUID) -> Any:
    """Go on with what was stopped."""
    return _pressed(service.resume, spreadsheet_id)


@api.post("/imports/<uuid:spreadsheet_id>/undo")
@requires(service.PERMISSION)
def undo(spreadsheet_id: UUID) -> Any:
    """Take every record of the import back."""
    return _pressed(service.undo, spreadsheet_id)


def _pressed(verb: Callable[..., Any], spreadsheet_id: UUID) -> Any:
    queries.get_import(spreadsheet_id)
    doors.submit_json(doors.ActionForm, partial(verb, actor=access.viewer(), import_id=spreadsheet_id))
    return jsonify(as_json(queries.get_import(spreadsheet_id)))


@api.delete("/imports/<uuid:spreadsheet_id>")
@requires(service.PERMISSION)
def discard(spreadsheet_id: UUID) -> Any:
    """Throw a spreadsheet away of which nothing was taken over."""
    queries.get_import(spreadsheet_id)
    with unit_of_work():
        service.discard(actor=access.viewer(), import_id=spreadsheet_id)
    return "", 204
