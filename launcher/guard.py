"""Ends what we started when we are gone without having done it ourselves.

A script of its own, never imported. It reads lines from the process that started it: `+PID SIGNAL` for a
program that leads a session, `-PID` when that has ended. When the other end of the pipe closes, however
that came about, it sends each program its signal, waits a while and ends whole sessions.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

GRACE = 10.0
"""Seconds that the programs have to end by themselves."""


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # it ends with the pipe, not before
    programs: dict[int, int] = {}
    for line in sys.stdin:
        if line.startswith("+"):
            leader, number = line[1:].split()
            programs[int(leader)] = int(number)
        else:
            programs.pop(int(line[1:]), None)
    for pid, ending in programs.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, ending)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(is_there(pid) for pid in programs):
        time.sleep(0.1)
    for pid in programs:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def is_there(session: int) -> bool:
    """Whether a process of the session is left."""
    try:
        os.killpg(session, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    main()
