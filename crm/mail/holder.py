"""Who holds a lease, and whether that process is known to be dead.

A lease protects a slow worker from being overtaken. A worker that was killed needs no such protection: when
its process is gone from this machine, its mails are free at once. Of other machines nothing is known, so
there the lease runs out.
"""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path


def sign() -> str:
    """A name for one drain of this process: machine, process, its start, and a random end."""
    return "|".join((socket.gethostname(), str(os.getpid()), _started(os.getpid()), secrets.token_hex(4)))


def is_dead(holder: str) -> bool:
    """Whether the process behind a lease is certainly gone: it ran on this machine and does not any more."""
    parts = holder.split("|")
    if len(parts) != 4 or parts[0] != socket.gethostname() or not parts[1].isdigit():
        return False
    number = int(parts[1])
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _is_zombie(number) or _started(number) != parts[2]


def _status(number: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name, empty where there is no such thing."""
    try:
        return Path(f"/proc/{number}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _started(number: int) -> str:
    """When a process started, in ticks since the machine did; "" where the system does not say."""
    fields = _status(number)
    return fields[19] if len(fields) > 19 else ""


def _is_zombie(number: int) -> bool:
    return _status(number)[:1] == ["Z"]
