"""Who may be meant by a name: the people known of a State and the holders of its offices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.core import access
from crm.core.db import db
from crm.people.forms import KIND_LABELS
from crm.people.met.likeness import likeness
from crm.people.met.models import Interlocutor
from crm.people.met.rules import ALIKE
from crm.people.models import Office, OfficeHolder
from crm.people.queries import Holder, holder_values
from crm.people.rules import Level, OfficeKind, holder_among
from crm.states.rules import fold


@dataclass(frozen=True)
class Known:
    """Somebody who may be meant: a person met, or the holder of an office. `names`: all they are recorded under."""

    id: UUID
    names: tuple[str, ...]
    title: str
    ministry: str
    level: str
    office: bool = False

    @property
    def name(self) -> str:
        """The name they are known by now."""
        return self.names[0]


LEVEL_OF_OFFICE = {
    OfficeKind.HEAD_OF_STATE: Level.HEAD_OF_STATE,
    OfficeKind.HEAD_OF_GOVERNMENT: Level.HEAD_OF_GOVERNMENT,
    OfficeKind.FOREIGN_MINISTER: Level.MINISTER,
    OfficeKind.PERMANENT_REPRESENTATIVE: Level.AMBASSADOR,
}


def known_in(state_iso3: str, like: Interlocutor | None = None) -> list[Known]:
    """Everybody of a State who may be meant by a name: people met, then holders of its offices today.

    `like`: only those whom the party of this person recorded.
    """
    wanted = select(Interlocutor).where(Interlocutor.state_iso3 == state_iso3).order_by(Interlocutor.sought)
    if like is not None:
        wanted = wanted.where(Interlocutor.originator_id == like.originator_id)
    rows = list(db.session.scalars(wanted))
    also = defaultdict(list)
    for one in rows:
        if one.merged_into_id:
            also[one.merged_into_id].append(one.name)
    people = [
        Known(one.id, (one.name, *also[one.id]), one.title, one.ministry, one.level)
        for one in rows
        if not one.merged_into_id
    ]
    linked = {one.holder_id for one in rows}
    return people + [
        Known(one.id, (one.name,), one.titles.get("en") or KIND_LABELS[one.kind], "", LEVEL_OF_OFFICE[one.kind], True)
        for one in holders_today(state_iso3)
        if one.id not in linked
    ]


def holders_today(state_iso3: str) -> list[Holder]:
    """Who holds the offices of a State today, real people before invented ones."""
    today = access.today()
    wanted = (
        select(OfficeHolder.id, Office.kind, OfficeHolder.from_on, OfficeHolder.until_on, OfficeHolder.acting,
               OfficeHolder.sample)
        .join(Office, Office.id == OfficeHolder.office_id)
        .where(Office.state_iso3 == state_iso3)
    )  # fmt: skip
    by_office: dict[str, list[Any]] = defaultdict(list)
    for row in db.session.execute(wanted):
        by_office[row.kind].append(row)
    present = [holder_among(by_office[kind.value], today) for kind in OfficeKind]
    found = holder_values([one.id for one in present if one])
    return sorted(found, key=lambda one: list(OfficeKind).index(one.kind))


Link = tuple[UUID | None, UUID | None]
"""The key of a person met, and of an office-holder."""


def linked_to(states: Sequence[str], name: str, person_id: str) -> Link | None:
    """Whom a record of a meeting means.

    By the key that was chosen, unless another name was typed over it; else by the name, where exactly one person of
    the first State has it. None for a key that names nobody of these States whom the viewer may see.
    """
    if person_id:
        found = _chosen(states, person_id)
        if found is None:
            return None
        called, linked = found
        if likeness(name, called) >= ALIKE:
            return linked
    return _called_so(states[0], name), None


def _chosen(states: Sequence[str], person_id: str) -> tuple[str, Link] | None:
    """The name under which somebody is known by this key, and what to link."""
    try:
        key = UUID(person_id)
    except ValueError:
        return None
    person = db.session.scalar(
        select(Interlocutor).where(Interlocutor.id == key, Interlocutor.state_iso3.in_(list(states)))
    )
    if person:
        return person.name, (person.merged_into_id or person.id, person.holder_id)
    holder = db.session.execute(
        select(OfficeHolder.id, OfficeHolder.name)
        .join(Office, Office.id == OfficeHolder.office_id)
        .where(OfficeHolder.id == key, Office.state_iso3.in_(list(states)))
    ).one_or_none()
    return (holder.name, (None, holder.id)) if holder else None


def _called_so(state_iso3: str, name: str) -> UUID | None:
    wanted = select(Interlocutor.id, Interlocutor.merged_into_id).where(
        Interlocutor.state_iso3 == state_iso3, Interlocutor.sought == fold(name)
    )
    found = {kept or key for key, kept in db.session.execute(wanted.limit(9))}
    return found.pop() if len(found) == 1 else None
