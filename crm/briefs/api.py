"""The JSON door to the briefs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request

from crm.briefs.forms import DayBookForm
from crm.briefs.sheets import book, sheet, to_read
from crm.core.routes import requires
from crm.states.queries import register

api = Blueprint("briefs_api", __name__, url_prefix="/api/v1")


@api.get("/states/<string(length=3):iso3>/brief")
@requires("states:read")
def show(iso3: str) -> Any:
    """What stands on the brief of a State, as far as you may see it."""
    state = register().state(iso3.upper())
    return jsonify(to_read(state.iso3).as_json())


@api.get("/states/<string(length=3):iso3>/brief.pdf")
@requires("states:read", exports="state_brief")
def pdf(iso3: str) -> Any:
    """The same as one sheet of A4."""
    return sheet([register().state(iso3.upper()).iso3])


@api.get("/briefs")
@requires("states:read")
def day_book() -> Any:
    """What stands on the sheets of the States `states`, in their order."""
    chosen = DayBookForm(request.args, meta={"csrf": False}).chosen()
    return jsonify({"items": [one.as_json() for one in book(chosen)]})


@api.get("/briefs.pdf")
@requires("states:read", exports="state_brief")
def day_book_pdf() -> Any:
    """One sheet for each of the States `states`, in one document."""
    return sheet(DayBookForm(request.args, meta={"csrf": False}).chosen())
