"""Timing, and printing a table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


def milliseconds(action: Callable[[], Any], rounds: int, warm: int = 12) -> list[float]:
    """Wall time of each of `rounds` calls after `warm` uncounted ones, in milliseconds.

    PostgreSQL plans a statement anew ten times before it settles on a plan.
    """
    for _ in range(warm):
        action()
    found = []
    for _ in range(rounds):
        begun = time.perf_counter()
        action()
        found.append((time.perf_counter() - begun) * 1000)
    return found


def median_p95(times: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    return statistics.median(times), statistics.quantiles(times, n=20)[18]


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table with aligned columns."""
    texts = [[*map(in_words, row)] for row in [head, *rows]]
    widths = [max(len(row[place]) for row in texts) for place in range(len(head))]
    print(f"\n{title}")
    for row in texts:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
        print("  " + "  ".join(cells), flush=True)


def in_words(cell: Any) -> str:
    """A cell as it is printed."""
    return f"{cell:.2f}" if isinstance(cell, float) else str(cell)


@dataclass
class Table:
    """A table that says each row as soon as it is measured, and all of it at the end."""

    title: str
    head: Sequence[str]
    rows: list[Sequence[Any]] = field(default_factory=list)

    def add(self, row: Sequence[Any]) -> None:
        """One more row."""
        self.rows.append(row)
        said = (f"{name} {in_words(cell)}" for name, cell in zip(self.head, row, strict=True))
        print("· " + ", ".join(said), flush=True)

    def show(self) -> None:
        """Print what was measured, if anything was."""
        if self.rows:
            show(self.title, self.head, self.rows)
