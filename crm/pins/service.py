"""Verbs of the pins. Each is part of a unit of work that its caller opens."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from crm.core.access import Viewer
from crm.core.db import db, unless_taken
from crm.core.errors import NotAllowed, RuleViolation
from crm.pins import queries
from crm.pins.models import TimelinePin

MOST = 12
"""More than so many on top are no longer on top."""

COLUMNS = {"activity": "activity_id", "followup": "follow_up_id", "letter": "letter_id"}
"""In which column a record of each kind is named."""


def pin(*, actor: Viewer, state_iso3: str, kind: str, record_id: UUID, for_party: bool = False) -> TimelinePin:
    """Keep a record on top of the timeline of a State, for oneself or for one's party.

    Raises RuleViolation for a record that the actor does not find there, that is pinned already, or one too many.
    """
    if actor.user_id is None:
        raise NotAllowed("nobody to pin for")
    if for_party and (actor.party_id is None or not actor.may("own:read")):
        raise RuleViolation("for_party", "You belong to no party for which it could be pinned.")
    if not queries.stands_on(state_iso3, kind, record_id):
        raise RuleViolation("record_id", "There is no such entry on this timeline.")
    keeper_id = actor.party_id if for_party else actor.user_id
    kept = select(func.count()).select_from(TimelinePin)
    kept = kept.where(TimelinePin.keeper_id == keeper_id, TimelinePin.state_iso3 == state_iso3)
    if (db.session.scalar(kept) or 0) >= MOST:
        raise RuleViolation("", f"{MOST} entries are pinned here already. Take one away first.")
    found = TimelinePin(
        user_id=actor.user_id,
        party_id=actor.party_id,
        for_party=for_party,
        keeper_id=keeper_id,
        state_iso3=state_iso3,
        record=f"{kind}:{record_id}",
        pinned_by=actor.name,
        **{COLUMNS[kind]: record_id},
    )
    with unless_taken("record_id", "This is pinned already."):
        db.session.add(found)
    return found


def unpin(*, actor: Viewer, pin_id: UUID) -> None:
    """Take a pin away: one's own, or one of one's party."""
    found = queries.get_pin(pin_id)
    if found.for_party and not actor.may("own:read"):
        raise NotAllowed("a pin of the party")
    db.session.delete(found)
    db.session.flush()
