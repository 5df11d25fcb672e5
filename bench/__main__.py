"""`python3 run.py bench [pages|letters|start|visibility …]`: measure all, or what is named."""

from __future__ import annotations

import os
import platform
import sys

from bench import letters, pages, start, visibility

PARTS = {"pages": pages.run, "letters": letters.run, "start": start.run, "visibility": visibility.run}


def main(names: list[str]) -> int:
    """Run the named measurements, all of them when none is named."""
    unknown = set(names) - set(PARTS)
    if unknown:
        print(f"There is no measurement called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
        return 2
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
    for name in names or PARTS:
        PARTS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
