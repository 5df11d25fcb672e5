"""Taking a backup and bringing one back. Both are for the operator, at the command line.

What a backup tells is old: mail that waited in it may have gone out since. So a database that is brought back begins
with its mail paused, everything that was due by then is written into the outbox and marked as unknown, and nothing of
it goes out unless somebody decides so, mail by mail.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import psycopg
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from flask_migrate import upgrade
from sqlalchemy import URL
from sqlalchemy.engine import make_url

import config
from crm.accounts.service import end_keys_of_everybody
from crm.audit import chain
from crm.audit.service import record
from crm.audit.vocabulary import Event
from crm.backup import postgres, sealing, sqlite
from crm.backup.parts import PIECE, Reader, Writer
from crm.backup.planning import PLANNERS
from crm.backup.refusals import CannotOpen, Refused
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.mail import deciding, pausing

OPERATOR = replace(SYSTEM, name="the operator")
MIGRATIONS = str(config.ROOT / "migrations")
WHY = "A backup was brought back. Look at the mails of unknown outcome first."
HOLD = """INSERT INTO mail_pause (name, reason, since, "by", restored) VALUES (%s, %s, %s, %s, %s)"""


@dataclass(frozen=True)
class Taken:
    """A file with its fingerprint and the size of what is in it."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Restored:
    """What was brought back: when it was taken, how many mails somebody has to decide on, what the audit says."""

    taken_at: datetime
    undecided: int
    entries: int
    fault: str


def take(path: Path, heading: bytes, recipients: Sequence[Any]) -> Taken:
    """Write a sealed backup, all of it or none: under its name only once it is whole and on the disk.

    Nobody but its owner may read it. Raises Refused where there is a file of that name. Notes it as the system: the
    operator has no account.
    """
    if path.exists():
        raise Refused(f"{path} is there already.")
    unfinished = path.with_name(path.name + ".unfinished")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Refused(f"{unfinished} is there: another backup is under way, or was cut off; then remove it.") from None
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(heading)
            with sealing.sealing(target, recipients) as inside:
                size = _save(inside)
            target.flush()
            os.fsync(target.fileno())
        fingerprint = _fingerprint(unfinished)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(path.parent)
    with looking_as(SYSTEM), unit_of_work():
        record(Event.BACKUP_TAKEN, actor=OPERATOR, subject=("function", "backup"), sha256=fingerprint, size=size)
    return Taken(fingerprint, size)


def _save(target: IO[bytes]) -> int:
    url = _url()
    whole = {"kind": url.get_backend_name(), "taken_at": clock.now().isoformat(), "revision": _revision()}
    writer = Writer(target, whole)
    if url.get_backend_name() == "sqlite":
        sqlite.save(_file(url), writer)
    else:
        with _connected(url) as connection:
            postgres.save(connection, writer)
    writer.end()
    return writer.size


def check(source: IO[bytes], open_with: Callable[[bytes], list[Any]]) -> dict[str, Any]:
    """Read a backup to its end; what it says of itself. Raises CannotOpen for one that is not whole, or of another kind
    of database, or of a later version.
    """
    with _opened(source, open_with) as reader:
        for _, pieces in reader.parts():
            for _ in pieces:
                pass
        whole = reader.whole
    kind = _url().get_backend_name()
    if whole.get("kind") != kind:
        raise CannotOpen(f"It was taken of {whole.get('kind')}, and this database is {kind}.")
    try:
        ScriptDirectory(MIGRATIONS).get_revision(whole["revision"])
    except CommandError:
        raise CannotOpen("It was taken by a later version of Demarche: bring this one up to date first.") from None
    return whole


def restore(source: IO[bytes], open_with: Callable[[bytes], list[Any]], *, anew: bool) -> Restored:
    """Bring a backup back into an empty database, or with `anew` in the place of what is there.

    The file is read to its end before anything is touched. Raises Refused. Looks as the system: the operator has no
    account.
    """
    whole = check(source, open_with)
    fingerprint = _fingerprint_of(source)
    taken_at = datetime.fromisoformat(whole["taken_at"])
    db.session.remove()
    db.engine.dispose()
    with _opened(source, open_with) as reader:
        _load(reader, whole["revision"], anew)
    upgrade(directory=MIGRATIONS)
    undecided = _settle(taken_at, fingerprint)
    with looking_as(SYSTEM):
        found = chain.verify()
    return Restored(taken_at, undecided, found.entries, found.fault or "")


def _load(reader: Reader, revision: str, anew: bool) -> None:
    url = _url()
    hold = (pausing.ALL, WHY, clock.now().isoformat(sep=" "), OPERATOR.name, True)
    if url.get_backend_name() == "sqlite":
        path = _file(url)
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_full(sqlite.is_empty(path), anew)
        sqlite.load(path, reader, HOLD, hold)
        return
    with _connected(url) as connection:
        postgres.alone(connection)
        _refuse_full(postgres.is_empty(connection), anew)
        postgres.clear(connection)
    upgrade(directory=MIGRATIONS, revision=revision)
    db.engine.dispose()
    with _connected(url) as connection:
        postgres.load(connection, reader, HOLD, hold)


def _refuse_full(empty: bool, anew: bool) -> None:
    if not empty and not anew:
        raise Refused("There is a database already. To put the backup in its place, say --replace.")


def _settle(taken_at: datetime, fingerprint: str) -> int:
    """Pause mail, write down what fell due by now, and mark all of it: it may have gone out since. How many these are.

    Whatever opens an account ends: what was ended since the backup would be open again.
    """
    with looking_as(SYSTEM):
        with unit_of_work():
            pausing.hold(by=OPERATOR.name, reason=WHY)
        for planner in PLANNERS.values():
            more = True
            while more:
                with unit_of_work():
                    more = planner()
        with unit_of_work():
            undecided = deciding.doubt(taken_at, clock.now())
            end_keys_of_everybody()
            record(
                Event.BACKUP_RESTORED,
                actor=OPERATOR,
                subject=("function", "restore"),
                sha256=fingerprint,
                taken_at=taken_at.isoformat(),
                undecided=undecided,
            )
    return undecided


@contextmanager
def _opened(source: IO[bytes], open_with: Callable[[bytes], list[Any]]) -> Iterator[Reader]:
    source.seek(0)
    keys = open_with(source.readline(sealing.LONGEST_HEADING))
    with sealing.opening(source, keys) as inside:
        yield Reader(inside)


def _url() -> URL:
    settings: config.Settings = current_app.extensions["settings"]
    return make_url(settings.database_url)


def _file(url: URL) -> Path:
    return Path(url.database or "")


def _connected(url: URL) -> psycopg.Connection[Any]:
    """A connection of the login itself, not of the application's role: it ends with what was done committed."""
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, client_encoding="utf8")


def _revision() -> str:
    """At which migration the database stands."""
    with db.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        raise Refused("There is nothing to save yet: run `flask --app wsgi install` first.")
    return found


def _fingerprint(path: Path) -> str:
    with path.open("rb") as source:
        return _fingerprint_of(source)


def _fingerprint_of(source: IO[bytes]) -> str:
    source.seek(0)
    found = hashlib.sha256()
    while piece := source.read(PIECE):
        found.update(piece)
    return found.hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
