"""Reading activities: the list, one activity, what happened with a State."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, not_, null, or_, select, true, union_all
from sqlalchemy.orm import selectinload

from crm.accounts.models import Party
from crm.activities.models import (
    Activity,
    ActivityObstacle,
    ActivityPerson,
    ActivityState,
    Attachment,
    TalkRound,
)
from crm.audit import reading
from crm.audit.service import SENSITIVE
from crm.core import access
from crm.core.access import Viewer
from crm.core.days import Precision
from crm.core.db import db
from crm.core.errors import NotAllowed, NotFound
from crm.core.lists import PAGE_SIZE, Page, Question, date_key, page_of, uuid_key
from crm.core.text import beginning, escaped
from crm.core.visibility import HIDES_STATE, Attribution, one_of
from crm.positions.models import ObstacleClaim
from crm.states.models import State


@dataclass
class ActivityLine:
    """One line of a list; `party` is "" where the viewer is not told whose record it is, `reply` its beginning or the
    whole of it. `kept_back`: another party keeps it to few, and its words are read on its own page.
    """

    id: UUID
    kind: str
    held_on: date
    precision: str
    summary: str
    reply: str
    next_action: str
    next_action_due: date | None
    status: str
    party: str
    sample: bool
    handling: str
    version: int
    kept_back: bool = False
    states: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)


class Words(Enum):
    """What a line holds of the words of a record. What another party keeps to few is read by whoever is given a word
    of it: `OPEN` holds none of that, a list to glance over; `BEGINNING` and `WHOLE` hold it and are told as a reading.
    """

    OPEN = "open"
    BEGINNING = "beginning"
    WHOLE = "whole"


@lru_cache(maxsize=256)
def line_columns(viewer: Viewer, words: Words = Words.OPEN) -> tuple[Any, ...]:
    """What a line is read from. The same for whoever is equal in everything, and dearer to write down than to ask."""
    kept_back = _is_kept_back(viewer) if words is Words.OPEN else false()
    reply = Activity.reply if words is Words.WHOLE else func.substr(Activity.reply, 1, 400)
    tells = and_(_tells_state(viewer), not_(kept_back))
    return (
        Activity.id,
        Activity.kind,
        Activity.status,
        Activity.held_on,
        Activity.precision,
        case((kept_back, ""), else_=reply).label("reply"),
        case((tells, Activity.next_action), else_="").label("next_action"),
        case((tells, Activity.next_action_due), else_=null()).label("next_action_due"),
        Activity.sample,
        Activity.handling,
        Activity.version,
        Activity.originator_id,
        case((kept_back, 1), else_=0).label("kept_back"),
        party_told(viewer).label("party"),
    )


def is_over(day: Any, on: date) -> ColumnElement[bool]:
    """`Precision.is_over` as a condition, of the day of an activity that is joined. A month or a year is over before a
    day when it began before the month or the year of that day; the bound of the day itself leads through an index.
    """
    begun = [(Activity.precision == one.value, day < one.first_day(on)) for one in (Precision.MONTH, Precision.YEAR)]
    return and_(day < on, case(*begun, else_=true()))


def not_over(day: Any, on: date) -> ColumnElement[bool]:
    """Whether a day that may be meant lies on this one or later; none does that began before this year, which is the
    bound that leads through an index.
    """
    return and_(day >= Precision.YEAR.first_day(on), not_(is_over(day, on)))


def party_is_told(viewer: Viewer) -> ColumnElement[bool]:
    """`tells_party` for a viewer, as a condition."""
    if viewer.is_system:
        return true()
    return or_(Activity.originator_id == viewer.party_id, Activity.attribution != Attribution.NONE.value)


def person_is_told(viewer: Viewer) -> ColumnElement[bool]:
    """Whether an activity lets the viewer know who of its party went."""
    if viewer.is_system:
        return true()
    return or_(Activity.originator_id == viewer.party_id, Activity.attribution == Attribution.FULL.value)


def party_told(viewer: Viewer) -> ColumnElement[str]:
    """The name of the party whose an activity is, joined as `Party`; "" where that is not told."""
    return case((party_is_told(viewer), Party.name), else_="")


def tells_party(activity: Activity) -> bool:
    """Whether an activity lets other parties know whose it is: not where nothing is told of where it comes from."""
    return activity.attribution != Attribution.NONE


def _tells_state(viewer: Viewer) -> ColumnElement[bool]:
    """Whether an activity lets the viewer know which State it was with."""
    if viewer.is_system:
        return true()
    return or_(Activity.originator_id == viewer.party_id, not_(one_of(Activity.attribution, HIDES_STATE)))


def _is_kept_back(viewer: Viewer) -> ColumnElement[bool]:
    """Whether reading it is written down for the viewer."""
    if viewer.is_system:
        return false()
    return and_(one_of(Activity.handling, SENSITIVE), Activity.originator_id.is_distinct_from(viewer.party_id))


def activities_asked(
    *,
    state_iso3: str = "",
    kind: str = "",
    status: str = "",
    text: str = "",
    since: date | None = None,
    until: date | None = None,
    oldest_first: bool = False,
    whole: bool = False,
) -> Question:
    """What the list of activities asks, newest first unless told otherwise; `whole`: with whole replies. Between
    `since` and `until` lies one that may have been on any of these days. Whoever looks for a `text` is shown where it
    stands, and has read it, even where they are told no more than the number.
    """
    viewer = access.viewer()
    words = Words.WHOLE if whole else Words.BEGINNING if text else Words.OPEN
    wanted = select(*line_columns(viewer, words)).select_from(Activity)
    wanted = wanted.outerjoin(Party, Party.id == Activity.originator_id)
    if state_iso3:
        wanted = wanted.where(
            Activity.id.in_(select(ActivityState.activity_id).where(ActivityState.state_iso3 == state_iso3))
        )
    if kind:
        wanted = wanted.where(Activity.kind == kind)
    if status:
        wanted = wanted.where(Activity.status == status)
    if since:
        wanted = wanted.where(not_over(Activity.held_on, since))
    if until:
        wanted = wanted.where(Activity.held_on <= until)
    if text:
        wanted = wanted.where(_mentions(text, viewer))
    keys = (
        date_key(Activity.held_on, lambda row: row.held_on, descending=not oldest_first),
        uuid_key(Activity.id, lambda row: row.id, descending=not oldest_first),
    )
    return Question(wanted, keys, read_lines, sought=partial(reading.sought, "activity") if text else None)


def page_of_activities(*, cursor: str | None = None, size: int = PAGE_SIZE, **asked: Any) -> Page:
    """A page of what the viewer may see, in three statements whatever the size."""
    return page_of(activities_asked(**asked), cursor=cursor, size=size)


def activity_lines(keys: Collection[UUID]) -> list[ActivityLine]:
    """Single activities as lines, as far as the viewer may see them."""
    asked = activities_asked()
    return read_lines(db.session.execute(asked.ordered().where(Activity.id.in_(keys))).all())


def _mentions(text: str, viewer: Viewer) -> Any:
    """In the note, and in what surrounds it as far as the viewer is told of it."""
    like = f"%{escaped(text)}%"
    return or_(
        Activity.reply.ilike(like, escape="\\"),
        and_(
            _tells_state(viewer),
            or_(Activity.occasion.ilike(like, escape="\\"), Activity.next_action.ilike(like, escape="\\")),
        ),
    )


def read_lines(rows: Iterable[Any]) -> list[ActivityLine]:
    """Rows of `line_columns` as lines with their States and people, in two statements; what tells is told as read."""
    rows = list(rows)
    reading.tells("activity", [row for row in rows if not row.kept_back])
    lines = [
        ActivityLine(
            id=row.id,
            kind=row.kind,
            status=row.status,
            held_on=row.held_on,
            precision=row.precision,
            summary=beginning(row.reply),
            reply=row.reply,
            next_action=row.next_action,
            next_action_due=row.next_action_due,
            party=row.party,
            sample=row.sample,
            handling=row.handling,
            version=row.version,
            kept_back=bool(row.kept_back),
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
        .options(
            selectinload(Activity.states),
            selectinload(Activity.people),
            selectinload(Activity.comment),
            selectinload(Activity.steps),
        )
    )
    if found is None:
        raise NotFound("no such activity")
    return found


def may_change(activity: Activity, viewer: Viewer) -> bool:
    """Whether it is for this viewer to set it right and let it go on: their own party's, about States they work on."""
    own = viewer.may("activities:create") and activity.originator_id == viewer.party_id
    return own and all(viewer.works_on(one.state_iso3) for one in activity.states)


