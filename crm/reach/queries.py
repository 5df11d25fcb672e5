"""Reading missions, who is posted to them, restricted States and emergencies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from crm.accounts.holders import holders_of
from crm.accounts.models import (
    Accreditation,
    EmergencyAccess,
    Mission,
    Party,
    PartyKind,
    RestrictedState,
    RestrictedStateReader,
    Role,
    User,
)
from crm.accounts.queries import choices, with_content
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import NotAllowed, NotFound


@dataclass
class MissionLine:
    """One mission: whose, where it is accredited today (State, kind), and how many are posted there."""

    id: UUID
    name: str
    party: str
    every_state: bool
    closed_on: date | None
    sample: bool
    may_change: bool
    states: list[tuple[str, str]] = field(default_factory=list)
    people: int = 0


def missions(viewer: Viewer) -> list[MissionLine]:
    """Every mission of every party, by party and name, in three statements.

    Heads are counted as the system: of other parties the viewer sees no people.
    """
    rows = db.session.execute(
        select(Mission, Party.name)
        .outerjoin(Party, Party.id == Mission.party_id)
        .options(selectinload(Mission.accreditations))
        .order_by(Mission.closed_on.is_not(None), Party.name, Mission.name)
    ).all()
    with looking_as(SYSTEM):
        counted = (
            select(User.mission_id, func.count())
            .where(User.active, User.mission_id.is_not(None))
            .group_by(User.mission_id)
        )
        posted = dict(db.session.execute(counted).all())
    today = clock.today()
    return [
        MissionLine(
            one.id,
            one.name,
            party or "",
            one.every_state,
            one.closed_on,
            one.sample,
            may_change(viewer, one),
            [(term.state_iso3, term.kind) for term in one.accreditations if in_force(one, term, today)],
            posted.get(one.id, 0),
        )
        for one, party in rows
    ]


def in_force(mission: Mission, term: Accreditation, on: date) -> bool:
    """Whether an accreditation of a mission holds on a day of UTC: it begins and ends at one moment for everybody,
    wherever they are. A closed mission has none.
    """
    ends = [day for day in (term.until_on, mission.closed_on) if day]
    return term.from_on <= on and all(on < day for day in ends)


def holds_on(day: date, from_on: date, until_on: date | None) -> bool:
    """Whether a term holds on a day: its last day is the one before `until_on`."""
    return from_on <= day and (until_on is None or day < until_on)


def get_accreditation(mission: Mission, accreditation_id: UUID) -> Accreditation:
    """One accreditation of a mission; raises NotFound."""
    for term in mission.accreditations:
        if term.id == accreditation_id:
            return term
    raise NotFound("no such accreditation")


def may_change(viewer: Viewer, mission: Mission) -> bool:
    """Whether the verbs let this viewer change a mission."""
    return viewer.may("missions:write") and (viewer.may("accounts:write") or mission.party_id == viewer.party_id)


def changeable(viewer: Viewer, mission: Mission | None) -> Mission:
    """A mission that the viewer may change; raises NotFound for none, and NotAllowed for one of another party.

    No NotFound for the latter: everybody with an account knows every mission.
    """
    viewer.require("missions:write")
    if mission is None:
        raise NotFound("no such mission")
    if not may_change(viewer, mission):
        raise NotAllowed("a mission of another party")
    return mission


def mission_to_change(viewer: Viewer, mission_id: UUID) -> Mission:
    """One mission with its accreditations, before anything that was sent about it is read; raises as `changeable`."""
    return changeable(viewer, get_mission(mission_id))


def get_mission(mission_id: UUID) -> Mission:
    """One mission with its accreditations; raises NotFound."""
    found = db.session.scalar(
        select(Mission).where(Mission.id == mission_id).options(selectinload(Mission.accreditations))
    )
    if found is None:
        raise NotFound("no such mission")
    return found


def people_of(viewer: Viewer, mission: Mission) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Who is posted to a mission, and which mission officers of its party are not, for those who may change it.

    Looks as the system: its party may be another than the viewer's.
    """
    if not may_change(viewer, mission):
        return [], []
    with looking_as(SYSTEM):
        rows = db.session.execute(
            select(User.id, User.name, User.mission_id)
            .where(User.active, User.party_id == mission.party_id, User.id.in_(holders_of([Role.MISSION_OFFICER])))
            .order_by(User.name)
        ).all()
    there = [(str(row.id), row.name) for row in rows if row.mission_id == mission.id]
    return there, [(str(row.id), row.name) for row in rows if row.mission_id != mission.id]


