"""One follow-up: itself, who may change it, and what stands around it on its own page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import Mission, Party, User
from crm.activities.models import Activity
from crm.core.access import SYSTEM, Viewer
from crm.core.db import db
from crm.core.errors import NotFound
from crm.followups import rules
from crm.followups.models import FollowUp, FollowUpChange, Reminder
from crm.followups.queries.doers import YOU, own_doing, within
from crm.followups.queries.missions import nobody_left
from crm.followups.queries.owners import out_of_sight
from crm.followups.reminding.rules import Why
from crm.followups.rules import Change, Status
from crm.mail.queries import Delivery, deliveries


def get_follow_up(followup_id: UUID) -> FollowUp:
    """One follow-up; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(FollowUp).where(FollowUp.id == followup_id))
    if found is None:
        raise NotFound("no such follow-up")
    return found


def may_change(viewer: Viewer, follow_up: FollowUp) -> bool:
    """Whether the verbs let somebody who sees a follow-up change it."""
    return rules.may_change(
        viewer,
        follow_up.originator_id,
        follow_up.owner_id,
        follow_up.owner_mission_id,
        owner_closed=bool(nobody_left([follow_up])),
    )


@dataclass(frozen=True)
class Source:
    """The activity that a follow-up came from, where the viewer may open it."""

    id: UUID
    kind: str
    held_on: date
    precision: str


@dataclass(frozen=True)
class Reminded:
    """One reminder: why, for which moment and due moment, whom, and how far its mail came; None while it waits for the
    next digest.
    """

    why: Why
    occurrence: datetime
    due_at: datetime
    tell_at: datetime
    planned_at: datetime
    name: str
    delivery: Delivery | None


@dataclass(frozen=True)
class Changed:
    """One change after the opening, with the party in place of people whom the viewer may not know, and `YOU` for what
    they did themselves where their name would not be told.
    """

    kind: str
    at: datetime
    by: str
    note: str
    before: str
    after: str

    @property
    def by_whom(self) -> str:
        """`by` as it stands after that word."""
        return within(self.by)

    @property
    def moved(self) -> tuple[datetime, datetime]:
        """From which due moment to which one, of a move."""
        return datetime.fromisoformat(self.before), datetime.fromisoformat(self.after)


@dataclass(frozen=True)
class Surroundings:
    """What stands around a follow-up on its own page, in names that the viewer may know (`YOU` as in `Changed`);
    `known_owner_id` is None where they may not know the person, or a mission owes it: `owner_mission` is its name.
    """

    owner: str
    known_owner_id: UUID | None
    owner_mission: str
    owner_closed: bool
    out_of_sight: bool
    opened_by: str
    source: Source | None
    reminders: list[Reminded]
    changes: list[Changed]
    next_step: Any

    @property
    def opened_by_whom(self) -> str:
        """`opened_by` as it stands after the word “by”."""
        return within(self.opened_by)


def surroundings(follow_up: FollowUp, viewer: Viewer) -> Surroundings:
    """Owner, source, reminders, changes, next step: at most eleven statements however many there are."""
    person, mission, party = db.session.execute(
        select(User.name, Mission.name, Party.name)
        .select_from(FollowUp)
        .outerjoin(User, User.id == FollowUp.owner_id)
        .outerjoin(Mission, Mission.id == FollowUp.owner_mission_id)
        .outerjoin(Party, Party.id == FollowUp.originator_id)
        .where(FollowUp.id == follow_up.id)
    ).one()
    owner = mission or person or party
    source = db.session.execute(
        select(Activity.id, Activity.kind, Activity.held_on, Activity.precision).where(
            Activity.id == follow_up.activity_id
        )
    ).first()
    changes = db.session.scalars(
        select(FollowUpChange)
        .where(FollowUpChange.followup_id == follow_up.id)
        .order_by(FollowUpChange.at.desc(), FollowUpChange.id)
        .limit(100)
    ).all()
    known, own = _known_names(follow_up, changes, viewer), own_doing(follow_up, changes, viewer)
    return Surroundings(
        owner=owner,
        known_owner_id=follow_up.owner_id if person else None,
        owner_mission=mission or "",
        owner_closed=bool(nobody_left([follow_up])),
        out_of_sight=bool(out_of_sight([follow_up], viewer)),
        opened_by=_named(follow_up.opened_by, known, YOU if follow_up.id in own else party),
        source=Source(*source) if source else None,
        reminders=reminders_of(follow_up.id),
        changes=_told(changes, known, own, party, owner),
        next_step=db.session.execute(
            select(FollowUp.id, FollowUp.what).where(FollowUp.previous_id == follow_up.id).limit(1)
        ).first(),
    )


