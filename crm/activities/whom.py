"""Whom an activity was with, among the people known: linked where they are, kept where that is asked; and what
records there are of meetings with somebody.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import func, or_, select

from crm.activities.models import Activity, ActivityPerson
from crm.activities.report import Occasion
from crm.activities.rules import HAPPENED, Level
from crm.activities.source import Source, source
from crm.activities.types import ACTIVITY_TYPES
from crm.core import ceiling
from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution
from crm.people.met import known
from crm.people.met import service as people_service
from crm.people.met.models import Interlocutor
from crm.people.met.records import Meeting, Records
from crm.people.met.rules import in_one_line
from crm.states.rules import fold

READ = 100
"""So many records of meetings with one person are read."""


def link(actor: Viewer, activity: Activity, told: Occasion) -> bool:
    """Say of the person met who that is among those known; keep them where they are new and that is asked. Whether
    anything of that is new.

    Raises RuleViolation for somebody chosen who is not known, and "keep_person" where they may not be kept.
    """
    person = activity.people[0]
    if told.person_id and told.person_id == str(person.interlocutor_id or person.holder_id):
        return False
    before = (person.interlocutor_id, person.holder_id)
    with looking_as(actor):  # what is closed to them is kept by the system, which knows people whom they may not see
        found = known.linked_to(told.states, told.person_name, told.person_id)
    if found is None:
        raise RuleViolation("person_name", "The person chosen is not among those known of this State. Choose again.")
    person.interlocutor_id, person.holder_id = found
    if told.keep_person and person.interlocutor_id is None:
        person.interlocutor_id = _keep(actor, activity, person, told).id
    db.session.flush()
    return before != (person.interlocutor_id, person.holder_id)


def _keep(actor: Viewer, activity: Activity, person: ActivityPerson, told: Occasion) -> Interlocutor:
    """A record of its own, which travels no further than what others may learn of the source."""
    actor.require("people:write")
    handling = told_of_person(activity)
    if handling is Handling.ORIGINATOR and not ceiling.ceiling().keeps(handling):
        raise RuleViolation("keep_person", "So few may see this person that they are not kept here.")
    kept = Interlocutor(
        state_iso3=told.state_iso3,
        name=person.name,
        sought=fold(person.name),
        title=person.title,
        ministry=person.ministry,
        level=person.level,
        holder_id=person.holder_id,
        source_id=activity.id,
        handling=handling.value,
        originator_id=activity.originator_id,
        recorded_by_id=activity.recorded_by_id,
        sample=activity.sample,
    )
    people_service.keep(actor, kept)
    return kept


def known_among(activity: Activity) -> dict[UUID, UUID]:
    """By person met, the key of the record under which the viewer may find them among the people known."""
    keys = {one.id: one.interlocutor_id for one in activity.people if one.interlocutor_id}
    asked = select(Interlocutor.id).where(Interlocutor.id.in_(list(keys.values())))
    seen = set(db.session.scalars(asked)) if keys else set()
    return {part: key for part, key in keys.items() if key in seen}


def proposed(state_iso3: str, person_id: str) -> dict[str, str]:
    """What a form begins with for somebody known of a State; nothing where the viewer may see nobody of this key."""
    everybody = known.known_in(state_iso3) if person_id and state_iso3 else []
    one = next((one for one in everybody if str(one.id) == person_id), None)
    if one is None:
        return {}
    return {
        "person_id": person_id,
        "person_name": one.name,
        "person_title": one.title,
        "person_ministry": one.ministry,
        "person_level": "" if one.level == Level.OTHER else one.level,
    }


def told_of_person(activity: Activity) -> Handling:
    """How far the person met may travel."""
    return Source(Handling(activity.handling), Attribution(activity.attribution)).of_person


def handling_of(activity_id: UUID) -> Handling:
    """The same of an activity that the viewer sees, which is held from now on; raises NotFound."""
    return source(activity_id).of_person


def meetings(person_ids: Collection[UUID], holder_ids: Collection[UUID]) -> list[Meeting]:
    """The records of meetings with any of these, newest first, as far as their attribution tells of the person."""
    met = or_(ActivityPerson.interlocutor_id.in_(list(person_ids)), ActivityPerson.holder_id.in_(list(holder_ids)))
    rows = db.session.execute(
        select(Activity.id, Activity.kind, Activity.held_on, Activity.precision, ActivityPerson)
        .join(Activity, Activity.id == ActivityPerson.activity_id)
        .where(met)
        .order_by(Activity.held_on.desc(), Activity.id)
        .limit(READ)
    )
    return [
        Meeting(
            key,
            held_on,
            precision,
            ACTIVITY_TYPES[kind].label,
            in_one_line((person.name, person.title, person.ministry)),
        )
        for key, kind, held_on, precision, person in rows
    ]


def last_met(person_ids: Collection[UUID]) -> dict[UUID, date]:
    """The day of the last contact with each of these, as far as that is told."""
    rows = db.session.execute(
        select(ActivityPerson.interlocutor_id, func.max(Activity.held_on))
        .join(Activity, Activity.id == ActivityPerson.activity_id)
        .where(
            ActivityPerson.interlocutor_id.in_(list(person_ids)),
            Activity.status.in_(sorted(HAPPENED)),
        )
        .group_by(ActivityPerson.interlocutor_id)
    )
    return {key: day for key, day in rows if key}


RECORDS = Records(meetings, last_met, handling_of)
