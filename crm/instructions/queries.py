"""Reading instructions: the list, the table of one, one task, what a mission is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from crm.accounts.models import Mission, User
from crm.activities.models import Activity, ActivityStep
from crm.activities.rules import AHEAD, Noted, Status
from crm.core import access
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.lists import Key, Question, date_key, moment_key, uuid_key
from crm.followups.models import FollowUp
from crm.instructions import rules
from crm.instructions.models import Instruction, InstructionChange, InstructionTask
from crm.instructions.rules import LATE_LABELS, STANDING_LABELS, Late, Standing, View
from crm.states.queries import register


@dataclass(frozen=True)
class TaskLine:
    """One mission and one State, and how far it is. `responsible`: who is charged; "" where nobody is."""

    id: UUID
    instruction_id: UUID
    name: str
    aim: str
    state_iso3: str
    mission_id: UUID
    mission: str
    activity_id: UUID
    followup_id: UUID | None
    status: Status
    standing: Standing
    late: Late | None
    deliver_by: date
    report_by: date
    happened_on: date | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    asked_at: datetime | None
    appointment_on: date | None
    appointment_with: str
    responsible: str
    nudged_on: date | None
    seen_version: int
    version: int
    sample: bool

    @property
    def to_acknowledge(self) -> bool:
        """Whether its mission has not acknowledged it as it stands now."""
        return self.standing is Standing.SENT

    @property
    def acknowledged_on(self) -> date | None:
        """The day of that where the reader is."""
        zone = ZoneInfo(access.viewer().time_zone)
        return self.acknowledged_at.astimezone(zone).date() if self.acknowledged_at else None

    @property
    def ahead(self) -> bool:
        """Whether it is still to be delivered."""
        return self.status in AHEAD

    @property
    def due(self) -> date:
        """The next deadline: of the delivery, then of the report."""
        return self.deliver_by if self.ahead else self.report_by

    @property
    def in_words(self) -> str:
        """How far it is, and what is late."""
        words = STANDING_LABELS[self.standing]
        return f"{words}; {LATE_LABELS[self.late].lower()}" if self.late else words


def _asked() -> Select[Any]:
    owing = aliased(Mission)
    responsible = func.coalesce(owing.name, User.name)
    asked: Any = select(InstructionTask, Instruction, Activity.status, Activity.held_on, Mission.name, responsible)
    found: Select[Any] = (
        asked.join(Instruction, Instruction.id == InstructionTask.instruction_id)
        .join(Activity, Activity.id == InstructionTask.activity_id)
        .outerjoin(Mission, Mission.id == InstructionTask.mission_id)
        .outerjoin(FollowUp, FollowUp.id == InstructionTask.followup_id)
        .outerjoin(User, User.id == FollowUp.owner_id)
        .outerjoin(owing, owing.id == FollowUp.owner_mission_id)
    )
    return found


def _line(row: Any, today: date) -> TaskLine:
    task, instruction, status_word, held_on, mission, responsible = row
    status = Status(status_word)
    where = rules.standing(
        status, acknowledged=task.seen_version == instruction.version, asked=task.asked_at is not None
    )
    return TaskLine(
        id=task.id,
        instruction_id=instruction.id,
        name=instruction.name,
        aim=instruction.aim,
        state_iso3=task.state_iso3,
        mission_id=task.mission_id,
        mission=mission or "",
        activity_id=task.activity_id,
        followup_id=task.followup_id,
        status=status,
        standing=where,
        late=rules.late(status, instruction.deliver_by, instruction.report_by, today),
        deliver_by=instruction.deliver_by,
        report_by=instruction.report_by,
        happened_on=held_on if where in (Standing.DELIVERED, Standing.REPORTED) else None,
        acknowledged_at=task.acknowledged_at,
        acknowledged_by=task.acknowledged_by,
        asked_at=task.asked_at,
        appointment_on=task.appointment_on,
        appointment_with=task.appointment_with,
        responsible=responsible or "",
        nudged_on=task.nudged_on,
        seen_version=task.seen_version,
        version=instruction.version,
        sample=task.sample,
    )


def _lines(wanted: Select[Any], today: date) -> list[TaskLine]:
    known = register()
    found = [_line(row, today) for row in db.session.execute(wanted)]
    place = list(Standing)
    return sorted(
        found,
        key=lambda one: (
            one.late is None,
            place.index(one.standing),
            one.due,
            known.name_today(one.state_iso3),
            one.mission,
        ),
    )


def tasks_of(instruction_id: UUID, today: date) -> list[TaskLine]:
    """Every task of an instruction that the viewer sees, late ones first."""
    return _lines(_asked().where(InstructionTask.instruction_id == instruction_id), today)


def get_task(task_id: UUID, today: date) -> TaskLine:
    """One task; NotFound when absent or not for this viewer."""
    found = _lines(_asked().where(InstructionTask.id == task_id), today)
    if not found:
        raise NotFound("no such task")
    return found[0]


@dataclass(frozen=True)
class Appointment:
    """What its mission told last of the appointment of a task; `version` counts how often it did."""

    appointment_with: str
    appointment_on: date | None
    version: int


def appointment_of(task_id: UUID) -> Appointment:
    """The appointment of one task; raises NotFound."""
    task = db.session.scalar(select(InstructionTask).where(InstructionTask.id == task_id))
    if task is None:
        raise NotFound("no such task")
    told = select(func.count(ActivityStep.id)).where(
        ActivityStep.activity_id == task.activity_id, ActivityStep.status == Noted.APPOINTMENT.value
    )
    return Appointment(task.appointment_with, task.appointment_on, db.session.scalars(told).one())


def instructed_to(viewer: Viewer, today: date) -> list[TaskLine]:
    """What the viewer's mission is asked for and has not reported yet, late first."""
    if viewer.mission_id is None or not viewer.may("instructions:read"):
        return []
    waiting = [one.value for one in (*AHEAD, Status.DELIVERED)]
    wanted = _asked().where(InstructionTask.mission_id == viewer.mission_id, Activity.status.in_(waiting))
    return _lines(wanted, today)


