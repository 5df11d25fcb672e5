"""`python3 run.py bench [pages|letters|reminders|lists|timeline|search|margins|start|visibility|import|million]`."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence

from bench import imports, letters, lists, margins, pages, reminders, search, start, timeline, visibility
from bench.house import KINDS, grown

PARTS = {
    "letters": letters.run,
    "reminders": reminders.run,
    "start": start.run,
    "visibility": visibility.run,
    "import": imports.run,
    "margins": margins.run,
}
BY_SIZE = {"pages": pages, "lists": lists, "timeline": timeline, "search": search}
"""Measured in the same house at the sizes, and on the database, named beside them: `bench lists search sqlite 1000`;
else at the `SIZES` of each on both.
"""

ON_REQUEST = {"million": imports.run_million}
"""What takes so long that it is measured when it is named alone."""


def main(names: list[str]) -> int:
    """Run the named measurements, all of them when none is named."""
    sizes = [int(one) for one in names if one.isdigit()]
    kinds = [one for one in KINDS if one.lower() in names]
    names = [one for one in names if not one.isdigit() and one not in map(str.lower, KINDS)]
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
    by_size(list(dict.fromkeys(name for name in wanted if name in BY_SIZE)), sizes, kinds or KINDS)
    return 0


def by_size(names: Sequence[str], named: Sequence[int], kinds: Sequence[str]) -> None:
    """Fill each house once for all of these measurements, and print their tables when the last row is had. Where no
    sizes are named each is measured at its own.
    """
    sizes = {name: named or BY_SIZE[name].SIZES for name in names}
    for house in grown(sorted(set().union(*sizes.values())), kinds) if names else ():
        for name in names:
            if house.count in sizes[name]:
                BY_SIZE[name].measure(house)
    for name in names:
        for table in BY_SIZE[name].TABLES:
            table.show()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
