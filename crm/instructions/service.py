"""Instruct missions, amend what they were told, withdraw it. Each is part of a unit of work that its caller opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.activities.course import service as course
from crm.activities.models import Activity
from crm.activities.rules import AHEAD, Status
from crm.audit.changes import Changes, set_values
from crm.audit.service import Event, record
from crm.core import ceiling, clock
from crm.core.access import SYSTEM, Handling, Viewer, claim_for_real, looking_as, writing_about
from crm.core.db import db, expect_version, locked
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.files.intake import CheckedFile
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.followups.rules import Status as FollowUpStatus
from crm.instructions import material, notices, rules
from crm.instructions.models import Instruction, InstructionChange, InstructionTask
from crm.instructions.officers import Officers, may_deliver, officers_of
from crm.instructions.proposing import Cell, own_missions, reaching
from crm.instructions.rules import Told
from crm.states.queries import register

WRITE = "instructions:write"
KIND = "demarche"


def send_instruction(
    *,
    actor: Viewer,
    cells: Sequence[Cell],
    handling: Handling,
    marks: str = "",
    file: CheckedFile | None = None,
    what: str = "",
    sample: bool = False,
    **told: Any,
) -> Instruction:
    """Instruct missions of the actor's own party, each to go to one State; `told` is what the instruction says.

    A State that is closed to the actor is instructed like any other and kept for those who are named. Raises
    NotAllowed without `instructions:write`, RuleViolation for a mission that does not reach its State, for days that
    cannot be meant, and as the writing of an activity does.
    """
    actor.require(WRITE)
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can instruct its missions.")
    _check_days(actor, told)
    ceiling.check(handling, marks)
    _check_cells(actor, cells)
    instruction = Instruction(
        **told,
        marks=marks,
        reach=handling.value,
        sent_by_id=actor.user_id,
        sent_by=actor.name,
        originator_id=actor.party_id,
        sample=sample,
    )
    notices.plan_next(instruction)
    db.session.add(instruction)
    db.session.flush()
    found = officers_of([one.mission_id for one in cells])
    for cell in cells:
        _instruct(actor, instruction, cell, found)
    days = {name: told[name].isoformat() for name in ("deliver_by", "report_by")}
    _record(Event.INSTRUCTION_SENT, actor, instruction, **days)
    if file:
        material.add_material(actor=actor, instruction_id=instruction.id, file=file, what=what)
    notices.tell_missions(instruction, Told.SENT, notices.version_round(instruction))
    return instruction


def _check_days(actor: Viewer, told: Mapping[str, Any]) -> None:
    problem = rules.days_problem(told["deliver_by"], told["report_by"], clock.today(actor.time_zone))
    if problem:
        raise RuleViolation(*problem)


def _check_cells(actor: Viewer, cells: Sequence[Cell]) -> None:
    """Each mission is one of the actor's party and reaches its State today; nothing stands there twice."""
    if not cells:
        raise RuleViolation("cells", "Choose a mission for one State at least.")
    if len(set(cells)) != len(cells):
        raise RuleViolation("cells", "The same mission stands twice beside the same State.")
    missions, today, known = own_missions(actor), clock.today(actor.time_zone), register()
    for cell in cells:
        if cell.state_iso3 not in known.states:
            raise RuleViolation("cells", "There is no State with this code.")
        if str(cell.mission_id) not in {one.mission_id for one in reaching(missions, cell.state_iso3, today)}:
            name = known.name_today(cell.state_iso3)
            raise RuleViolation("cells", f"{name}: choose a mission of your own that is accredited there today.")


def _instruct(actor: Viewer, instruction: Instruction, cell: Cell, officers: Officers) -> None:
    """One approach, its task, and what reminds whoever is responsible for it.

    Others learn of the approach as far as the instruction reaches, so that nobody goes there twice. What it is to
    bring about stays with the instruction, for one's own party alone.
    """
    with writing_about(cell.state_iso3, actor):
        activity = course.plan_activity(
            actor=actor,
            status=Status.INSTRUCTED,
            mission_id=cell.mission_id,
            kind=KIND,
            state_iso3=cell.state_iso3,
            held_on=instruction.deliver_by,
            details={"aim": instruction.aim},
            handling=Handling(instruction.reach),
            marks=instruction.marks,
            sample=instruction.sample,
        )
        task = InstructionTask(
            instruction_id=instruction.id,
            mission_id=cell.mission_id,
            state_iso3=cell.state_iso3,
            activity_id=activity.id,
            sample=instruction.sample,
        )
        db.session.add(task)
        db.session.flush()
        task.followup_id = _charge(actor, instruction, task, officers)
        db.session.flush()


def _charge(actor: Viewer, instruction: Instruction, task: InstructionTask, officers: Officers) -> UUID | None:
    """A follow-up for the first officer of the mission who may read of the State; where nobody is posted, for whoever
    instructs it; None where neither may read of it.
    """
    responsible = officers.responsible(task.mission_id, task.state_iso3)
    if responsible is None and may_deliver(actor, task.state_iso3):
        responsible = actor
    if responsible is None:
        return None
    return followups.open_follow_up(
        actor=actor,
        what=f"Deliver: {instruction.name}",
        state_iso3=task.state_iso3,
        due_on=instruction.deliver_by,
        owner_id=responsible.user_id,
        handling=Handling.ORIGINATOR,
        judged=True,
        activity_id=task.activity_id,
        sample=instruction.sample,
    ).id


