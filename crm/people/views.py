"""Pages about offices and those who hold them."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for

from crm.core import access, clock, doors
from crm.core.errors import NotFound
from crm.core.lists import page_of
from crm.core.routes import requires
from crm.people import queries, service
from crm.people.board import board
from crm.people.forms import (
    ATTENTION_LABELS,
    GENDER_LABELS,
    KIND_LABELS,
    BoardFilter,
    CorrectHolderForm,
    EndTermForm,
    RecordHolderForm,
    TitlesForm,
)
from crm.people.listing import LISTING, asked, filters
from crm.people.models import OfficeHolder
from crm.people.rules import OfficeKind, attention, holder_among, resolved
from crm.states.asked import without_other_words
from crm.states.queries import register

pages = Blueprint("people", __name__)


def kind_of(word: str) -> OfficeKind:
    """The office that an address names; raises NotFound."""
    try:
        return OfficeKind(word)
    except ValueError:
        raise NotFound("no such office") from None


@pages.get("/people")
@requires("people:read")
def index() -> Any:
    """Who holds one office in each State on a day; today, with the reason, for a day that cannot be shown."""
    cleaned = without_other_words({*BoardFilter.field_names(), "after", "view"})
    if cleaned:
        return redirect(cleaned, 303)
    form: BoardFilter = filters(request.args)
    wanted, on = form.wanted(), form.day()
    found = board(on=on, **wanted)
    page = page_of(asked(found), cursor=request.args.get("after"))
    page.extra = {"sort": "state"}
    body = render_template(
        "people/index.html",
        form=form,
        board=found,
        page=page,
        kind=wanted["kind"],
        kind_label=KIND_LABELS[wanted["kind"]],
        counted=_count(len(found.lines), found.total),
        columns=form.shown_columns(),
        listing=LISTING,
        narrowed=any(wanted[name] for name in ("text", "attention", "status")),
        is_today=on == access.today(),
        attention_labels=ATTENTION_LABELS,
    )
    return body, 422 if form.as_of.errors else 200


def _count(number: int, total: int) -> str:
    return f"{total} States" if number == total else f"{number} of {total} States"


@pages.route("/people/offices/<iso3>/<kind>", methods=["GET", "POST"])
@requires("people:read")
def office(iso3: str, kind: str) -> Any:
    """One office: who holds it, who held it, and somebody new."""
    viewer, known, which = access.viewer(), register(), kind_of(kind)
    state = known.state(iso3.upper())
    today = clock.today(viewer.time_zone)
    form = RecordHolderForm(verified_on=today) if request.method == "GET" else RecordHolderForm()
    sent = doors.submit(form, partial(service.record_holder, actor=viewer, state_iso3=state.iso3, kind=which))
    if sent.done:
        return doors.said(f"{sent.answer.name} is recorded.", url_for("people.office", iso3=state.iso3, kind=kind))
    terms = queries.terms_of(state.iso3, which)
    holder = holder_among(terms, today)
    page = render_template(
        "people/office.html",
        form=form,
        state=state,
        status=known.status(state.iso3, today),
        kind=which,
        kind_label=KIND_LABELS[which],
        kind_labels=KIND_LABELS,
        titles=_titles(state.iso3, which),
        holder=holder,
        marks=attention(holder.gender, holder.verified_on, today) if holder else (),
        terms=terms,
        gender_labels=GENDER_LABELS,
        may_write=viewer.may("people:write"),
    )
    return page, sent.status


def _titles(iso3: str, kind: OfficeKind) -> list[tuple[str, str, str, bool]]:
    """Language, title of a man, title of a woman, and whether they are the State's own."""
    office = queries.office_of(iso3, kind)
    recorded = queries.recorded_titles(office) if office else queries.no_titles()
    names = {"en": "English", "fr": "French", "es": "Spanish"}
    found = []
    for language, own in recorded.items():
        used = resolved(kind, language, own)
        found.append((names[language], used.masculine, used.feminine, bool(own.masculine or own.feminine)))
    return found


