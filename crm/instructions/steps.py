"""What a mission tells of its task, what follows of itself, and how it is asked."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from crm.activities.course import service as course
from crm.activities.events import ActivityWentOn
from crm.activities.rules import AHEAD, HAPPENED, Noted, Status
from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as, viewer
from crm.core.days import in_words
from crm.core.db import db, expect_version, locked
from crm.core.display import day
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.followups.rules import Status as FollowUpStatus
from crm.instructions import notices, queries
from crm.instructions.models import Instruction, InstructionTask
from crm.instructions.officers import may_deliver
from crm.instructions.rules import Told, late
from crm.instructions.service import WRITE, tasks_with_status, to_change


def may_tell(someone: Viewer, mission_id: UUID) -> bool:
    """Whether somebody tells how far a task of that mission is: its people do, and whoever instructs."""
    return someone.may("activities:create") and (someone.mission_id == mission_id or someone.may(WRITE))


def _task(actor: Viewer, task_id: UUID) -> tuple[InstructionTask, Instruction]:
    """A task of the actor's party, held, and its instruction; raises NotAllowed and NotFound."""
    actor.require("activities:create")
    task = locked(InstructionTask, task_id)
    if task is None:
        raise NotFound("no such task")
    if not may_tell(actor, task.mission_id):
        raise NotAllowed("a task of another mission")
    return task, db.session.get_one(Instruction, task.instruction_id)


def acknowledge(*, actor: Viewer, task_id: UUID) -> InstructionTask:
    """The instruction was read as it stands now. Whoever of the mission says so is responsible from then on.

    Acknowledging twice changes nothing. Raises RuleViolation for what is no longer ahead.
    """
    task, instruction = _task(actor, task_id)
    if task.seen_version == instruction.version:
        return task
    course.note_on_the_way(actor=actor, activity_id=task.activity_id, noted=Noted.ACKNOWLEDGED)
    _seen(actor, task, instruction)
    if actor.mission_id == task.mission_id and may_deliver(actor, task.state_iso3):
        _take_on(actor, task)
    _record(actor, task, Noted.ACKNOWLEDGED.value)
    return task


def _seen(actor: Viewer, task: InstructionTask, instruction: Instruction) -> None:
    task.seen_version, task.acknowledged_at, task.acknowledged_by = instruction.version, clock.now(), actor.name
    if not actor.sample:
        task.sample = False


def _take_on(actor: Viewer, task: InstructionTask) -> None:
    """The follow-up becomes theirs; where nobody was charged, one is opened."""
    with looking_as(SYSTEM):
        follow_up = db.session.get(FollowUp, task.followup_id) if task.followup_id else None
        owner = follow_up.charged_id if follow_up and follow_up.status == FollowUpStatus.OPEN else None
    if follow_up is None:
        task.followup_id = _open(actor, task)
    elif owner is not None and owner != actor.user_id and actor.user_id:
        followups.reassign(actor=actor, followup_id=follow_up.id, owner_id=actor.user_id, note="Acknowledged by them.")


def _open(actor: Viewer, task: InstructionTask) -> UUID:
    instruction = db.session.get_one(Instruction, task.instruction_id)
    return followups.open_follow_up(
        actor=actor,
        what=f"Deliver: {instruction.name}",
        state_iso3=task.state_iso3,
        due_on=max(instruction.deliver_by, clock.today(actor.time_zone)),
        handling=Handling.ORIGINATOR,
        judged=True,
        activity_id=task.activity_id,
        sample=task.sample,
    ).id


def ask_appointment(
    *,
    actor: Viewer,
    task_id: UUID,
    appointment_with: str = "",
    appointment_on: date | None = None,
    version: int | None = None,
) -> InstructionTask:
    """An appointment was asked for, or its day is known by now. Acknowledges the instruction, too.

    Raises as `acknowledge` does, RuleViolation for a day that has passed, and Stale where somebody told something else
    of it since `version` was read (`queries.appointment_of`).
    """
    task, instruction = _task(actor, task_id)
    expect_version(queries.appointment_of(task_id), version)
    if appointment_on and appointment_on < clock.today(actor.time_zone):
        raise RuleViolation("appointment_on", "This day has passed. If it was delivered then, say so instead.")
    words = [appointment_with, day(appointment_on)] if appointment_on else [appointment_with]
    course.note_on_the_way(
        actor=actor,
        activity_id=task.activity_id,
        noted=Noted.APPOINTMENT,
        note=", ".join(one for one in words if one),
        on=appointment_on,
    )
    _seen(actor, task, instruction)
    task.asked_at = task.asked_at or clock.now()
    task.appointment_with, task.appointment_on = appointment_with, appointment_on
    _record(actor, task, Noted.APPOINTMENT.value)
    return task