def to_change(actor: Viewer, instruction_id: UUID, version: int | None = None) -> Instruction:
    """An instruction of the actor's party that still holds, held.

    Raises NotAllowed, NotFound, Stale, and RuleViolation for one that was withdrawn.
    """
    actor.require(WRITE)
    instruction = locked(Instruction, instruction_id)
    if instruction is None:
        raise NotFound("no such instruction")
    if instruction.originator_id != actor.party_id:
        raise NotAllowed("an instruction of another party")
    expect_version(instruction, version)
    if instruction.withdrawn_at:
        raise RuleViolation("", "This instruction was withdrawn.")
    return instruction


def amend_instruction(
    *, actor: Viewer, instruction_id: UUID, why: str, version: int | None = None, **told: Any
) -> Instruction:
    """Say something else, or by another day. Missions that have not delivered are told and acknowledge anew.

    Raises as `to_change` does, and RuleViolation where nothing is changed.
    """
    instruction = to_change(actor, instruction_id, version)
    if told["deliver_by"] != instruction.deliver_by or told["report_by"] != instruction.report_by:
        _check_days(actor, told)
    changes = set_values(instruction, told)
    if not changes:
        raise RuleViolation("", "Nothing is changed.")
    claim_for_real(instruction, actor)
    instruction.version += 1
    instruction.remind_problem = ""
    notices.plan_next(instruction)
    db.session.add(
        InstructionChange(
            instruction_id=instruction.id,
            version=instruction.version,
            by=actor.name,
            why=why,
            changes={name: list(both) for name, both in changes.items()},
            sample=instruction.sample,
        )
    )
    _pass_on(actor, instruction, changes)
    _record(Event.INSTRUCTION_AMENDED, actor, instruction, changes=changes)
    notices.tell_missions(instruction, Told.AMENDED, notices.version_round(instruction))
    return instruction


def tasks_with_status(instruction: Instruction) -> list[tuple[InstructionTask, Status]]:
    """Every task of an instruction and how far its approach is. Looks as the system: what is kept for those who are
    named is instructed, amended and withdrawn like the rest.
    """
    wanted = (
        select(InstructionTask, Activity.status)
        .join(Activity, Activity.id == InstructionTask.activity_id)
        .where(InstructionTask.instruction_id == instruction.id)
        .order_by(InstructionTask.state_iso3, InstructionTask.id)
    )
    with looking_as(SYSTEM):
        return [(task, Status(status)) for task, status in db.session.execute(wanted)]


def _pass_on(actor: Viewer, instruction: Instruction, changes: Changes) -> None:
    """Let approaches and follow-ups know what has changed, as far as they are not done."""
    for task, status in tasks_with_status(instruction):
        with writing_about(task.state_iso3, actor):
            if status in AHEAD:
                by = task.appointment_on or instruction.deliver_by
                course.direct_anew(actor=actor, activity_id=task.activity_id, by=by)
            due = instruction.deliver_by if status in AHEAD else instruction.report_by
            if {"deliver_by", "report_by"} & changes.keys():
                _move(actor, task, due)


def _move(actor: Viewer, task: InstructionTask, due_on: date) -> None:
    """To the new day, as the system: its owner may be somebody whom the actor does not see."""
    with looking_as(SYSTEM):
        follow_up = db.session.get(FollowUp, task.followup_id) if task.followup_id else None
        if follow_up is None or follow_up.status != FollowUpStatus.OPEN or follow_up.due_on == due_on:
            return
        if due_on < clock.today(follow_up.zone):
            return
        followups.move(actor=actor, followup_id=follow_up.id, due_on=due_on, note="The instruction was amended.")


def withdraw_instruction(*, actor: Viewer, instruction_id: UUID, why: str) -> Instruction:
    """Nothing more is to be done: approaches that are not delivered are cancelled, and their missions told.

    Raises as `to_change` does.
    """
    instruction = to_change(actor, instruction_id)
    claim_for_real(instruction, actor)
    undelivered = {task.mission_id for task, status in tasks_with_status(instruction) if status in AHEAD}
    for task, status in tasks_with_status(instruction):
        if status in AHEAD:
            with writing_about(task.state_iso3, actor):
                course.take_step(
                    actor=actor,
                    activity_id=task.activity_id,
                    status=Status.CANCELLED,
                    note="The instruction was withdrawn.",
                )
    instruction.withdrawn_at, instruction.withdrawn_why, instruction.remind_at = clock.now(), why, None
    instruction.remind_problem = ""
    _record(Event.INSTRUCTION_WITHDRAWN, actor, instruction)
    notices.tell_missions(instruction, Told.WITHDRAWN, notices.version_round(instruction), only=undelivered)
    return instruction


def _record(event: Event, actor: Viewer, instruction: Instruction, **facts: Any) -> None:
    record(
        event,
        actor=actor,
        subject=("instruction", instruction.id),
        originator_id=instruction.originator_id,
        handling=Handling.ORIGINATOR,
        **facts,
    )
