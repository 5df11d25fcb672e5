"""The cadences of a party, the last contact with each State, and how far each silence is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import func, not_, select
from sqlalchemy.orm import joinedload

from crm.accounts.holders import holders_of
from crm.accounts.models import Party, Role, User
from crm.activities.models import Activity, ActivityState
from crm.activities.rules import HAPPENED, Precision
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import NotFound
from crm.followups.cadence.models import Cadence
from crm.followups.cadence.rules import Rhythm, Scope, Silence, Standing, rhythm_of, silence
from crm.states.queries import register
from crm.states.rules import Status


def cadences() -> list[Cadence]:
    """Those that the viewer may see, the most specific first."""
    found = db.session.scalars(select(Cadence))
    return sorted(found, key=lambda one: (list(Scope).index(Scope(one.scope)), one.subject, str(one.party_id)))


def get_cadence(cadence_id: UUID) -> Cadence:
    """One of them; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(Cadence).where(Cadence.id == cadence_id))
    if found is None:
        raise NotFound("no such cadence")
    return found


def coordinators(party_id: UUID | None) -> list[User]:
    """Who coordinates for a party, those first who have been there longest. Looks as the system."""
    wanted = (
        select(User)
        .options(joinedload(User.party), joinedload(User.roles))
        .where(User.party_id == party_id, User.active, User.id.in_(holders_of([Role.COORDINATOR])))
        .order_by(User.created_at, User.id)
    )
    with looking_as(SYSTEM):
        return list(db.session.execute(wanted).unique().scalars())


def usual(party_id: UUID | None) -> list[Rhythm]:
    """The cadence of the installation, by the setting SILENCE_DAYS, for a party that coordinates and keeps none of its
    own for every State; else none.
    """
    return [one for one in rhythms_of(party_id) if one.usual]


def rhythms_of(party_id: UUID | None) -> list[Rhythm]:
    """Every cadence of a party as far as the viewer may see it, and that of the installation where it has none of its
    own for every State: one statement. That somebody of the party coordinates is asked of what the roles tell.
    """
    days: int = current_app.extensions["settings"].silence_days
    coordinates = User.id.in_(holders_of([Role.COORDINATOR]))
    there = select(func.min(User.created_at)).where(User.party_id == Party.id, User.active, coordinates)
    wanted: Any = select(Cadence, there.scalar_subquery().label("since")).select_from(Party)
    rows = db.session.execute(wanted.outerjoin(Cadence, Cadence.party_id == Party.id).where(Party.id == party_id)).all()
    own = [row.Cadence.rhythm for row in rows if row.Cadence]
    since = rows[0].since if rows and days else None
    if since is None or any(one.scope is Scope.EVERY for one in own):
        return own
    return [*own, Rhythm(Scope.EVERY, "", days, clock.day_of(since), usual=True)]


def standings(today: date) -> list[Standing]:
    """Every State as cadences look at it."""
    known = register()
    statuses = known.statuses(today)
    return [
        Standing(iso3, known.state(iso3).region, status.value, status is Status.STATE_PARTY)
        for iso3, status in statuses.items()
    ]


def last_contacts(codes: Collection[str], today: date) -> dict[str, date]:
    """By State, the last day on which anybody was in touch, as far as the viewer may see it; of a month or a year the
    last day that may be meant.
    """
    wanted: Any = select(ActivityState.state_iso3, Activity.precision, func.max(ActivityState.held_on))
    wanted = (
        wanted.join(Activity, Activity.id == ActivityState.activity_id)
        .where(ActivityState.state_iso3.in_(sorted(codes)))
        .where(not_(ActivityState.ahead), Activity.status.in_(sorted(HAPPENED)))
        .group_by(ActivityState.state_iso3, Activity.precision)
    )
    found: dict[str, date] = {}
    for iso3, precision, held_on in db.session.execute(wanted):
        day = min(Precision(precision).last_day(held_on), today)
        found[iso3] = max(day, found.get(iso3, day))
    return found


def silences(viewer: Viewer, today: date, codes: Collection[str] | None = None) -> list[Silence]:
    """How far the silence of each State is for the party of the viewer, as they see it, the longest overdue first.

    `codes`: of these States alone. Those on which they do not work are left out.
    """
    if not viewer.may("followups:read") or not viewer.may("activities:read") or viewer.party_id is None:
        return []
    rhythms = rhythms_of(viewer.party_id)
    wanted: Iterable[Standing] = standings(today) if rhythms else ()
    held = {
        one.iso3: rhythm
        for one in wanted
        if viewer.works_on(one.iso3) and (codes is None or one.iso3 in codes) and (rhythm := rhythm_of(rhythms, one))
    }
    last = last_contacts(held, today) if held else {}
    found = [silence(rhythm, iso3, last.get(iso3), today) for iso3, rhythm in held.items()]
    return sorted(found, key=lambda one: (one.most - one.days, one.state_iso3))


def soon_over(viewer: Viewer, today: date, most: int) -> list[Silence]:
    """Those that are over or nearly so, the most urgent first."""
    return [one for one in silences(viewer, today) if one.over or one.nearly][:most]
