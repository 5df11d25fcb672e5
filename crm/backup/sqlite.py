"""The database of SQLite as one part: a copy of one moment, made while people work."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from crm.backup.parts import PIECE, Reader, Writer
from crm.backup.refusals import CannotOpen, InUse

NAME = "database.sqlite3"


def save(path: Path, writer: Writer) -> None:
    """Write the database as it stands at one moment."""
    with tempfile.TemporaryDirectory(prefix="backup-", dir=path.parent) as folder:  # nobody else may look into it
        copy = Path(folder) / NAME
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        writer.part({"name": NAME}, _read(copy))


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece


def is_empty(path: Path) -> bool:
    """Whether there is nothing yet."""
    if not path.exists():
        return True
    with closing(sqlite3.connect(path)) as found:
        return not found.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def load(path: Path, reader: Reader, hold: str, values: tuple[Any, ...]) -> None:
    """Put what was saved in the place of the database, all of it or nothing; `hold` is run on it before anybody can
    see it. Raises InUse while anything has the database open.
    """
    with tempfile.TemporaryDirectory(prefix="restore-", dir=path.parent) as folder:
        copy = Path(folder) / NAME
        for head, pieces in reader.parts():
            if head.get("name") != NAME:
                raise CannotOpen("It holds something else than a database of SQLite.")
            with copy.open("wb") as target:
                target.writelines(pieces)
        with closing(sqlite3.connect(copy, isolation_level=None)) as source:
            if source.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise CannotOpen("The database in it is damaged.")
            if source.execute("SELECT 1 FROM sqlite_master WHERE name = 'mail_pause'").fetchone():
                source.execute("DELETE FROM mail_pause")
                source.execute(hold.replace("%s", "?"), values)
            alone(path)
            with closing(sqlite3.connect(path)) as target:
                source.backup(target)
    path.chmod(0o600)


def alone(path: Path) -> None:
    """Raises InUse unless nobody else has the database open: the journal can be closed only then."""
    if not path.exists():
        return
    try:
        with closing(sqlite3.connect(path, timeout=1)) as found:
            mode = found.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError:
        mode = ""
    if mode != "delete":
        raise InUse("Something has the database open. Stop web servers, workers and beat first.")
