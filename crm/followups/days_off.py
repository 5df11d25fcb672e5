"""When a follow-up falls on a day on which nobody is there: where its owner works, or in the State that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from sqlalchemy import select

from crm.core.access import SYSTEM, looking_as
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


def places_of(follow_up: FollowUp) -> dict[str, str]:
    """The places whose working week counts, two letters → name: where the owner works, by the zone in which it was
    given to them, and the State that it is about.
    """
    known = register()
    codes = {known.state(follow_up.state_iso3).iso2}
    if there := _countries().get(follow_up.zone):
        codes.add(there)
    return {one.iso2: known.name(iso3, follow_up.due_on) for iso3, one in known.states.items() if one.iso2 in codes}


def about(follow_up: FollowUp) -> DayOff | None:
    """Why nobody is there on its day; None for a day on which all work."""
    places, on = places_of(follow_up), follow_up.due_on
    found = {code: why for code in places if (why := day_off(code, on))}
    if not found:
        return None
    reasons = tuple(f"{on:%A}: {why} in {places[code]}" for code, why in sorted(found.items()))
    instead = next_working_day(frozenset(places), on)
    years = {on.year, instead.year if instead else on.year}
    unknown = sorted(places[code] for code in places if not all(knows_holidays(code, year) for year in years))
    return DayOff(reasons, instead, tuple(f"{name}: {ONLY_WEEKENDS}" for name in unknown))


def moves_by_itself(follow_up: FollowUp) -> bool:
    """Whether its owner wishes that such days move by themselves. Looks as the system: wishes are one's own."""
    with looking_as(SYSTEM):
        wanted = select(ReminderWishes.to_working_days).where(ReminderWishes.user_id == follow_up.owner_id)
        return bool(db.session.scalar(wanted))
