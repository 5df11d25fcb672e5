"""The JSON door to States and acts: the same questions, the same form, the same verbs as the pages."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from crm.core import access, clock, doors
from crm.core.errors import RuleViolation
from crm.core.routes import requires
from crm.states import listing, panels, queries, service
from crm.states.asked import refuse_other_words
from crm.states.export import figures, line_record, state_record
from crm.states.forms import ActImportForm, StateFilter
from crm.states.models import IMPORT_PERMISSION, ActImport
from crm.states.page import line_of, link_to
from crm.states.rules import DayRefused, check_day, parse_day
from crm.states.timeline import Entry

api = Blueprint("states_api", __name__, url_prefix="/api/v1")


def _today() -> date:
    return clock.today(access.viewer().time_zone)


@api.get("/states")
@requires("states:read")
def index() -> Any:
    """The figures of a day and the States that fit the filters."""
    register, today = queries.register(), _today()
    refuse_other_words(StateFilter.field_names())
    form = StateFilter(request.args, meta={"csrf": False})
    form.offer(register, today)
    asked = form.asked(register, today, strict=True)
    body = figures(register, asked.on, asked.basis, asked.scheme)
    body |= {"basis": asked.basis.value, "region_scheme": asked.scheme.value}
    return jsonify({**body, "items": [line_record(line) for line in listing.lines(register, asked)]})


@api.get("/states/<string(length=3):iso3>")
@requires("states:read")
def show(iso3: str) -> Any:
    """One State on a day. `in_universe` says whether it was counted then; if not, its status is null."""
    refuse_other_words({"as_of"})
    register, today = queries.register(), _today()
    try:
        asked = parse_day(request.args.get("as_of") or today.isoformat())
        on = check_day(asked, treaty=register.treaty, today=today)
    except DayRefused as error:
        raise RuleViolation("as_of", str(error)) from None
    return jsonify(state_record(register, register.state(iso3.upper()), on))


@api.get("/states/<string(length=3):iso3>/timeline")
@requires("states:read")
def line(iso3: str) -> Any:
    """A page of what happened with a State and is to come; `older_than` is the `before` of the next page,
    `more_ahead` the kinds of which more is ahead than is told here.

    The glance says what is to be known before anything else: last contact, next action, who to call.
    """
    refuse_other_words({"kind", "person", "whose", "since", "until", "before"})
    register, viewer = queries.register(), access.viewer()
    state = register.state(iso3.upper())
    found = line_of(register, state.iso3, viewer, _today(), strict=True)
    older = found.page.older_than
    return jsonify(
        {
            "state": state.iso3,
            "glance": [
                {"label": one.label, "value": one.value, "note": one.note, "page": one.href, "tone": one.tone}
                for one in panels.around(state.iso3, viewer).glances
            ],
            "pinned": [_entry(state.iso3, one) for one in found.pinned],
            "items": [_entry(state.iso3, one) for one in found.page.entries],
            "older_than": older.isoformat() if older else None,
            "more_ahead": sorted(found.page.cut),
        }
    )


def _entry(iso3: str, one: Entry) -> dict[str, Any]:
    meta = [one.meta] if isinstance(one.meta, str) else list(one.meta)
    return {
        "kind": one.kind,
        "id": str(one.key) if one.key else None,
        "date": one.date.isoformat(),
        "date_text": one.date_text,
        "tone": one.tone,
        "title": one.title,
        "text": one.body,
        "more": [text for text in meta if text],
        "page": one.href,
        "address": link_to(iso3, one),
        "pin": {"id": str(one.pin.id), "whose": one.pin.words} if one.pin else None,
        "sample": one.sample,
    }


def _import_record(made: ActImport) -> dict[str, Any]:
    """An import as JSON, with every change and every row that cannot be taken."""
    moments = {name: getattr(made, name) for name in ("previewed_at", "committed_at", "undone_at")}
    plain = (
        "source_name",
        "sha256",
        "layout",
        "complete",
        "phase",
        "previewed_by",
        "committed_by",
        "undone_by",
    )
    counts = ("added", "changed", "removed", "unchanged", "missing")
    return {
        "id": str(made.id),
        **{name: getattr(made, name) for name in plain},
        **{name: at.isoformat() if at else None for name, at in moments.items()},
        "counts": {name: getattr(made, name) for name in counts},
        "problems": made.problems,
        "changes": [
            {
                "change": one.kind,
                "state_iso3": one.state_iso3,
                "line": one.line,
                "before": one.before,
                "after": one.after,
                "caution": one.caution or None,
            }
            for one in queries.changes_of(made)
        ],
    }


@api.post("/treaty-acts/imports")
@requires(IMPORT_PERMISSION)
def preview() -> Any:
    """Look at a list of acts: `csv` is its text. 201 with what it would change; nothing changes yet."""
    viewer = access.viewer()
    made = doors.submit_json(ActImportForm, partial(service.preview_import, actor=viewer))
    return doors.created(_import_record(made), url_for("states_api.show_import", import_id=made.id))


@api.get("/treaty-acts/imports/<uuid:import_id>")
@requires(IMPORT_PERMISSION)
def show_import(import_id: UUID) -> Any:
    """One import, whole."""
    return jsonify(_import_record(queries.act_import(access.viewer(), import_id)))


@api.post("/treaty-acts/imports/<uuid:import_id>/commit")
@requires(IMPORT_PERMISSION)
def commit(import_id: UUID) -> Any:
    """Make a previewed list true; 422 when it has problems, 409 when something changed since the preview."""
    made = doors.run(service.commit_import, actor=access.viewer(), import_id=import_id)
    return jsonify(_import_record(made))


@api.post("/treaty-acts/imports/<uuid:import_id>/undo")
@requires(IMPORT_PERMISSION)
def undo(import_id: UUID) -> Any:
    """Put back exactly what a committed list changed; 422 when something it changed has changed again."""
    made = doors.run(service.undo_import, actor=access.viewer(), import_id=import_id)
    return jsonify(_import_record(made))
