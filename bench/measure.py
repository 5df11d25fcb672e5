"""Timing, and printing a table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any


def milliseconds(action: Callable[[], Any], rounds: int, warm: int = 3) -> list[float]:
    """Wall time of each of `rounds` calls after `warm` uncounted ones, in milliseconds."""
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
    texts = [[f"{one:.2f}" if isinstance(one, float) else str(one) for one in row] for row in [head, *rows]]
    widths = [max(len(row[place]) for row in texts) for place in range(len(head))]
    print(f"\n{title}")
    for row in texts:
        first, *others = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]
        print("  " + "  ".join(cells))