def parties(viewer: Viewer) -> list[tuple[str, str]]:
    """Governments for which the viewer may open a mission, beside their own."""
    if not viewer.may("accounts:write"):
        return []
    wanted = select(Party.id, Party.name).where(Party.kind == PartyKind.GOVERNMENT.value).order_by(Party.name)
    return [(str(key), name) for key, name in db.session.execute(wanted)]


def everybody() -> list[tuple[str, str]]:
    """Everybody who may read records at all, as choices (user, "Name (party)").

    Looks as the system: people of every party may be named.
    """
    with looking_as(SYSTEM):
        return choices(with_content().order_by(Party.name, User.name))


@dataclass(frozen=True)
class Restriction:
    """One restricted State and who is named for it, as (user, "Name (party)"); `mine`: the viewer is."""

    state_iso3: str
    by: str
    readers: Sequence[tuple[UUID, str]]
    mine: bool


def restrictions(viewer: Viewer) -> list[Restriction]:
    """Every restricted State with its readers, for those who keep the list; for others those States for which they are
    named, and of the readers themselves alone.

    Looks as the system: people of every party may be named.
    """
    wanted = (
        select(RestrictedState.state_iso3, RestrictedState.by, User.id, User.name, Party.name, User.active)
        .outerjoin(RestrictedStateReader, RestrictedStateReader.state_iso3 == RestrictedState.state_iso3)
        .outerjoin(User, User.id == RestrictedStateReader.user_id)
        .outerjoin(Party, Party.id == User.party_id)
        .order_by(RestrictedState.state_iso3, User.name)
    )
    if not viewer.may("restricted:write"):
        wanted = wanted.where(RestrictedStateReader.user_id == viewer.user_id)
    with looking_as(SYSTEM):
        rows = db.session.execute(wanted).all()
    found: dict[str, list[tuple[UUID, str]]] = {}
    by = {}
    for iso3, who, key, name, party, active in rows:
        by[iso3] = who
        label = f"{name} ({party})" if active else f"{name} ({party}), account closed"
        found.setdefault(iso3, []).extend([(key, label)] if key else [])
    return [
        Restriction(iso3, by[iso3], readers, viewer.user_id in [key for key, _ in readers])
        for iso3, readers in found.items()
    ]


def restricted_states() -> frozenset[str]:
    """Every restricted State, whoever asks: for batches and exports, which leave them out.

    Looks as the system for them.
    """
    with looking_as(SYSTEM):
        return frozenset(db.session.scalars(select(RestrictedState.state_iso3)))


@dataclass(frozen=True)
class EmergencyLine:
    """One emergency with the names to it."""

    id: UUID
    state_iso3: str
    reason: str
    person: str
    party: str
    begun_at: datetime
    until: datetime
    ended_at: datetime | None
    mine: bool
    lasts: bool


def emergencies(viewer: Viewer, limit: int = 100) -> Sequence[EmergencyLine]:
    """Those the viewer may know of, newest first."""
    found = db.session.scalars(
        select(EmergencyAccess).order_by(EmergencyAccess.begun_at.desc(), EmergencyAccess.id).limit(limit)
    ).all()
    names = _names({one.user_id for one in found})
    now = clock.now()
    return [
        EmergencyLine(
            one.id,
            one.state_iso3,
            one.reason,
            *names[one.user_id],
            one.begun_at,
            one.until,
            one.ended_at,
            one.user_id == viewer.user_id,
            one.ended_at is None and one.until > now,
        )
        for one in found
    ]


def _names(users: set[UUID]) -> dict[UUID, tuple[str, str]]:
    """Name and party of people, those included whom the viewer does not know: they opened the viewer's records."""
    found: dict[UUID, tuple[str, str]] = defaultdict(lambda: ("", ""))
    with looking_as(SYSTEM):
        for key, name, party in db.session.execute(
            select(User.id, User.name, Party.name).join(Party, Party.id == User.party_id).where(User.id.in_(users))
        ):
            found[key] = (name, party)
    return found
