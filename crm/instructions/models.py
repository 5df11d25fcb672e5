"""Instructions, their tasks (a mission and a State each), what changed in them, their material, whom they reminded."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, UniqueConstraint, and_, exists, false, or_, true
from sqlalchemy.orm import Mapped, mapped_column

from crm.activities.models import Activity
from crm.core import clock
from crm.core.access import Handling, SystemOnly, Viewer
from crm.core.db import EMPTY, Base, Identified
from crm.core.visibility import Handled, as_seen, bare, unhidden


class Instruction(Handled, Identified, Base):
    """What a party instructs its missions to do. It is for that party alone: `reach` says how far the approaches
    that come of it travel.

    `arguments`: each with what will be said against it and the answer to that. `version` counts what missions were
    sent: 1, and one more for every amendment. `remind_at`: when the next reminder is to be planned; `remind_tries`
    counts those that failed one after the other, `remind_problem` says what is wrong until one is written.
    """

    name: Mapped[str]
    reference: Mapped[str] = mapped_column(default="")
    aim: Mapped[str]
    objective: Mapped[str]
    arguments: Mapped[list[Any]] = mapped_column(default=list)
    talking_points: Mapped[str] = mapped_column(default="")
    paper: Mapped[str] = mapped_column(default="none")
    presenter_level: Mapped[str] = mapped_column(default="")
    addressee_level: Mapped[str] = mapped_column(default="")
    deliver_by: Mapped[date]
    report_by: Mapped[date]
    reach: Mapped[str]
    marks: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    sent_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id", ondelete="SET NULL"), index=True)
    sent_by: Mapped[str] = mapped_column(default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_why: Mapped[str] = mapped_column(default="")
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
    remind_tries: Mapped[int] = mapped_column(default=0, server_default="0")
    remind_problem: Mapped[str] = mapped_column(default="", server_default=EMPTY)
    originator_id: Mapped[UUID] = mapped_column(ForeignKey("party.id"), index=True)
    handling: Mapped[str] = mapped_column(default=Handling.ORIGINATOR.value)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_instruction_sent", "sent_at", "id"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Its own party: whoever sees one of the approaches it asks for, and whoever sent it while it asks for none."""
        if viewer.is_system:
            return true()
        if viewer.party_id is None or not viewer.may("own:read"):
            return false()
        task = bare(InstructionTask)
        seen = exists().where(
            task.c.instruction_id == cls.id,
            bare(Activity).c.id == task.c.activity_id,
            as_seen(Activity, viewer),
        )
        any_task = unhidden(InstructionTask, "instruction_id")
        empty = ~exists().where(any_task.c.instruction_id == cls.id)
        mine = and_(cls.sent_by_id == viewer.user_id, empty)
        return and_(cls.originator_id == viewer.party_id, or_(mine, seen))


class InstructionTask(Identified, Base):
    """One mission and one State. `seen_version`: which version the mission has acknowledged, 0 for none.

    `asked_at`: when an appointment was asked for; `appointment_on` is empty while its day is not known. `followup_id`:
    what reminds whoever is responsible. `nudged_on`: the day on which the mission was reminded by hand.
    """

    instruction_id: Mapped[UUID] = mapped_column(ForeignKey("instruction.id", ondelete="CASCADE"))
    mission_id: Mapped[UUID] = mapped_column(ForeignKey("mission.id"), index=True)
    state_iso3: Mapped[str] = mapped_column(ForeignKey("state.iso3"), index=True)
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"), unique=True)
    followup_id: Mapped[UUID | None] = mapped_column(ForeignKey("follow_up.id", ondelete="SET NULL"), index=True)
    seen_version: Mapped[int] = mapped_column(default=0)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime | None]
    appointment_on: Mapped[date | None]
    appointment_with: Mapped[str] = mapped_column(default="")
    nudged_on: Mapped[date | None]
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("instruction_id", "mission_id", "state_iso3"),)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those of its party who see the approach itself."""
        if viewer.is_system:
            return true()
        if viewer.party_id is None or not viewer.may("own:read"):
            return false()
        whole = bare(Activity)
        own = whole.c.originator_id == viewer.party_id
        return exists().where(whole.c.id == cls.activity_id, own, as_seen(Activity, viewer))


class _PartOfInstruction:
    """Mixin: visible where its instruction is."""

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return exists().where(bare(Instruction).c.id == cls.instruction_id, as_seen(Instruction, viewer))  # type: ignore[attr-defined]


class InstructionChange(_PartOfInstruction, Identified, Base):
    """One amendment: what the instruction said before and says now, by the name of the field, and why."""

    instruction_id: Mapped[UUID] = mapped_column(ForeignKey("instruction.id", ondelete="CASCADE"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("instruction_id", "version"),)


class InstructionMaterial(_PartOfInstruction, Identified, Base):
    """A file that goes with an instruction; its bytes are those of a stored file that is reached through this alone."""

    instruction_id: Mapped[UUID] = mapped_column(ForeignKey("instruction.id", ondelete="CASCADE"))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    what: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    added_by: Mapped[str] = mapped_column(default="")
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_instruction_material_instruction", "instruction_id", "added_at", "id"),)


class InstructionNotice(SystemOnly, Identified, Base):
    """A mail about an instruction: what it told (`rules.Told`), whom, and under which deadline or version (`round`).

    `mission_id` is empty where it went to whoever sent the instruction.
    """

    instruction_id: Mapped[UUID] = mapped_column(ForeignKey("instruction.id", ondelete="CASCADE"))
    told: Mapped[str]
    round: Mapped[str]
    mission_id: Mapped[UUID | None] = mapped_column(ForeignKey("mission.id", ondelete="SET NULL"), index=True)
    recipient_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    mail_id: Mapped[UUID] = mapped_column(ForeignKey("outbox_mail.id"), unique=True)
    sample: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (UniqueConstraint("instruction_id", "told", "round", "recipient_id"),)
