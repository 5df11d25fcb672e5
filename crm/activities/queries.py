"""Reading activities: the list, one activity, what happened with a State."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from crm.accounts.models import Party
from crm.activities.models import Activity, ActivityObstacle, ActivityPerson, ActivityState
from crm.activities.rules import summary
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.lists import PAGE_SIZE, Page, date_key, paginate, uuid_key
from crm.core.visibility import HIDES_STATE, Attribution
from crm.positions.models import ObstacleClaim
from crm.states.queries import register


@dataclass
class ActivityLine:
    """One line of a list."""

    id: UUID
    kind: str
    held_on: date
    precision: str
    summary: str
    next_action: str
    next_action_due: date | None
    party: str
    sample: bool
    handling: str
    states: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)


_COLUMNS = (
    Activity.id,
    Activity.kind,
    Activity.held_on,
    Activity.precision,
    func.substr(Activity.reply, 1, 400).label("reply"),
    Activity.next_action,
    Activity.next_action_due,
    Activity.sample,
    Activity.handling,
    Party.name.label("party"),
)


def page_of_activities(
    *,
    state_iso3: str = "",
    kind: str = "",
    text: str = "",
    since: date | None = None,
    until: date | None = None,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """A page of what the viewer may see, newest first, in three statements whatever the size."""
    wanted = select(*_COLUMNS).select_from(Activity).outerjoin(Party, Party.id == Activity.originator_id)
    if state_iso3:
        wanted = wanted.where(
            Activity.id.in_(select(ActivityState.activity_id).where(ActivityState.state_iso3 == state_iso3))
        )
    if kind:
        wanted = wanted.where(Activity.kind == kind)
    if since:
        wanted = wanted.where(Activity.held_on >= since)
    if until:
        wanted = wanted.where(Activity.held_on <= until)
    if text:
        wanted = wanted.where(_mentions(text))
    keys = (
        date_key(Activity.held_on, lambda row: row.held_on),
        uuid_key(Activity.id, lambda row: row.id),
    )
    page = paginate(wanted, keys, cursor=cursor, size=size)
    page.items = _lines(page.items)
    return page


def _mentions(text: str) -> Any:
    like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return or_(
        Activity.reply.ilike(like, escape="\\"),
        Activity.occasion.ilike(like, escape="\\"),
        Activity.next_action.ilike(like, escape="\\"),
    )


def _lines(rows: Iterable[Any]) -> list[ActivityLine]:
    lines = [
        ActivityLine(
            id=row.id,
            kind=row.kind,
            held_on=row.held_on,
            precision=row.precision,
            summary=summary(row.reply),
            next_action=row.next_action,
            next_action_due=row.next_action_due,
            party=row.party,
            sample=row.sample,
            handling=row.handling,
        )
        for row in rows
    ]
    states = _grouped(ActivityState.activity_id, ActivityState.state_iso3, [line.id for line in lines])
    people = _grouped(ActivityPerson.activity_id, ActivityPerson.name, [line.id for line in lines])
    for line in lines:
        line.states, line.people = states[line.id], people[line.id]
    return lines


def _grouped(key: Any, value: Any, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for one, text in db.session.execute(select(key, value).where(key.in_(ids)).order_by(value)):
        found[one].append(text)
    return found


def activities_with(state_iso3: str, *, before: date | None = None, limit: int = 50) -> list[ActivityLine]:
    """What happened with a State, newest first; `before` goes on from an earlier day."""
    wanted = (
        select(*_COLUMNS)
        .select_from(ActivityState)
        .join(Activity, Activity.id == ActivityState.activity_id)
        .outerjoin(Party, Party.id == Activity.originator_id)
        .where(ActivityState.state_iso3 == state_iso3)
        .order_by(ActivityState.held_on.desc(), ActivityState.activity_id)
        .limit(limit)
    )
    if before:
        wanted = wanted.where(ActivityState.held_on < before)
    return _lines(db.session.execute(wanted))


def recent_states(viewer: Viewer, limit: int = 5) -> list[str]:
    """The States about which the viewer wrote last, newest first."""
    latest = func.max(Activity.recorded_at)
    return list(
        db.session.scalars(
            select(ActivityState.state_iso3)
            .join(Activity, Activity.id == ActivityState.activity_id)
            .where(Activity.recorded_by_id == viewer.user_id)
            .group_by(ActivityState.state_iso3)
            .order_by(latest.desc(), ActivityState.state_iso3)
            .limit(limit)
        )
    )


def get_activity(activity_id: UUID) -> Activity:
    """One activity with its parts; NotFound when absent or not for this viewer."""
    found = db.session.scalar(
        select(Activity)
        .where(Activity.id == activity_id)
        .options(selectinload(Activity.states), selectinload(Activity.people), selectinload(Activity.comment))
    )
    if found is None:
        raise NotFound("no such activity")
    return found


def claims_of(activity_id: UUID) -> Sequence[ObstacleClaim]:
    """The obstacles that came up in an activity."""
    return db.session.scalars(
        select(ObstacleClaim)
        .join(ActivityObstacle, ActivityObstacle.claim_id == ObstacleClaim.id)
        .where(ActivityObstacle.activity_id == activity_id)
    ).all()


def instead_of_state(activity: Activity, viewer: Viewer) -> str:
    """What stands in the place of the State where the attribution keeps it from this viewer; "" where it does not."""
    if activity.originator_id == viewer.party_id or activity.attribution not in HIDES_STATE:
        return ""
    if activity.attribution != Attribution.REGION_ONLY:
        return "A State that is not named"
    with looking_as(SYSTEM):
        codes = db.session.scalars(
            select(ActivityState.state_iso3).where(ActivityState.activity_id == activity.id)
        ).all()
    known = register()
    return "A State in " + " and ".join(sorted({known.state(iso3).region for iso3 in codes}))


def delivered_by(activity: Activity, viewer: Viewer) -> str:
    """Who acted for the originating party: for that party, and for others where the attribution is full."""
    told = activity.originator_id == viewer.party_id or activity.attribution == Attribution.FULL
    return activity.delivered_by if told else ""


def owners_of_records(state_iso3: str) -> set[UUID]:
    """The parties that keep activities about a State, as far as the viewer may see them."""
    return set(
        db.session.scalars(
            select(Activity.originator_id)
            .join(ActivityState, ActivityState.activity_id == Activity.id)
            .where(ActivityState.state_iso3 == state_iso3)
            .distinct()
        )
    )


def claims_behind(activity_id: UUID) -> list[UUID]:
    """The keys of the obstacle claims that came out of an activity, as far as the viewer may see them."""
    return list(
        db.session.scalars(select(ActivityObstacle.claim_id).where(ActivityObstacle.activity_id == activity_id))
    )
