"""What the queue lost, what could not be read, and what nobody went on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, or_, select

from crm.accounts.models import Party
from crm.capture.events import WaitingMailsForgotten
from crm.capture.models import WaitingMail
from crm.capture.reading import DIED
from crm.capture.rules.course import MOST_TRIES, OVERDUE, TAKEN_BACK_WITHIN, Phase
from crm.core import clock, events
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, held
from crm.core.jobs import Job, enqueue

SWEEP_LIMIT = 200
SHOWN = 50
AT_ONCE = 500


@dataclass(frozen=True)
class Aside:
    """A mail of which not all could be read, without anything that is in it."""

    id: UUID
    received_at: datetime
    size: int
    party: str
    problem: str


def sweep() -> int:
    """Ask anew for mails that the queue lost or a dead worker holds, and set aside what was tried too often; how many
    that were.
    """
    now = clock.now()
    free = or_(
        and_(WaitingMail.lease_until.is_(None), WaitingMail.asked_at <= now - OVERDUE), WaitingMail.lease_until < now
    )
    wanted = select(WaitingMail).where(WaitingMail.phase == Phase.RECEIVED.value, free).order_by(WaitingMail.asked_at)
    rows = db.session.scalars(held(wanted.limit(SWEEP_LIMIT), skip_locked=True)).all()
    for row in rows:
        row.lease_until, row.asked_at = None, now
        if row.tries >= MOST_TRIES:
            row.phase, row.problem = Phase.ASIDE.value, DIED
        else:
            enqueue(Job.READ_MAIL, row.id)
    db.session.flush()
    return len(rows)


_NOT_WHOLLY_READ = or_(
    WaitingMail.phase == Phase.ASIDE.value,
    and_(WaitingMail.phase == Phase.WAITING.value, WaitingMail.problem != ""),
)


def read_again() -> int:
    """Have everything read again that was set aside or read in part, as a part of a unit of work; how many that is."""
    rows = db.session.scalars(held(select(WaitingMail).where(_NOT_WHOLLY_READ))).all()
    for row in rows:
        row.phase, row.problem, row.tries, row.lease_until = Phase.RECEIVED.value, "", 0, None
        enqueue(Job.READ_MAIL, row.id)
    db.session.flush()
    return len(rows)


def tidy(days: int) -> None:
    """Forget what nobody went on with for so many days, and what was thrown away, as a nightly unit of work."""
    now = clock.now()
    over = or_(
        WaitingMail.received_at < now - timedelta(days=days),
        and_(WaitingMail.phase == Phase.THROWN.value, WaitingMail.ended_at < now - TAKEN_BACK_WITHIN),
    )
    keys = tuple(db.session.scalars(held(select(WaitingMail.id).where(over).order_by(WaitingMail.id))))
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        events.emit(WaitingMailsForgotten(some))
        gone = delete(WaitingMail).where(WaitingMail.id.in_(some))
        db.session.execute(gone.execution_options(synchronize_session=False))


def unread() -> int:
    """Mails that are still to be read. Looks as the system: until they are read they are nobody's to see."""
    with looking_as(SYSTEM):
        wanted = select(func.count()).select_from(WaitingMail).where(WaitingMail.phase == Phase.RECEIVED.value)
        return int(db.session.scalar(wanted) or 0)


def aside() -> Sequence[Aside]:
    """The newest mails that could not be read wholly, for whoever runs the house: nothing of what is in them. Looks
    as the system: they belong to all parties.
    """
    columns = (WaitingMail.id, WaitingMail.received_at, WaitingMail.size, Party.name, WaitingMail.problem)
    wanted: Any = select(*columns).join(Party, Party.id == WaitingMail.originator_id)
    wanted = wanted.where(_NOT_WHOLLY_READ).order_by(WaitingMail.received_at.desc())
    with looking_as(SYSTEM):
        return [Aside(*row) for row in db.session.execute(wanted.limit(SHOWN))]