def deliver(*, actor: Viewer, task_id: UUID, delivered_on: date) -> InstructionTask:
    """It was delivered on that day; the report follows.

    Raises as the course of an activity does, and RuleViolation for a day before the instruction or one to come.
    """
    task, instruction = _task(actor, task_id)
    sent_on = instruction.sent_at.astimezone(ZoneInfo(actor.time_zone)).date()
    if delivered_on < sent_on:
        raise RuleViolation("delivered_on", f"The instruction was sent on {in_words(sent_on)}, no earlier.")
    if delivered_on > clock.today(actor.time_zone):
        raise RuleViolation("delivered_on", "This day has not come yet.")
    course.take_step(actor=actor, activity_id=task.activity_id, status=Status.DELIVERED, on=delivered_on)
    if task.seen_version == 0:
        _seen(actor, task, instruction)
    return task


def went_on(event: ActivityWentOn) -> None:
    """What follows of itself when an instructed approach goes on: its follow-up is done, or cancelled, or opened anew;
    after the delivery the report is owed. Looks as the system: whoever acts may not see whoever is charged.
    """
    actor = viewer()
    with looking_as(SYSTEM):
        task = db.session.scalar(select(InstructionTask).where(InstructionTask.activity_id == event.activity_id))
        follow_up = db.session.get(FollowUp, task.followup_id) if task and task.followup_id else None
        if task is None or follow_up is None:
            return
        after, is_open = Status(event.after), follow_up.status == FollowUpStatus.OPEN
        if after is Status.CANCELLED and is_open:
            followups.cancel(actor=actor, followup_id=follow_up.id, note="It is not to be delivered any more.")
        elif after in AHEAD and follow_up.status == FollowUpStatus.CANCELLED:
            followups.reopen(actor=actor, followup_id=follow_up.id)
        elif after in HAPPENED and is_open:
            _done(actor, task, follow_up, after)
        db.session.flush()


def _done(actor: Viewer, task: InstructionTask, follow_up: FollowUp, after: Status) -> None:
    """Done by itself; where the report is still to come, it is owed next by whoever was charged."""
    owed: dict[str, Any] = {}
    instruction = db.session.get_one(Instruction, task.instruction_id)
    if after is Status.DELIVERED:
        owed["next_what"] = f"Report: {instruction.name}"
        owed["next_due_on"] = max(instruction.report_by, clock.today(actor.time_zone))
    note = "Delivered; the report follows." if owed else "Reported."
    following = followups.finish(actor=actor, followup_id=follow_up.id, done_note=note, judged=True, **owed)
    if following is not None:
        task.followup_id = following.id


def nudge(*, actor: Viewer, instruction_id: UUID, task_id: UUID | None = None) -> int:
    """Ask a mission by mail how far it is, or all missions that are late; at most once a day each. Marks them as the
    system: what is kept for those who are named is asked for like the rest.

    Returns how many people are written to. Raises RuleViolation where nobody is left to be asked today.
    """
    instruction = to_change(actor, instruction_id)
    today = clock.today(actor.time_zone)
    asked = [
        task
        for task, status in tasks_with_status(instruction)
        if (task.id == task_id if task_id else late(status, instruction.deliver_by, instruction.report_by, today))
        and task.nudged_on != today
        and (status in AHEAD or status is Status.DELIVERED)
    ]
    if not asked:
        raise RuleViolation("", "Nobody is left to be asked: it is done, or they were asked today already.")
    with looking_as(SYSTEM):
        for task in asked:
            task.nudged_on = today
        db.session.flush()
    missions = {task.mission_id for task in asked}
    sent = notices.tell_missions(instruction, Told.NUDGE, today.isoformat(), only=missions)
    record(
        Event.INSTRUCTION_NUDGED,
        actor=actor,
        subject=("instruction", instruction.id),
        originator_id=instruction.originator_id,
        handling=Handling.ORIGINATOR,
        among=" ".join(sorted({task.state_iso3 for task in asked})),
    )
    return sent


def nudge_one(*, actor: Viewer, task_id: UUID) -> int:
    """The same for the mission of one task that the actor sees."""
    task = db.session.scalar(select(InstructionTask).where(InstructionTask.id == task_id))
    if task is None:
        raise NotFound("no such task")
    return nudge(actor=actor, instruction_id=task.instruction_id, task_id=task_id)


def _record(actor: Viewer, task: InstructionTask, noted: str) -> None:
    record(
        Event.INSTRUCTION_NOTED,
        actor=actor,
        subject=("instruction_task", task.id),
        originator_id=actor.party_id,
        handling=Handling.ORIGINATOR,
        noted=noted,
    )
