"""Tables for spreadsheet programs: the one place that writes CSV, so that no cell is ever taken for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\n", "|", "＝", "＋", "－", "＠")
"""With their wide forms, which East Asian versions of the programs take for the same."""


def harmless(cell: Any) -> Any:
    """The cell as it is, or marked as text where a program would calculate with it. Numbers stay numbers.

    A line within a cell ends with a line feed alone: a bare carriage return would end the row for some readers.
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    begins = text.lstrip(" \u00a0\ufeff")
    return f"'{text}" if begins.startswith(_BEGINS_A_FORMULA) else text


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, line_end: str = "\n") -> str:
    """A table as CSV, every cell harmless."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator=line_end)
    writer.writerow([harmless(one) for one in headings])
    writer.writerows([harmless(one) for one in row] for row in rows)
    return target.getvalue()
