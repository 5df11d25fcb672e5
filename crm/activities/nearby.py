"""Last contact with a State, and who else was there lately or is about to go: nobody knocks on a door twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, or_, select

from crm.accounts.models import Mission, Party, User
from crm.activities.models import Activity, ActivityState
from crm.activities.queries import is_over, not_over, party_is_told, party_told, person_is_told
from crm.activities.rules import AHEAD, HAPPENED, Precision, Status
from crm.core.access import Handling, Viewer
from crm.core.db import db
from crm.core.visibility import Attribution, derived_handling

LATELY = timedelta(days=30)
SHOWN = 5
"""So many are named one by one where somebody is warned; of the rest the number is told."""

MOST = 20
"""So much of what others did lately, and so much of what they plan, is read of one State, the nearest in time first."""


@dataclass(frozen=True)
class Contact:
    """One contact, past or planned. `party`, `mission` and `person` are "" where it is not known or not told who that
    is; `mine`: it is the viewer's own, or asked of their mission.

    `handling`: how far what names the State and comes out of it may travel.
    """

    id: UUID
    kind: str
    status: Status
    held_on: date
    precision: str
    party: str
    mission: str
    person: str
    mine: bool
    originator_id: UUID
    handling: Handling
    marks: str

    @property
    def ahead(self) -> bool:
        """Whether it is still to come."""
        return self.status in AHEAD

    def days_off(self, today: date) -> int:
        """How many days its nearest day is away, on whichever side."""
        return Precision(self.precision).days_off(self.held_on, today)

    @property
    def who(self) -> str:
        """Party, mission and person in one line, as far as they are told; most missions name their party."""
        party = "" if self.party in self.mission else self.party
        return ", ".join(one for one in (party, self.mission, self.person) if one)


@dataclass(frozen=True)
class Contacts:
    """The last contact with a State that anybody had, and what others did there lately or plan, the nearest first.

    `cut`: there are more of the others than were read.
    """

    last: Contact | None
    others: tuple[Contact, ...]
    cut: bool = False

    @property
    def nearest(self) -> tuple[Contact, ...]:
        """Those that a warning names."""
        return self.others[:SHOWN]

    @property
    def further(self) -> str:
        """How many others there are, in words; "" where all are named."""
        left = len(self.others) - SHOWN
        return f"{left}{' or more' if self.cut else ''} further ones" if left > 0 else ""


def contacts_with(state_iso3: str, viewer: Viewer, today: date) -> Contacts:
    """As far as the viewer may see, in three statements however much there is."""
    there = _contacts(viewer).where(ActivityState.state_iso3 == state_iso3)
    happened = there.where(not_(ActivityState.ahead), Activity.status.in_(sorted(HAPPENED))).order_by(*_LATEST)
    last = db.session.execute(happened.limit(1)).one_or_none()
    lately = happened.where(not_over(ActivityState.held_on, today - LATELY), _of_others(viewer))
    planned = there.where(ActivityState.ahead, Activity.status.in_(sorted(AHEAD)), _of_others(viewer))
    ahead = planned.order_by(*_soonest(today))
    halves = [db.session.execute(half.limit(MOST)).all() for half in (lately, ahead)]
    others = _nearest_first((_contact(row) for rows in halves for row in rows), today)
    return Contacts(_contact(last) if last else None, tuple(others), cut=any(len(rows) == MOST for rows in halves))


def others_near(codes: Collection[str], viewer: Viewer, today: date) -> dict[str, list[Contact]]:
    """By State, what others did there lately or plan, the nearest first, in one statement however many States."""
    lately = and_(Activity.status.in_(sorted(HAPPENED)), not_over(ActivityState.held_on, today - LATELY))
    wanted = (
        _contacts(viewer)
        .add_columns(ActivityState.state_iso3)
        .where(ActivityState.state_iso3.in_(sorted(codes)), _of_others(viewer))
        .where(or_(Activity.status.in_(sorted(AHEAD)), lately))
    )
    found: dict[str, list[Contact]] = defaultdict(list)
    for row in db.session.execute(wanted) if codes else ():
        found[row.state_iso3].append(_contact(row))
    for iso3, those in found.items():
        found[iso3] = _nearest_first(those, today)
    return found


_LATEST = (ActivityState.held_on.desc(), ActivityState.activity_id)


def _soonest(today: date) -> tuple[Any, ...]:
    """In the order of their days, but last those whose day is long gone."""
    forgotten = case((is_over(ActivityState.held_on, today - LATELY), 1), else_=0)
    return forgotten, ActivityState.held_on, ActivityState.activity_id


def _nearest_first(those: Iterable[Contact], today: date) -> list[Contact]:
    """Those nearest to today, on whichever side of it; of a month or a year its nearest day counts."""
    return sorted(those, key=lambda one: (one.days_off(today), one.held_on, one.id))


def _is_mine(viewer: Viewer) -> ColumnElement[bool]:
    """Whether a contact is the viewer's own: they wrote it for themselves or their mission, or it was asked of their
    mission and is still to come, or was delivered by them. What they asked of another mission is that mission's.
    """
    if viewer.user_id is None:
        return false()
    same = Activity.mission_id == viewer.mission_id if viewer.mission_id else false()
    wrote = and_(Activity.recorded_by_id == viewer.user_id, or_(Activity.mission_id.is_(None), same))
    asked = or_(Activity.status == Status.INSTRUCTED.value, Activity.delivered_by == viewer.name)
    return or_(wrote, and_(same, asked))


@lru_cache(maxsize=256)
def _of_others(viewer: Viewer) -> ColumnElement[bool]:
    """The opposite, also where it is not known who wrote."""
    return case((_is_mine(viewer), 1), else_=0) == 0


@lru_cache(maxsize=256)
def _contacts(viewer: Viewer) -> Select[Any]:
    """Contacts with whoever goes, or went, as far as the viewer is told."""
    told = {
        "party": party_told(viewer),
        "mission": case((party_is_told(viewer), func.coalesce(Mission.name, "")), else_=""),
        "person": case((person_is_told(viewer), _person()), else_=""),
        "mine": case((_is_mine(viewer), 1), else_=0),
    }
    what = (
        Activity.kind, Activity.status, Activity.held_on, Activity.precision, Activity.originator_id,
        Activity.handling, Activity.attribution, Activity.marks,
    )  # fmt: skip
    asked: Any = select(Activity.id, *what, *(one.label(name) for name, one in told.items()))
    found: Select[Any] = (
        asked.select_from(ActivityState)
        .join(Activity, Activity.id == ActivityState.activity_id)
        .outerjoin(Party, Party.id == Activity.originator_id)
        .outerjoin(Mission, Mission.id == Activity.mission_id)
        .outerjoin(User, User.id == Activity.recorded_by_id)
    )
    return found


def _person() -> ColumnElement[str]:
    """Who delivers it; of a plan of which that is not said, who made it."""
    planned = case((Activity.status == Status.PLANNED.value, func.coalesce(User.name, "")), else_="")
    return case((Activity.delivered_by != "", Activity.delivered_by), else_=planned)


def _contact(row: Any) -> Contact:
    return Contact(
        id=row.id,
        kind=row.kind,
        status=Status(row.status),
        held_on=row.held_on,
        precision=row.precision,
        party=row.party or "",
        mission=row.mission,
        person=row.person,
        mine=bool(row.mine),
        originator_id=row.originator_id,
        handling=derived_handling(Handling(row.handling), Attribution(row.attribution)),
        marks=row.marks,
    )
