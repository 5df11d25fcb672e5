"""Pin an entry of a State's timeline, and take it away again."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for

from crm.core import access, doors
from crm.core.errors import RuleViolation
from crm.core.routes import requires
from crm.pins import queries, service
from crm.pins.forms import PinForm
from crm.states.queries import register

pages = Blueprint("pins", __name__)


def _back(state_iso3: str) -> Any:
    return redirect(url_for("states.show", iso3=state_iso3) + "#timeline", 303)


@pages.post("/states/<string(length=3):iso3>/pins")
@requires("states:read")
def pin(iso3: str) -> Any:
    """Keep an entry on top."""
    state, form = register().state(iso3.upper()), PinForm()
    sent = doors.submit(form, partial(service.pin, actor=access.viewer(), state_iso3=state.iso3))
    if not sent.done:
        raise RuleViolation("", " ".join(str(one) for errors in form.errors.values() for one in errors))
    return _back(state.iso3)


@pages.post("/pins/<uuid:pin_id>/remove")
@requires("states:read")
def unpin(pin_id: UUID) -> Any:
    """Take it from the top."""
    found = queries.get_pin(pin_id)
    state_iso3 = found.state_iso3
    doors.act(service.unpin, actor=access.viewer(), pin_id=pin_id)
    return _back(state_iso3)
