"""Lines that could not be taken over, as a file to be put right and sent again; and a table to begin with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO
from uuid import UUID

from sqlalchemy import select

from crm.activities.types import ACTIVITY_TYPES
from crm.core.db import db
from crm.core.sheets import write_csv
from crm.core.workbooks import Sheet, write_xlsx
from crm.imports.columns import LABELS, TARGETS
from crm.imports.models import SpreadsheetImport, SpreadsheetRow
from crm.imports.rules.columns import PROBLEM
from crm.imports.rules.course import SENT_BACK
from crm.imports.words import Words

CSV, XLSX = "csv", "xlsx"
MEDIA_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_LINES = 100_000
"""So many lines go into one file: it is hashed for the audit before the first byte leaves. The rest comes with the
next one, once these are put right.
"""

_AT_ONCE = 500
_EXAMPLE = {
    "state": "Bhutan", "held_on": "2026-03-12", "person_name": "Karma Example",
    "person_title": "Director, Multilateral Department", "person_level": "Director", "place": "Thimphu",
    "reply": "Supports the aims; the ministry has two officers for all treaties.", "obstacle": "Human resources",
    "next_action": "Send the ratification kit", "next_action_due": "2030-04-12", "paper_left": "Non-paper",
    "handling": "Coordination",
}  # fmt: skip


def failed_lines(made: SpreadsheetImport, kind: str, target: IO[bytes]) -> None:
    """Write the lines to be put right under the headings of their own file, and behind them what is wrong."""
    headings = [*made.head["headings"], PROBLEM]
    _write(kind, target, headings, _failed(made.id, len(headings) - 1))


def _failed(import_id: UUID, width: int) -> Iterator[list[str]]:
    after, left = 0, MOST_LINES
    while left > 0:
        wanted = (
            select(SpreadsheetRow.line, SpreadsheetRow.cells, SpreadsheetRow.problems)
            .where(SpreadsheetRow.import_id == import_id, SpreadsheetRow.line > after)
            .where(SpreadsheetRow.fate.in_([one.value for one in SENT_BACK]))
            .order_by(SpreadsheetRow.line)
            .limit(min(_AT_ONCE, left))
        )
        rows = db.session.execute(wanted).all()
        for line, cells, problems in rows:
            after = line
            told = " ".join(f"{LABELS[name]}: {text}" if name in LABELS else text for name, text in problems)
            yield [*cells, *[""] * (width - len(cells)), told]
        left -= len(rows)
        if len(rows) < _AT_ONCE:
            return


def template(kind: str, target: IO[bytes]) -> None:
    """Write a table with every column, and one line that shows how it is meant."""
    example = {**_EXAMPLE, "kind": ACTIVITY_TYPES["capital_visit"].label}
    rows = [[example.get(one.key, "") for one in TARGETS]]
    _write(kind, target, [one.label for one in TARGETS], rows, _explained())


def _write(kind: str, target: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[str]], *more: Sheet) -> None:
    """A table; a workbook has room for further sheets."""
    if kind == CSV:
        write_csv(target, headings, rows)
    else:
        write_xlsx(target, Sheet("Activities", headings, rows), *more)


def _explained() -> Sheet:
    """The words that are understood, column by column."""
    examples = {
        "state": "Any name, past or present, in English, French or Spanish, or the ISO code.",
        "held_on": "2026-03-12, 12 March 2026, 12 mars 2026, March 2026, 2026.",
        "next_action_due": "A day, as under Date. With a next action it must be given.",
        "next_action_owner_id": "A colleague or a mission of yours, as far as one alone is called so; empty for you.",
        "handling": f"Narrows what was chosen for all: {Words().examples['handling']}.",
        **{key: text for key, text in Words().examples.items() if key != "handling"},
    }
    rows = [(one.label, examples.get(one.key, "Text.")) for one in TARGETS]
    return Sheet("What may stand where", ("Column", "What may stand there"), rows)
