"""When a follow-up falls on a day on which nobody is there: where its owner works, or in the State that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Protocol
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import User
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.days import is_of_our_time
from crm.core.db import db
from crm.followups.models import FollowUp
from crm.followups.reminding.models import ReminderWishes
from crm.states.days_off import ONLY_WEEKENDS, day_off, knows_holidays, next_working_day
from crm.states.queries import register


@dataclass(frozen=True)
class DayOff:
    """What is said beside a due day, such as "Friday: weekend in Jordan", and the next day on which all are there."""

    reasons: tuple[str, ...]
    instead: date | None
    doubts: tuple[str, ...] = ()

    @property
    def because(self) -> str:
        """The reasons in one line."""
        return "; ".join(self.reasons)


@cache
def _countries() -> dict[str, str]:
    """By time zone, the two letters of the country that lies in it, as the time zone database tells them."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return {row[2]: row[0] for row in rows}


class Due(Protocol):
    """What is due in a zone and about a State: a follow-up, or its line in a list."""

    @property
    def state_iso3(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def due_on(self) -> date: ...


def places_of(state_iso3: str, zone: str, on: date) -> dict[str, str]:
    """The places whose working week counts, two letters → name: where the owner works, by the zone in which it is
    meant, and the State that it is about.
    """
    known = register()
    codes = {known.state(state_iso3).iso2}
    if there := _countries().get(zone):
        codes.add(there)
    return {one.iso2: known.name(iso3, on) for iso3, one in known.states.items() if one.iso2 in codes}


def about(due: Due) -> DayOff | None:
    """Why nobody is there on its day; None for a day on which all work. Nothing is asked of the database for it."""
    return on_day(due.state_iso3, due.zone, due.due_on)


def on_day(state_iso3: str, zone: str, on: date) -> DayOff | None:
    """The same for a day that is only being thought of."""
    places = places_of(state_iso3, zone, on)
    found = {code: why for code in places if (why := day_off(code, on))}
    if not found:
        return None
    reasons = tuple(f"{on:%A}: {why} in {places[code]}" for code, why in sorted(found.items()))
    instead = next_working_day(frozenset(places), on)
    years = {on.year, instead.year if instead else on.year}
    unknown = sorted(places[code] for code in places if not all(knows_holidays(code, year) for year in years))
    return DayOff(reasons, instead, tuple(f"{name}: {ONLY_WEEKENDS}" for name in unknown))


def thought_of(state_iso3: str, due_on: date | None, owner_id: str, viewer: Viewer) -> DayOff | None:
    """Of a follow-up that is being written, by whoever is to do it: the viewer while nobody is named. One statement."""
    if due_on is None or state_iso3 not in register().states or not is_of_our_time(due_on):
        return None
    zone: str | None = viewer.time_zone
    if owner_id:
        try:
            zone = db.session.scalar(select(User.time_zone).where(User.id == UUID(owner_id)))
        except ValueError:
            return None
    return on_day(state_iso3, zone or "UTC", due_on)


def moves_by_itself(follow_up: FollowUp) -> bool:
    """Whether its owner wishes that such days move by themselves. Looks as the system: wishes are one's own."""
    with looking_as(SYSTEM):
        wanted = select(ReminderWishes.to_working_days).where(ReminderWishes.user_id == follow_up.owner_id)
        return bool(db.session.scalar(wanted))
