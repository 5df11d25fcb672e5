"""Which replies a plan hears of in a State: of any party, as far as whoever runs the plan there may read them.

What they may not read must not tell by making the plan stop. A reply is heard of once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import not_, or_, select

from crm.activities.models import Activity, ActivityState
from crm.activities.replies import is_reply
from crm.activities.rules import REPORTS, Precision
from crm.core.access import Viewer, looking_as
from crm.core.db import db
from crm.followups.plans.models import PlanReply, PlanRun

LONGEST = timedelta(days=366)
"""As long before its last day the first one of what is only known to the year may lie."""

Heard = Mapping[UUID, Sequence[UUID]]


def unheard(runs: Iterable[PlanRun], runners: Mapping[UUID, Viewer | None]) -> Heard:
    """By State in a plan, the replies since it began of which it has not heard, the newest first. `runners`: as whom
    is asked for each. As many statements as there are people who run one.
    """
    by_viewer: dict[UUID | None, list[PlanRun]] = defaultdict(list)
    sight: dict[UUID | None, Viewer] = {}
    for run in runs:
        if viewer := runners.get(run.id):
            by_viewer[viewer.user_id].append(run)
            sight[viewer.user_id] = viewer
    known = _known({run.id for each in by_viewer.values() for run in each})
    found: dict[UUID, Sequence[UUID]] = {}
    db.session.flush()
    for key, theirs in by_viewer.items():
        with looking_as(sight[key]):
            rows = _reported(theirs)
        for run in theirs:
            found[run.id] = [row.id for row in rows if _tells(row, run) and (run.id, row.id) not in known]
    return found


def note(run: PlanRun, replies: Iterable[UUID], *, stopped: bool) -> None:
    """From now on the plan has heard of these."""
    db.session.add_all([PlanReply(run_id=run.id, activity_id=one, stopped=stopped) for one in replies])
    db.session.flush()


def _known(keys: Collection[UUID]) -> set[tuple[UUID, UUID]]:
    if not keys:
        return set()
    rows = db.session.execute(select(PlanReply.run_id, PlanReply.activity_id).where(PlanReply.run_id.in_(keys)))
    return {(run, activity) for run, activity in rows}


def _reported(runs: Sequence[PlanRun]) -> Sequence[Any]:
    since = min(one.began_on for one in runs)
    wanted: Any = select(
        ActivityState.state_iso3, Activity.id, Activity.kind, Activity.status, Activity.extras, Activity.held_on,
        Activity.precision,
    )  # fmt: skip
    exact = Activity.precision == Precision.DAY.value
    lately = or_(ActivityState.held_on >= since, not_(exact))
    wanted = (
        wanted.join(Activity, Activity.id == ActivityState.activity_id)
        .where(ActivityState.state_iso3.in_({one.state_iso3 for one in runs}), not_(ActivityState.ahead))
        .where(Activity.status.in_(sorted(REPORTS)), ActivityState.held_on >= since - LONGEST, lately)
        .order_by(Activity.held_on.desc(), Activity.recorded_at.desc(), Activity.id)
    )
    return db.session.execute(wanted).all()


def _tells(row: Any, run: PlanRun) -> bool:
    if row.state_iso3 != run.state_iso3 or Precision(row.precision).last_day(row.held_on) < run.began_on:
        return False
    return is_reply(row.kind, row.status, row.extras)
