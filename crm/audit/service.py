"""Write down what happened, in the transaction in which it happens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crm.audit import chain
from crm.audit.models import AuditEntry
from crm.audit.vocabulary import Event, check_facts
from crm.core.access import Handling, Viewer
from crm.core.db import before_commit, db

__all__ = ["Event", "record"]


def record(
    event: Event,
    *,
    actor: Viewer,
    subject: tuple[str, UUID | str],
    originator_id: UUID | None = None,
    handling: Handling = Handling.ORIGINATOR,
    **facts: Any,
) -> None:
    """Add an entry to the present unit of work. `facts` are those of the vocabulary, never free text of a note."""
    check_facts(event, facts)
    kind, key = subject
    entry = AuditEntry(
        event=event.value,
        actor_id=actor.user_id,
        actor_name=actor.name,
        subject_kind=kind,
        subject_id=str(key),
        originator_id=originator_id or actor.party_id,
        handling=handling.value,
        details=facts,
    )
    db.session.add(entry)
    chain.await_seal(entry)
    before_commit(chain.seal)
