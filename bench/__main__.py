"""`python3 run.py bench [pages|letters|lists|timeline|start|visibility|search|import|million …]`: all, or some."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence

from bench import imports, letters, lists, pages, search, start, timeline, visibility
from bench.house import SIZES, grown

PARTS = {"letters": letters.run, "start": start.run, "visibility": visibility.run, "import": imports.run}
BY_SIZE = {"pages": pages, "lists": lists, "timeline": timeline, "search": search}
"""Measured in the same house at the sizes named beside them: `bench lists search 1000 20000`; else at `SIZES`."""

ON_REQUEST = {"million": imports.run_million}
"""What takes so long that it is measured when it is named alone."""


def main(names: list[str]) -> int:
    """Run the named measurements, all of them when none is named."""
    sizes = [int(one) for one in names if one.isdigit()]
    names = [one for one in names if not one.isdigit()]
    known = [*PARTS, *BY_SIZE]
    unknown = set(names) - set(known) - set(ON_REQUEST)
    if unknown:
        there_are = ", ".join([*known, *ON_REQUEST])
        print(f"There is no measurement called {', '.join(sorted(unknown))}; there are {there_are}.")
        return 2
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
    wanted = names or known
    for name in wanted:
        if name not in BY_SIZE:
            (PARTS | ON_REQUEST)[name]()
    by_size(list(dict.fromkeys(name for name in wanted if name in BY_SIZE)), sizes or SIZES)
    return 0


def by_size(names: Sequence[str], sizes: Sequence[int]) -> None:
    """Fill each house once for all of these measurements, and print their tables when the last row is had."""
    for house in grown(sizes) if names else ():
        for name in names:
            BY_SIZE[name].measure(house)
    for name in names:
        for table in BY_SIZE[name].TABLES:
            table.show()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
