"""Write down somebody met, a post, who holds it, and what one's own party thinks of somebody."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.audit import subjects
from crm.audit.changes import set_values
from crm.audit.service import Event, note_unseen, record
from crm.core import ceiling, clock
from crm.core.access import Handling, Viewer, claim_for_real, writing_about
from crm.core.db import db, expect_version, locked
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.visibility import narrowest
from crm.people.met import known, queries, reach
from crm.people.met.likeness import alike
from crm.people.met.models import Interlocutor, StanceClaim
from crm.people.met.records import records
from crm.people.met.rules import Stance
from crm.people.models import Office, OfficeHolder
from crm.people.rules import Level
from crm.states.models import State
from crm.states.rules import fold

NOT_YOURS = "This State is not among those you work on. Your administrator keeps the list."
ALIKE = "Somebody of a like name is known already: {}. Choose them, or say that this is somebody else."


def record_person(
    *,
    actor: Viewer,
    state_iso3: str,
    name: str,
    title: str = "",
    ministry: str = "",
    level: Level = Level.OTHER,
    note: str = "",
    handling: Handling = Handling.COORDINATION,
    somebody_else: bool = False,
    sample: bool = False,
) -> Interlocutor:
    """Write down somebody whom one's own party deals with.

    Raises NotAllowed without `people:write`; RuleViolation for a State that is not theirs, a handling above the
    ceiling, and a name like one that is known, unless `somebody_else` says that this is another person.
    """
    actor.require("people:write")
    check_state(actor, state_iso3)
    ceiling.check(handling)
    like = [] if somebody_else else alike(name, known.known_in(state_iso3))
    if like:
        raise RuleViolation("name", ALIKE.format(", ".join(one.somebody.name for one in like[:3])))
    person = Interlocutor(
        state_iso3=state_iso3,
        name=name,
        sought=fold(name),
        title=title,
        ministry=ministry,
        level=level.value,
        note=note,
        handling=handling.value,
        originator_id=party_of(actor),
        recorded_by_id=actor.user_id,
        sample=sample,
    )
    with writing_about(state_iso3, actor):
        keep(actor, person)
    note_unseen(actor=actor, states=[state_iso3])
    return person


def keep(actor: Viewer, person: Interlocutor) -> None:
    """Add somebody new, with an entry in the audit; for verbs that have judged it."""
    db.session.add(person)
    db.session.flush()
    audit(Event.PERSON_RECORDED, actor, person)


def correct_person(
    *,
    actor: Viewer,
    person_id: UUID,
    version: int,
    name: str,
    title: str = "",
    ministry: str = "",
    level: Level = Level.OTHER,
    note: str = "",
    handling: Handling | None = None,
    holder_id: str = "",
) -> Interlocutor:
    """Set every fact of a record of one's own party; what was written of meetings stays as it was.

    Who may see it stays as it is where that is left out, and may become narrower. Raises NotFound, NotAllowed, Stale,
    RuleViolation, for what is wider, too.
    """
    person = own_person(actor, person_id, version)
    before, now = Handling(person.handling), reach.corrected(person, handling)
    values = {
        "name": name,
        "sought": fold(name),
        "title": title,
        "ministry": ministry,
        "level": level.value,
        "note": note,
        "holder_id": _holder(person.state_iso3, holder_id),
    }
    changed = set_values(person, values)
    changed.pop("sought", None)
    person.handling = now.value
    db.session.flush()
    if now is not before:
        reach.narrow_those_merged([person])
        reach.enter(actor, ("interlocutor", person.id), person, before)
    if changed:
        audit(Event.PERSON_CORRECTED, actor, person, changes=changed, values_for=narrowest([before, now]))
    return person


def _holder(state_iso3: str, holder_id: str) -> UUID | None:
    """The holder of an office of the same State; raises RuleViolation("holder_id")."""
    if not holder_id:
        return None
    found = db.session.scalar(
        select(OfficeHolder.id)
        .join(Office, Office.id == OfficeHolder.office_id)
        .where(Office.state_iso3 == state_iso3, OfficeHolder.id == UUID(holder_id))
    )
    if found is None:
        raise RuleViolation("holder_id", "Choose somebody from the list.")
    return found


def state_stance(
    *,
    actor: Viewer,
    person_id: UUID,
    stance: Stance,
    claimed_on: date,
    why: str = "",
    source: str = "",
    handling: Handling = Handling.ORIGINATOR,
    sample: bool = False,
) -> StanceClaim:
    """Say where somebody stands, as one's own party sees it. What was said before stays.

    It travels no further than the person's record and its source, and stays with the record of which it was said,
    whomever that is merged into. Raises NotFound, NotAllowed, RuleViolation.
    """
    actor.require("people:write")
    person = queries.get_person(person_id)
    check_state(actor, person.state_iso3, field="")
    ceiling.check(handling)
    if claimed_on > clock.today(actor.time_zone):
        raise RuleViolation("claimed_on", "This day has not come yet.")
    limits = [handling, Handling(person.handling)]
    source_id = UUID(source) if source else None
    if source_id:
        limits.append(records().handling_of(source_id))
    claim = StanceClaim(
        person_id=person.id,
        state_iso3=person.state_iso3,
        stance=stance.value,
        why=why,
        claimed_on=claimed_on,
        source_id=source_id,
        handling=narrowest(limits).value,
        originator_id=party_of(actor),
        sample=sample,
    )
    db.session.add(claim)
    db.session.flush()
    record(
        Event.STANCE_STATED,
        actor=actor,
        subject=("interlocutor", person.id),
        originator_id=claim.originator_id,
        handling=Handling(claim.handling),
        state=subjects.about("stance_claim", claim.id).states,
    )
    return claim


def check_state(actor: Viewer, state_iso3: str, field: str = "state_iso3") -> None:
    """Raise RuleViolation unless there is such a State and it is theirs to write about."""
    if db.session.scalar(select(State.iso3).where(State.iso3 == state_iso3)) is None:
        raise RuleViolation(field, "There is no State with this code.")
    if not actor.works_on(state_iso3):
        raise RuleViolation(field, NOT_YOURS)


def party_of(actor: Viewer) -> UUID:
    """The party for which somebody writes; raises RuleViolation for whoever belongs to none."""
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can record this.")
    return actor.party_id


def may_change(actor: Viewer, one: Any) -> bool:
    """Whether a person or a post is for them to set right: their own party's, of a State they work on."""
    own = actor.may("people:write") and one.originator_id == actor.party_id
    return own and actor.works_on(one.state_iso3)


def own_person(actor: Viewer, person_id: UUID, version: int | None = None) -> Interlocutor:
    """Somebody recorded by one's own party, held; raises NotFound, NotAllowed, Stale."""
    actor.require("people:write")
    person = locked(Interlocutor, person_id)
    if person is None:
        raise NotFound("no such person")
    if not may_change(actor, person):
        raise NotAllowed("a person recorded by another party")
    expect_version(person, version)
    claim_for_real(person, actor)
    return person


def audit(event: Event, actor: Viewer, person: Interlocutor, **more: Any) -> None:
    """Enter into the audit what happened to somebody's record."""
    record(
        event,
        actor=actor,
        subject=("interlocutor", person.id),
        originator_id=person.originator_id,
        **{"handling": Handling(person.handling), **more},
    )
