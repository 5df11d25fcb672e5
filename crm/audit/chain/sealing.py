"""Sealing: entries get their place at the very end of a unit of work, so that the head of the chain is held
for the length of a commit, not of a change.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from itertools import count
from typing import Any

from sqlalchemy import select

from crm.audit.models import AuditContent, AuditEntry, AuditHead
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, locked

_UNSEALED = "unsealed"
FIRST_LINK = hashlib.sha256(b"Demarche audit").hexdigest()


def _digest(salt: str, said: Any) -> str:
    """SHA-256 over a salt and a value in one fixed spelling."""
    spelled = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((salt + spelled).encode("utf-8", "surrogatepass")).hexdigest()


def commitment_of(entry: AuditEntry) -> str:
    """SHA-256 over the salt and everything the entry says for ever; of its values only their own commitment."""
    said = {
        "id": str(entry.id),
        "at": entry.at.isoformat(timespec="microseconds"),
        "event": entry.event,
        "actor_id": str(entry.actor_id or ""),
        "actor_name": entry.actor_name,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
        "originator_id": str(entry.originator_id or ""),
        "handling": entry.handling,
        "details": entry.details,
    }
    if entry.content_commitment:
        said["content"] = entry.content_commitment
    return _digest(entry.salt, said)


def content_commitment(content: AuditContent) -> str:
    """SHA-256 over the values of an entry, their salt and who may see them.

    The salt goes when the values go: what is left tells nobody which values they were, however few are possible.
    """
    said = {
        "entry": str(content.entry_id),
        "originator_id": str(content.originator_id or ""),
        "handling": content.handling,
        "values": content.values,
    }
    return _digest(content.salt, said)


def link_of(before: str, place: int, commitment: str) -> str:
    """SHA-256 that ties a commitment to its place and to all that came before."""
    return hashlib.sha256(f"{before}:{place}:{commitment}".encode()).hexdigest()


def await_seal(entry: AuditEntry) -> None:
    """Note an entry that the present unit of work has added and that is to be sealed before it commits."""
    db.session.info.setdefault(_UNSEALED, []).append(entry)


def seal() -> None:
    """Give the entries of the present unit of work their place; the last thing before it commits.

    Only what came through `await_seal` is sealed: a row that somebody slipped into the table stays outside of the
    chain and is found by `verify`. Entries of a part that was rolled back are no longer there. Works as the system:
    the chain goes through everybody's entries.
    """
    db.session.flush()
    fresh = [one for one in db.session.info.pop(_UNSEALED, []) if one in db.session]
    if fresh:
        with looking_as(SYSTEM):
            _link(_held_head(), sorted(fresh, key=lambda one: (one.at, str(one.id))))


def seal_what_was_before() -> int:
    """Give a place to the entries of a database that is older than the chain; how many there were.

    Part of an installation, once: as soon as the chain has an entry nothing more is taken in. Works as the system:
    the chain goes through everybody's entries.
    """
    with looking_as(SYSTEM):
        end = _held_head()
        if end.place:
            return 0
        rows = select(AuditEntry).where(AuditEntry.place.is_(None)).order_by(AuditEntry.at, AuditEntry.id)
        older = db.session.scalars(rows).all()
        _link(end, older)
        return len(older)


def _held_head() -> AuditHead:
    end = locked(AuditHead, 1)
    if end is None:
        raise RuntimeError("the audit has no beginning: the migrations have not run")
    return end


def _link(end: AuditHead, entries: Sequence[AuditEntry]) -> None:
    """Places that a forged row holds are left out: `verify` finds the row, and nobody is kept from writing."""
    taken = set(db.session.scalars(select(AuditEntry.place).where(AuditEntry.place > end.place)))
    for entry in entries:
        end.place = next(one for one in count(end.place + 1) if one not in taken)
        entry.place, entry.salt = end.place, secrets.token_hex(16)
        entry.commitment = commitment_of(entry)
        entry.link = end.link = link_of(end.link, end.place, entry.commitment)
    db.session.flush()
