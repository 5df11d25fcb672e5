"""The JSON door to the saved views: the same forms, the same verbs."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, url_for

from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.listing import known, listing_of
from crm.core.routes import signed_in
from crm.lists import queries, service
from crm.lists.forms import ChangeViewForm, OpenWithForm, SaveViewForm
from crm.lists.queries import ViewLine

api = Blueprint("lists_api", __name__, url_prefix="/api/v1")


def _record(view: ViewLine) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "list": view.list_key,
        "name": view.name,
        "query": view.query,
        "address": listing_of(view.list_key).address(view.query),
        "shared": view.shared,
        "own": view.own,
        "opens": view.opens,
        "made_by": view.made_by,
        "sample": view.sample,
        "version": view.version,
    }


def _whole(view_id: UUID) -> dict[str, Any]:
    return _record(queries.get_view(view_id, access.viewer()))


@api.get("/views")
@signed_in
def index() -> Any:
    """My views and those that colleagues share."""
    return jsonify({"items": [_record(one) for one in queries.views(access.viewer())]})


@api.post("/views")
@signed_in
def create() -> Any:
    """Keep a list under a name; 201 with the view."""
    made = doors.submit_json(
        SaveViewForm,
        partial(service.save_view, actor=access.viewer()),
        prepare=lambda form: form.offer(list(known().values())),
    )
    return doors.created(_whole(made.id), url_for("lists_api.show", view_id=made.id))


@api.get("/views/<uuid:view_id>")
@signed_in
def show(view_id: UUID) -> Any:
    """One view."""
    return jsonify(_whole(view_id))


@api.put("/views/<uuid:view_id>")
@signed_in
def change(view_id: UUID) -> Any:
    """Another name, shared or not."""
    queries.get_view(view_id, access.viewer())
    doors.submit_json(ChangeViewForm, partial(service.change_view, actor=access.viewer(), view_id=view_id))
    return jsonify(_whole(view_id))


@api.post("/views/<uuid:view_id>/opens")
@signed_in
def opens(view_id: UUID) -> Any:
    """Let my list open with a view, or plainly again."""
    queries.get_view(view_id, access.viewer())
    doors.submit_json(OpenWithForm, partial(service.open_with, actor=access.viewer(), view_id=view_id))
    return jsonify(_whole(view_id))


@api.post("/views/<uuid:view_id>/remove")
@signed_in
def remove(view_id: UUID) -> Any:
    """Take one's own view away; those that are left."""
    queries.get_view(view_id, access.viewer())
    doors.submit_json(ActionForm, partial(service.remove_view, actor=access.viewer(), view_id=view_id))
    return index()
