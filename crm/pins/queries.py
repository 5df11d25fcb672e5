"""Reading what is pinned."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.activities.models import ActivityState
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.errors import NotFound
from crm.followups.models import FollowUp
from crm.letters.models import Letter
from crm.pins.models import TimelinePin
from crm.states.timeline import Pin, Record


def pins_on(state_iso3: str, viewer: Viewer) -> dict[Record, Pin]:
    """What is pinned on the timeline of a State for this viewer: one statement. Their own goes before the party's."""
    if viewer.user_id is None:
        return {}
    wanted = select(TimelinePin).where(TimelinePin.state_iso3 == state_iso3)
    found: dict[Record, Pin] = {}
    for one in db.session.scalars(wanted.order_by(TimelinePin.for_party.desc(), TimelinePin.pinned_at)):
        kind, _, key = one.record.partition(":")
        words = f"for {viewer.party_name or 'your party'}, by {one.pinned_by}" if one.for_party else "for you"
        found[kind, UUID(key)] = Pin(one.id, words)
    return found


def stands_on(state_iso3: str, kind: str, key: UUID) -> bool:
    """Whether the viewer finds a record of this kind on the timeline of this State."""
    found: dict[str, Any] = {
        "activity": select(ActivityState.id).where(ActivityState.activity_id == key),
        "followup": select(FollowUp.id).where(FollowUp.id == key),
        "letter": select(Letter.id).where(Letter.id == key),
    }
    models: dict[str, Any] = {"activity": ActivityState, "followup": FollowUp, "letter": Letter}
    if kind not in found:
        return False
    return db.session.scalar(found[kind].where(models[kind].state_iso3 == state_iso3)) is not None


def get_pin(pin_id: UUID) -> TimelinePin:
    """One pin; NotFound when absent or not for this viewer."""
    found = db.session.get(TimelinePin, pin_id)
    if found is None:
        raise NotFound("no such pin")
    return found