def own_activity(activity_id: UUID) -> Activity:
    """One activity that the viewer may change; NotFound when absent, NotAllowed when it is another party's."""
    found = get_activity(activity_id)
    if not may_change(found, access.viewer()):
        raise NotAllowed("an activity of another party")
    return found


def claims_of(activity_id: UUID) -> Sequence[ObstacleClaim]:
    """The obstacles that came up in an activity."""
    return db.session.scalars(
        select(ObstacleClaim)
        .join(ActivityObstacle, ActivityObstacle.claim_id == ObstacleClaim.id)
        .where(ActivityObstacle.activity_id == activity_id)
    ).all()


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
    """Asks the same of the activity that an attachment is kept with, and for the States of its own."""
    of_activity = concerns_of_activity(select(Attachment.activity_id).where(Attachment.id == key).scalar_subquery())
    state: Any = State
    own = select(state.iso3, Activity.attribution).join(Attachment, Attachment.states.contains(state.iso3))
    whole = own.join(Activity, Activity.id == Attachment.activity_id).where(Attachment.id == key)
    return select(union_all(of_activity, whole).subquery())


def claims_behind(activity_id: UUID) -> list[UUID]:
    """The keys of the obstacle claims that came out of an activity, as far as the viewer may see them."""
    return list(
        db.session.scalars(select(ActivityObstacle.claim_id).where(ActivityObstacle.activity_id == activity_id))
    )


def claims_behind_all(activity_ids: Iterable[UUID]) -> list[UUID]:
    """The keys of the obstacle claims that came out of several activities, as far as the viewer may see them."""
    wanted = select(ActivityObstacle.claim_id).where(ActivityObstacle.activity_id.in_(list(activity_ids)))
    return list(db.session.scalars(wanted))


def round_of(activity: Activity) -> TalkRound | None:
    """The round of short talks that an activity is one of, for its own party."""
    if activity.round_id is None:
        return None
    return db.session.scalar(select(TalkRound).where(TalkRound.id == activity.round_id))
