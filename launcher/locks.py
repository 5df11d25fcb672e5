"""Locks between processes: two runs never share a folder, two set-ups wait for each other."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from pathlib import Path
from types import TracebackType


class Held(Exception):
    """Another process holds the lock; the text is the note that it left."""


class FolderLock:
    """A lock that ends with its process, however that ends; the file itself stays and means nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def take(self, note: str = "") -> None:
        """Take the lock and leave a note for others; raises Held with the holder's note."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with os.fdopen(file, encoding="utf-8") as other:
                raise Held(other.read().strip()) from None
        self._file = file
        self.note(note)

    def note(self, text: str) -> None:
        """Leave another note while the lock is held."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, text.encode(), 0)

    def release(self) -> None:
        """Let the lock go; nothing happens when it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def remove_abandoned(parent: Path, prefix: str, owner: int) -> None:
    """Remove the folders of this user with this prefix whose `lock` nobody holds: their runs were cut off."""
    for left in parent.glob(prefix + "*"):
        if left.is_symlink() or left.stat().st_uid != owner:
            continue
        lock = FolderLock(left / "lock")
        try:
            lock.take()
        except (Held, OSError):
            continue
        shutil.rmtree(left, ignore_errors=True)
        lock.release()


class Turn:
    """Waits for its turn at a lock: `with Turn(path, "Waiting for …"):`."""

    def __init__(self, path: Path, waiting: str) -> None:
        self._lock = FolderLock(path)
        self._waiting = waiting

    def __enter__(self) -> None:
        told = False
        while True:
            try:
                return self._lock.take(f"process {os.getpid()}")
            except Held:
                if not told:
                    print(f"  {self._waiting}", flush=True)
                    told = True
                time.sleep(0.2)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
