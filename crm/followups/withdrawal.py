"""Follow-ups go with the activity that is undone, as long as nobody did anything about them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, and_, case, delete, exists, func, or_, select

from crm.activities.events import ActivitiesWithdrawn
from crm.activities.models import Activity
from crm.activities.withdrawing import UNSEEN, Hanging, Keys
from crm.audit.service import Event, record
from crm.core.access import SYSTEM, Handling, looking_as, viewer
from crm.core.db import db, held
from crm.core.errors import RuleViolation
from crm.followups.models import FollowUp, FollowUpChange, Reminder
from crm.followups.reminding.rules import Why


def _gone_on_with(keys: Keys) -> Select[UUID | None]:
    """Asks for the activities of which a follow-up was changed, or its owner reminded of a day that has come since.

    Who is reminded of what was overdue when it was written down learns nothing that happened since.
    """
    reminded = exists().where(
        Reminder.followup_id == FollowUp.id,
        Reminder.occurrence > Activity.recorded_at,
        Reminder.why != Why.GIVEN.value,
        Reminder.mail_id.is_not(None),
    )
    changed = exists().where(FollowUpChange.followup_id == FollowUp.id)
    return (
        select(FollowUp.activity_id)
        .join(Activity, Activity.id == FollowUp.activity_id)
        .where(Activity.id.in_(keys))
        .where(or_(FollowUp.version != 1, FollowUp.previous_id.is_not(None), changed, reminded))
    )


def _opened_by_hand(keys: Keys) -> Select[UUID | None]:
    """Asks for the activities with more follow-ups than the one of their next action, whoever opened them."""
    own = case((and_(Activity.next_action != "", Activity.next_action_due.is_not(None)), 1), else_=0)
    return (
        select(FollowUp.activity_id)
        .join(Activity, Activity.id == FollowUp.activity_id)
        .where(Activity.id.in_(keys))
        .group_by(FollowUp.activity_id, Activity.id)
        .having(func.count() > own)
    )


HANGINGS = (
    Hanging(FollowUp.activity_id, "One of their follow-ups was changed, or its owner was reminded.", _gone_on_with),
    Hanging(FollowUp.activity_id, "Somebody opened a follow-up of their own for one of them.", _opened_by_hand),
    Hanging(FollowUp.activity_id, "", goes_along=True),
)


def withdraw_with(event: ActivitiesWithdrawn) -> None:
    """Take the follow-ups of activities away with them. Looks as the system: they may be charged to others.

    Raises RuleViolation where somebody has gone on with one while they were waited for.
    """
    actor = viewer()
    with looking_as(SYSTEM):
        wanted = held(select(FollowUp).where(FollowUp.activity_id.in_(event.activity_ids)))
        found = db.session.scalars(wanted.order_by(FollowUp.id)).all()
        if any(db.session.scalar(one.on(event.activity_ids).limit(1)) for one in HANGINGS if not one.goes_along):
            raise RuleViolation("", UNSEEN)
        for one in found:
            record(
                Event.FOLLOWUP_WITHDRAWN,
                actor=actor,
                subject=("follow_up", one.id),
                originator_id=one.originator_id,
                handling=Handling(one.handling),
            )
        db.session.flush()
        gone = delete(FollowUp).where(FollowUp.id.in_([one.id for one in found]))
        db.session.execute(gone.execution_options(synchronize_session=False))
        for one in found:
            db.session.expunge(one)
