"""Finding a feed, and what stands in it for the person whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from crm.accounts.models import User
from crm.activities.appointments.models import Appointment
from crm.activities.models import Activity
from crm.activities.rules import AHEAD, Precision
from crm.activities.types import ACTIVITY_TYPES
from crm.audit.service import is_sensitive
from crm.calendar.models import CalendarFeed
from crm.calendar.rules import MOST_ENTRIES, DueEntry, MeetingEntry, PlannedEntry
from crm.core import keys
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.visibility import one_of
from crm.followups.models import FollowUp, FollowUpChange
from crm.followups.queries import owed_by
from crm.followups.queries.owners import kept_about_restricted
from crm.followups.rules import Status
from crm.meetings.models import Meeting
from crm.states.queries import register

_PAST = timedelta(days=366)


def feeds_of(viewer: Viewer) -> Sequence[CalendarFeed]:
    """The viewer's own feeds that have not ended, newest first."""
    return db.session.scalars(
        select(CalendarFeed)
        .where(CalendarFeed.user_id == viewer.user_id, CalendarFeed.ended_at.is_(None))
        .order_by(CalendarFeed.made_at.desc(), CalendarFeed.id)
    ).all()


def feed_behind(token: str) -> tuple[CalendarFeed, User] | None:
    """The live feed with this secret and whose it is. Asks as the system: whoever fetches has no account here."""
    wanted = (
        select(CalendarFeed, User)
        .join(User, User.id == CalendarFeed.user_id)
        .where(CalendarFeed.sha256 == keys.digest(token), CalendarFeed.ended_at.is_(None))
        .options(joinedload(User.party), joinedload(User.roles))
    )
    with looking_as(SYSTEM):
        row = db.session.execute(wanted).unique().one_or_none()
        return (row[0], row[1]) if row else None


def due_entries(viewer: Viewer, today: date) -> list[DueEntry]:
    """The open follow-ups of the viewer and of their mission as far as they may still see them, most urgent first."""
    changed = select(func.max(FollowUpChange.at)).where(FollowUpChange.followup_id == FollowUp.id).scalar_subquery()
    rows = db.session.execute(
        select(
            FollowUp.id,
            FollowUp.due_at,
            FollowUp.zone,
            FollowUp.version,
            FollowUp.handling,
            FollowUp.originator_id,
            FollowUp.state_iso3,
            FollowUp.what,
            FollowUp.opened_at,
            changed,
        )
        .where(owed_by(viewer), FollowUp.status == Status.OPEN.value)
        .order_by(FollowUp.due_on, FollowUp.id)
        .limit(MOST_ENTRIES)
    ).all()
    known, restricted = register(), kept_about_restricted(viewer, [row.id for row in rows])
    return [
        DueEntry(
            row.id,
            row.due_at,
            row.zone,
            row.version,
            Handling(row.handling),
            known.name(row.state_iso3, today),
            row.what,
            row.id in restricted or is_sensitive(viewer, row.originator_id, Handling(row.handling)),
            row[-1] or row.opened_at,
        )
        for row in rows
    ]


def planned_entries(viewer: Viewer, today: date) -> list[PlannedEntry]:
    """Talks and visits to come that the viewer planned, or that their mission is to make, as far as they may still see
    them. Of which only the year is known stands in no calendar.
    """
    own = Activity.recorded_by_id == viewer.user_id
    if viewer.mission_id:
        own = or_(own, and_(Activity.mission_id == viewer.mission_id, Activity.originator_id == viewer.party_id))
    rows = db.session.scalars(
        select(Activity)
        .where(own, one_of(Activity.status, AHEAD), Activity.precision != Precision.YEAR.value)
        .where(Activity.held_on >= today - _PAST)
        .order_by(Activity.held_on, Activity.id)
        .limit(MOST_ENTRIES)
        .options(selectinload(Activity.states))
    ).all()
    open_to_all = _not_about_restricted(viewer, [one.id for one in rows])
    known, arranged = register(), _arranged([one.id for one in rows])
    return [
        PlannedEntry(
            id=one.id,
            from_on=one.held_on,
            until_on=Precision(one.precision).last_day(one.held_on),
            version=one.version,
            handling=Handling(one.handling),
            kind=ACTIVITY_TYPES[one.kind].label,
            states=", ".join(sorted(known.name(part.state_iso3, today) for part in one.states)),
            place=one.place,
            kept_close=one.id not in open_to_all or is_sensitive(viewer, one.originator_id, Handling(one.handling)),
            **arranged.get(one.id, {}),
        )
        for one in rows
    ]


def _arranged(keys: list[UUID]) -> dict[UUID, dict[str, Any]]:
    """By activity, the time that was arranged with those who were invited."""
    wanted = select(Appointment).where(Appointment.activity_id.in_(keys), Appointment.off.is_(False))
    return {
        one.activity_id: {"begins_at": one.told.begins, "ends_at": one.told.ends, "zone": one.zone}
        for one in db.session.scalars(wanted)
    }


def _not_about_restricted(viewer: Viewer, keys: list[UUID]) -> set[UUID]:
    """Those that the viewer would see if they were named for no restricted State."""
    if not viewer.named or not keys:
        return set(keys)
    with looking_as(viewer.not_named()):
        return set(db.session.scalars(select(Activity.id).where(Activity.id.in_(keys))))


def meeting_entries(today: date) -> list[MeetingEntry]:
    """Meetings whose days are known, from those of the last year on."""
    rows = db.session.execute(
        select(Meeting.id, Meeting.from_on, Meeting.until_on, Meeting.version, Meeting.name_en, Meeting.place)
        .where(Meeting.precision == "day", Meeting.until_on >= today - _PAST)
        .order_by(Meeting.from_on, Meeting.id)
    )
    return [MeetingEntry(*row) for row in rows]
