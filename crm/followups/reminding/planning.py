"""From a follow-up to its reminders, and from reminders to mails in the outbox.

A follow-up names the moment at which it has to be looked at; whoever plans writes what has come to be told, once for
each reader and occurrence, and the next such moment. What waits for a digest is gathered once nothing is left to be
looked at. Each step may be run by many at the same time and again: the rows are held, and the unique key of a reminder
is the last word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import or_, select, true, update
from sqlalchemy.exc import OperationalError

from crm.accounts.models import User
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, held, in_turn, savepoint
from crm.core.jobs import Job, enqueue
from crm.followups.models import FollowUp, Reminder
from crm.followups.queries.missions import owed_by
from crm.followups.reminding.kept import Kept
from crm.followups.reminding.readers import Known, Readers
from crm.followups.reminding.rules import Planned, occurrences
from crm.followups.rules import Status
from crm.mail import service as mail
from crm.reach.events import MissionManned

log = structlog.get_logger()

PURPOSE = "follow_up"
SUBJECT = "Demarche: follow-ups"
BATCH = 200
COPIES = 1
"""How many further copies an unknown outcome may cause: a reminder twice is better than a reminder never."""


def look_again(follow_up: FollowUp) -> None:
    """Have the planner look at a follow-up as soon as may be."""
    now = clock.now()
    follow_up.remind_at, follow_up.remind_problem = min(follow_up.remind_at or now, now), ""
    enqueue(Job.PLAN_REMINDERS)


def look_again_at_those_of(actor: Viewer) -> None:
    """Have the planner look at whatever somebody may have to be reminded of: they wish it otherwise from now on. What
    it should have looked at before then keeps its moment, since when nothing of it was written.

    Works as the system: they may not see all of it, and then are not reminded either.
    """
    hears_of = owed_by(actor)
    if actor.may("followups:take_over"):
        hears_of = true()
    now = clock.now()
    later = or_(FollowUp.remind_at.is_(None), FollowUp.remind_at > now)
    mine = update(FollowUp).where(FollowUp.status == Status.OPEN.value, hears_of, FollowUp.remind_problem == "", later)
    with looking_as(SYSTEM):
        db.session.execute(mine.values(remind_at=now).execution_options(synchronize_session=False))
    enqueue(Job.PLAN_REMINDERS)


def look_again_at_those_of_mission(event: MissionManned) -> None:
    """Have the planner look at whatever a mission owes: others are there to be reminded of it, or nobody is any more.

    Works as the system: of what the mission owes the actor may not see all.
    """
    now = clock.now()
    later = or_(FollowUp.remind_at.is_(None), FollowUp.remind_at > now)
    theirs = FollowUp.owner_mission_id == event.mission_id
    wanted = update(FollowUp).where(theirs, FollowUp.status == Status.OPEN.value, later).values(remind_at=now)
    with looking_as(SYSTEM):
        db.session.execute(wanted.execution_options(synchronize_session=False))
    enqueue(Job.PLAN_REMINDERS)


def plan_due(limit: int = BATCH) -> int:
    """Write the reminders of which the time has come; returns how many follow-ups were looked at.

    Part of a unit of work that looks as the system. All at once; where that fails one by one, and a row that cannot be
    planned is set aside with the reason, alone.
    """
    wanted = select(FollowUp).where(FollowUp.remind_at <= clock.now()).order_by(FollowUp.remind_at, FollowUp.id)
    rows = db.session.scalars(held(wanted.limit(limit), skip_locked=True)).all()
    if not rows:
        return 0
    try:
        with savepoint():
            _plan(rows)
    except OperationalError:
        raise
    except Exception as error:
        log.warning("reminders_planned_one_by_one", follow_ups=len(rows), error=type(error).__name__)
        _plan_each(rows)
    return len(rows)


def _plan_each(rows: Sequence[FollowUp]) -> None:
    for row in rows:
        key = row.id
        try:
            with savepoint():
                _plan([row])
        except OperationalError:
            raise
        except Exception as error:
            log.error("reminder_not_planned", follow_up=str(key), error=type(error).__name__)
            row.remind_problem = f"The reminder could not be written ({type(error).__name__})."
            row.remind_at = None


def _plan(rows: Sequence[FollowUp]) -> None:
    """Write what is to be told of follow-ups, and when to look at each again. What is asked of the database does not
    grow with how many there are; each mail of its own does.
    """
    readers, before = Readers(rows), Kept(rows)
    alone = []
    for row in rows:
        told = [(one, True) for one in readers.owners_of(row)]
        told += [(one, False) for one in readers.told_of(row)]
        planned = [_tell(row, known, before, owes=owes) for known, owes in told]
        row.remind_problem = readers.why_nobody(row)
        row.remind_at = min((one.next_at for one in planned if one.next_at), default=None)
        alone += [(row, one) for one in planned if one.comes_alone]
    db.session.flush()
    for row, one in alone:
        mail_id = _post(one.to, one.now[-1], row.sample)
        for reminder in one.now:
            reminder.mail_id = mail_id


@dataclass(frozen=True)
class Told:
    """What was written for one reader of one follow-up: what they are told now, and when to look again."""

    to: str
    now: list[Reminder]
    comes_alone: bool
    next_at: datetime | None


def _tell(row: FollowUp, known: Known, before: Kept, *, owes: bool) -> Told:
    """Write the reminders of one reader."""
    now = clock.now()
    planned = Planned(row.due, row.planned_since, row.given_at, row.again_at)
    found = occurrences(planned, known.reader(owes=owes, looked_for=row.remind_at), now)
    come = [one for one in found if one.written_at <= now]
    written = [(one, before.write(row, known, one)) for one in come]
    told = [(one, reminder) for one, reminder in written if reminder and one.tell_at <= now]
    return Told(
        to=known.viewer.email,
        now=[reminder for _, reminder in told],
        comes_alone=any(one.alone for one, _ in told),
        next_at=next((one.written_at for one in found if one.written_at > now), None),
    )


def gather(limit: int = BATCH) -> int:
    """Put what waits for a digest into one mail for each reader; returns how many readers got one.

    Nothing is gathered while a follow-up is still to be looked at: what belongs into the same digest would come late.
    Part of a unit of work that looks as the system.
    """
    now = clock.now()
    if db.session.scalar(select(FollowUp.id).where(FollowUp.remind_at <= now).limit(1)):
        return 0
    waiting = Reminder.mail_id.is_(None), Reminder.tell_at <= now
    readers = db.session.scalars(select(Reminder.recipient_id).where(*waiting).distinct().limit(limit)).all()
    gathered = 0
    for user_id in readers:
        in_turn(f"digest {user_id}")
        mine = select(Reminder).where(*waiting, Reminder.recipient_id == user_id).order_by(Reminder.id)
        rows = db.session.scalars(held(mine)).all()
        try:
            with savepoint():
                _gather(user_id, rows)
        except OperationalError:
            raise
        except Exception as error:
            log.error("digest_not_written", user=str(user_id), error=type(error).__name__)
            _set_aside(rows, error)
        else:
            gathered += 1
    return gathered


def _gather(user_id: UUID, rows: Sequence[Reminder]) -> None:
    """One mail for all that waits for one reader; nothing where somebody else was quicker."""
    if not rows:
        return
    user = db.session.get_one(User, user_id)
    mail_id = _post(user.email, rows[0], all(one.sample for one in rows))
    for one in rows:
        one.mail_id = mail_id
    db.session.flush()


def _set_aside(rows: Sequence[Reminder], error: Exception) -> None:
    """Say with each follow-up that nobody could be reminded; the next round tries again."""
    for row in db.session.scalars(select(FollowUp).where(FollowUp.id.in_([one.followup_id for one in rows]))):
        row.remind_problem = f"The reminder could not be written ({type(error).__name__})."


def _post(to: str, first: Reminder, sample: bool) -> UUID:
    """A mail that is written when it goes out: only then is it known what of it is still wanted."""
    return mail.post(
        key=f"reminder:{first.id}:{first.planned_at:%Y%m%dT%H%M%S.%f}",
        to=to,
        subject=SUBJECT,
        text="",
        not_before=first.tell_at,
        purpose=PURPOSE,
        repeats=COPIES,
        sample=sample,
    )
