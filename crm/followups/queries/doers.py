"""Which changes of a follow-up the viewer made themselves: a change keeps a name, the audit the key beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.audit.vocabulary import Event
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.followups.models import FollowUp, FollowUpChange
from crm.followups.rules import Change

YOU = "You"
"""Whoever reads it, where their name would not be told."""


def within(name: str) -> str:
    """A name within a sentence."""
    return "you" if name == YOU else name


_EVENTS = {
    Event.FOLLOWUP_DONE: Change.DONE,
    Event.FOLLOWUP_CANCELLED: Change.CANCELLED,
    Event.FOLLOWUP_REOPENED: Change.REOPENED,
    Event.FOLLOWUP_MOVED: Change.MOVED,
    Event.FOLLOWUP_REASSIGNED: Change.REASSIGNED,
    Event.FOLLOWUP_REMINDED_LATER: Change.LATER,
}


def own_doing(follow_up: FollowUp, changes: Sequence[FollowUpChange], viewer: Viewer) -> set[UUID]:
    """The keys of these changes, the newest first, that the viewer made, and that of the follow-up if they opened it.
    One statement, and none for the party whose it is, which reads all names.

    The latest entry of a kind is about the latest change of that kind: both are written in one, while the follow-up is
    held. Looks as the system: what others did counts, too, and tells the viewer of themselves alone.
    """
    if viewer.user_id is None or viewer.party_id == follow_up.originator_id:
        return set()
    done: dict[str, list[Any]] = defaultdict(list)
    for one in changes:
        done[one.kind].append(one)
    found = set[UUID]()
    for event, entries in _entries(follow_up.id).items():
        if event == Event.FOLLOWUP_OPENED:
            found.update(follow_up.id for one in entries if one.actor_id == viewer.user_id)
            continue
        for change, entry in zip(done[_EVENTS[event]], entries, strict=False):
            if entry.actor_id == viewer.user_id and entry.actor_name == change.by:
                found.add(change.id)
    return found


def _entries(followup_id: UUID) -> dict[Event, list[Any]]:
    """What the audit has of it, by event, the newest first."""
    wanted = (
        select(AuditEntry.event, AuditEntry.actor_id, AuditEntry.actor_name)
        .where(AuditEntry.subject_kind == "follow_up", AuditEntry.subject_id == str(followup_id))
        .where(AuditEntry.event.in_([Event.FOLLOWUP_OPENED, *_EVENTS]))
        .order_by(AuditEntry.at.desc(), AuditEntry.place.desc())
    )
    found: dict[Event, list[Any]] = defaultdict(list)
    with looking_as(SYSTEM):
        for one in db.session.execute(wanted):
            found[Event(one.event)].append(one)
    return found
