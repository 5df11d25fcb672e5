"""Missions: open one, accredit it, post people to it, close it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from crm.accounts.models import Accreditation, AccreditationKind, Mission, Party, User
from crm.accounts.service import locked_user
from crm.audit.changes import set_values
from crm.audit.service import Event, record
from crm.core import clock, events
from crm.core.access import Viewer, claim_for_real
from crm.core.db import db, expect_version, locked, unless_taken
from crm.core.errors import NotFound, RuleViolation
from crm.reach import queries
from crm.reach.events import MissionManned
from crm.states.queries import register


def open_mission(
    *, actor: Viewer, name: str, every_state: bool = False, party_id: UUID | None = None, sample: bool = False
) -> Mission:
    """A post of a party, the actor's own unless the actor keeps all accounts.

    Raises NotAllowed without `missions:write`, RuleViolation for a name that the party uses already.
    """
    actor.require("missions:write")
    owner = _party(actor, party_id)
    mission = Mission(party_id=owner, name=name, every_state=every_state, sample=sample)
    with unless_taken("name", "Your party has a mission of this name."):
        db.session.add(mission)
    _record(Event.MISSION_OPENED, actor, mission, name=name, every_state=every_state)
    return mission


def accredit(
    *,
    actor: Viewer,
    mission_id: UUID,
    state_iso3: str,
    kind: AccreditationKind,
    from_on: date,
    until_on: date | None = None,
) -> Accreditation:
    """The mission is accredited to a State from a day on; what it may read and write follows at the next request.

    Raises RuleViolation for the actor's own mission, for a closed one, a State or a term that cannot be, or that
    overlaps with one already there.
    """
    mission = _for_change(actor, mission_id)
    _refuse_own(actor, mission)
    _refuse_closed(mission)
    if state_iso3 not in register().states:
        raise RuleViolation("state_iso3", "There is no State with this code.")
    if state_iso3 == db.session.get_one(Party, mission.party_id).state_iso3:
        raise RuleViolation("state_iso3", "A mission is not accredited to the State that sends it.")
    _check_term(mission, state_iso3, from_on, until_on)
    term = Accreditation(
        mission_id=mission.id, state_iso3=state_iso3, kind=kind.value, from_on=from_on, until_on=until_on
    )
    mission.accreditations.append(term)
    _touch(actor, mission)
    _record(Event.MISSION_ACCREDITED, actor, mission, state=state_iso3, kind=kind.value, from_on=from_on.isoformat())
    return term


def correct_accreditation(
    *,
    actor: Viewer,
    mission_id: UUID,
    accreditation_id: UUID,
    kind: AccreditationKind,
    from_on: date,
    until_on: date | None = None,
    cuts_off: bool = False,
    version: int | None = None,
) -> None:
    """Set right what was written down of an accreditation; both versions stand in the audit.

    `cuts_off`: that it holds today and then no longer does is meant. `version`: the one that the actor has read, None
    where it does not matter. Raises NotFound for one of another mission, Stale where it stands otherwise by now,
    RuleViolation as `accredit` does, and where the mission would lose the State at once and nobody said so.
    """
    mission = _for_change(actor, mission_id)
    _refuse_own(actor, mission)
    _refuse_closed(mission)
    term = queries.get_accreditation(mission, accreditation_id)
    expect_version(term, version)
    _check_term(mission, term.state_iso3, from_on, until_on, but=term)
    if not cuts_off:
        _refuse_cutting_off(mission, term, from_on, until_on)
    changes = set_values(term, {"kind": kind.value, "from_on": from_on, "until_on": until_on})
    if changes:
        _touch(actor, mission)
        _record(Event.ACCREDITATION_CORRECTED, actor, mission, changes=changes, state=term.state_iso3)


def _refuse_cutting_off(mission: Mission, term: Accreditation, from_on: date, until_on: date | None) -> None:
    today = clock.today()
    if mission.every_state or not queries.in_force(mission, term, today) or queries.holds_on(today, from_on, until_on):
        return
    field, why = ("from_on", "begins later") if from_on > today else ("until_on", "is over")
    raise RuleViolation.of(
        {
            field: f"Today it holds, and with this day it {why}: the mission loses the State at once.",
            "cuts_off": "Say that this is meant, or choose another day.",
        }
    )


def _refuse_own(actor: Viewer, mission: Mission) -> None:
    """Whoever is bound to the States of a mission does not say which these are."""
    if actor.states is not None and actor.mission_id == mission.id:
        words = "You are posted to this mission: its States are yours. Ask somebody else who keeps missions."
        raise RuleViolation("", words)


def _refuse_closed(mission: Mission) -> None:
    if mission.closed_on:
        raise RuleViolation("", "This mission is closed, and a closed mission is accredited to no State.")


def _check_term(
    mission: Mission, state_iso3: str, from_on: date, until_on: date | None, but: Accreditation | None = None
) -> None:
    """Raise RuleViolation for a term that ends before it begins, or overlaps with another than `but`."""
    if until_on and until_on <= from_on:
        raise RuleViolation("until_on", "This day is not after the first.")
    for term in mission.accreditations:
        if term is not but and term.state_iso3 == state_iso3 and _overlap(term, from_on, until_on):
            field = "from_on" if but else "state_iso3"
            raise RuleViolation(field, "The mission is accredited to this State in that time already.")


def _overlap(term: Accreditation, from_on: date, until_on: date | None) -> bool:
    begins_before_its_end = term.until_on is None or from_on < term.until_on
    return begins_before_its_end and (until_on is None or term.from_on < until_on)


def end_accreditation(*, actor: Viewer, mission_id: UUID, accreditation_id: UUID) -> None:
    """Over from this day of UTC on, which is at once. One that has not begun is taken back; one that is over stays as
    it was.

    Raises NotFound for an accreditation of another mission.
    """
    mission = _for_change(actor, mission_id)
    term = queries.get_accreditation(mission, accreditation_id)
    today = clock.today()
    facts: dict[str, Any] = {"state": term.state_iso3, "until_on": today.isoformat()}
    if term.from_on >= today:
        event, facts = Event.ACCREDITATION_TAKEN_BACK, {"state": term.state_iso3, "from_on": term.from_on.isoformat()}
        mission.accreditations.remove(term)
    elif queries.in_force(mission, term, today):
        event, term.until_on = Event.ACCREDITATION_ENDED, today
    else:
        return
    _touch(actor, mission)
    _record(event, actor, mission, **facts)


def post_to(*, actor: Viewer, user_id: UUID, mission_id: UUID) -> None:
    """Move somebody to a mission of their party. They read and write for its States from now on."""
    queries.mission_to_change(actor, mission_id)
    user = _to_be_posted(actor, user_id)
    mission = _for_change(actor, mission_id)
    if actor.states is not None and user.id == actor.user_id:
        raise RuleViolation("", "You cannot post yourself. Ask somebody else who keeps missions.")
    if mission.party_id != user.party_id or mission.closed_on:
        raise RuleViolation("mission_id", "Choose a mission from the list.")
    _post(actor, user, mission)


def leave(*, actor: Viewer, user_id: UUID, mission_id: UUID) -> None:
    """Somebody is posted to this mission no more. Raises NotFound for who is not posted there."""
    queries.mission_to_change(actor, mission_id)
    user = _to_be_posted(actor, user_id)
    if user.mission_id != mission_id:
        raise NotFound("nobody of that name there")
    _post(actor, user, None)


def _to_be_posted(actor: Viewer, user_id: UUID) -> User:
    user = locked_user(user_id)
    if not (actor.may("accounts:write") or user.party_id == actor.party_id):
        raise NotFound("no such account")
    return user


def _post(actor: Viewer, user: User, mission: Mission | None) -> None:
    former, user.mission_id = user.mission_id, mission.id if mission else None
    record(
        Event.POSTED,
        actor=actor,
        subject=("user", user.id),
        originator_id=user.party_id,
        before=_name(former),
        after=mission.name if mission else "",
    )
    for one in {former, user.mission_id} - {None} if former != user.mission_id else ():
        assert one
        events.emit(MissionManned(one))


def close_mission(*, actor: Viewer, mission_id: UUID) -> None:
    """It is no more: whoever is posted there reads and writes for no State until they are posted anew."""
    mission = _for_change(actor, mission_id)
    if mission.closed_on is None:
        mission.closed_on = clock.today()
        _touch(actor, mission)
        _record(Event.MISSION_CLOSED, actor, mission)
        events.emit(MissionManned(mission.id))


def _party(actor: Viewer, party_id: UUID | None) -> UUID:
    if party_id and party_id != actor.party_id and not actor.may("accounts:write"):
        raise NotFound("no such party")
    chosen = party_id or actor.party_id
    if chosen is None:
        raise RuleViolation("party_id", "Choose the party.")
    return chosen


def _for_change(actor: Viewer, mission_id: UUID) -> Mission:
    """The mission, held; raises NotFound, and NotAllowed for one of another party."""
    mission = locked(Mission, mission_id)
    return queries.changeable(actor, mission)


def _touch(actor: Viewer, mission: Mission) -> None:
    claim_for_real(mission, actor)
    db.session.flush()


def _name(mission_id: UUID | None) -> str:
    found = db.session.get(Mission, mission_id) if mission_id else None
    return found.name if found else ""


def _record(event: Event, actor: Viewer, mission: Mission, **facts: Any) -> None:
    record(event, actor=actor, subject=("mission", mission.id), originator_id=mission.party_id, **facts)
