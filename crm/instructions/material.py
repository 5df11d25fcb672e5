"""Files that go with an instruction: keep one, hand it out, take it away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from crm.audit.service import Event, record
from crm.core.access import SYSTEM, Handling, Viewer, claim_for_real, looking_as
from crm.core.db import db, locked
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.files import service as files
from crm.files.intake import CheckedFile
from crm.files.models import StoredFile
from crm.files.rules.kinds import LABELS
from crm.instructions.models import Instruction, InstructionMaterial

MOST = 20
"""Files of one instruction."""


@dataclass(frozen=True)
class MaterialLine:
    """One file in the list of an instruction."""

    id: UUID
    instruction_id: UUID
    name: str
    what: str
    kind: str
    media_type: str
    size: int
    sha256: str
    added_at: datetime
    added_by: str
    sample: bool


def material_of(instruction_id: UUID) -> list[MaterialLine]:
    """What goes with an instruction, oldest first; nothing where it is not for this viewer."""
    wanted = select(InstructionMaterial).where(InstructionMaterial.instruction_id == instruction_id)
    found = db.session.scalars(wanted.order_by(InstructionMaterial.added_at, InstructionMaterial.id)).all()
    return lines_of(found)


def lines_of(found: Sequence[InstructionMaterial]) -> list[MaterialLine]:
    """Files as a list shows them. Looks as the system for what is known of their bytes."""
    if not found:
        return []
    with looking_as(SYSTEM):
        rows = db.session.scalars(select(StoredFile).where(StoredFile.id.in_([one.file_id for one in found])))
        kept = {one.id: one for one in rows}
    return [
        MaterialLine(
            id=one.id,
            instruction_id=one.instruction_id,
            name=kept[one.file_id].name,
            what=one.what,
            kind=LABELS[kept[one.file_id].media_type],
            media_type=kept[one.file_id].media_type,
            size=kept[one.file_id].size,
            sha256=kept[one.file_id].sha256,
            added_at=one.added_at,
            added_by=one.added_by,
            sample=one.sample,
        )
        for one in found
    ]


def get_material(material_id: UUID) -> InstructionMaterial:
    """One file; NotFound when absent or not for this viewer."""
    found = db.session.scalar(select(InstructionMaterial).where(InstructionMaterial.id == material_id))
    if found is None:
        raise NotFound("no such file")
    return found


def hand_out(material_id: UUID) -> StoredFile:
    """The file with its bytes; raises NotFound when absent or not for this viewer."""
    found = get_material(material_id)
    stored = files.behind([found.file_id])[found.file_id]
    if not files.is_intact(stored):
        raise RuntimeError(f"the bytes of stored file {stored.id} are not those that were kept")
    return stored


def add_material(*, actor: Viewer, instruction_id: UUID, file: CheckedFile, what: str = "") -> InstructionMaterial:
    """Keep a file with an instruction of the own party.

    Raises NotAllowed, NotFound, and RuleViolation for one file too many and for one that was withdrawn.
    """
    instruction = _own(actor, instruction_id)
    wanted = select(func.count()).select_from(InstructionMaterial)
    if (db.session.scalar(wanted.where(InstructionMaterial.instruction_id == instruction_id)) or 0) >= MOST:
        raise RuleViolation("file", f"An instruction holds up to {MOST} files. Take one away first.")
    claim_for_real(instruction, actor)
    stored = files.keep_sent(file, originator_id=instruction.originator_id, field="file", sample=instruction.sample)
    db.session.flush()
    added = InstructionMaterial(
        instruction_id=instruction.id, file_id=stored.id, what=what, added_by=actor.name, sample=instruction.sample
    )
    db.session.add(added)
    db.session.flush()
    _record(Event.MATERIAL_ADDED, actor, instruction, stored)
    return added


def remove_material(*, actor: Viewer, material_id: UUID) -> UUID:
    """Take a file away, its bytes too; answers the instruction it went with."""
    found = get_material(material_id)
    instruction = _own(actor, found.instruction_id)
    claim_for_real(instruction, actor)
    stored = files.behind([found.file_id])[found.file_id]
    _record(Event.MATERIAL_REMOVED, actor, instruction, stored)
    db.session.delete(found)
    db.session.flush()
    db.session.delete(stored)
    db.session.flush()
    return instruction.id


def _own(actor: Viewer, instruction_id: UUID) -> Instruction:
    actor.require("instructions:write")
    instruction = locked(Instruction, instruction_id)
    if instruction is None:
        raise NotFound("no such instruction")
    if instruction.originator_id != actor.party_id:
        raise NotAllowed("an instruction of another party")
    if instruction.withdrawn_at:
        raise RuleViolation("", "This instruction was withdrawn.")
    return instruction


def _record(event: Event, actor: Viewer, instruction: Instruction, stored: StoredFile) -> None:
    record(
        event,
        actor=actor,
        subject=("instruction", instruction.id),
        originator_id=instruction.originator_id,
        handling=Handling.ORIGINATOR,
        media_type=stored.media_type,
        size=stored.size,
        sha256=stored.sha256,
    )
