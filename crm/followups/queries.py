"""Reading follow-ups. What the viewer may not see is not there: the session filters every select."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from crm.accounts.models import Party, User
from crm.activities.models import Activity
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.lists import PAGE_SIZE, Page, date_key, paginate, uuid_key
from crm.followups.models import FollowUp, FollowUpChange, Reminder
from crm.followups.rules import Status
from crm.mail.models import OutboxMail
from crm.mail.queries import Delivery, deliveries, needs_person

_COLUMNS = (
    FollowUp.id,
    FollowUp.what,
    FollowUp.state_iso3,
    FollowUp.status,
    FollowUp.due_on,
    FollowUp.due_at_local,
    FollowUp.zone,
    FollowUp.due_at,
    FollowUp.done_at,
    FollowUp.owner_id,
    FollowUp.originator_id,
    FollowUp.handling,
    FollowUp.version,
    FollowUp.sample,
    User.name.label("owner_name"),
    Party.name.label("party_name"),
)


@dataclass(frozen=True)
class FollowUpLine:
    """One line of a list. `owner` is the party where the viewer may not know the person."""

    id: UUID
    what: str
    state_iso3: str
    status: Status
    due_on: date
    due_at_local: time
    zone: str
    due_at: datetime
    done_at: datetime | None
    owner_id: UUID
    originator_id: UUID
    owner: str
    handling: str
    version: int
    sample: bool

    def changeable_by(self, viewer: Viewer) -> bool:
        """Whether the verbs will let this viewer change it."""
        return may_change(viewer, self.originator_id, self.owner_id)


def may_change(viewer: Viewer, originator_id: UUID, owner_id: UUID) -> bool:
    """The owner and the originating party may; others who see it may only read."""
    return viewer.may("followups:write") and (viewer.party_id == originator_id or viewer.user_id == owner_id)


def _line(row: Any) -> FollowUpLine:
    values = {name: getattr(row, name) for name in FollowUpLine.__dataclass_fields__ if name not in ("owner", "status")}
    return FollowUpLine(owner=row.owner_name or row.party_name, status=Status(row.status), **values)


def _lines_select() -> Any:
    return (
        select(*_COLUMNS)
        .outerjoin(User, User.id == FollowUp.owner_id)
        .outerjoin(Party, Party.id == FollowUp.originator_id)
    )


def page_of_follow_ups(
    *,
    viewer: Viewer,
    mine: bool = True,
    state_iso3: str = "",
    status: Status | None = Status.OPEN,
    cursor: str | None = None,
    size: int = PAGE_SIZE,
) -> Page:
    """A page of what the viewer may see: open ones most urgent first, closed ones latest first."""
    wanted = _lines_select()
    if mine:
        wanted = wanted.where(FollowUp.owner_id == viewer.user_id)
    if state_iso3:
        wanted = wanted.where(FollowUp.state_iso3 == state_iso3)
    if status:
        wanted = wanted.where(FollowUp.status == status.value)
    keys = (
        date_key(FollowUp.due_on, lambda row: row.due_on, descending=status not in (Status.OPEN, None)),
        uuid_key(FollowUp.id, lambda row: row.id),
    )
    page = paginate(wanted, keys, cursor=cursor, size=size)
    page.items = [_line(row) for row in page.items]
    return page


def get_follow_up(followup_id: UUID) -> FollowUp:
    """One follow-up; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(FollowUp).where(FollowUp.id == followup_id))
    if found is None:
        raise NotFound("no such follow-up")
    return found


@dataclass(frozen=True)
class Source:
    """The activity that a follow-up came from, where the viewer may open it."""

    id: UUID
    kind: str
    held_on: date
    precision: str


@dataclass(frozen=True)
class Reminded:
    """One reminder: of which due moment, whom, and how far its mail came."""

    occurrence: datetime
    planned_at: datetime
    name: str
    delivery: Delivery | None


@dataclass(frozen=True)
class Surroundings:
    """What stands around a follow-up on its own page."""

    owner: str
    party: str
    source: Source | None
    reminders: list[Reminded]
    changes: Sequence[FollowUpChange]
    next_step: Any


def surroundings(follow_up: FollowUp) -> Surroundings:
    """Owner, source, reminders, changes, next step: six statements however many there are."""
    owner, party = db.session.execute(
        select(User.name, Party.name)
        .select_from(FollowUp)
        .outerjoin(User, User.id == FollowUp.owner_id)
        .outerjoin(Party, Party.id == FollowUp.originator_id)
        .where(FollowUp.id == follow_up.id)
    ).one()
    source = db.session.execute(
        select(Activity.id, Activity.kind, Activity.held_on, Activity.precision).where(
            Activity.id == follow_up.activity_id
        )
    ).first()
    return Surroundings(
        owner=owner or party,
        party=party,
        source=Source(*source) if source else None,
        reminders=reminders_of(follow_up.id),
        changes=db.session.scalars(
            select(FollowUpChange)
            .where(FollowUpChange.followup_id == follow_up.id)
            .order_by(FollowUpChange.at.desc(), FollowUpChange.id)
            .limit(100)
        ).all(),
        next_step=db.session.execute(
            select(FollowUp.id, FollowUp.what).where(FollowUp.previous_id == follow_up.id).limit(1)
        ).first(),
    )


def reminders_of(followup_id: UUID) -> list[Reminded]:
    """When it reminded whom, newest first, and what the mail server said."""
    rows = db.session.execute(
        select(Reminder.occurrence, Reminder.planned_at, Reminder.mail_id, User.name)
        .outerjoin(User, User.id == Reminder.recipient_id)
        .where(Reminder.followup_id == followup_id)
        .order_by(Reminder.occurrence.desc(), Reminder.id)
        .limit(50)
    ).all()
    sent = deliveries([row.mail_id for row in rows])
    return [Reminded(row.occurrence, row.planned_at, row.name or "", sent.get(row.mail_id)) for row in rows]


def not_reminded(viewer: Viewer, limit: int = 20) -> list[FollowUpLine]:
    """The viewer's own open follow-ups of which they could not be reminded: the alert to the owner."""
    now_due = and_(
        Reminder.followup_id == FollowUp.id,
        Reminder.occurrence == FollowUp.due_at,
        Reminder.recipient_id == FollowUp.owner_id,
    )
    wanted = (
        select(FollowUp.id)
        .outerjoin(Reminder, now_due)
        .outerjoin(OutboxMail, OutboxMail.id == Reminder.mail_id)
        .where(FollowUp.owner_id == viewer.user_id, FollowUp.status == Status.OPEN.value)
        .where(or_(needs_person(), FollowUp.remind_problem != ""))
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(limit)
    )
    with looking_as(SYSTEM):
        ids = list(db.session.scalars(wanted))
    if not ids:
        return []
    return [_line(row) for row in db.session.execute(_lines_select().where(FollowUp.id.in_(ids)))]
