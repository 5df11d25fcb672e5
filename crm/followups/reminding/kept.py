"""The reminders of a batch of follow-ups that stand written, and the new ones beside them.

Everything here looks as the system.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.followups.models import FollowUp, Reminder
from crm.followups.reminding.readers import Known
from crm.followups.reminding.rules import Occurrence, Why
from crm.mail import service as mail

Key = tuple[UUID, str, datetime, UUID | None]


class Kept:
    """What was written of these follow-ups before, asked for once."""

    def __init__(self, rows: Collection[FollowUp]) -> None:
        quiet = {row.id: _quiet_until(row) for row in rows}
        with looking_as(SYSTEM):
            found = db.session.scalars(select(Reminder).where(Reminder.followup_id.in_(quiet))).all()
        self._known: dict[Key, Reminder] = {
            (one.followup_id, one.why, one.occurrence, one.recipient_id): one for one in found
        }
        overtaken = {one.mail_id for one in found if one.mail_id and one.planned_at <= quiet[one.followup_id]}
        self._withdrawn = mail.withdrawn_among(overtaken)
        self._escalated: dict[tuple[UUID, UUID | None, datetime], Reminder] = {
            (one.followup_id, one.recipient_id, one.due_at): one for one in found if one.why == Why.ESCALATED
        }

    def write(self, row: FollowUp, known: Known, one: Occurrence) -> Reminder | None:
        """The reminder of one occurrence, or None where it was written before: for what is long overdue, whatever
        number of days that was.
        """
        reader_id, moment = known.viewer.user_id, one.moment.astimezone(UTC)
        found = self._known.get((row.id, one.why.value, moment, reader_id))
        if found is None and one.why is Why.ESCALATED:
            found = self._escalated.get((row.id, reader_id, row.due_at))
        if found is not None:
            return found if self._waits_anew(found, row, one) else None
        reminder = Reminder(
            followup_id=row.id,
            why=one.why.value,
            occurrence=moment,
            due_at=row.due_at,
            recipient_id=reader_id,
            tell_at=one.tell_at,
            sample=row.sample,
        )
        db.session.add(reminder)
        return reminder

    def _waits_anew(self, reminder: Reminder, row: FollowUp, one: Occurrence) -> bool:
        """Whether it never went out because the follow-up was closed, moved or given away, or its owner slept, which
        is over; then it waits anew.
        """
        if reminder.mail_id is None:
            if reminder.due_at == row.due_at:
                return False
        elif reminder.mail_id not in self._withdrawn:
            return False
        reminder.mail_id, reminder.due_at, reminder.tell_at, reminder.planned_at = (
            None,
            row.due_at,
            one.tell_at,
            clock.now(),
        )
        return True


def _quiet_until(row: FollowUp) -> datetime:
    """Before then nothing was to be told of it."""
    if row.again_at and row.again_at <= clock.now():
        return max(row.planned_since, row.again_at)
    return row.planned_since
