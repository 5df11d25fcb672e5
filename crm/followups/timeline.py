"""What the follow-ups add to a State's timeline."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import url_for
from sqlalchemy import ColumnElement, Select, func, select, true

from crm.accounts.models import Mission, User
from crm.accounts.sides import of_side
from crm.audit import reading
from crm.core import clock
from crm.core.access import Viewer
from crm.core.display import day
from crm.core.text import escaped
from crm.followups.models import FollowUp
from crm.followups.rules import Status
from crm.states.timeline import Days, Entry, Source, Wanted, nearest_ahead, whole_days


def entries(state_iso3: str, viewer: Viewer, wanted: Wanted) -> list[Entry]:
    """Open follow-ups by their due day and done ones by the day they were done, as far as visible."""
    if not viewer.may("followups:read"):
        return []
    today, zone = clock.today(viewer.time_zone), ZoneInfo(viewer.time_zone)
    asked = _about(state_iso3, viewer, wanted)
    ahead, behind = [] if wanted.before else _open(asked, wanted, today), _done(asked, wanted, zone)
    reading.tells("follow_up", [*ahead, *behind])
    return [*(_ahead(row, today) for row in ahead), *(_behind(row, zone) for row in behind)]


_COLUMNS = (
    FollowUp.id,
    FollowUp.what,
    FollowUp.promised,
    FollowUp.due_on,
    FollowUp.done_at,
    FollowUp.done_note,
    FollowUp.sample,
    FollowUp.originator_id,
    FollowUp.handling,
)


def _about(state_iso3: str, viewer: Viewer, wanted: Wanted) -> Any:
    whose = func.coalesce(Mission.name, User.name)
    asked: Any = select(*_COLUMNS, whose.label("owner")).outerjoin(User, User.id == FollowUp.owner_id)
    asked = asked.outerjoin(Mission, Mission.id == FollowUp.owner_mission_id).where(FollowUp.state_iso3 == state_iso3)
    if wanted.keys is not None:
        asked = asked.where(FollowUp.id.in_(wanted.keys))
    if wanted.person:
        asked = asked.where(whose.ilike(f"%{escaped(wanted.person)}%", escape="\\"))
    if wanted.whose:
        who = {"writer": FollowUp.owner_id, "originator": FollowUp.originator_id, "mission": FollowUp.owner_mission_id}
        asked = asked.where(of_side(wanted.whose, viewer, told=true(), **who))
    return asked


def _open(asked: Any, wanted: Wanted, today: date) -> list[Any]:
    still = asked.where(FollowUp.status == Status.OPEN.value, *wanted.within(FollowUp.due_on))
    return nearest_ahead(still, FollowUp.due_on < today, (FollowUp.due_on, FollowUp.id))


def _done(asked: Select[Any], wanted: Wanted, zone: ZoneInfo) -> list[Any]:
    """Those done, by the days of whoever reads."""

    def begins(on: date) -> datetime:
        return datetime.combine(on, time(), zone).astimezone(UTC)

    def those_on(on: date) -> list[ColumnElement[bool]]:
        return [FollowUp.done_at >= begins(on), FollowUp.done_at < begins(on + timedelta(days=1))]

    over = asked.where(FollowUp.status == Status.DONE.value)
    if wanted.since:
        over = over.where(FollowUp.done_at >= begins(wanted.since))
    if wanted.until:
        over = over.where(FollowUp.done_at < begins(wanted.until + timedelta(days=1)))
    if wanted.before:
        over = over.where(FollowUp.done_at < begins(wanted.before))
    days = Days(partial(_done_on, zone=zone), those_on, lambda on: FollowUp.done_at < begins(on))
    return whole_days(over.order_by(FollowUp.done_at.desc(), FollowUp.id), days)


def _done_on(row: Any, zone: ZoneInfo) -> date:
    done_on: date = row.done_at.astimezone(zone).date()
    return done_on


def _ahead(row: Any, today: date) -> Entry:
    return Entry(
        date=row.due_on,
        date_text=day(row.due_on),
        title=f"{'They promised' if row.promised else 'Follow-up'}: {row.what}",
        href=url_for("followups.show", followup_id=row.id),
        meta=row.owner or "",
        icon="list-check",
        tone="overdue" if row.due_on < today else "upcoming",
        anchor=f"followup-{row.id}",
        sample=row.sample,
        datetime=row.due_on.isoformat(),
        key=row.id,
    )


def _behind(row: Any, zone: ZoneInfo) -> Entry:
    done_on = _done_on(row, zone)
    return Entry(
        date=done_on,
        date_text=day(done_on),
        title=f"{'Promise kept' if row.promised else 'Done'}: {row.what}",
        href=url_for("followups.show", followup_id=row.id),
        body=row.done_note,
        meta=row.owner or "",
        icon="check",
        tone="past",
        anchor=f"followup-{row.id}",
        sample=row.sample,
        datetime=done_on.isoformat(),
        key=row.id,
    )


def _listed(state_iso3: str) -> str:
    return url_for("followups.index", state=state_iso3, owner="all")


SOURCE = Source("followup", "Follow-ups", entries, _listed)
