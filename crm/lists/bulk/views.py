"""Pages on which many rows are changed at once: what is to be done, what became of it, and the way back."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for

from crm.core import access, doors
from crm.core.listing import listing_of
from crm.core.routes import fresh, requires, signed_in
from crm.lists.bulk import queries, rules, service
from crm.lists.bulk.forms import (
    CallOffForm,
    CancelForm,
    ChosenForm,
    CloseForm,
    DoneForm,
    ManyAttributionForm,
    ManyHandlingForm,
    MoveForm,
    ReassignForm,
)
from crm.lists.bulk.models import BulkChange
from crm.lists.bulk.verbs import Verb, verb_of, widens
from crm.reach.doers import doers

pages = Blueprint("bulk", __name__)


@pages.route("/followups/change/done", methods=["GET", "POST"])
@requires("followups:write")
def followups_done() -> Any:
    """Mark many follow-ups as done."""
    return _change("done", DoneForm())


@pages.route("/followups/change/move", methods=["GET", "POST"])
@requires("followups:write")
def followups_move() -> Any:
    """Move many follow-ups to another day."""
    return _change("move", MoveForm())


@pages.route("/followups/change/reassign", methods=["GET", "POST"])
@requires("followups:write")
def followups_reassign() -> Any:
    """Give many follow-ups to somebody else."""
    form = ReassignForm()
    form.offer(doers(access.viewer()))
    return _change("reassign", form)


@pages.route("/followups/change/cancel", methods=["GET", "POST"])
@requires("followups:write")
def followups_cancel() -> Any:
    """Cancel many follow-ups."""
    return _change("cancel", CancelForm())


@pages.route("/activities/change/close", methods=["GET", "POST"])
@requires("activities:create")
def activities_close() -> Any:
    """Close many activities."""
    return _change("close", CloseForm())


@pages.route("/activities/change/cancel", methods=["GET", "POST"])
@requires("activities:create")
def activities_cancel() -> Any:
    """Call many activities off."""
    return _change("cancel", CallOffForm())


@pages.route("/activities/change/handling", methods=["GET", "POST"])
@fresh
@requires("own:read")
def activities_handling() -> Any:
    """Change who may see many activities."""
    return _change("handling", ManyHandlingForm())


@pages.route("/activities/change/attribution", methods=["GET", "POST"])
@fresh
@requires("own:read")
def activities_attribution() -> Any:
    """Change what others may know of where many activities come from."""
    return _change("attribution", ManyAttributionForm())


@pages.app_template_global("versions_shown")
def versions_shown(lines: Iterable[Any]) -> str:
    """Which versions of its rows the present page of a list shows."""
    return rules.shown((line.id, line.version) for line in lines)


def _change(key: str, form: ChosenForm) -> Any:
    """The page of one verb: which rows, what it asks, and what it answers when it is sent."""
    verb, place = verb_of(form.list_key, key), form.listing.place(request.args.get("list", ""))
    if not form.is_submitted():
        chosen = _chosen(form, place)
        form.accept("ids", [str(one) for one in chosen])
        form.accept("versions", _versions(verb, chosen))
    sent = doors.submit(form, partial(service.change_many, actor=access.viewer(), verb=verb, place=place))
    if sent.done:
        return _told(sent.answer, verb)
    rows = [] if form.ids.errors else queries.named(form.listing, rules.keys_in(form.ids.data or ()))
    page = render_template(
        "lists/bulk/change.html",
        form=form,
        verb=verb,
        listing=form.listing,
        rows=rows[: rules.MOST],
        trouble=rules.NONE_CHOSEN if not rows else rules.TOO_MANY if len(rows) > rules.MOST else "",
        fields=[one for one in form if one.short_name not in ("ids", "versions", "query", "csrf_token")],
        back=_back(form.list_key, place),
        here=url_for(request.endpoint or "", list=place),
    )
    return page, sent.status


def _chosen(form: ChosenForm, place: str) -> list[UUID]:
    """The rows that were ticked, or all that fit the list."""
    if "all" in request.args:
        return form.all_that_fit(place)
    try:
        return rules.keys_in(request.args.getlist("id"))
    except ValueError:
        return []


def _versions(verb: Verb, chosen: list[UUID]) -> list[str]:
    """Which version of each row is meant: the one that the list showed, of the others the present one."""
    now = queries.versions_of(verb.model, chosen[: rules.MOST])
    return [f"{key}:{version}" for key, version in rules.as_shown(request.args.get("shown", ""), now).items()]


def _back(list_key: str, place: str) -> str:
    return listing_of(list_key).address(place or "view=all")


def _told(change: BulkChange, verb: Verb) -> Any:
    """Back to the list with a word and a way back; to the page of the change where rows were left out."""
    if change.left:
        return redirect(url_for("bulk.show", change_id=change.id), 303)
    listing = listing_of(change.list_key)
    number = rules.in_words(len(change.done), listing.one, listing.many)
    message = {"text": f"{number} {verb.done}.", "undo_href": _undo_address(change, verb)}
    return doors.said(message, _back(change.list_key, change.place))


def _undo_address(change: BulkChange, verb: Verb) -> str:
    return url_for("bulk.undo_handling" if widens(verb) else "bulk.undo", change_id=change.id)


@pages.get("/changes/<uuid:change_id>")
@signed_in
def show(change_id: UUID) -> Any:
    """What became of a change of many rows: those that were changed, those that were left out and why."""
    change = queries.get_change(change_id)
    verb = verb_of(change.list_key, change.verb)
    return render_template(
        "lists/bulk/show.html",
        change=change,
        verb=verb,
        listing=listing_of(change.list_key),
        done=queries.rows_done(change),
        left=queries.rows_left(change),
        in_words=rules.in_words,
        undo_href=_undo_address(change, verb),
        back=_back(change.list_key, change.place),
    )


@pages.post("/changes/<uuid:change_id>/undo")
@signed_in
def undo(change_id: UUID) -> Any:
    """Take a change of many rows back."""
    return _undone(change_id, widening=False)


@pages.post("/changes/<uuid:change_id>/undo-handling")
@fresh
@signed_in
def undo_handling(change_id: UUID) -> Any:
    """Let many activities be for those again for whom they were, or tell what they told."""
    return _undone(change_id, widening=True)


def _undone(change_id: UUID, *, widening: bool) -> Any:
    queries.get_change(change_id)
    only = widens if widening else lambda verb: not widens(verb)
    change = doors.act(service.undo, actor=access.viewer(), change_id=change_id, only=only)
    if change.left:
        return redirect(url_for("bulk.show", change_id=change_id), 303)
    return doors.said("Taken back.", _back(change.list_key, change.place))
