"""What is planned with one State and what happened with it: one index, however much there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select, true

from crm.accounts.models import Party
from crm.accounts.sides import of_side
from crm.activities.models import Activity, ActivityPerson, ActivityState
from crm.activities.queries import (
    ActivityLine,
    Words,
    is_over,
    line_columns,
    not_over,
    party_is_told,
    person_is_told,
    read_lines,
)
from crm.activities.rules import AHEAD, HAPPENED
from crm.core import access
from crm.core.text import escaped
from crm.states.timeline import Wanted, days_by, nearest_ahead, whole_days


def activities_with(state_iso3: str, wanted: Wanted) -> tuple[list[ActivityLine], list[ActivityLine]]:
    """What is planned with a State, the nearest first, and what happened with it, the latest first, as far as a
    question goes. Not what was cancelled.
    """
    asked = _with(state_iso3).where(*_wanted(wanted))
    day, key = ActivityState.held_on, ActivityState.activity_id
    ahead: Sequence[Any] = ()
    if wanted.before is None:
        planned = asked.where(ActivityState.ahead, Activity.status.in_(sorted(AHEAD)))
        ahead = nearest_ahead(planned, is_over(day, access.today()), (day, key))
    gone = day < wanted.before if wanted.before else true()
    happened = asked.where(not_(ActivityState.ahead), Activity.status.in_(sorted(HAPPENED)), gone)
    past = whole_days(happened.order_by(day.desc(), key), days_by(day, "held_on"))
    lines = read_lines([*ahead, *past])
    return lines[: len(ahead)], lines[len(ahead) :]


def _wanted(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What a question of a timeline demands of an activity, as far as the viewer is told of it."""
    viewer = access.viewer()
    found = wanted.within(ActivityState.held_on, not_over)
    if wanted.keys is not None:
        found.append(Activity.id.in_(wanted.keys))
    if wanted.whose:
        told = party_is_told(viewer)
        who = {"writer": Activity.recorded_by_id, "originator": Activity.originator_id}
        found.append(of_side(wanted.whose, viewer, told=told, **who))
    if wanted.person:
        like = f"%{escaped(wanted.person)}%"
        met = select(ActivityPerson.id).where(
            ActivityPerson.activity_id == Activity.id, ActivityPerson.name.ilike(like, escape="\\")
        )
        delivers = and_(Activity.delivered_by.ilike(like, escape="\\"), person_is_told(viewer))
        found.append(or_(met.exists(), delivers))
    return found


def _with(state_iso3: str) -> Select[Any]:
    return (
        select(*line_columns(access.viewer(), Words.BEGINNING))
        .select_from(ActivityState)
        .join(Activity, Activity.id == ActivityState.activity_id)
        .outerjoin(Party, Party.id == Activity.originator_id)
        .where(ActivityState.state_iso3 == state_iso3)
    )
