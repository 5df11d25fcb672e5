"""The brief of a State as a page and as a sheet, and several of them as the book of a day."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, render_template, request

from crm.briefs.forms import DayBookForm
from crm.briefs.sheets import sheet, to_read
from crm.core import access
from crm.core.routes import requires
from crm.states.queries import register

pages = Blueprint("briefs", __name__)


@pages.get("/states/<string(length=3):iso3>/brief")
@requires("states:read")
def show(iso3: str) -> Any:
    """One page about a State, to read or to print."""
    state = register().state(iso3.upper())
    return render_template("briefs/show.html", brief=to_read(state.iso3))


@pages.get("/states/<string(length=3):iso3>/brief.pdf")
@requires("states:read", exports="state_brief")
def pdf(iso3: str) -> Any:
    """The same as one sheet of A4."""
    return sheet([register().state(iso3.upper()).iso3])


@pages.get("/briefs")
@requires("states:read")
def day_book() -> Any:
    """The States of a day in their order, each with its brief, and all of them as one document."""
    form, known = DayBookForm(request.args, meta={"csrf": False}), register()
    sound = form.validate()
    chosen = form.states.data if sound else ()
    name = partial(known.name, on=access.today())
    page = render_template("briefs/day_book.html", form=form, chosen=chosen or (), name=name)
    return page, 200 if sound else 422


@pages.get("/briefs.pdf")
@requires("states:read", exports="state_brief")
def day_book_pdf() -> Any:
    """One sheet for each State of the day, in one document."""
    return sheet(DayBookForm(request.args, meta={"csrf": False}).chosen())
