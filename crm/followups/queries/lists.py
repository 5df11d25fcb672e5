"""Lists of follow-ups, and those of which nobody is or was reminded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from crm.accounts.models import Mission, Party, User
from crm.audit import reading
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db
from crm.core.lists import PAGE_SIZE, Page, Question, date_key, page_of, uuid_key
from crm.followups import rules
from crm.followups.models import FollowUp, Reminder
from crm.followups.queries.missions import left_by_all, nobody_left, owed_by
from crm.followups.queries.owners import out_of_sight
from crm.followups.rules import Status
from crm.mail.models import OutboxMail
from crm.mail.queries import needs_person

_COLUMNS = (
    FollowUp.id,
    FollowUp.activity_id,
    FollowUp.what,
    FollowUp.promised,
    FollowUp.state_iso3,
    FollowUp.status,
    FollowUp.due_on,
    FollowUp.due_at_local,
    FollowUp.zone,
    FollowUp.due_at,
    FollowUp.done_at,
    FollowUp.owner_id,
    FollowUp.owner_mission_id,
    FollowUp.originator_id,
    FollowUp.handling,
    FollowUp.version,
    FollowUp.sample,
    User.name.label("owner_name"),
    Mission.name.label("mission_name"),
    Party.name.label("party_name"),
)


@dataclass(frozen=True)
class FollowUpLine:
    """One line of a list. `owner` is the mission that owes it or the person; where the viewer may not know that one,
    the party, and `known_owner_id` is None.

    `owner_closed`: the account of the owner is closed, or nobody is left at the mission, `out_of_sight`: whoever owes
    it may not open it any more; nobody is reminded of either.
    """

    id: UUID
    what: str
    promised: bool
    state_iso3: str
    status: Status
    due_on: date
    due_at_local: time
    zone: str
    due_at: datetime
    done_at: datetime | None
    owner_id: UUID | None
    owner_mission_id: UUID | None
    originator_id: UUID
    owner: str
    known_owner_id: UUID | None
    owner_closed: bool
    out_of_sight: bool
    handling: str
    version: int
    sample: bool

    def changeable_by(self, viewer: Viewer) -> bool:
        """Whether the verbs will let this viewer change it."""
        return rules.may_change(
            viewer, self.originator_id, self.owner_id, self.owner_mission_id, owner_closed=self.owner_closed
        )


_COMPUTED = ("owner", "known_owner_id", "owner_closed", "out_of_sight", "status")


def _lines(rows: Sequence[Any], viewer: Viewer) -> list[FollowUpLine]:
    reading.tells("follow_up", rows)
    closed = nobody_left(rows)
    unseen = out_of_sight(rows, viewer)
    given = [name for name in FollowUpLine.__dataclass_fields__ if name not in _COMPUTED]
    return [
        FollowUpLine(
            owner=row.mission_name or row.owner_name or row.party_name,
            known_owner_id=row.owner_id if row.owner_name else None,
            owner_closed=(row.owner_id or row.owner_mission_id) in closed,
            out_of_sight=row.id in unseen,
            status=Status(row.status),
            **{name: getattr(row, name) for name in given},
        )
        for row in rows
    ]


def _lines_select() -> Any:
    return (
        select(*_COLUMNS)
        .outerjoin(User, User.id == FollowUp.owner_id)
        .outerjoin(Mission, Mission.id == FollowUp.owner_mission_id)
        .outerjoin(Party, Party.id == FollowUp.originator_id)
    )


def follow_ups_asked(
    *,
    viewer: Viewer,
    mine: bool = True,
    mission_id: UUID | None = None,
    state_iso3: str = "",
    status: Status | None = Status.OPEN,
    latest_first: bool | None = None,
) -> Question:
    """What the list of follow-ups asks: open ones most urgent first, closed ones latest first, unless told so.

    `mission_id`: those that this mission owes, not all of which need be `mine`.
    """
    wanted = _lines_select()
    if mine:
        wanted = wanted.where(owed_by(viewer))
    if mission_id:
        wanted = wanted.where(FollowUp.owner_mission_id == mission_id)
    if state_iso3:
        wanted = wanted.where(FollowUp.state_iso3 == state_iso3)
    if status:
        wanted = wanted.where(FollowUp.status == status.value)
    if latest_first is None:
        latest_first = status not in (Status.OPEN, None)
    keys = (
        date_key(FollowUp.due_on, lambda row: row.due_on, descending=latest_first),
        uuid_key(FollowUp.id, lambda row: row.id, descending=latest_first),
    )
    return Question(wanted, keys, lambda rows: _lines(rows, viewer))


def changed_by(viewer: Viewer) -> ColumnElement[bool]:
    """`rules.may_change` as a condition, for somebody who may change any."""
    own = or_(FollowUp.originator_id == viewer.party_id, owed_by(viewer))
    return or_(own, left_by_all()) if viewer.may("followups:take_over") else own


def page_of_follow_ups(*, cursor: str | None = None, size: int = PAGE_SIZE, **asked: Any) -> Page:
    """A page of what the viewer may see."""
    return page_of(follow_ups_asked(**asked), cursor=cursor, size=size)


def follow_up_lines(keys: Collection[UUID], viewer: Viewer) -> list[FollowUpLine]:
    """Single follow-ups as lines, as far as the viewer may see them, most urgent first."""
    wanted = _lines_select().where(FollowUp.id.in_(keys)).order_by(FollowUp.due_on, FollowUp.id)
    return _lines(db.session.execute(wanted).all(), viewer)


def not_reminded(viewer: Viewer, limit: int = 20) -> list[FollowUpLine]:
    """The viewer's own open follow-ups of which they could not be reminded: the alert to the owner.

    Looks as the system: reminders and mails are for the software alone.
    """
    now_due = and_(
        Reminder.followup_id == FollowUp.id,
        Reminder.due_at == FollowUp.due_at,
        Reminder.recipient_id == viewer.user_id,
    )
    wanted = (
        select(FollowUp.id, FollowUp.due_on)
        .distinct()
        .outerjoin(Reminder, now_due)
        .outerjoin(OutboxMail, OutboxMail.id == Reminder.mail_id)
        .where(owed_by(viewer), FollowUp.status == Status.OPEN.value)
        .where(or_(needs_person(), FollowUp.remind_problem != ""))
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(limit)
    )
    with looking_as(SYSTEM):
        ids = list(db.session.scalars(wanted))
    if not ids:
        return []
    return _lines(db.session.execute(_lines_select().where(FollowUp.id.in_(ids))).all(), viewer)


def left_alone(viewer: Viewer, limit: int = 20) -> list[FollowUpLine]:
    """Open follow-ups whose owner's account is closed, or of a mission where nobody is left, and that this viewer may
    give to somebody, most urgent first.
    """
    if not viewer.may("followups:write"):
        return []
    wanted = _lines_select().where(left_by_all(FollowUp.status == Status.OPEN.value))
    if not viewer.may("followups:take_over"):
        wanted = wanted.where(FollowUp.originator_id == viewer.party_id)
    return _lines(db.session.execute(wanted.order_by(FollowUp.due_on, FollowUp.id).limit(limit)).all(), viewer)


def unseen_by_owner(viewer: Viewer, limit: int = 20) -> list[FollowUpLine]:
    """Open follow-ups of the viewer's party whose owner may not open them any more, most urgent first."""
    if not viewer.may("followups:write"):
        return []
    asked = (FollowUp.id, FollowUp.owner_id, FollowUp.owner_mission_id, FollowUp.originator_id, FollowUp.handling)
    ours: Any = select(*asked, FollowUp.state_iso3, FollowUp.status, FollowUp.activity_id)
    ours = ours.where(FollowUp.status == Status.OPEN.value, FollowUp.originator_id == viewer.party_id)
    unseen = out_of_sight(db.session.execute(ours).all(), viewer)
    if not unseen:
        return []
    wanted = _lines_select().where(FollowUp.id.in_(unseen)).order_by(FollowUp.due_on, FollowUp.id).limit(limit)
    return _lines(db.session.execute(wanted).all(), viewer)


def owners_of_follow_ups(state_iso3: str) -> set[UUID]:
    """The parties that opened follow-ups about a State, as far as the viewer may see them."""
    return set(db.session.scalars(select(FollowUp.originator_id).where(FollowUp.state_iso3 == state_iso3).distinct()))


def owners_in_person(state_iso3: str) -> set[UUID]:
    """The people who owe or owed something about a State, as far as the viewer may see it, those included who are
    posted to a mission that does.
    """
    about = select(FollowUp.id).where(FollowUp.state_iso3 == state_iso3)
    in_person = about.with_only_columns(FollowUp.owner_id).where(FollowUp.owner_id.is_not(None))
    missions = about.with_only_columns(FollowUp.owner_mission_id).where(FollowUp.owner_mission_id.is_not(None))
    owing = select(User.id).where(or_(User.id.in_(in_person), User.mission_id.in_(missions)))
    return set(db.session.scalars(owing))
