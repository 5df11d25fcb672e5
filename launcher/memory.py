"""A folder in memory for what the tests write: a disk would make them wait, and nothing of it is kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.locks import FolderLock, remove_abandoned

PLACE = Path("/dev/shm")
PREFIX = "demarche-tests-"
ROOM = 3 * 2**30
"""Bytes that must be free, in the folder and in the machine; a run needs about a third of them."""


def roomy(place: Path = PLACE, room: int = ROOM) -> bool:
    """Whether programs may write and be started there, and there is room enough."""
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return False
    found = os.statvfs(place)
    return not found.f_flag & os.ST_NOEXEC and min(found.f_bavail * found.f_frsize, _unused()) >= room


@contextmanager
def folder(place: Path = PLACE, room: int = ROOM) -> Iterator[Path | None]:
    """A new folder in memory, gone at the end; None where there is no room for it.

    Those of runs that were cut off are removed first. Others may go through it and see nothing: the database
    server of a test runs as another user when we are root.
    """
    if not roomy(place, room):
        yield None
        return
    remove_abandoned(place, PREFIX, os.geteuid())
    made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
    lock = FolderLock(made / "lock")
    lock.take()
    made.chmod(0o711)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
        lock.release()


def _unused() -> int:
    """Bytes of memory that the machine could still give away; 0 where it does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), 0)