@pages.route("/people/offices/<iso3>/<kind>/titles", methods=["GET", "POST"])
@requires("people:write")
def titles(iso3: str, kind: str) -> Any:
    """The titles of an office as the State itself uses them."""
    viewer, which = access.viewer(), kind_of(kind)
    state = register().state(iso3.upper())
    back = url_for("people.office", iso3=state.iso3, kind=kind)
    kept = queries.office_of(state.iso3, which)
    before = {name: getattr(kept, name) for name in TitlesForm.field_names()} if kept else {"version": 0}
    form = TitlesForm(**before) if request.method == "GET" else TitlesForm()
    sent = doors.submit(
        form,
        partial(service.set_titles, actor=viewer, state_iso3=state.iso3, kind=which),
        lambda: queries.office_of(state.iso3, which),
    )
    if sent.done:
        return doors.said("The titles are saved.", back)
    page = render_template(
        "people/titles.html",
        form=form,
        state=state,
        kind_label=KIND_LABELS[which],
        usual=[resolved(which, language, none) for language, none in queries.no_titles().items()],
        theirs=sent.theirs,
        back=back,
    )
    return page, sent.status


@pages.route("/people/holders/<uuid:holder_id>/edit", methods=["GET", "POST"])
@requires("people:write")
def edit_holder(holder_id: UUID) -> Any:
    """Correct one record; a change made meanwhile by somebody else is shown beside what was typed."""
    viewer = access.viewer()
    holder = queries.holder_value(holder_id)
    state, kind = register().state(holder.state_iso3), holder.kind
    back = url_for("people.office", iso3=state.iso3, kind=kind.value)
    before = {name: getattr(holder, name) for name in CorrectHolderForm.field_names()}
    form = CorrectHolderForm(**before) if request.method == "GET" else CorrectHolderForm()
    sent = doors.submit(
        form,
        partial(service.correct_holder, actor=viewer, holder_id=holder_id),
        partial(queries.holder_value, holder_id),
    )
    if sent.done:
        return doors.said(f"The record of {sent.answer.name} is corrected.", back)
    page = render_template(
        "people/edit_holder.html",
        form=form,
        holder=holder,
        state=state,
        kind_label=KIND_LABELS[kind],
        gender_labels=GENDER_LABELS,
        theirs=sent.theirs,
        back=back,
    )
    return page, sent.status


@pages.route("/people/holders/<uuid:holder_id>/end", methods=["GET", "POST"])
@requires("people:write")
def end_term(holder_id: UUID) -> Any:
    """Say on which day somebody left."""
    viewer = access.viewer()
    holder = queries.holder_value(holder_id)
    state = register().state(holder.state_iso3)
    back = url_for("people.office", iso3=state.iso3, kind=holder.kind.value)
    form = EndTermForm(version=holder.version) if request.method == "GET" else EndTermForm()
    sent = doors.submit(
        form,
        partial(service.end_term, actor=viewer, holder_id=holder_id),
        partial(queries.holder_value, holder_id),
    )
    if sent.done:
        return doors.said(f"The term of {sent.answer.name} has an end.", back)
    page = render_template(
        "people/end_term.html",
        form=form,
        holder=holder,
        state=state,
        kind_label=KIND_LABELS[holder.kind],
        gender_labels=GENDER_LABELS,
        theirs=sent.theirs,
        back=back,
    )
    return page, sent.status


@pages.post("/people/holders/<uuid:holder_id>/verify")
@requires("people:write")
def verify_holder(holder_id: UUID) -> Any:
    """Say that the record was checked today."""
    holder: OfficeHolder = doors.act(service.verify_holder, actor=access.viewer(), holder_id=holder_id)
    value = queries.holder_value(holder.id)
    return doors.said(
        f"{value.name} is marked as verified today.",
        url_for("people.office", iso3=value.state_iso3, kind=value.kind.value),
    )
