"""Reading activities: the list, one activity, what happened with a State."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, null, or_, select, true
from sqlalchemy.orm import selectinload

from crm.accounts.models import Party
from crm.activities.models import Activity, ActivityObstacle, ActivityPerson, ActivityState, Attachment
from crm.activities.rules import summary
from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.lists import PAGE_SIZE, Page, date_key, paginate, uuid_key
from crm.core.visibility import HIDES_STATE, Attribution, one_of
from crm.positions.models import ObstacleClaim
from crm.states.queries import register


@dataclass
class ActivityLine:
    """One line of a list; `party` is "" where the viewer is not told whose record it is."""

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


@dataclass(frozen=True)
class Particulars:
    """What surrounds the note of an activity and can name the State or its source, as far as one viewer is told.

    `party`: whose record it is, "" where that is kept from them. `instead_of_state`: what stands in the place of
    the State where that is kept from them, "" where it is not.
    """

    party: str = ""
    instead_of_state: str = ""
    place: str = ""
    occasion: str = ""
    delivered_by: str = ""
    marks: str = ""
    report_ref: str = ""
    next_action: str = ""
    next_action_due: date | None = None


def _columns(viewer: Viewer) -> tuple[Any, ...]:
    tells = _tells_state(viewer)
    return (
        Activity.id,
        Activity.kind,
        Activity.held_on,
        Activity.precision,
        func.substr(Activity.reply, 1, 400).label("reply"),
        case((tells, Activity.next_action), else_="").label("next_action"),
        case((tells, Activity.next_action_due), else_=null()).label("next_action_due"),
        Activity.sample,
        Activity.handling,
        case((_tells_party(viewer), Party.name), else_="").label("party"),
    )


def _tells_party(viewer: Viewer) -> ColumnElement[bool]:
    """`tells_party` for a viewer, as a condition."""
    if viewer.is_system:
        return true()
    return or_(Activity.originator_id == viewer.party_id, Activity.attribution != Attribution.NONE.value)


def tells_party(activity: Activity) -> bool:
    """Whether an activity lets other parties know whose it is: not where nothing is told of where it comes from."""
    return activity.attribution != Attribution.NONE


def _tells_state(viewer: Viewer) -> ColumnElement[bool]:
    """Whether an activity lets the viewer know which State it was with."""
    if viewer.is_system:
        return true()
    return or_(Activity.originator_id == viewer.party_id, not_(one_of(Activity.attribution, HIDES_STATE)))


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
    viewer = access.viewer()
    wanted = select(*_columns(viewer)).select_from(Activity).outerjoin(Party, Party.id == Activity.originator_id)
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
        wanted = wanted.where(_mentions(text, viewer))
    keys = (
        date_key(Activity.held_on, lambda row: row.held_on),
        uuid_key(Activity.id, lambda row: row.id),
    )
    page = paginate(wanted, keys, cursor=cursor, size=size)
    page.items = _lines(page.items)
    return page


def _mentions(text: str, viewer: Viewer) -> Any:
    """In the note, and in what surrounds it as far as the viewer is told of it."""
    like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return or_(
        Activity.reply.ilike(like, escape="\\"),
        and_(
            _tells_state(viewer),
            or_(Activity.occasion.ilike(like, escape="\\"), Activity.next_action.ilike(like, escape="\\")),
        ),
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
        select(*_columns(access.viewer()))
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


def particulars(activity: Activity, viewer: Viewer) -> Particulars:
    """What surrounds the note: all of it for its own party, and for others what the attribution lets them know."""
    own = viewer.is_system or activity.originator_id == viewer.party_id
    wanted = select(Party.name).where(Party.id == activity.originator_id)
    party = (db.session.scalar(wanted) or "") if own or tells_party(activity) else ""
    if not own and activity.attribution in HIDES_STATE:
        return Particulars(party=party, instead_of_state=_instead_of_state(activity))
    return Particulars(
        party=party,
        place=activity.place,
        occasion=activity.occasion,
        delivered_by=activity.delivered_by if own or activity.attribution == Attribution.FULL else "",
        marks=activity.marks,
        report_ref=activity.report_ref,
        next_action=activity.next_action,
        next_action_due=activity.next_action_due,
    )


def _instead_of_state(activity: Activity) -> str:
    if activity.attribution != Attribution.REGION_ONLY:
        return "A State that is not named"
    with looking_as(SYSTEM):
        codes = db.session.scalars(
            select(ActivityState.state_iso3).where(ActivityState.activity_id == activity.id)
        ).all()
    known = register()
    return "A State in " + " and ".join(sorted({known.state(iso3).region for iso3 in codes}))


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


def writers_of_records(state_iso3: str) -> set[UUID]:
    """Who recorded activities about a State, as far as the viewer may see them."""
    wanted = (
        select(Activity.recorded_by_id)
        .join(ActivityState, ActivityState.activity_id == Activity.id)
        .where(ActivityState.state_iso3 == state_iso3, Activity.recorded_by_id.is_not(None))
    )
    return set(db.session.scalars(wanted.distinct()))


def concerns_of_activity(key: Any) -> Select[Any]:
    """Asks for each State of an activity with the activity's attribution."""
    both: Any = select(ActivityState.state_iso3, Activity.attribution)
    found: Select[Any] = both.join(Activity, Activity.id == ActivityState.activity_id).where(
        ActivityState.activity_id == key
    )
    return found


def concerns_of_attachment(key: Any) -> Select[Any]:
    """Asks the same of the activity that an attachment is kept with."""
    return concerns_of_activity(select(Attachment.activity_id).where(Attachment.id == key).scalar_subquery())


def claims_behind(activity_id: UUID) -> list[UUID]:
    """The keys of the obstacle claims that came out of an activity, as far as the viewer may see them."""
    return list(
        db.session.scalars(select(ActivityObstacle.claim_id).where(ActivityObstacle.activity_id == activity_id))
    )
