"""The lines of what waits: what it is, how old, whose, and what ended it, as far as the viewer may know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, select
from sqlalchemy.orm import aliased

from crm.accounts.models import Party, User
from crm.activities.models import Activity, ActivityStep
from crm.activities.queries import line_columns, person_is_told
from crm.activities.rules import Status
from crm.activities.types import ACTIVITY_TYPES
from crm.audit import reading
from crm.core.access import Viewer
from crm.core.db import db
from crm.followups import rules as followups
from crm.followups.models import FollowUp, FollowUpChange
from crm.followups.rules import Change
from crm.followups.rules import Status as Done
from crm.followups.waiting.models import AwaitedAnswer
from crm.followups.waiting.rules import Age, End, Limits, Stands, Waits, age_of, days_waited


@dataclass(frozen=True)
class Ended:
    """What ended a waiting. `by` and `note` are "" where the viewer is not told; `answer_id`: the entry that tells."""

    how: End
    on: date | None = None
    by: str = ""
    note: str = ""
    answer_id: UUID | None = None


@dataclass(frozen=True)
class WaitingLine:
    """One line. `record_id` is the entry or the follow-up; `since`: when it went out or was acknowledged, for a promise
    the day for which it was made. `age` is None once it is over, and
    `days` where it is not known when that was. `party` is "" where the viewer is not told.
    """

    id: UUID
    record_id: UUID
    waits: Waits
    what: str
    state_iso3: str
    since: date
    precision: str
    days: int | None
    age: Age | None
    received_on: date | None
    party: str
    handling: str
    originator_id: UUID
    may_change: bool
    sample: bool
    ended: Ended | None

    @property
    def is_promise(self) -> bool:
        """Whether it is a promise of the State; else it is an entry of the log."""
        return self.waits is Waits.PROMISE


def read_lines(
    rows: Sequence[Any], *, viewer: Viewer, today: date, limits: Mapping[Waits, Limits]
) -> list[WaitingLine]:
    """Rows as lines, in as many statements whatever their number."""
    promised = [row.record_id for row in rows if row.waits == Waits.PROMISE]
    entries = _entries([row.record_id for row in rows if row.waits != Waits.PROMISE], viewer)
    promises = _promises(promised, viewer)
    found = []
    for row in rows:
        waits = Waits(row.waits)
        facts = (promises if waits is Waits.PROMISE else entries)[row.record_id]
        ended: Ended | None = facts.pop("ended") if row.over else None
        until = today if ended is None else ended.on
        days = days_waited(row.since, until) if until else None
        found.append(
            WaitingLine(
                id=row.id,
                record_id=row.record_id,
                waits=waits,
                state_iso3=row.state_iso3,
                since=row.since,
                days=days,
                age=None if ended else age_of(days or 0, limits[waits]),
                ended=ended,
                originator_id=row.originator_id,
                **{name: value for name, value in facts.items() if name != "ended"},
            )
        )
    return found


def _entries(keys: Sequence[UUID], viewer: Viewer) -> dict[UUID, dict[str, Any]]:
    """By key, what a line tells of an entry: two statements."""
    told, entry = person_is_told(viewer), aliased(Activity)
    wanted: Any = select(
        *line_columns(viewer),
        AwaitedAnswer.stands,
        AwaitedAnswer.received_on,
        AwaitedAnswer.ended_on,
        case((told, AwaitedAnswer.by), else_="").label("noted_by"),
        case((told, AwaitedAnswer.note), else_="").label("note"),
        entry.id.label("answer_id"),
    ).select_from(Activity)
    wanted = (
        wanted.outerjoin(Party, Party.id == Activity.originator_id)
        .outerjoin(AwaitedAnswer, AwaitedAnswer.activity_id == Activity.id)
        .outerjoin(entry, entry.id == AwaitedAnswer.answer_id)
        .where(Activity.id.in_(keys))
    )
    rows = db.session.execute(wanted).all()
    reading.tells("activity", [row for row in rows if not row.kept_back])
    steps = _reported(keys)
    return {row.id: _of_entry(row, steps.get(row.id), viewer) for row in rows}


def _reported(keys: Sequence[UUID]) -> dict[UUID, tuple[datetime, str]]:
    """When each was first reported and by whom, as far as the viewer is told."""
    wanted = select(ActivityStep.activity_id, ActivityStep.at, ActivityStep.by)
    wanted = wanted.where(ActivityStep.activity_id.in_(keys), ActivityStep.status == Status.REPORTED.value)
    found: dict[UUID, tuple[datetime, str]] = {}
    for key, at, by in db.session.execute(wanted.order_by(ActivityStep.at)):
        found.setdefault(key, (at, by))
    return found


def _of_entry(row: Any, reported: tuple[datetime, str] | None, viewer: Viewer) -> dict[str, Any]:
    zone = ZoneInfo(viewer.time_zone)
    stands = Stands(row.stands) if row.stands else Stands.BY_RECORD
    if stands in (Stands.ANSWERED, Stands.UNEXPECTED):
        note, by = ("", "") if row.kept_back else (row.note, row.noted_by)
        ended = Ended(End(stands.value), row.ended_on, by or "", note or "", row.answer_id)
    else:
        at, by = reported or (None, "")
        ended = Ended(End.REPLY, at.astimezone(zone).date() if at else None, by)
    return {
        "what": ACTIVITY_TYPES[row.kind].label,
        "precision": "day" if row.received_on else row.precision,
        "received_on": row.received_on,
        "party": row.party,
        "handling": row.handling,
        "may_change": viewer.may("activities:create") and row.originator_id == viewer.party_id,
        "sample": row.sample,
        "ended": ended,
    }


def _promises(keys: Sequence[UUID], viewer: Viewer) -> dict[UUID, dict[str, Any]]:
    """By key, what a line tells of a promise: two statements."""
    wanted: Any = select(
        FollowUp.id, FollowUp.what, FollowUp.status, FollowUp.done_at, FollowUp.done_note, FollowUp.handling,
        FollowUp.originator_id, FollowUp.owner_id, FollowUp.sample, Party.name.label("party"), User.active,
    )  # fmt: skip
    wanted = wanted.outerjoin(Party, Party.id == FollowUp.originator_id)
    wanted = wanted.outerjoin(User, User.id == FollowUp.owner_id)
    rows = db.session.execute(wanted.where(FollowUp.id.in_(keys))).all()
    reading.tells("follow_up", rows)
    closed = _closed([row.id for row in rows if row.originator_id == viewer.party_id])
    return {row.id: _of_promise(row, closed.get(row.id), viewer) for row in rows}


def _closed(keys: Sequence[UUID]) -> dict[UUID, Any]:
    """The change by which each was closed last; of one's own party's, whose people it names."""
    kinds = [Change.DONE.value, Change.CANCELLED.value]
    wanted = select(FollowUpChange.followup_id, FollowUpChange.by, FollowUpChange.note)
    wanted = wanted.where(and_(FollowUpChange.followup_id.in_(keys), FollowUpChange.kind.in_(kinds)))
    return {one.followup_id: one for one in db.session.execute(wanted.order_by(FollowUpChange.at))}


def _of_promise(row: Any, closed: Any, viewer: Viewer) -> dict[str, Any]:
    on = row.done_at.astimezone(ZoneInfo(viewer.time_zone)).date() if row.done_at else None
    how = End.KEPT if row.status == Done.DONE else End.UNEXPECTED
    return {
        "what": row.what,
        "precision": "day",
        "received_on": None,
        "party": row.party or "",
        "handling": row.handling,
        "may_change": followups.may_change(viewer, row.originator_id, row.owner_id, owner_closed=row.active is False),
        "sample": row.sample,
        "ended": Ended(how, on, closed.by if closed else "", closed.note if closed else row.done_note),
    }
