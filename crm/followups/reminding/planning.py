"""From a follow-up to its reminders, and from reminders to mails in the outbox.

A follow-up names the moment at which it has to be looked at; whoever plans writes what has come to be told, once for
each reader and occurrence, and the next such moment. What waits for a digest is gathered once nothing is left to be
looked at. Each step may be run by many at the same time and again: the rows are held, and the unique key of a reminder
is the last word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.exc import OperationalError

from crm.accounts.models import Mission, User
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

AGAIN_IN, MOST_TRIES = timedelta(minutes=15), 8
"""When a digest that could not be written is tried anew, and how often before it rests for a day."""

NOT_WRITTEN = "The reminder could not be written"


def look_again(follow_up: FollowUp) -> None:
    """Have the planner look at a follow-up as soon as may be."""
    now = clock.now()
    follow_up.remind_at, follow_up.remind_problem = min(follow_up.remind_at or now, now), ""
    enqueue(Job.PLAN_REMINDERS)


def look_again_at_those_of(actor: Viewer, *, hears_sooner: bool) -> None:
    """Have the planner look at whatever somebody may have to be reminded of: they wish it otherwise from now on. What
    it should have looked at before then keeps its moment, since when nothing of it was written.

    `hears_sooner`: of what others owe and is overdue they now hear after fewer days than before. What is not due yet
    is looked at by then anyway.

    Works as the system: they may not see all of it, and then are not reminded either.
    """
    hears_of = owed_by(actor)
    if hears_sooner and actor.may("followups:take_over"):
        past = or_(FollowUp.remind_at.is_(None), FollowUp.remind_at > FollowUp.due_at)
        hears_of = or_(hears_of, and_(_of_party(actor.party_id), past, FollowUp.remind_problem == ""))
    now = clock.now()
    later = or_(FollowUp.remind_at.is_(None), FollowUp.remind_at > now)
    wanted = select(FollowUp.id).where(FollowUp.status == Status.OPEN.value, hears_of, later).order_by(FollowUp.id)
    with looking_as(SYSTEM):
        keys = db.session.scalars(held(wanted)).all()
        for start in range(0, len(keys), BATCH):
            mine = update(FollowUp).where(FollowUp.id.in_(keys[start : start + BATCH])).values(remind_at=now)
            db.session.execute(mine.execution_options(synchronize_session=False))
    enqueue(Job.PLAN_REMINDERS)


def _of_party(party_id: UUID | None) -> ColumnElement[bool]:
    """Whether a follow-up is this party's, or is owed by somebody or a mission of it."""
    people, missions = (
        select(User.id).where(User.party_id == party_id),
        select(Mission.id).where(Mission.party_id == party_id),
    )
    owned = or_(FollowUp.owner_id.in_(people), FollowUp.owner_mission_id.in_(missions))
    return or_(FollowUp.originator_id == party_id, owned)


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
            row.remind_problem = f"{NOT_WRITTEN} ({type(error).__name__})."
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

    Whoever waits longest has the first turn. Nothing is gathered for a party of which a follow-up is still to be looked
    at: what belongs into the same digest would come late. Part of a unit of work that looks as the system.
    """
    now = clock.now()
    waiting = Reminder.mail_id.is_(None), Reminder.tell_at <= now
    wanted = select(Reminder.recipient_id).join(User, User.id == Reminder.recipient_id)
    wanted = wanted.where(*waiting, User.party_id.not_in(_parties_looked_at(now))).group_by(Reminder.recipient_id)
    wanted = wanted.order_by(func.min(Reminder.tell_at), Reminder.recipient_id)
    readers = db.session.scalars(wanted.limit(limit)).all()
    in_turn(*[f"digest {user_id}" for user_id in readers])
    gathered = 0
    for user_id in readers:
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


def _parties_looked_at(now: datetime) -> set[UUID]:
    """The parties whose people are concerned by what the planner still has to look at."""
    wanted = (
        select(FollowUp.originator_id, User.party_id, Mission.party_id)
        .outerjoin(User, User.id == FollowUp.owner_id)
        .outerjoin(Mission, Mission.id == FollowUp.owner_mission_id)
    )
    rows = db.session.execute(wanted.where(FollowUp.remind_at <= now).distinct())
    return {key for row in rows for key in row if key}


def _gather(user_id: UUID, rows: Sequence[Reminder]) -> None:
    """One mail for all that waits for one reader; nothing where somebody else was quicker."""
    if not rows:
        return
    user = db.session.get_one(User, user_id)
    mail_id = _post(user.email, rows[0], all(one.sample for one in rows))
    for one in rows:
        one.mail_id = mail_id
    if any(one.tries for one in rows):
        for follow_up in _about(rows):
            if follow_up.remind_problem.startswith(NOT_WRITTEN):
                follow_up.remind_problem = ""
    db.session.flush()


def _set_aside(rows: Sequence[Reminder], error: Exception) -> None:
    """Say with each follow-up that nobody could be reminded, and try again after a while; after the last try a day
    later.
    """
    for reminder in rows:
        reminder.tries += 1
        last = reminder.tries % MOST_TRIES == 0
        reminder.tell_at = clock.now() + (timedelta(days=1) if last else AGAIN_IN)
    for follow_up in _about(rows):
        follow_up.remind_problem = f"{NOT_WRITTEN} ({type(error).__name__})."


def _about(rows: Sequence[Reminder]) -> Sequence[FollowUp]:
    """The follow-ups of some reminders, held; what the planner holds at this moment it tells about itself."""
    wanted = select(FollowUp).where(FollowUp.id.in_([one.followup_id for one in rows])).order_by(FollowUp.id)
    return db.session.scalars(held(wanted, skip_locked=True)).all()


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
