"""Tables as XLSX, written row by row: what is held does not grow with the table.

A cell is a text, a number, a day or a moment and never a formula: what begins like one is kept as the text it is. A
workbook knows no zones: a moment stands in it as it is told in the zone that it came with, which its heading names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576
"""A sheet has no more."""

LONGEST_TEXT = 32_767
"""A cell holds no more characters."""

CUT_OFF = "Cut off: a sheet has no more rows. Take the list as CSV, or narrow it."

_EPOCH = date(1900, 1, 1)
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Said to be the time of every file: the same list gives the same bytes."""

_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot hold."""

_PLAIN = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its name, its headings and what stands under them."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True)
class _Days:
    """How a day and a moment look in a workbook."""

    day: Format
    moment: Format


def write_xlsx(target: IO[bytes], *sheets: Sheet) -> None:
    """Sheets with a row of headings that stays in sight; what is longer than a sheet says so in its last row."""
    with xlsxwriter.Workbook(target, _PLAIN) as book:
        book.set_properties({"created": _NO_TIME})
        days = _Days(*(book.add_format({"num_format": one}) for one in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss")))
        bold = book.add_format({"bold": True})
        for one in sheets:
            _fill(book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", one.title)[:31].strip("'")), one, bold, days)


def _fill(sheet: Worksheet, given: Sheet, bold: Format, days: _Days) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(given.headings) - 1, 0), 24)
    sheet.write_row(0, 0, given.headings, bold)
    for number, row in enumerate(given.rows, start=1):
        if number == MOST_ROWS - 1:
            sheet.write_string(number, 0, CUT_OFF)
            break
        for place, value in enumerate(row):
            _write(sheet, number, place, value, days)


def _write(sheet: Worksheet, row: int, column: int, value: Any, days: _Days) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None, microsecond=0), days.moment)
    elif isinstance(value, date) and value >= _EPOCH:
        sheet.write_datetime(row, column, value, days.day)
    elif isinstance(value, int) and not isinstance(value, bool):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, _UNWRITABLE.sub("", str(value))[:LONGEST_TEXT])