def asked_of_state(state_iso3: str, today: date) -> list[TaskLine]:
    """What missions are instructed to do in a State and have not reported yet."""
    waiting = [one.value for one in (*AHEAD, Status.DELIVERED)]
    return _lines(_asked().where(InstructionTask.state_iso3 == state_iso3, Activity.status.in_(waiting)), today)


def posted(mission_ids: Iterable[UUID]) -> set[UUID]:
    """Those of these missions to which somebody with an open account is posted, as far as the viewer sees people."""
    wanted = select(User.mission_id).where(User.mission_id.in_(set(mission_ids)), User.active).distinct()
    return {one for one in db.session.scalars(wanted) if one}


def task_behind(activity_id: UUID) -> tuple[UUID, str] | None:
    """The task that an activity fulfils, with the name of the instruction."""
    wanted = (
        select(InstructionTask.id, Instruction.name)
        .join(Instruction, Instruction.id == InstructionTask.instruction_id)
        .where(InstructionTask.activity_id == activity_id)
    )
    row = db.session.execute(wanted).first()
    return (row[0], row[1]) if row else None


def get_instruction(instruction_id: UUID) -> Instruction:
    """One instruction; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(Instruction).where(Instruction.id == instruction_id))
    if found is None:
        raise NotFound("no such instruction")
    return found


@dataclass(frozen=True)
class Counts:
    """How many tasks of an instruction there are, and how far they are."""

    total: int = 0
    undelivered: int = 0
    unacknowledged: int = 0
    delivered: int = 0
    reported: int = 0
    cancelled: int = 0
    late: int = 0

    @property
    def meant(self) -> int:
        """All but those that were cancelled."""
        return self.total - self.cancelled


def not_reminded(viewer: Viewer) -> list[Instruction]:
    """Instructions of the viewer of which missions could not be reminded; for those who instruct in a party also what
    was sent by somebody whose account is closed.
    """
    if not viewer.may("instructions:write"):
        return []
    theirs = exists().where(User.id == Instruction.sent_by_id, User.active)
    wanted = select(Instruction).where(
        Instruction.remind_problem != "", or_(Instruction.sent_by_id == viewer.user_id, not_(theirs))
    )
    return list(db.session.scalars(wanted.order_by(Instruction.sent_at.desc(), Instruction.id)))


def counts_of(lines: Iterable[TaskLine]) -> Counts:
    """Counts of tasks that were read."""
    found = list(lines)
    return Counts(
        total=len(found),
        undelivered=sum(one.ahead for one in found),
        unacknowledged=sum(one.standing is Standing.SENT for one in found),
        delivered=sum(one.standing in (Standing.DELIVERED, Standing.REPORTED) for one in found),
        reported=sum(one.standing is Standing.REPORTED for one in found),
        cancelled=sum(one.standing is Standing.CANCELLED for one in found),
        late=sum(one.late is not None for one in found),
    )


@dataclass(frozen=True)
class InstructionLine:
    """One instruction in the list."""

    id: UUID
    name: str
    aim: str
    deliver_by: date
    report_by: date
    sent_at: datetime
    sent_by: str
    withdrawn: bool
    sample: bool
    counts: Counts


def instructions_asked(
    today: date,
    *,
    name: str = "",
    state_iso3: str = "",
    withdrawn: bool | None = None,
    aim: str = "",
    since: date | None = None,
    until: date | None = None,
    sort: str = "",
) -> Question:
    """What the list of instructions asks, the one sent last first unless told otherwise; by State those of whose tasks
    there the viewer reads.
    """
    wanted: Any = select(Instruction)
    if name:
        wanted = wanted.where(Instruction.name.icontains(name, autoescape=True))
    if state_iso3:
        tasks = select(InstructionTask.instruction_id).where(InstructionTask.state_iso3 == state_iso3)
        wanted = wanted.where(Instruction.id.in_(tasks))
    if withdrawn is not None:
        gone = Instruction.withdrawn_at.is_not(None)
        wanted = wanted.where(gone if withdrawn else not_(gone))
    if aim:
        wanted = wanted.where(Instruction.aim == aim)
    if since:
        wanted = wanted.where(Instruction.deliver_by >= since)
    if until:
        wanted = wanted.where(Instruction.deliver_by <= until)
    down = sort.startswith("-") or not sort
    orders = {
        "name": Key(Instruction.name, lambda row: row[0].name, str, down),
        "deliver": date_key(Instruction.deliver_by, lambda row: row[0].deliver_by, descending=down),
    }
    sent = moment_key(Instruction.sent_at, lambda row: row[0].sent_at, descending=down)
    last = uuid_key(Instruction.id, lambda row: row[0].id, descending=down)
    return Question(wanted, (orders.get(sort.lstrip("-"), sent), last), partial(_instruction_lines, today))


def _instruction_lines(today: date, rows: Sequence[Any]) -> list[InstructionLine]:
    """With how far their tasks are, in one statement."""
    found: Sequence[Instruction] = [row[0] for row in rows]
    counts = _counts({one.id for one in found}, today)
    return [
        InstructionLine(
            one.id,
            one.name,
            one.aim,
            one.deliver_by,
            one.report_by,
            one.sent_at,
            one.sent_by,
            one.withdrawn_at is not None,
            one.sample,
            counts.get(one.id, Counts()),
        )
        for one in found
    ]


def _counts(keys: set[UUID], today: date) -> Mapping[UUID, Counts]:
    if not keys:
        return {}
    by_instruction: dict[UUID, list[TaskLine]] = defaultdict(list)
    for one in _lines(_asked().where(InstructionTask.instruction_id.in_(keys)), today):
        by_instruction[one.instruction_id].append(one)
    return {key: counts_of(lines) for key, lines in by_instruction.items()}


def changes_of(instruction_id: UUID, since: int = 0) -> list[InstructionChange]:
    """The amendments of an instruction after a version, the newest first."""
    wanted = select(InstructionChange).where(
        InstructionChange.instruction_id == instruction_id, InstructionChange.version > since
    )
    return list(db.session.scalars(wanted.order_by(InstructionChange.version.desc())))


def in_view(lines: Sequence[TaskLine], view: View) -> list[TaskLine]:
    """Those that a view shows."""
    return [one for one in lines if rules.shown_in(view, one.standing, one.late)]


def by_mission(lines: Iterable[TaskLine]) -> list[tuple[str, list[TaskLine]]]:
    """The lines of each mission in their order; the mission whose first line comes first stands first."""
    found: dict[str, list[TaskLine]] = defaultdict(list)
    for one in lines:
        found[one.mission].append(one)
    return list(found.items())
