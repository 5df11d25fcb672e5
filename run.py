#!/usr/bin/env python3
"""The one command of this project: sets everything up and starts it. `python3 run.py help` lists the words.

Standard library only, and no recent syntax: an older Python must get as far as saying so.
"""

import os
import shutil
import sys

OLDEST = (3, 11)


def newer_python() -> "str | None":
    """The path of a Python on this machine that is new enough, or None."""
    for minor in range(20, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    return None


def main() -> int:
    if os.name != "posix":
        sys.exit("Demarche runs on Linux and macOS. On Windows start it inside WSL: wsl python3 run.py")
    if sys.version_info < OLDEST:
        other = newer_python()
        if other:
            os.execv(other, [other, os.path.abspath(__file__), *sys.argv[1:]])
        sys.exit(f"Demarche needs Python 3.11 or newer, and this is {sys.version.split()[0]}. Install a newer one.")
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from launcher import words

    return words.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
