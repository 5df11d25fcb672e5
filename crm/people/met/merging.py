"""Two records of one person become one, and two again where that was wrong. Nothing is moved: see `PersonMerge`."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crm.audit import subjects
from crm.audit.service import Event
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, held
from crm.core.errors import NotFound, RuleViolation
from crm.core.visibility import narrowest
from crm.people.met import queries, reach, rules
from crm.people.met.models import Interlocutor, PersonMerge
from crm.people.met.service import audit, own_person


def merge(*, actor: Viewer, person_id: UUID, other_id: UUID) -> PersonMerge:
    """Keep the person `person_id`, and read with them all that hangs on the other. Those who had been merged into that
    one come along, looked up as the system: they may be closed to the actor.

    Raises NotFound, NotAllowed for another party's record, RuleViolation("other_id") saying why they cannot be merged.
    """
    first, second = sorted((person_id, other_id))
    found = {key: own_person(actor, key) for key in (first, second)}
    kept, gone = found[person_id], found[other_id]
    problem = rules.merge_problem(queries.as_same(kept), queries.as_same(gone))
    if problem:
        raise RuleViolation("other_id", problem)
    with looking_as(SYSTEM):
        brought = _merged_into(gone.id)
        for one in (gone, *brought):
            one.merged_into_id = kept.id
        db.session.flush()
    made = PersonMerge(
        kept_id=kept.id,
        gone_id=gone.id,
        party_id=kept.originator_id,
        brought=[str(one.id) for one in brought],
        merged_by=actor.name,
        sample=kept.sample and gone.sample,
    )
    db.session.add(made)
    db.session.flush()
    _enter(Event.PEOPLE_MERGED, actor, kept, gone)
    return made


def undo(*, actor: Viewer, person_id: UUID) -> Interlocutor:
    """Tell somebody who was merged apart again, with those who had been merged into them and were not since told apart
    themselves; returns their record. Those are looked up as the system: some may be closed to the actor.

    Twice changes nothing. Raises NotFound, NotAllowed, and RuleViolation after 30 days.
    """
    gone = own_person(actor, person_id)
    if gone.merged_into_id is None:
        return gone
    wanted = held(select(PersonMerge).where(PersonMerge.gone_id == gone.id, PersonMerge.undone_at.is_(None)))
    made = db.session.scalar(wanted.order_by(PersonMerge.merged_at.desc()).limit(1))
    if made is None:
        raise NotFound("no such merge")
    now = clock.now()
    if not rules.may_be_undone(made.merged_at, now):
        raise RuleViolation("", f"This was merged more than {rules.UNDO_DAYS} days ago and stays so.")
    made.undone_at = now
    kept_id = gone.merged_into_id
    gone.merged_into_id = None
    with looking_as(SYSTEM):
        for one in _come_along(made, kept_id):
            one.merged_into_id = gone.id
        db.session.flush()
    reach.narrow_those_merged([gone])
    _enter(Event.MERGE_UNDONE, actor, queries.get_person(kept_id), gone)
    return gone


def _merged_into(person_id: UUID) -> list[Interlocutor]:
    """Those who stand under somebody, held. Its caller looks as the system."""
    wanted = select(Interlocutor).where(Interlocutor.merged_into_id == person_id)
    return list(db.session.scalars(held(wanted.order_by(Interlocutor.id))))


def _come_along(made: PersonMerge, kept_id: UUID) -> list[Interlocutor]:
    """Of those whom a merge had brought along, who still stands under the one kept because of it."""
    brought = [UUID(one) for one in made.brought]
    standing = select(PersonMerge.gone_id, PersonMerge.kept_id).where(
        PersonMerge.gone_id.in_(brought), PersonMerge.undone_at.is_(None)
    )
    into = {one.gone_id: one.kept_id for one in db.session.execute(standing)}
    there = {one.id: one for one in _merged_into(kept_id)}
    return [there[key] for key in brought if key in there and rules.ends_with(key, into) == made.gone_id]


def _enter(event: Event, actor: Viewer, kept: Interlocutor, gone: Interlocutor) -> None:
    """The entry names the record that went: it is for those who see both."""
    audit(
        event,
        actor,
        kept,
        handling=narrowest([Handling(kept.handling), Handling(gone.handling)]),
        state=subjects.states_of(("interlocutor", kept.id), ("interlocutor", gone.id)),
        gone=str(gone.id),
    )
