"""Walking the chain from its first entry to its last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, inspect, or_, select
from sqlalchemy.orm import Bundle

from crm.audit.chain.mark import head
from crm.audit.chain.sealing import FIRST_LINK, commitment_of, content_commitment, link_of
from crm.audit.models import AuditContent, AuditEntry, AuditHead
from crm.audit.vocabulary import Event
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db

BATCH = 1_000


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found: how many entries hold, its end, and the first fault if there is one.

    `erased` counts the entries whose values were taken out by somebody who is on record for it.
    """

    entries: int
    link: str
    fault: str | None = None
    erased: int = 0


def verify() -> Verdict:
    """Walk the chain up to where it ended when the walk began; stops at the first entry that does not fit.

    Looks as the system: the chain goes through everybody's entries.
    """
    with looking_as(SYSTEM):
        return _Walk().over(*head())


class _Walk:
    """One walk: where it stands, and the entries met whose values are gone, by subject."""

    def __init__(self) -> None:
        self.place, self.link = 0, FIRST_LINK
        self.unexplained: dict[tuple[str, str], tuple[int, int]] = {}
        self.erased = 0

    def over(self, written: int, last: str) -> Verdict:
        """The verdict on the entries up to a place whose link is `last`."""
        for entry, content in _entries(written):
            if fault := self._step(entry, content):
                return self._but(fault)
        if (written, last) != (self.place, self.link):
            return self._but(f"The chain ends at entry {self.place}, but entry {written} had been written.")
        if self.unexplained:
            place = min(first for first, _number in self.unexplained.values())
            return self._but(f"The values of entry {place} are gone, and nobody is on record for erasing them.")
        if loose := db.session.scalar(_outside()):
            return self._but(f"Entry {loose} stands outside of the chain.")
        return Verdict(self.place, self.link, erased=self.erased)

    def _but(self, fault: str) -> Verdict:
        return Verdict(self.place, self.link, fault)

    def _step(self, entry: Any, content: Any) -> str | None:
        """Take one entry; what is wrong with it, or None."""
        place = self.place + 1
        if entry.place != place:
            return f"Entry {place} is missing; the next one kept is {entry.place}."
        named = f"Entry {place} ({entry.event}, {entry.id})"
        if commitment_of(entry) != entry.commitment:
            return f"{named} does not say what it said."
        if fault := self._content(entry, content):
            return f"{named} {fault}"
        link = link_of(self.link, place, entry.commitment)
        if link != entry.link:
            return f"{named} does not follow the one before."
        self.place, self.link = place, link
        return None

    def _content(self, entry: Any, content: Any) -> str | None:
        """Hold the values against what the entry committed to; note those that are gone, and who took them out."""
        subject = (entry.subject_kind, entry.subject_id)
        if entry.event == Event.VALUES_ERASED:
            self.erased += self.unexplained.pop(subject, (0, 0))[1]
        if not entry.content_commitment:
            return "has values that it did not have." if content else None
        if content is None or content.values is None:
            first, number = self.unexplained.get(subject, (entry.place or 0, 0))
            self.unexplained[subject] = (first, number + 1)
            return None
        if content_commitment(content) != entry.content_commitment:
            return "has other values than it had."
        return None


def _entries(until: int) -> Iterator[tuple[Any, Any]]:
    """Entries in the order of their places, each with its values or None, batch by batch.

    They are read as plain columns, past what the session holds: a change in progress is neither seen nor lost.
    """
    last = 0
    entry: Bundle[Any] = Bundle("entry", *_columns(AuditEntry))
    content: Bundle[Any] = Bundle("content", *_columns(AuditContent))
    while True:
        some = select(entry, content).outerjoin_from(AuditEntry, AuditContent, AuditContent.entry_id == AuditEntry.id)
        wanted = some.where(AuditEntry.place > last, AuditEntry.place <= until)
        batch = db.session.execute(wanted.order_by(AuditEntry.place).limit(BATCH)).all()
        if not batch:
            return
        for one, values in batch:
            last = one.place
            yield one, values if values.entry_id else None


def _columns(model: type[Any]) -> list[Any]:
    return [one.class_attribute for one in inspect(model).column_attrs]


def _outside() -> Select[Any]:
    """An entry before the first place, after the last, or without one; in one look, for others go on writing."""
    end = select(AuditHead.place).scalar_subquery()
    wanted = select(AuditEntry.id).where(or_(AuditEntry.place.is_(None), AuditEntry.place < 1, AuditEntry.place > end))
    return wanted.order_by(AuditEntry.id).limit(1)
