"""The chain of the audit: each entry names the one before it, so none can be changed, added or taken out unseen.

Entries get their place at the very end of a unit of work: the head of the chain is held for the length of a
commit, not of a change.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from crm.audit.models import AuditEntry, AuditHead
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db

BATCH = 1_000
_UNSEALED = "unsealed"
FIRST_LINK = hashlib.sha256(b"Demarche audit").hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found: how many entries hold, its end, and the first fault if there is one."""

    entries: int
    link: str
    fault: str | None = None


def commitment_of(entry: AuditEntry) -> str:
    """SHA-256 over the salt and everything the entry says, in one fixed spelling."""
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
    spelled = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((entry.salt + spelled).encode("utf-8", "surrogatepass")).hexdigest()


def link_of(before: str, place: int, commitment: str) -> str:
    """SHA-256 that ties a commitment to its place and to all that came before."""
    return hashlib.sha256(f"{before}:{place}:{commitment}".encode()).hexdigest()


def await_seal(entry: AuditEntry) -> None:
    """Note an entry that the present unit of work has added and that is to be sealed before it commits."""
    db.session.info.setdefault(_UNSEALED, []).append(entry)


def seal() -> None:
    """Give the entries of the present unit of work their place; the last thing before it commits.

    Only what came through `await_seal` is sealed: a row that somebody slipped into the table stays outside
    of the chain and is found by `verify`. Entries of a part that was rolled back are no longer there.
    """
    db.session.flush()
    fresh = [one for one in db.session.info.pop(_UNSEALED, []) if one in db.session]
    if fresh:
        with looking_as(SYSTEM):
            _link(_held_head(), sorted(fresh, key=lambda one: (one.at, str(one.id))))


def seal_what_was_before() -> int:
    """Give a place to the entries of a database that is older than the chain; how many there were.

    Part of an installation, once: as soon as the chain has an entry nothing more is taken in.
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
    end = db.session.get(AuditHead, 1, with_for_update=True, populate_existing=True)
    if end is None:
        raise RuntimeError("the audit has no beginning: the migrations have not run")
    return end


def _link(end: AuditHead, entries: Sequence[AuditEntry]) -> None:
    for entry in entries:
        end.place += 1
        entry.place, entry.salt = end.place, secrets.token_hex(16)
        entry.commitment = commitment_of(entry)
        entry.link = end.link = link_of(end.link, end.place, entry.commitment)
    db.session.flush()


def verify() -> Verdict:
    """Walk the chain up to where it ended when the walk began; stops at the first entry that does not fit."""
    with looking_as(SYSTEM):
        written, last = head()
        link, place = FIRST_LINK, 0
        for entry in _entries(written):
            place += 1
            if entry.place != place:
                return Verdict(place - 1, link, f"Entry {place} is missing; the next one kept is {entry.place}.")
            named = f"Entry {place} ({entry.event}, {entry.id})"
            if commitment_of(entry) != entry.commitment:
                return Verdict(place - 1, link, f"{named} does not say what it said.")
            before, link = link, link_of(link, place, entry.commitment)
            if link != entry.link:
                return Verdict(place - 1, before, f"{named} does not follow the one before.")
        if (written, last) != (place, link):
            return Verdict(place, link, f"The chain ends at entry {place}, but entry {written} had been written.")
        if loose := db.session.scalar(select(AuditEntry.id).where(AuditEntry.place.is_(None)).limit(1)):
            return Verdict(place, link, f"Entry {loose} stands outside of the chain.")
    return Verdict(place, link)


def _entries(until: int) -> Iterator[AuditEntry]:
    last = 0
    while True:
        some = select(AuditEntry).where(AuditEntry.place > last, AuditEntry.place <= until)
        wanted = some.order_by(AuditEntry.place).limit(BATCH)
        batch = db.session.scalars(wanted.execution_options(populate_existing=True)).all()
        if not batch:
            return
        for entry in batch:
            last = entry.place or last
            yield entry
        db.session.expunge_all()


def passes(mark: str) -> bool:
    """Whether the chain goes through a mark, written as number of entries, colon, link."""
    place, _, link = mark.partition(":")
    if not place.isdecimal():
        return False
    with looking_as(SYSTEM):
        kept = db.session.scalar(select(AuditEntry.link).where(AuditEntry.place == int(place)))
    return kept is not None and kept == link.strip()


def head() -> tuple[int, str]:
    """How many entries there are, and the link of the last."""
    with looking_as(SYSTEM):
        found = db.session.execute(select(AuditHead.place, AuditHead.link)).one()
    return found.place, found.link
