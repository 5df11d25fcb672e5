"""All that is known of one person met, gathered for both doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from crm.core import access, clock
from crm.core.display import day
from crm.people.met import known, queries, service
from crm.people.met.known import Known
from crm.people.met.likeness import alike, likeness
from crm.people.met.models import Interlocutor, PersonMerge
from crm.people.met.queries import StanceLine, Term
from crm.people.met.records import Meeting, records
from crm.people.met.rules import in_one_line, may_be_undone
from crm.people.queries import Holder, holder_values


@dataclass(frozen=True)
class Merged:
    """Somebody found to be the same person: the key and name of the record that went, when, and whether that can be
    undone.
    """

    person_id: UUID
    name: str
    merge: PersonMerge | None
    undoable: bool


@dataclass(frozen=True)
class Whole:
    """Somebody met, as far as the viewer may see. `suggested`: other records that may be of the same person."""

    person: Interlocutor
    party: str
    own: bool
    may_change: bool
    holder: Holder | None
    terms: Sequence[Term]
    stances: Sequence[StanceLine]
    stance: StanceLine | None
    meetings: Sequence[Meeting]
    merged: Sequence[Merged]
    suggested: Sequence[Known]
    today: date

    @property
    def judged(self) -> list[tuple[str, UUID]]:
        """What is thought of them, by kind and key: each assessment is a record of whoever made it."""
        return [("stance_claim", one.id) for one in self.stances]

    @property
    def now(self) -> str:
        """Who they are in one line, as a record of a meeting today would say it."""
        return in_one_line((self.person.name, self.person.title, self.person.ministry))


def everybody(person: Interlocutor) -> list[UUID]:
    """The keys of somebody and of those who were merged into them."""
    return [person.id, *(one.id for one in queries.merged_into([person.id]))]


def whole(person: Interlocutor) -> Whole:
    """In a constant number of statements."""
    viewer = access.viewer()
    merged = queries.merged_into([person.id])
    keys = [person.id, *(one.id for one in merged)]
    offices = {one.holder_id for one in (person, *merged) if one.holder_id}
    holders = holder_values(list(offices))
    stances = queries.stances_of(keys)
    merges = {merge.gone_id: merge for merge, _name in queries.merges_of(person.id)}
    may_change = service.may_change(viewer, person)
    return Whole(
        person=person,
        party=queries.party_of(person.originator_id),
        own=person.originator_id == viewer.party_id,
        may_change=may_change,
        holder=next((one for one in holders if one.id == person.holder_id), holders[0] if holders else None),
        terms=queries.terms_of(keys),
        stances=stances,
        stance=queries.newest_stance(stances),
        meetings=records().meetings(keys, offices),
        merged=[_merged(one, merges.get(one.id), may_change) for one in merged],
        suggested=_suggested(person) if may_change else (),
        today=access.today(),
    )


def _merged(one: Interlocutor, merge: PersonMerge | None, may_change: bool) -> Merged:
    return Merged(one.id, one.name, merge, bool(may_change and merge and may_be_undone(merge.merged_at, clock.now())))


def _suggested(person: Interlocutor) -> list[Known]:
    return [one.somebody for one in alike(person.name, _others(person))][:3]


def _others(person: Interlocutor) -> list[Known]:
    """Other people of the State whom the same party recorded."""
    return [one for one in known.known_in(person.state_iso3, person) if not one.office and one.id != person.id]


def likest(person: Interlocutor) -> list[tuple[str, str]]:
    """Whom somebody may be the same as, the likest first, as choices of a form."""
    found = sorted(_others(person), key=lambda one: -max(likeness(person.name, name) for name in one.names))
    return [(str(one.id), in_one_line((one.name, one.title, one.ministry))) for one in found[:200]]


def choices_of_records(person: Interlocutor) -> list[tuple[str, str]]:
    """The records of meetings with somebody, as choices of a form."""
    offices = [person.holder_id] if person.holder_id else []
    found = records().meetings(everybody(person), offices)
    return [(str(one.activity_id), f"{day(one.held_on, one.precision)}: {one.what}") for one in found]
