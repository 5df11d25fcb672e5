"""The table of an instruction as a file: exactly the rows that are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from crm.core import access
from crm.core.errors import NotFound
from crm.core.sheets import write_csv
from crm.core.taken import Taken, taken
from crm.core.workbooks import Sheet, write_xlsx
from crm.instructions.models import Instruction
from crm.instructions.queries import TaskLine
from crm.instructions.rules import LATE_LABELS, STANDING_LABELS
from crm.states.queries import register

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = (
    "Mission", "State", "How far", "Late", "Acknowledged on", "Acknowledged by", "Appointment asked on",
    "Appointment on", "With whom", "Delivered on", "Responsible", "Deliver by", "Report by",
)  # fmt: skip


def _day(value: datetime | None) -> date | str:
    return value.astimezone(ZoneInfo(access.viewer().time_zone)).date() if value else ""


def row_of(line: TaskLine) -> list[Any]:
    """One task as a row of a spreadsheet."""
    return [
        line.mission,
        register().name_today(line.state_iso3),
        STANDING_LABELS[line.standing],
        LATE_LABELS[line.late] if line.late else "",
        _day(line.acknowledged_at),
        line.acknowledged_by,
        _day(line.asked_at),
        line.appointment_on or "",
        line.appointment_with,
        line.happened_on or "",
        line.responsible,
        line.deliver_by,
        line.report_by,
    ]


def file_of(instruction: Instruction, lines: Sequence[TaskLine], ending: str) -> Taken:
    """These rows as CSV or XLSX; raises NotFound for another ending."""
    rows = [row_of(one) for one in lines]
    ways: dict[str, tuple[str, Callable[[IO[bytes]], None]]] = {
        "csv": (CSV, lambda target: write_csv(target, HEADINGS, rows)),
        "xlsx": (XLSX, lambda target: write_xlsx(target, Sheet("Instruction", HEADINGS, rows))),
    }
    if ending not in ways:
        raise NotFound("no such file")
    media_type, write = ways[ending]
    return taken(write, name=f"instruction-{access.today().isoformat()}.{ending}", media_type=media_type)