def _known_names(follow_up: FollowUp, changes: Sequence[FollowUpChange], viewer: Viewer) -> set[str]:
    """Which of the names kept with a follow-up the viewer may read.

    They are kept as text, and anybody may call themselves by another's name to hear whether it stands there. The
    originating party reads them all; others those of its people whom they may know, whose names are not theirs to
    choose. Nobody else's counts, not even the viewer's own, and so not the name of somebody who has changed it since.
    """
    names = {follow_up.opened_by, *(one.by for one in changes)}
    for one in changes:
        if one.kind == Change.REASSIGNED:
            names |= {one.before, one.after}
    if viewer.is_system or viewer.party_id == follow_up.originator_id:
        return names
    theirs = select(User.name).where(User.name.in_(names), User.party_id == follow_up.originator_id)
    missions = select(Mission.name).where(Mission.name.in_(names), Mission.party_id == follow_up.originator_id)
    return {*db.session.scalars(theirs), *db.session.scalars(missions), SYSTEM.name}


def _named(name: str, known: set[str], party: str) -> str:
    return name if not name or name in known else party


def _told(changes: Sequence[FollowUpChange], known: set[str], own: set[UUID], party: str, owner: str) -> list[Changed]:
    """Changes in words. Whom it was given to last is the owner, whom a key tells, whatever name was kept of them."""
    last = next((one for one in changes if one.kind == Change.REASSIGNED), None)
    return [
        _changed(one, known, YOU if one.id in own else party, party, owner if one is last else party) for one in changes
    ]


def _changed(one: FollowUpChange, known: set[str], doer: str, party: str, receiver: str) -> Changed:
    before, after = one.before, one.after
    if one.kind == Change.REASSIGNED:
        before, after = _named(before, known, party), _named(after, known, receiver)
    return Changed(one.kind, one.at, _named(one.by, known, doer), one.note, before, after)


def reminders_of(followup_id: UUID) -> list[Reminded]:
    """When it reminded whom, newest first, and what the mail server said."""
    rows = db.session.execute(
        select(
            Reminder.why,
            Reminder.occurrence,
            Reminder.due_at,
            Reminder.tell_at,
            Reminder.planned_at,
            Reminder.mail_id,
            User.name,
        )
        .outerjoin(User, User.id == Reminder.recipient_id)
        .where(Reminder.followup_id == followup_id)
        .order_by(Reminder.occurrence.desc(), Reminder.id)
        .limit(50)
    ).all()
    sent = deliveries([row.mail_id for row in rows if row.mail_id])
    return [
        Reminded(
            Why(row.why), row.occurrence, row.due_at, row.tell_at, row.planned_at, row.name or "", sent.get(row.mail_id)
        )
        for row in rows
    ]  # fmt: skip


def follow_ups_of(activity_id: UUID) -> list[tuple[UUID, Status]]:
    """Key and status of what came out of an activity, the oldest first."""
    rows = db.session.execute(
        select(FollowUp.id, FollowUp.status)
        .where(FollowUp.activity_id == activity_id)
        .order_by(FollowUp.opened_at, FollowUp.id)
    )
    return [(key, Status(status)) for key, status in rows]
