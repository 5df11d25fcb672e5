"""What the follow-ups add to a State's timeline."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, select, true

from crm.accounts.models import User
from crm.accounts.sides import of_side
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.display import day
from crm.core.text import escaped
from crm.followups.models import FollowUp
from crm.followups.rules import Status
from crm.states.timeline import MOST_AHEAD, Days, Entry, Source, Wanted, whole_days


def entries(state_iso3: str, viewer: Viewer, wanted: Wanted) -> list[Entry]:
    """Open follow-ups by their due day and done ones by the day they were done, as far as visible."""
    if not viewer.may("followups:read"):
        return []
    today = clock.today(viewer.time_zone)
    asked = _about(state_iso3, viewer, wanted)
    ahead = [] if wanted.before else [_ahead(row, today) for row in _open(asked, wanted)]
    return [*ahead, *[_behind(row) for row in _done(asked, wanted)]]


_COLUMNS = (
    FollowUp.id,
    FollowUp.what,
    FollowUp.promised,
    FollowUp.due_on,
    FollowUp.done_at,
    FollowUp.done_note,
    FollowUp.sample,
)


def _about(state_iso3: str, viewer: Viewer, wanted: Wanted) -> Any:
    asked: Any = select(*_COLUMNS, User.name.label("owner"))
    asked = asked.outerjoin(User, User.id == FollowUp.owner_id).where(FollowUp.state_iso3 == state_iso3)
    if wanted.keys is not None:
        asked = asked.where(FollowUp.id.in_(wanted.keys))
    if wanted.person:
        asked = asked.where(User.name.ilike(f"%{escaped(wanted.person)}%", escape="\\"))
    if wanted.whose:
        who = {"writer": FollowUp.owner_id, "originator": FollowUp.originator_id}
        asked = asked.where(of_side(wanted.whose, viewer, told=true(), **who))
    return asked


def _open(asked: Any, wanted: Wanted) -> Any:
    still = asked.where(FollowUp.status == Status.OPEN.value, *wanted.within(FollowUp.due_on))
    return db.session.execute(still.order_by(FollowUp.due_on, FollowUp.id).limit(MOST_AHEAD)).all()


def _done(asked: Select[Any], wanted: Wanted) -> list[Any]:
    over = asked.where(FollowUp.status == Status.DONE.value)
    if wanted.since:
        over = over.where(FollowUp.done_at >= _begins(wanted.since))
    if wanted.until:
        over = over.where(FollowUp.done_at < _begins(wanted.until + timedelta(days=1)))
    if wanted.before:
        over = over.where(FollowUp.done_at < _begins(wanted.before))
    days = Days(_done_on, _on, lambda on: FollowUp.done_at < _begins(on))
    return whole_days(over.order_by(FollowUp.done_at.desc(), FollowUp.id), days)


def _begins(on: date) -> datetime:
    return datetime.combine(on, time(), UTC)


def _done_on(row: Any) -> date:
    done_on: date = row.done_at.astimezone(UTC).date()
    return done_on


def _on(on: date) -> list[ColumnElement[bool]]:
    return [FollowUp.done_at >= _begins(on), FollowUp.done_at < _begins(on + timedelta(days=1))]


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


def _behind(row: Any) -> Entry:
    done_on = _done_on(row)
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


SOURCE = Source("followup", "Follow-ups", entries)
