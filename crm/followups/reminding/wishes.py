"""Verbs about one's own wishes, and what is done by the buttons of a reminder."""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, expect_version, held
from crm.core.errors import NotFound
from crm.followups import service
from crm.followups.models import FollowUp, Reminder
from crm.followups.reminding import planning
from crm.followups.reminding.models import ReminderWishes
from crm.followups.reminding.rules import Way
from crm.followups.rules import owes


def wishes_of(viewer: Viewer) -> ReminderWishes:
    """The wishes of whoever looks; the usual ones, not in the database, where none were said."""
    found = db.session.scalar(select(ReminderWishes).where(ReminderWishes.user_id == viewer.user_id))
    return found or ReminderWishes.usual(viewer.user_id)


def wish(
    *,
    actor: Viewer,
    when_given: bool,
    before: tuple[int, ...],
    when_due: bool,
    overdue_every: int,
    escalated_after: int,
    way: Way,
    at: time,
    weekday: int,
    to_working_days: bool = False,
    version: int | None = None,
) -> ReminderWishes:
    """How the actor wants to be reminded from now on, of everything that they owe. Raises NotAllowed, Stale."""
    actor.require("followups:read")
    db.session.scalar(held(select(User.id).where(User.id == actor.user_id)))
    found = wishes_of(actor)
    expect_version(found, version)
    before_that = found.escalated_after
    found.when_given, found.before, found.when_due = when_given, sorted(before, reverse=True), when_due
    found.overdue_every, found.escalated_after = overdue_every, escalated_after
    found.way, found.at, found.weekday = way.value, at, weekday
    found.to_working_days = to_working_days
    found.said_at, found.version = clock.now(), found.version + 1
    db.session.add(found)
    db.session.flush()
    sooner = bool(escalated_after) and (not before_that or escalated_after < before_that)
    planning.look_again_at_those_of(actor, hears_sooner=sooner)
    return found


def behind(reminder_id: UUID, keys: int) -> tuple[Reminder, FollowUp, Viewer]:
    """A reminder, what it is about and who was reminded, as they are today. Looks as the system for the first and as
    they for the rest; NotFound where they may not see it any more or it has passed to somebody else, and where the
    keys of the account have ended since its button was made, which carries the number of those (`keys`).
    """
    with looking_as(SYSTEM):
        reminder = db.session.get(Reminder, reminder_id)
        if reminder is None:
            raise NotFound("no such reminder")
        wanted = select(User).where(User.id == reminder.recipient_id)
        wanted = wanted.options(joinedload(User.party), joinedload(User.roles))
        user = db.session.execute(wanted).unique().scalar_one()
        if user.keys_ended != keys:
            raise NotFound("the keys of the account have ended since")
        reader = viewer_of(user)
    with looking_as(reader):
        follow_up = db.session.scalar(select(FollowUp).where(FollowUp.id == reminder.followup_id))
    theirs = follow_up is not None and owes(reader, follow_up.owner_id, follow_up.owner_mission_id)
    if follow_up is None or not theirs or not reader.may("followups:write"):
        raise NotFound("not theirs any more")
    return reminder, follow_up, reader


def done_by_button(*, reminder_id: UUID, keys: int) -> None:
    """Done, by the button of a reminder."""
    _, follow_up, reader = behind(reminder_id, keys)
    with looking_as(reader):
        service.finish(actor=reader, followup_id=follow_up.id, by_button=True)


def later_by_button(*, reminder_id: UUID, keys: int, until: date, version: int | None = None) -> None:
    """To be reminded later, by the button of a reminder."""
    _, follow_up, reader = behind(reminder_id, keys)
    with looking_as(reader):
        service.remind_later(actor=reader, followup_id=follow_up.id, until=until, version=version, by_button=True)
