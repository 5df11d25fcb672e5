"""Which mission of a party might go to which State: the resident one before those accredited from elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from crm.accounts.models import AccreditationKind, Mission
from crm.core.access import Viewer
from crm.core.db import db
from crm.instructions.rules import Accredited, in_order
from crm.reach.queries import in_force
from crm.states.queries import register
from crm.states.rules import Status


@dataclass(frozen=True)
class Cell:
    """One mission and one State."""

    mission_id: UUID
    state_iso3: str


@dataclass(frozen=True)
class Offer:
    """One State with the missions that reach it, as choices, and the one that is proposed ("" for none)."""

    state_iso3: str
    name: str
    missions: tuple[tuple[str, str], ...]
    proposed: str


def states_meant(statuses: Collection[str], region: str, named: Iterable[str], today: date) -> list[str]:
    """The States of these statuses within a region, and those that are named beside, by name.

    A region alone means every State in it.
    """
    known = register()
    found = set(known.states_with_status([Status(one) for one in statuses], today)) if statuses else set()
    if region and not statuses:
        found = set(known.universe(today))
    if region:
        found = {iso3 for iso3 in found if known.state(iso3).region == region}
    return sorted(found | {iso3 for iso3 in named if iso3 in known.states}, key=lambda one: known.sort_key(one, today))


def own_missions(viewer: Viewer) -> list[Mission]:
    """The missions of the viewer's party, with their accreditations."""
    wanted = select(Mission).where(Mission.party_id == viewer.party_id).options(selectinload(Mission.accreditations))
    return list(db.session.scalars(wanted.order_by(Mission.name)))


def reaching(missions: Iterable[Mission], state_iso3: str, today: date) -> list[Accredited]:
    """The missions that reach a State on a day, the nearest first."""
    found = []
    for one in missions:
        kinds = [
            term.kind for term in one.accreditations if term.state_iso3 == state_iso3 and in_force(one, term, today)
        ]
        if kinds:
            found.append(Accredited(str(one.id), one.name, 0 if AccreditationKind.RESIDENT.value in kinds else 1))
        elif one.every_state and (one.closed_on is None or today < one.closed_on):
            found.append(Accredited(str(one.id), one.name, 2))
    return in_order(found)


def offers(viewer: Viewer, codes: Iterable[str], today: date) -> list[Offer]:
    """For each of these States who might go, in two statements however many there are."""
    known, missions, found = register(), own_missions(viewer), []
    for iso3 in codes:
        if iso3 not in known.states:
            continue
        near = reaching(missions, iso3, today)
        choices = tuple((one.mission_id, one.label) for one in near)
        found.append(Offer(iso3, known.name(iso3, today), choices, near[0].mission_id if near else ""))
    return found
