"""Verbs about the answer to an entry: it came, it is awaited, none is expected. Each is part of a unit of work that its
caller opens. Promises are follow-ups and go by the verbs of those.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select

from crm.activities import queries as activities
from crm.activities import writing
from crm.activities.models import Activity, ActivityState
from crm.activities.rules import HAPPENED, Precision, Status
from crm.activities.types import ACTIVITY_TYPES
from crm.audit.service import Event
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, claim_for_real, looking_as
from crm.core.db import db, locked
from crm.core.display import day
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.followups.waiting import rules
from crm.followups.waiting.models import AwaitedAnswer
from crm.followups.waiting.queries import noted_of
from crm.followups.waiting.rules import Came, Stands

NOTHING_AWAITED = "No answer to this is awaited any more."


def take(
    *, actor: Viewer, activity_id: UUID, on: date, came: Came = Came.ANSWER, answer_id: UUID | None = None,
    note: str = "",
) -> None:  # fmt: skip
    """Note that the State answered, or acknowledged the receipt, on a day; `answer_id`: the entry that tells of it.

    The same a second time changes nothing. Raises NotFound, NotAllowed for another party's, and RuleViolation naming
    the field.
    """
    activity, noted = _own(actor, activity_id)
    if noted and _says(noted) == (came, on, answer_id, note):
        return
    if not _awaited(activity, noted):
        raise RuleViolation("", NOTHING_AWAITED)
    first = Precision(activity.precision).first_day(activity.held_on)
    if problem := rules.day_problem(on, first, clock.today(actor.time_zone)):
        raise RuleViolation("on", problem)
    if answer_id and answer_id not in {one.id for one in told_in(activity)}:
        raise RuleViolation("answer_id", "Choose an entry from the list.")
    if came is Came.RECEIPT and noted and noted.received_on:
        raise RuleViolation("came", f"A receipt of {day(noted.received_on)} is noted already. Take it back first.")
    noted = noted or AwaitedAnswer(activity_id=activity.id, stands=Stands.BY_RECORD.value)
    if came is Came.RECEIPT:
        noted.received_on = on
    else:
        noted.stands, noted.ended_on = Stands.ANSWERED.value, on
    noted.answer_id = answer_id
    _note(actor, activity, noted, note)
    writing.audit(Event.ANSWER_RECEIPT if came is Came.RECEIPT else Event.ANSWER_CAME, actor, activity)


def expect_none(*, actor: Viewer, activity_id: UUID, note: str) -> None:
    """No answer is expected any more, and why. Raises as `take` does."""
    activity, noted = _own(actor, activity_id)
    if noted and (noted.stands, noted.note) == (Stands.UNEXPECTED, note):
        return
    if not note:
        raise RuleViolation("note", "Say why, for whoever reads it in a year.")
    if not _awaited(activity, noted):
        raise RuleViolation("", NOTHING_AWAITED)
    noted = noted or AwaitedAnswer(activity_id=activity.id)
    noted.stands, noted.ended_on, noted.answer_id = Stands.UNEXPECTED.value, clock.today(actor.time_zone), None
    _note(actor, activity, noted, note)
    writing.audit(Event.ANSWER_UNEXPECTED, actor, activity)


def await_answer(*, actor: Viewer, activity_id: UUID) -> None:
    """Their answer is awaited, also where the entry itself does not say so. What was noted last is taken back: that it
    was over, else a receipt. Raises as `take` does.
    """
    activity, noted = _own(actor, activity_id)
    if Status(activity.status) not in HAPPENED:
        raise RuleViolation("", "Of what has not gone out yet no answer is awaited.")
    awaited = _awaited(activity, noted)
    if awaited and not (noted and noted.received_on):
        return
    noted = noted or AwaitedAnswer(activity_id=activity.id)
    if awaited:
        noted.received_on = None
    else:
        noted.stands = (Stands.BY_RECORD if _by_record(activity) else Stands.AWAITED).value
    noted.ended_on = noted.answer_id = None
    _note(actor, activity, noted, "")
    writing.audit(Event.ANSWER_AWAITED, actor, activity)


def told_in(activity: Activity) -> list[Activity]:
    """The entries in which an answer to this one may be told: about one of its States, since it went out, the newest
    first.
    """
    about = select(ActivityState.activity_id).where(
        ActivityState.state_iso3.in_([one.state_iso3 for one in activity.states])
    )
    wanted = select(Activity).where(
        Activity.id.in_(about),
        Activity.id != activity.id,
        Activity.status.in_(sorted(HAPPENED)),
        Activity.held_on >= activity.held_on,
    )
    return list(db.session.scalars(wanted.order_by(Activity.held_on.desc(), Activity.id).limit(50)))


def awaits(activity: Activity) -> bool:
    """Whether an answer to an entry is awaited, as far as the viewer may see."""
    return _awaited(activity, noted_of(activity.id))


def _own(actor: Viewer, activity_id: UUID) -> tuple[Activity, AwaitedAnswer | None]:
    """An entry that the actor may change, held, and what is noted of its answer."""
    actor.require("activities:create")
    activity = locked(Activity, activity_id)
    if activity is None:
        raise NotFound("no such activity")
    if not activities.may_change(activity, actor):
        raise NotAllowed("an activity of another party")
    noted = noted_of(activity_id)
    if noted is None:
        _let_give_way(activity_id)
    return activity, noted


def _let_give_way(activity_id: UUID) -> None:
    """What rests on an entry that the actor may not see any more gives way to what they note. Looks as the system."""
    with looking_as(SYSTEM):
        if hidden := noted_of(activity_id):
            db.session.delete(hidden)
            db.session.flush()


def _by_record(activity: Activity) -> bool:
    asks = ACTIVITY_TYPES[activity.kind].asks
    return bool(asks and asks.of(activity.extras)) and activity.status == Status.DELIVERED


def _awaited(activity: Activity, noted: AwaitedAnswer | None) -> bool:
    stands = Stands(noted.stands) if noted else Stands.BY_RECORD
    return rules.is_awaited(stands, by_record=_by_record(activity))


def _says(noted: AwaitedAnswer) -> tuple[Came, date | None, UUID | None, str]:
    if noted.stands == Stands.ANSWERED:
        return Came.ANSWER, noted.ended_on, noted.answer_id, noted.note
    return Came.RECEIPT, noted.received_on, noted.answer_id, noted.note


def _note(actor: Viewer, activity: Activity, noted: AwaitedAnswer, note: str) -> None:
    noted.note, noted.by, noted.noted_at = note, actor.name, clock.now()
    noted.sample = activity.sample and actor.sample
    db.session.add(noted)
    claim_for_real(activity, actor)
    db.session.flush()
