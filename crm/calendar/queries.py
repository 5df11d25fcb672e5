"""Finding a feed, and what stands in it for the person whose it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.audit.service import is_sensitive
from crm.calendar.models import CalendarFeed
from crm.calendar.rules import MOST_ENTRIES, DueEntry, MeetingEntry
from crm.core import keys
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.followups.models import FollowUp
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
    """The viewer's own open follow-ups as far as they may still see them, most urgent first."""
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
        )
        .where(FollowUp.owner_id == viewer.user_id, FollowUp.status == Status.OPEN.value)
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
        )
        for row in rows
    ]


def meeting_entries(today: date) -> list[MeetingEntry]:
    """Meetings whose days are known, from those of the last year on."""
    rows = db.session.execute(
        select(Meeting.id, Meeting.from_on, Meeting.until_on, Meeting.version, Meeting.name_en, Meeting.place)
        .where(Meeting.precision == "day", Meeting.until_on >= today - _PAST)
        .order_by(Meeting.from_on, Meeting.id)
    )
    return [MeetingEntry(*row) for row in rows]
