"""Figures over few States are not shown, nor the totals from which they could be worked out.

With a small figure go the totals of its row and column and the grand total: then every sum that is shown is one
of figures that are shown, and nothing can be subtracted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

FEWEST = 3
"""Figures over fewer States than this are suppressed; none at all is no secret."""

TOTAL = ""
"""The key of the row and of the column of totals."""


@dataclass(frozen=True)
class Table:
    """Rows × columns of numbers, None where one is suppressed. `TOTAL` names the row and the column of totals."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], int | None]

    def __getitem__(self, place: tuple[str, str]) -> int | None:
        return self.cells[place]


def suppressed(
    counts: Mapping[tuple[str, str], int], rows: Collection[str], columns: Collection[str], fewest: int = FEWEST
) -> Table:
    """The table of these counts with its totals, safe to be shown."""
    cells: dict[tuple[str, str], int | None] = {}
    for row in rows:
        for column in columns:
            number = counts.get((row, column), 0)
            cells[row, column] = None if 0 < number < fewest else number
    for row in rows:
        cells[row, TOTAL] = _sum([cells[row, column] for column in columns])
    for column in (*columns, TOTAL):
        cells[TOTAL, column] = _sum([cells[row, column] for row in rows])
    return Table((*rows, TOTAL), (*columns, TOTAL), cells)


def _sum(numbers: Collection[int | None]) -> int | None:
    """Their sum, None as soon as one of them is suppressed."""
    shown = [number for number in numbers if number is not None]
    return sum(shown) if len(shown) == len(numbers) else None
