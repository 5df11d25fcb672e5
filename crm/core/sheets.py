"""Tables for spreadsheet programs: the one place that writes CSV, so that no cell is ever taken for a formula.

Its sister `workbooks.py` writes XLSX.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import IO, Any

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\n", "|", "＝", "＋", "－", "＠")
"""With their wide forms, which East Asian versions of the programs take for the same."""

_THEN = r"(?:[^\S\t\n]|[\ufeff\"])*[=+\-@＝＋－＠]"
_WITHIN = re.compile(rf"(?<=[;|\t\n])(?={_THEN})")
_MARK = re.compile(rf"(?:^|(?<=[;|\t\n]))'(?={_THEN}|[|\t\n])")
"""Where a table begins a cell of its own if a program divides it at another sign than ours: in much of Europe that is
the semicolon, and our quotation marks then mean nothing.
"""


def harmless(cell: Any) -> Any:
    """The cell as it is, or marked as text wherever a program would calculate with it. Numbers stay numbers.

    A line within a cell ends with a line feed alone: a bare carriage return would end the row for some readers.
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    begins, text = text.lstrip(" \u00a0\ufeff"), _WITHIN.sub("'", text)
    return f"'{text}" if begins.startswith(_BEGINS_A_FORMULA) else text


def unmarked(text: str) -> str:
    """A cell as it was before it was marked."""
    return _MARK.sub("", text)


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, line_end: str = "\n") -> str:
    """A table as CSV, every cell harmless."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator=line_end)
    writer.writerow([harmless(one) for one in headings])
    writer.writerows([harmless(one) for one in row] for row in rows)
    return target.getvalue()


def write_csv(target: IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """The same into a file, row by row, with the mark by which Excel knows UTF-8."""
    words = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(words, lineterminator="\r\n")
    writer.writerow([harmless(one) for one in headings])
    writer.writerows([harmless(_iso(one)) for one in row] for row in rows)
    words.detach()


def _iso(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="seconds")
    return cell.isoformat() if isinstance(cell, date) else cell
