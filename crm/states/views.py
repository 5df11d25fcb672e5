"""Pages of the States: the list with its map, one State, the imports of acts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for

from crm.core import access, clock, doors
from crm.core.errors import RuleViolation
from crm.core.lists import Page
from crm.core.routes import requires
from crm.states import listing, panels, queries, service, timeline
from crm.states.acts_csv import COLUMNS, write_acts
from crm.states.along import TimelineFilter
from crm.states.columns import REGION_NAMES
from crm.states.forms import ActImportForm, StateFilter
from crm.states.listed import LISTING, filters
from crm.states.models import IMPORT_PERMISSION
from crm.states.page import line_of, link_to
from crm.states.register import Register
from crm.states.rules import DayRefused, check_day, note_in_words, parse_day

pages = Blueprint("states", __name__)
Csv = "text/csv; charset=utf-8"


def _today() -> date:
    return clock.today(access.viewer().time_zone)


@pages.get("/states")
@requires("states:read")
def index() -> Any:
    """Every State with its status on a day: figures, map, regions, table."""
    if set(request.args) - StateFilter.field_names() - {"view"}:
        return redirect(_address(), 303)
    register, today = queries.register(), _today()
    form: StateFilter = filters(request.args)
    try:
        asked = form.asked(register, today, strict=False)
    except RuleViolation as refused:
        return render_template("states/refused.html", form=form, problems=refused.errors), 422
    page = Page(items=listing.lines(register, asked), extra={"sort": asked.sort})
    counts, number = register.counts(asked.on, asked.basis), len(page.items)
    return render_template(
        "states/index.html",
        form=form,
        asked=asked,
        page=page,
        address=_address,
        given=_filters_given(),
        counts=counts,
        counted=_counted(number, counts.total),
        columns=form.shown_columns(),
        listing=LISTING,
        regions=register.by_region(asked.on, asked.scheme, asked.basis),
        region_names=REGION_NAMES,
        days=_days(register, asked.on, today),
        treaty=register.treaty,
        last_act_on=register.last_act_on,
    )


def _counted(number: int, total: int) -> str:
    return f"{number}{f' of {total}' if number != total else ''} {'State' if total == 1 else 'States'}"


def _address(**changes: Any) -> str:
    """This list with some of its filters changed; None takes one away."""
    return url_for("states.index", **{**_filters_given(), **changes})


def _filters_given() -> dict[str, Any]:
    """The filters in the address, and nothing else that somebody may have put there."""
    known = StateFilter.field_names()
    return {name: value for name, value in request.args.items() if name in known}


def _days(register: Register, on: date, today: date) -> dict[str, Any]:
    """The days around a day, with their labels, for stepping and for quick links."""
    labels = {one.on: one.label for one in register.treaty.notable}
    earlier, later = queries.notable_neighbours(register, on, today)
    quick = [(one.on, one.label) for one in register.treaty.notable if one.quick and one.on <= today]
    return {
        "label": labels.get(on, ""),
        "earlier": earlier and (earlier, labels.get(earlier, "Today")),
        "later": later and (later, labels.get(later, "Today")),
        "quick": [*quick, (today, "Today")],
    }


@pages.get("/states/<string(length=3):iso3>")
@requires("states:read")
def show(iso3: str) -> Any:
    """One State: where it stands, its names and place, everything on one timeline."""
    register, today, viewer = queries.register(), _today(), access.viewer()
    if iso3 != iso3.upper():
        return redirect(url_for("states.show", iso3=iso3.upper(), as_of=request.args.get("as_of")), 301)
    state = register.state(iso3)
    on, refused = _day_asked("as_of", register, today)
    page = render_template(
        "states/show.html",
        state=state,
        on=on,
        refused=refused,
        name=register.name(iso3, on),
        formal_name=register.formal_name(iso3, on),
        standing=register.standing(iso3, on),
        treaty=register.treaty,
        acts=[replace(one, note=note_in_words(one.note)) for one in register.acts_of(iso3, until=on)],
        capital=register.capital(iso3, on),
        region_names=REGION_NAMES,
        line=line_of(register, iso3, viewer, today),
        kinds=timeline.kinds(),
        lists_of=timeline.lists_of,
        around=panels.around(iso3, viewer),
        here=_here,
        link_to=partial(link_to, iso3),
    )
    return page, 422 if refused else 200


def _day_asked(name: str, register: Register, today: date) -> tuple[date, str]:
    """The day in the address, or today with the reason why the one given will not do."""
    given = request.args.get(name, "")
    if not given:
        return today, ""
    try:
        return check_day(parse_day(given), treaty=register.treaty, today=today), ""
    except DayRefused as error:
        return today, str(error)


def _here(**changes: Any) -> str:
    """The timeline of this page with something else asked of it; None takes one away."""
    known = TimelineFilter.field_names() | {"before", "list"}
    given = {name: value for name, value in request.args.items() if name in known and value}
    return url_for("states.show", iso3=(request.view_args or {})["iso3"], **{**given, **changes}) + "#timeline"


@pages.route("/states/import", methods=["GET", "POST"])
@requires(IMPORT_PERMISSION)
def imports() -> Any:
    """Bring in a list of acts, and see those that were brought in."""
    viewer = access.viewer()
    form = ActImportForm()
    sent = doors.submit(form, partial(service.preview_import, actor=viewer))
    if sent.done:
        return redirect(url_for("states.show_import", import_id=sent.answer.id), 303)
    page = render_template(
        "states/imports.html",
        form=form,
        imports=queries.imports(viewer),
        columns=COLUMNS,
        treaty=queries.register().treaty,
    )
    return page, sent.status


@pages.get("/states/import/current.csv")
@requires(IMPORT_PERMISSION, exports="treaty_acts")
def acts_csv() -> Any:
    """The acts on file, in the layout that an import reads."""
    register = queries.register()
    body = write_acts(act for acts in register.acts.values() for act in acts)
    headers = {"Content-Disposition": f'attachment; filename="{register.treaty.code}-acts.csv"'}
    return Response(body, mimetype=Csv, headers=headers)


@pages.get("/states/import/<uuid:import_id>")
@requires(IMPORT_PERMISSION)
def show_import(import_id: UUID) -> Any:
    """One list of acts: what it changes or changed, and the rows that cannot be taken."""
    return _import_page(import_id, doors.ActionForm())


def _import_page(import_id: UUID, form: doors.ActionForm) -> str:
    register = queries.register()
    made = queries.act_import(access.viewer(), import_id)
    return render_template(
        "states/import.html",
        made=made,
        changes=queries.changes_of(made),
        form=form,
        out_of_date=made.phase == "preview" and made.base_token != queries.token(made.treaty),
        name=register.name_today,
    )


def _pressed(verb: Callable[..., Any], import_id: UUID, words: str) -> Any:
    """A button on the page of an import; why it could not be done stands on that page."""
    form = doors.ActionForm()
    sent = doors.submit(form, partial(verb, actor=access.viewer(), import_id=import_id))
    if not sent.done:
        return _import_page(import_id, form), sent.status
    return doors.said(words, url_for("states.show_import", import_id=import_id))


@pages.post("/states/import/<uuid:import_id>/commit")
@requires(IMPORT_PERMISSION)
def commit(import_id: UUID) -> Any:
    """Make a previewed list true."""
    return _pressed(service.commit_import, import_id, "The acts are on file.")


@pages.post("/states/import/<uuid:import_id>/undo")
@requires(IMPORT_PERMISSION)
def undo(import_id: UUID) -> Any:
    """Put back exactly what a committed list changed."""
    return _pressed(service.undo_import, import_id, "Undone: the acts are as they were before.")
