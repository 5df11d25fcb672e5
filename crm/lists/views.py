"""Pages of the saved views, and what lists show of them."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for

from crm.core import access, doors
from crm.core.errors import NotAllowed
from crm.core.listing import LONGEST_QUERY, ListForm, Listing, known, listing_of
from crm.core.lists import neighbours
from crm.core.routes import signed_in
from crm.lists import queries, service
from crm.lists.forms import ChangeViewForm, OpenWithForm, SaveViewForm
from crm.lists.queries import ViewLine, ViewMenu

pages = Blueprint("lists", __name__)


@pages.before_app_request
def open_with_view() -> Any:
    """A list that is asked for plainly opens with the view that its reader chose for it."""
    if request.method != "GET" or request.query_string or request.endpoint is None:
        return None
    listing = next((one for one in known().values() if one.endpoint == request.endpoint), None)
    query = queries.opening_query(access.viewer(), listing.key) if listing and access.viewer().user_id else None
    return redirect(listing.address(query), 303) if listing and query else None


@pages.app_template_global("view_menu")
def view_menu(listing: Listing, form: ListForm) -> ViewMenu:
    """The saved views of the list being shown."""
    return ViewMenu(listing, queries.views(access.viewer(), listing.key), listing.query_of(form))


@pages.app_template_global("list_place")
def list_place() -> str:
    """Where the list being shown stands, for links that lead back to it."""
    return request.query_string.decode("ascii", "replace")[:LONGEST_QUERY]


@pages.app_template_global("way_in_list")
def way_in_list(list_key: str, record_id: UUID | str) -> dict[str, str | None] | None:
    """The addresses of the list from which a record was opened and of its neighbours there; None where it was not."""
    place = request.args.get("list")
    listing = known().get(list_key)
    if place is None or listing is None or len(place) > LONGEST_QUERY:
        return None
    form, query = listing.asked(place), listing.known_part(place)
    cursor = _cursor_in(place)
    found = neighbours(listing.question(form, False), record_id, cursor=cursor)
    if found is None:
        return {"back": listing.address(query), "before": None, "after": None}
    here = "&".join(one for one in (query, f"after={found.cursor}" if found.cursor else "") if one)

    def page(key: UUID | str | None) -> str | None:
        return listing.page_of(key, **listing.along(form), list=here) if key else None

    return {
        "back": f"{listing.address(here or 'view=all')}#row-{record_id}",
        "before": page(found.before),
        "after": page(found.after),
    }


def _cursor_in(place: str) -> str | None:
    found = [one.partition("=")[2] for one in place.split("&") if one.startswith("after=")]
    return found[0] if found else None


@pages.get("/views")
@signed_in
def index() -> Any:
    """My views and those that colleagues share."""
    return render_template("lists/views.html", views=queries.views(access.viewer()), listings=known())


@pages.route("/views/new", methods=["GET", "POST"])
@signed_in
def new() -> Any:
    """Keep a list as it is shown."""
    given = {name: request.args.get(name) for name in ("list", "query") if name in request.args}
    form = SaveViewForm(**given)
    form.offer(list(known().values()))
    sent = doors.submit(form, partial(service.save_view, actor=access.viewer()))
    if sent.done:
        return doors.said("Saved. It stands in the menu of views beside the list.", _address(sent.answer))
    listing = known().get(form["list"].data or "")
    return render_template("lists/new.html", form=form, listing=listing), sent.status


def _address(view: Any) -> str:
    return listing_of(view.list_key).address(view.query)


@pages.route("/views/<uuid:view_id>", methods=["GET", "POST"])
@signed_in
def change(view_id: UUID) -> Any:
    """Another name, shared or not."""
    view = _own(view_id)
    form = ChangeViewForm(obj=view)
    verb = partial(service.change_view, actor=access.viewer(), view_id=view_id)
    sent = doors.submit(form, verb, lambda: _own(view_id))
    if sent.done:
        return doors.said("Saved.", url_for("lists.index"))
    page = render_template(
        "lists/change.html", form=form, theirs=sent.theirs, view=view, listing=listing_of(view.list_key)
    )
    return page, sent.status


def _own(view_id: UUID) -> ViewLine:
    """One's own view; raises NotFound, NotAllowed for one of a colleague."""
    view = queries.get_view(view_id, access.viewer())
    if not view.own:
        raise NotAllowed("a view of a colleague")
    return view


@pages.post("/views/<uuid:view_id>/remove")
@signed_in
def remove(view_id: UUID) -> Any:
    """Take one's own view away."""
    view = _own(view_id)
    doors.act(service.remove_view, actor=access.viewer(), view_id=view_id)
    again = url_for("lists.new", list=view.list_key, query=view.query, name=view.name)
    return doors.said({"text": f"“{view.name}” is gone.", "href": again, "link_label": "Save it again"}, "/views")


@pages.post("/views/<uuid:view_id>/opens")
@signed_in
def opens(view_id: UUID) -> Any:
    """Let my list open with a view, or plainly again."""
    form = OpenWithForm()
    view = queries.get_view(view_id, access.viewer())
    doors.submit(form, partial(service.open_with, actor=access.viewer(), view_id=view_id))
    label = listing_of(view.list_key).label
    message = f"{label} now opens with “{view.name}”." if form.opens.data else f"{label} opens with everything again."
    return doors.said(message, url_for("lists.index"))
