"""A new holder of an office is to be called on: whoever is responsible for the State is told so by a follow-up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import Accreditation, AccreditationKind, Mission, User
from crm.accounts.viewers import viewer_of
from crm.audit.service import note_unseen
from crm.core import ceiling, clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.visibility import Record
from crm.followups import rules
from crm.followups.models import FollowUp
from crm.followups.rules import Status
from crm.followups.service import open_for
from crm.people.events import HolderChanged
from crm.people.forms import KIND_LABELS
from crm.states.queries import register

WITHIN = timedelta(days=14)
"""So long after the day of the change an introduction is due."""

LATELY = timedelta(days=180)
"""A change that lies farther back is history written down late: nobody introduces themselves because of it."""

LONGEST = 500


def open_introduction(event: HolderChanged) -> None:
    """For each party one follow-up of whoever is responsible for the State; one that is open already is enough.

    That none comes of it tells an actor who is not named that the State is restricted, so it is noted as any try is.
    Looks as the system: the actor need not see those who are charged.
    """
    today = clock.today(event.actor.time_zone)
    if event.on < today - LATELY:
        return
    note_unseen(actor=event.actor, states=[event.state_iso3])
    what = task(event)
    due = max(event.on, today) + WITHIN
    with looking_as(SYSTEM):
        for owner in _responsible(event):
            _open(event, owner, what, due)


def task(event: HolderChanged) -> str:
    """What is to be done, in a sentence."""
    office = f"{KIND_LABELS[event.kind]} of {register().name_today(event.state_iso3)}"
    if event.came:
        before = f" in the place of {event.left}" if event.left else ""
        return f"Introduce yourself to {event.came}, {office}{before}"[:LONGEST]
    return f"Find out who follows {event.left} as {office}, and introduce yourself"[:LONGEST]


def _open(event: HolderChanged, owner: User, what: str, due: date) -> None:
    theirs = FollowUp.owner_id == owner.id
    if owner.mission_id:
        theirs = or_(theirs, FollowUp.owner_mission_id == owner.mission_id)
    known = select(FollowUp.id).where(
        theirs,
        FollowUp.state_iso3 == event.state_iso3,
        FollowUp.what == what,
        FollowUp.status == Status.OPEN.value,
    )
    if db.session.scalar(known.limit(1)):
        return
    follow_up = FollowUp(
        what=what,
        state_iso3=event.state_iso3,
        originator_id=owner.party_id,
        handling=own_handling().value,
        opened_by=SYSTEM.name,
        sample=event.sample or owner.sample,
    )
    open_for(SYSTEM, follow_up, owner.id, due)


def own_handling() -> Handling:
    """For the owner's own party, or as narrow as may be kept here: what a party plans is its own affair."""
    highest = ceiling.ceiling().highest
    return highest if highest.rank < Handling.ORIGINATOR.rank else Handling.ORIGINATOR


def _responsible(event: HolderChanged) -> list[User]:
    """Of each party somebody at a mission accredited to the State, a resident one first; of the actor's party the
    actor, where it has no such mission.
    """
    by_party: dict[Any, User] = {}
    for user in people_accredited(event.state_iso3):
        by_party.setdefault(user.party_id, user)
    if event.actor.party_id and event.actor.party_id not in by_party and event.actor.user_id:
        own = db.session.scalar(_people().where(User.id == event.actor.user_id))
        by_party |= {own.party_id: own} if own else {}
    real = [one for one in by_party.values() if one.sample or not event.sample]
    return [one for one in real if may_own(viewer_of(one), one.party_id, event.state_iso3)]


def _people() -> Any:
    return select(User).options(joinedload(User.party), joinedload(User.roles)).where(User.active)


def people_accredited(state_iso3: str) -> list[User]:
    """Everybody posted to a mission that is accredited to the State, in the order in which they are asked."""
    return _by_state(Accreditation.state_iso3 == state_iso3).get(state_iso3, [])


def people_by_state(party_id: UUID) -> dict[str, list[User]]:
    """The same of one party, for every State to which it has a mission."""
    return _by_state(User.party_id == party_id)


def _by_state(which: ColumnElement[bool]) -> dict[str, list[User]]:
    today = clock.today()
    wanted = (
        _people()
        .add_columns(Accreditation.state_iso3, Accreditation.kind)
        .join(Mission, Mission.id == User.mission_id)
        .join(Accreditation, Accreditation.mission_id == Mission.id)
        .where(
            which,
            Accreditation.from_on <= today,
            or_(Accreditation.until_on.is_(None), Accreditation.until_on > today),
            or_(Mission.closed_on.is_(None), Mission.closed_on > today),
        )
    )
    rows = db.session.execute(wanted).unique().all()
    rows = sorted(rows, key=lambda row: (row[2] != AccreditationKind.RESIDENT, row[0].name, str(row[0].id)))
    found: dict[str, list[User]] = {}
    for user, iso3, _kind in rows:
        found.setdefault(iso3, []).append(user)
    return found


def may_own(viewer: Viewer, party_id: UUID, state_iso3: str) -> bool:
    """Whether they could open and change a follow-up of that party; of a restricted State only those named are told."""
    record = Record(party_id, own_handling(), frozenset({state_iso3}))
    return viewer.may("followups:write") and rules.may_be_charged(viewer, record)
