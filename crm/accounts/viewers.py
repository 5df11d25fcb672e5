"""Who somebody is at this moment, as the plain value that every rule reads."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import Select, literal, or_, select, union_all

from crm.accounts.models import (
    Accreditation,
    EmergencyAccess,
    Mission,
    Party,
    RestrictedState,
    RestrictedStateReader,
    Role,
    User,
)
from crm.accounts.policy import (
    CLEARANCE,
    LABELS,
    PARTY_ADMINISTRATION,
    PARTY_ADMINISTRATOR,
    PERMISSIONS,
    bound_to_mission,
)
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db


def viewer_of(user: User) -> Viewer:
    """A user with what they may reach today; an inactive one is nobody. Looks as the system, whoever asks."""
    with looking_as(SYSTEM):
        return _known(user) if user.active else Viewer()


def unknown_to(party: Party) -> Viewer:
    """Somebody of whom nothing is known but that what they bring is for a party: they may do nothing, and are named
    for no restricted State. Looks as the system, whoever asks.
    """
    with looking_as(SYSTEM):
        closed = frozenset(db.session.scalars(select(RestrictedState.state_iso3)))
    return Viewer(party_id=party.id, party_name=party.name, closed=closed)


def _known(user: User) -> Viewer:
    roles = [Role(one.name) for one in user.roles]
    reach = _reach(user)
    bound = bound_to_mission(roles) and not reach["every"]
    permissions = frozenset(PARTY_ADMINISTRATION if user.administers_party else ()).union(
        *(PERMISSIONS[one] for one in roles)
    )
    return Viewer(
        user_id=user.id,
        name=user.name,
        title=user.title,
        email=user.email,
        party_id=user.party_id,
        party_name=user.party.name,
        role_labels=(*(LABELS[one] for one in roles), *([PARTY_ADMINISTRATOR] if user.administers_party else [])),
        permissions=permissions,
        clearance=frozenset().union(*(CLEARANCE[one] for one in roles)),
        mission_id=user.mission_id,
        mission_name=next(iter(reach["mission"]), ""),
        states=frozenset(reach["state"]) if bound else None,
        named=frozenset(reach["named"]),
        closed=frozenset(reach["restricted"] - reach["named"]),
        opened=frozenset(reach["opened"] if "emergencies:open" in permissions else ()),
        time_zone=user.time_zone,
        sample=user.sample,
    )


def _reach(user: User) -> dict[str, set[str]]:
    """What opens and closes States to a user, by kind, in one statement."""
    found: dict[str, set[str]] = defaultdict(set)
    for kind, text in db.session.execute(union_all(*_kinds(user))):
        found[kind].add(text)
    return found


def _kinds(user: User) -> list[Select[str, str]]:
    named = select(literal("named"), RestrictedStateReader.state_iso3).where(RestrictedStateReader.user_id == user.id)
    opened = select(literal("opened"), EmergencyAccess.state_iso3).where(
        EmergencyAccess.user_id == user.id,
        EmergencyAccess.ended_at.is_(None),
        EmergencyAccess.until > clock.now(),
    )
    restricted = select(literal("restricted"), RestrictedState.state_iso3)
    return [*(_kinds_of_mission(user.mission_id) if user.mission_id else ()), named, opened, restricted]


def _kinds_of_mission(mission_id: UUID) -> list[Select[str, str]]:
    today = clock.today()  # accreditations begin and end at one moment for everybody
    here = Mission.id == mission_id, Mission.closed_on.is_(None)
    mine = select(literal("mission"), Mission.name).where(*here)
    states = (
        select(literal("state"), Accreditation.state_iso3)
        .join(Mission, Mission.id == Accreditation.mission_id)
        .where(*here)
        .where(Accreditation.from_on <= today)
        .where(or_(Accreditation.until_on.is_(None), Accreditation.until_on > today))
    )
    every = select(literal("every"), Mission.name).where(*here, Mission.every_state)
    return [mine, every, states]
