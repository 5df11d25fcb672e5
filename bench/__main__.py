"""`python3 run.py bench [pages|letters|lists|timeline|start|visibility|search|import|million …]`: all, or some."""

from __future__ import annotations

import os
import platform
import sys

from bench import imports, letters, lists, pages, search, start, timeline, visibility

PARTS = {"letters": letters.run, "start": start.run, "visibility": visibility.run, "import": imports.run}
BY_SIZE = {"pages": pages.run, "lists": lists.run, "timeline": timeline.run, "search": search.run}
"""Measured at the sizes named beside them, if any are named: `bench lists 1000 20000`."""

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
    for name in names or known:
        if name in BY_SIZE:
            BY_SIZE[name](*([sizes] if sizes else []))
        else:
            (PARTS | ON_REQUEST)[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
