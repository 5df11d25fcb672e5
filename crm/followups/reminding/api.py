"""The JSON door to one's own wishes: the same form, the same verb."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, jsonify

from crm.core import access, doors
from crm.core.routes import requires
from crm.followups.reminding import wishes as verbs
from crm.followups.reminding.forms import WishesForm
from crm.followups.reminding.models import ReminderWishes
from crm.followups.reminding.views import as_typed

api = Blueprint("reminding_api", __name__, url_prefix="/api/v1")


def _record(wishes: ReminderWishes) -> dict[str, Any]:
    return {**as_typed(wishes), "before": [str(one) for one in wishes.before]}


@api.get("/reminder-wishes")
@requires("followups:read")
def show() -> Any:
    """When and how I am reminded."""
    return jsonify(_record(verbs.wishes_of(access.viewer())))


@api.post("/reminder-wishes")
@requires("followups:read")
def change() -> Any:
    """Be reminded otherwise from now on; the whole of it."""
    return jsonify(_record(doors.submit_json(WishesForm, partial(verbs.wish, actor=access.viewer()))))
