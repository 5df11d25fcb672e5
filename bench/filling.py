"""Many activities written past the models, as a database takes them fastest: rows first, then indexes and words."""

from __future__ import annotations

import gc
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select, text

from bench.activities import COLUMNS, Author, Rows
from crm.accounts import service
from crm.accounts.models import Party, PartyKind
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.states.queries import register
from tests.support.wall import as_owner

CHUNK = 20_000
PARTIES = {"Austria": "AUT", "Ireland": "IRL", "Mexico": "MEX", "New Zealand": "NZL", "Norway": "NOR", "Zambia": "ZMB"}

Put = Callable[[str, Sequence[tuple[Any, ...]]], None]


def author() -> Author:
    """Whoever writes for every party of this house, those of `PARTIES` among them."""
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        known = set(session.scalars(select(Party.name)))
        for name, iso3 in PARTIES.items():
            if name not in known:
                service.open_party(name=name, kind=PartyKind.GOVERNMENT, state_iso3=iso3)
    with access.looking_as(access.SYSTEM):
        parties = db.session.scalars(select(Party.id).order_by(Party.name)).all()
        known_states = register().states
        states = {one: (register().name_today(one), " ".join(known_states[one].called)) for one in sorted(known_states)}
        db.session.remove()
    return Author(parties, states)


def fill(writer: Author, start: int, count: int, say: Callable[[str], None]) -> None:
    """Add the activities from one number to another, their words too, and bring the statistics up to date."""
    db.session.remove()
    on_sqlite = db.engine.dialect.name == "sqlite"
    begun = time.monotonic()
    gc.freeze()  # nothing that is made here refers to itself: looking for that took a fifth of the time
    with (_sqlite if on_sqlite else _postgresql)() as put:
        for first in range(start, count, CHUNK):
            rows: Rows = writer.write(range(first, min(first + CHUNK, count)))
            for table in COLUMNS:
                put(table, getattr(rows, table))
            if (first - start) % (CHUNK * 5) == 0:
                say(f"{first:,} of {count:,} after {time.monotonic() - begun:.0f} s")
        say(f"rows are there after {time.monotonic() - begun:.0f} s, indexes follow")
    with as_owner() as connection:
        connection.execute(text("ANALYZE"))
    say(f"{count:,} activities after {time.monotonic() - begun:.0f} s")


@contextmanager
def _postgresql() -> Iterator[Put]:
    """COPY without triggers and without the indexes that are not keys, in one transaction."""
    with as_owner() as connection:
        run = connection.exec_driver_sql
        run("SET LOCAL session_replication_role = replica")
        run("SET LOCAL maintenance_work_mem = '512MB'")
        names = ", ".join(f"'{one}'" for one in COLUMNS)
        indexes = run(
            "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = 'public' AND "
            f"i.tablename IN ({names}) AND i.indexname NOT IN (SELECT conname FROM pg_constraint)"
        ).all()
        for name, _ in indexes:
            run(f"DROP INDEX {name}")
        cursor: Any = connection.connection.cursor()

        def put(table: str, rows: Sequence[tuple[Any, ...]]) -> None:
            with cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as copy:
                copy.write("".join("\t".join(map(_copied, row)) + "\n" for row in rows))

        yield put
        for _, definition in indexes:
            run(definition)
    _tidy_up()


def _tidy_up() -> None:
    """What is visible to everybody is read from an index alone, as in a house that has grown slowly."""
    borrowed = db.engine.raw_connection()
    driver: Any = borrowed.driver_connection
    driver.autocommit = True
    driver.execute("SET ROLE NONE")
    driver.execute("VACUUM")
    borrowed.invalidate()


def _copied(value: Any) -> str:
    """A value in the text of COPY."""
    return value.replace("\\", "\\\\").replace("\n", "\\n") if isinstance(value, str) else str(value)


@contextmanager
def _sqlite() -> Iterator[Put]:
    """One connection of its own that waits for no disk, without triggers and without indexes that are not keys."""
    path = db.engine.url.database
    assert path
    db.engine.dispose()
    connection = sqlite3.connect(path, isolation_level=None)
    run = connection.execute
    for pragma in ("journal_mode=DELETE", "journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        run(f"PRAGMA {pragma}").fetchall()
    run("BEGIN")
    names = ", ".join(f"'{one}'" for one in COLUMNS)
    made = run(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('index', 'trigger') "
        f"AND tbl_name IN ({names})"
    ).fetchall()
    for what, name, _ in made:
        run(f"DROP {what} {name}")

    def put(table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        columns = COLUMNS[table]
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    try:
        yield put
        for _, _, definition in made:
            run(definition)
        run("INSERT INTO search_word (search_word) VALUES ('rebuild')")
        run("COMMIT")
        run("PRAGMA journal_mode=WAL").fetchall()
    finally:
        connection.close()
