"""Logging one activity for a test, as somebody."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.activities.models import Activity
from crm.activities.service import record_activity
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work

REPLY = "They would join after the election."


def logged(actor: Viewer, state_iso3: str = "LAO", **changes: Any) -> UUID:
    """An activity of this person about one State, committed."""
    given: dict[str, Any] = {
        "kind": "demarche",
        "held_on": date(2026, 11, 1),
        "person_name": "Karma Example",
        "reply": REPLY,
    }
    with looking_as(actor), unit_of_work():
        return record_activity(actor=actor, state_iso3=state_iso3, **{**given, **changes}).id


def sees(viewer: Viewer, activity_id: UUID) -> bool:
    """Whether somebody finds an activity."""
    with looking_as(viewer):
        db.session.rollback()
        return db.session.scalar(select(Activity.id).where(Activity.id == activity_id)) is not None


def anew(viewer: Viewer) -> Viewer:
    """The same person at their next request."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return viewer_of(db.session.get_one(User, viewer.user_id))
