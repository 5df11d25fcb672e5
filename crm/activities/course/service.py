"""Plan an approach, let it go on, report on it, set right what was written."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from crm.activities import rules, writing
from crm.activities.appointments.service import follow
from crm.activities.course import narrowing
from crm.activities.events import ActivityWentOn
from crm.activities.models import Activity, ActivityStep
from crm.activities.report import Occasion, Report
from crm.activities.rules import AHEAD, STATUS_LABELS, Noted, Precision, Status
from crm.activities.types import ACTIVITY_TYPES
from crm.audit.changes import set_values
from crm.audit.service import Event
from crm.core import clock, events
from crm.core.access import Handling, Viewer, claim_for_real
from crm.core.db import db, expect_version, locked, move_version
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.visibility import Attribution


def plan_activity(
    *,
    actor: Viewer,
    status: Status = Status.PLANNED,
    mission_id: UUID | None = None,
    sample: bool = False,
    **told: Any,
) -> Activity:
    """Write down an approach that is to come, told as an `Occasion` says: planned, or instructed already to a mission.

    Raises as `record_activity` does.
    """
    occasion = Occasion(**told)
    with writing.about(occasion, actor):
        activity = writing.begin(actor, occasion, status, sample=sample, mission_id=mission_id)
        _note_step(actor, activity)
        writing.audit(Event.ACTIVITY_PLANNED, actor, activity)
    return activity


def report_activity(*, actor: Viewer, activity_id: UUID, version: int | None = None, **told: Any) -> Activity:
    """Tell what became of an approach that was planned; announces ActivityRecorded.

    Who may see it stays as it was planned where that is left out, and may become narrower. Raises NotFound, NotAllowed
    for another party's, Stale, and RuleViolation as `record_activity` does, and for what is wider than the plan.
    """
    activity = _own(actor, activity_id, version)
    reach = narrowing.Reach.of(activity)
    report = Report(**{"handling": reach.handling, "attribution": reach.attribution, **told})
    if not rules.may_be_reported(Status(activity.status)):
        raise RuleViolation("", "This was reported already. Correct the report instead.")
    writing.writing_party(actor, report)
    narrowing.check(reach, report)
    before, states = activity.status, _states(activity)
    activity.status = Status.REPORTED.value
    with writing.about(report, actor):
        writing.put(actor, activity, report)
        _note_step(actor, activity)
        narrowing.enter(actor, activity, reach)
        writing.follow(actor, activity, report, before=states)
        events.emit(ActivityWentOn(activity.id, before, activity.status))
    return activity


def correct_activity(*, actor: Viewer, activity_id: UUID, version: int | None = None, **told: Any) -> Activity:
    """Set right what was written down; who may see it and its follow-up are changed on their own pages.

    Raises as `report_activity` does.
    """
    activity = _own(actor, activity_id, version)
    if activity.is_reference:
        raise RuleViolation("", "Of this only a reference is kept. Log what was said as an entry of its own.")
    kept = {"handling": Handling(activity.handling), "attribution": Attribution(activity.attribution)}
    reported = Status(activity.status) in rules.REPORTS
    right = (Report if reported else Occasion)(**{**told, **kept})
    writing.writing_party(actor, right)
    states, comment = _states(activity), _comment(activity)
    with writing.about(right, actor):
        changes = writing.put(actor, activity, right)
        if changes:
            to_others = Handling(activity.handling) if right.attribution is Attribution.FULL else Handling.ORIGINATOR
            writing.audit(
                Event.ACTIVITY_CORRECTED, actor, activity, before=states, changes=changes, values_for=to_others
            )
        follow(actor, activity)
        if _comment(activity) != comment:
            writing.audit(Event.COMMENT_CHANGED, actor, activity, before=states, handling=Handling.ORIGINATOR)
    return activity


def take_step(
    *,
    actor: Viewer,
    activity_id: UUID,
    status: Status,
    note: str = "",
    on: date | None = None,
    version: int | None = None,
) -> Activity:
    """Let an activity go on to another status: instructed, delivered (`on` that day), closed, cancelled, or back.

    Raises as `report_activity` does; RuleViolation("note") where nobody says why it is cancelled.
    """
    activity = _own(actor, activity_id, version)
    before, moved = Status(activity.status), dict[str, tuple[Any, Any]]()
    open_to = rules.steps_from(before, instructed=ACTIVITY_TYPES[activity.kind].instructed)
    if status not in open_to:
        raise RuleViolation("status", f"What is {_in_sentence(before)} cannot become {_in_sentence(status)}.")
    if status is Status.CANCELLED and not note:
        raise RuleViolation("note", "Say why, for whoever reads it in a year.")
    if status is Status.DELIVERED:
        moved = _set_day(activity, on)
        _must_have_come(actor, activity)
        activity.delivered_by, activity.delivered_by_title = writing.deliverer(actor, activity)
    activity.status = status.value
    writing.repeat(activity)
    _note_step(actor, activity, note)
    changes = {"status": (before.value, status.value), **moved}
    writing.audit(Event.ACTIVITY_MOVED_ON, actor, activity, changes=changes)
    follow(actor, activity)
    events.emit(ActivityWentOn(activity.id, before.value, status.value))
    return activity


def note_on_the_way(
    *, actor: Viewer, activity_id: UUID, noted: Noted, note: str = "", on: date | None = None
) -> Activity:
    """Note something between two statuses of an approach that is ahead; `on`: the day on which it will be.

    Raises as `take_step` does.
    """
    activity = _own(actor, activity_id, None)
    if Status(activity.status) not in AHEAD:
        raise RuleViolation("", f"This is {_in_sentence(Status(activity.status))}: nothing more is to be noted.")
    moved = _set_day(activity, on)
    _note_step(actor, activity, note, noted.value)
    if moved:
        writing.audit(Event.ACTIVITY_MOVED_ON, actor, activity, changes=moved)
        follow(actor, activity)
    return activity


def direct_anew(*, actor: Viewer, activity_id: UUID, by: date) -> Activity:
    """By when an approach that is ahead is to be delivered, after its instruction was amended."""
    activity = _own(actor, activity_id, None)
    changes = _set_day(activity, by)
    _note_step(actor, activity, word=Noted.AMENDED.value)
    if changes:
        writing.audit(
            Event.ACTIVITY_CORRECTED, actor, activity, changes=changes, values_for=Handling(activity.handling)
        )
        follow(actor, activity)
    return activity


def _set_day(activity: Activity, on: date | None) -> dict[str, tuple[Any, Any]]:
    """Move it to that day, where one is given; what that changes."""
    if on is None:
        return {}
    changes = set_values(activity, {"held_on": on, "precision": Precision.DAY.value})
    writing.repeat(activity)
    return changes


def _own(actor: Viewer, activity_id: UUID, version: int | None) -> Activity:
    """An activity of one's own party, held."""
    actor.require("activities:create")
    activity = locked(Activity, activity_id)
    if activity is None:
        raise NotFound("no such activity")
    if activity.originator_id != actor.party_id:
        raise NotAllowed("an activity of another party")
    expect_version(activity, version)
    claim_for_real(activity, actor)
    return activity


def _must_have_come(actor: Viewer, activity: Activity) -> None:
    if activity.held_on > clock.today(actor.time_zone):
        raise RuleViolation("status", "Its day has not come yet. Correct the day first.")


def _states(activity: Activity) -> list[str]:
    return [one.state_iso3 for one in activity.states]


def _comment(activity: Activity) -> str:
    return activity.comment.text if activity.comment else ""


def _note_step(actor: Viewer, activity: Activity, note: str = "", word: str = "") -> None:
    if activity.steps:
        move_version(activity)  # the first one comes with the plan itself
    activity.steps.append(ActivityStep(status=word or activity.status, by=actor.name, note=note))
    db.session.flush()


def _in_sentence(status: Status) -> str:
    return STATUS_LABELS[status].partition(",")[0].lower()
