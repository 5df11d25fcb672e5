"""What the follow-ups add to a State's timeline."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from flask import url_for
from sqlalchemy import select

from crm.accounts.models import User
from crm.core import clock
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.display import day
from crm.followups.models import FollowUp
from crm.followups.rules import Status
from crm.states.timeline import Entry

AHEAD = 50
"""More open follow-ups than this about one State stand in the list, not on the timeline."""

BEHIND = 50


def entries(state_iso3: str, viewer: Viewer, before: date | None = None) -> list[Entry]:
    """Open follow-ups by their due day and done ones by the day they were done, as far as visible."""
    if not viewer.may("followups:read"):
        return []
    today = clock.today(viewer.time_zone)
    ahead = [] if before else [_ahead(row, today) for row in _open(state_iso3)]
    return [*ahead, *[_behind(row) for row in _done(state_iso3, before)]]


_COLUMNS = (
    FollowUp.id,
    FollowUp.what,
    FollowUp.due_on,
    FollowUp.done_at,
    FollowUp.done_note,
    FollowUp.sample,
)


def _about(state_iso3: str, status: Status) -> Any:
    return (
        select(*_COLUMNS, User.name.label("owner"))
        .outerjoin(User, User.id == FollowUp.owner_id)
        .where(FollowUp.state_iso3 == state_iso3, FollowUp.status == status.value)
    )


def _open(state_iso3: str) -> Any:
    wanted = _about(state_iso3, Status.OPEN).order_by(FollowUp.due_on, FollowUp.id)
    return db.session.execute(wanted.limit(AHEAD)).all()


def _done(state_iso3: str, before: date | None) -> Any:
    wanted = _about(state_iso3, Status.DONE).order_by(FollowUp.done_at.desc(), FollowUp.id)
    if before:
        wanted = wanted.where(FollowUp.done_at < datetime.combine(before, time(), UTC))
    return db.session.execute(wanted.limit(BEHIND)).all()


def _ahead(row: Any, today: date) -> Entry:
    return Entry(
        date=row.due_on,
        date_text=day(row.due_on),
        title=f"Follow-up: {row.what}",
        href=url_for("followups.show", followup_id=row.id),
        meta=row.owner or "",
        icon="list-check",
        tone="overdue" if row.due_on < today else "upcoming",
        anchor=f"followup-{row.id}",
        sample=row.sample,
        datetime=row.due_on.isoformat(),
    )


def _behind(row: Any) -> Entry:
    done_on = row.done_at.astimezone(UTC).date()
    return Entry(
        date=done_on,
        date_text=day(done_on),
        title=f"Done: {row.what}",
        href=url_for("followups.show", followup_id=row.id),
        body=row.done_note,
        meta=row.owner or "",
        icon="check",
        tone="past",
        anchor=f"followup-{row.id}",
        sample=row.sample,
        datetime=done_on.isoformat(),
    )
