"""The JSON door to changes of many rows: the same forms, the same verb."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, url_for

from crm.core import access, doors
from crm.core.doors import ActionForm
from crm.core.routes import fresh, requires, signed_in
from crm.lists.bulk import queries, service
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
from crm.lists.bulk.verbs import verb_of, widens
from crm.reach.doers import doers

api = Blueprint("bulk_api", __name__, url_prefix="/api/v1")


def _record(change: BulkChange) -> dict[str, Any]:
    return {
        "id": str(change.id),
        "list": change.list_key,
        "verb": change.verb,
        "at": change.at.isoformat(),
        "done": [one["id"] for one in change.done],
        "left": [{"id": one["id"], "why": one["why"]} for one in change.left],
        "undone_at": change.undone_at.isoformat() if change.undone_at else None,
    }


def _run(form: type[ChosenForm], key: str, prepare: Callable[[Any], None] | None = None) -> Any:
    """Run a verb on the rows that were sent; 201 with what became of them."""
    verb = partial(service.change_many, actor=access.viewer(), verb=verb_of(form.list_key, key))
    change = doors.submit_json(form, verb, prepare=prepare)
    return doors.created(_record(change), url_for("bulk_api.show", change_id=change.id))


@api.post("/followups/change/done")
@requires("followups:write")
def followups_done() -> Any:
    """Mark many follow-ups as done."""
    return _run(DoneForm, "done")


@api.post("/followups/change/move")
@requires("followups:write")
def followups_move() -> Any:
    """Move many follow-ups to another day."""
    return _run(MoveForm, "move")


@api.post("/followups/change/reassign")
@requires("followups:write")
def followups_reassign() -> Any:
    """Give many follow-ups to somebody else."""
    owners = doers(access.viewer())
    return _run(ReassignForm, "reassign", lambda form: form.offer(owners))


@api.post("/followups/change/cancel")
@requires("followups:write")
def followups_cancel() -> Any:
    """Cancel many follow-ups."""
    return _run(CancelForm, "cancel")


@api.post("/activities/change/close")
@requires("activities:create")
def activities_close() -> Any:
    """Close many activities."""
    return _run(CloseForm, "close")


@api.post("/activities/change/cancel")
@requires("activities:create")
def activities_cancel() -> Any:
    """Call many activities off."""
    return _run(CallOffForm, "cancel")


@api.post("/activities/change/handling")
@fresh
@requires("own:read")
def activities_handling() -> Any:
    """Change who may see many activities."""
    return _run(ManyHandlingForm, "handling")


@api.post("/activities/change/attribution")
@fresh
@requires("own:read")
def activities_attribution() -> Any:
    """Change what others may know of where many activities come from."""
    return _run(ManyAttributionForm, "attribution")


@api.get("/changes/<uuid:change_id>")
@signed_in
def show(change_id: UUID) -> Any:
    """What became of a change of many rows."""
    return jsonify(_record(queries.get_change(change_id)))


@api.post("/changes/<uuid:change_id>/undo")
@signed_in
def undo(change_id: UUID) -> Any:
    """Take a change of many rows back; `left` are then the rows that were changed since."""
    return _undone(change_id, widening=False)


@api.post("/changes/<uuid:change_id>/undo-handling")
@fresh
@signed_in
def undo_handling(change_id: UUID) -> Any:
    """Let many activities be for those again for whom they were, or tell what they told."""
    return _undone(change_id, widening=True)


def _undone(change_id: UUID, *, widening: bool) -> Any:
    queries.get_change(change_id)
    only = widens if widening else lambda verb: not widens(verb)
    undo = partial(service.undo, actor=access.viewer(), change_id=change_id, only=only)
    return jsonify(_record(doors.submit_json(ActionForm, undo)))
