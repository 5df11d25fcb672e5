"""My drafts: go on, throw away, take back."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for

from crm.core import access, doors, handed_back
from crm.core.errors import NotFound
from crm.core.routes import signed_in
from crm.drafts import left, queries, rules, service, ways
from crm.drafts.rules import KIND_LABELS, Kind
from crm.states.queries import register

pages = Blueprint("drafts", __name__)


@pages.get("/drafts")
@signed_in
def index() -> Any:
    """What I have begun and not saved, the latest first."""
    lines = queries.drafts_of(access.viewer())
    return render_template(
        "drafts/index.html",
        open=[one for one in lines if not one.thrown],
        thrown=[one for one in lines if one.thrown],
        labels=KIND_LABELS,
        address_of=ways.address_of,
        name=partial(register().name, on=access.today()),
    )


@pages.get("/drafts/<uuid:draft_id>")
@signed_in
def show(draft_id: UUID) -> Any:
    """Everything that stands in one draft, in words: the record that its form was about may be gone."""
    draft = queries.get_draft(access.viewer(), draft_id)
    line, typed = queries.line_of(draft), rules.read(draft.typed) or {}
    if line.thrown:
        raise NotFound("thrown away")
    if not line.left:
        return redirect(ways.address_of(line.id, line.kind, line.record_id), 303)
    kind = left.new_kind(line.kind, typed)
    return render_template(
        "drafts/show.html",
        line=line,
        label=KIND_LABELS[line.kind.value],
        words=handed_back.in_words([(name, text) for name, texts in typed.items() for text in texts]),
        new_label=KIND_LABELS[kind.value].lower() if kind and ways.may_write(kind) else "",
        name=partial(register().name, on=access.today()),
    )


@pages.post("/drafts/<uuid:draft_id>/new-entry")
@signed_in
def make_new(draft_id: UUID) -> Any:
    """Go on with it as with a new entry, its record being gone."""
    draft = doors.act(left.make_new, actor=access.viewer(), draft_id=draft_id)
    return redirect(ways.address_of(draft.id, Kind(draft.kind), None), 303)


@pages.post("/drafts/<uuid:draft_id>/throw-away")
@signed_in
def throw_away(draft_id: UUID) -> Any:
    """Put one away; the message offers the way back."""
    doors.act(service.throw_away, actor=access.viewer(), draft_id=draft_id)
    undo = url_for("drafts.take_back", draft_id=draft_id)
    flash({"text": "Thrown away.", "undo_href": undo}, "success")  # type: ignore[arg-type]
    return redirect(url_for("drafts.index"), 303)


@pages.post("/drafts/<uuid:draft_id>/take-back")
@signed_in
def take_back(draft_id: UUID) -> Any:
    """Have one back."""
    doors.act(service.take_back, actor=access.viewer(), draft_id=draft_id)
    return doors.said("The draft is back.", url_for("drafts.index"))
