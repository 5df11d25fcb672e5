"""How far what is kept of people met travels: no further than what it came out of, and wider on its own page alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from crm.audit.service import Event, record
from crm.core import ceiling
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, held
from crm.core.errors import RuleViolation
from crm.core.visibility import narrowest
from crm.core.widening import WIDER
from crm.people.met.models import Interlocutor, Post, StanceClaim
from crm.people.met.records import records


def corrected(row: Interlocutor | Post, handling: Handling | None) -> Handling:
    """The handling that a record has after a correction: as it was where nothing is said of it, or narrower.

    Raises RuleViolation for a wider one, and for one above the ceiling.
    """
    before = Handling(row.handling)
    if handling is None or handling is before:
        return before
    if handling.rank < before.rank:
        raise RuleViolation("handling", WIDER)
    ceiling.check(handling)
    return handling


def enter(actor: Viewer, subject: tuple[str, UUID], row: Interlocutor | Post, before: Handling) -> None:
    """Enter into the audit that a correction made a record narrower than it was before."""
    now = Handling(row.handling)
    if now is before:
        return
    record(
        Event.HANDLING_CHANGED,
        actor=actor,
        subject=subject,
        originator_id=row.originator_id,
        handling=narrowest([before, now]),
        before=before.value,
        after=now.value,
    )


def of_person(person: Interlocutor) -> Handling:
    """How far a person's record may travel: no further than the activity from which they were kept, and than whoever
    they were merged into.

    Looks as the system: both may be narrower than the record.
    """
    with looking_as(SYSTEM):
        kept = select(Interlocutor.handling).where(Interlocutor.id == person.merged_into_id)
        limits = [Handling(one) for one in db.session.scalars(kept)] if person.merged_into_id else []
        return narrowest([*limits, *_of_source(person.source_id)])


def of_post(post: Post) -> Handling:
    """The same of a post, by the activity from which the person was kept with whom it was written down. Looks as the
    system, too.
    """
    with looking_as(SYSTEM):
        return narrowest(_of_source(post.source_id))


def _of_source(activity_id: UUID | None) -> list[Handling]:
    return [records().handling_of(activity_id)] if activity_id else []


def narrow(activity_id: UUID, handling: Handling) -> None:
    """Let who was kept from an activity, the posts written down with them, and what is thought because of it, travel
    no further. As the system.
    """
    kept = held(select(Interlocutor).where(Interlocutor.source_id == activity_id))
    people = list(db.session.scalars(kept.order_by(Interlocutor.id)))
    for one in people:
        one.handling = narrowest([Handling(one.handling), handling]).value
    narrow_those_merged(people)
    came_out: tuple[Any, ...] = (Post, StanceClaim)
    for model in came_out:
        for came in db.session.scalars(held(select(model).where(model.source_id == activity_id).order_by(model.id))):
            came.handling = narrowest([Handling(came.handling), handling]).value
    db.session.flush()


def narrow_those_merged(people: list[Interlocutor]) -> None:
    """Who was merged into somebody travels no further than the one kept. Looks as the system: they may lie where the
    actor does not see them.
    """
    if not people:
        return
    widest = {one.id: Handling(one.handling) for one in people}
    merged = select(Interlocutor).where(or_(*(Interlocutor.merged_into_id == key for key in widest)))
    with looking_as(SYSTEM):
        for one in db.session.scalars(held(merged.order_by(Interlocutor.id))):
            limit = widest[one.merged_into_id]  # type: ignore[index]
            one.handling = narrowest([Handling(one.handling), limit]).value
        db.session.flush()


def person_narrowed(person_id: UUID) -> None:
    """Let those merged into somebody follow when who may see that person is narrowed. As the system."""
    narrow_those_merged(list(db.session.scalars(select(Interlocutor).where(Interlocutor.id == person_id))))
