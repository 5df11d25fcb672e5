"""The tables of PostgreSQL as parts, as COPY writes them: any version of the server reads those of any other.

Everything here acts as the owner of the tables: the second wall would show the application a part of the rows only.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import sql

from crm.backup.parts import Reader, Writer
from crm.backup.refusals import InUse

VERSION = "alembic_version"
"""The table in which the migrations count; restoring runs them, so it is not put back."""

TABLES = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum)
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND c.relname <> %s
GROUP BY c.relname ORDER BY c.relname
"""
KEYS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace ORDER BY conname
"""
OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def save(connection: psycopg.Connection[Any], writer: Writer) -> None:
    """Write every table as it stands at one moment, while people work."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    connection.execute("SET LOCAL row_security = off")  # a login that is not the owner is refused, not shown a part
    for table, columns in connection.execute(TABLES, (VERSION,)).fetchall():
        with connection.cursor().copy(_copy("COPY {} ({}) TO STDOUT", table, columns)) as rows:
            writer.part({"name": table, "columns": columns}, map(bytes, rows))


def _copy(words: str, table: str, columns: Iterable[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(words).format(sql.Identifier(table), names)


def is_empty(connection: psycopg.Connection[Any]) -> bool:
    """Whether there is no table yet."""
    return not connection.execute(TABLES, ("",)).fetchall()


def alone(connection: psycopg.Connection[Any]) -> None:
    """Raises InUse unless nobody else is connected to the database."""
    found = connection.execute(OTHERS).fetchone()
    if found and found[0]:
        raise InUse("Others are connected to the database. Stop web servers, workers and beat first.")


def clear(connection: psycopg.Connection[Any]) -> None:
    """Take every table away."""
    connection.execute("DROP SCHEMA IF EXISTS wall CASCADE")
    for table, _ in connection.execute(TABLES, ("",)).fetchall():
        connection.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.Identifier(table)))


def load(connection: psycopg.Connection[Any], reader: Reader, hold: str, values: tuple[Any, ...]) -> None:
    """Put the rows into tables that stand as they stood, in one transaction; `hold` is run in it, too."""
    keys = connection.execute(KEYS).fetchall()
    tables = [one for one, _ in connection.execute(TABLES, (VERSION,)).fetchall()]
    for table, name, _ in keys:
        connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.SQL(table), sql.Identifier(name)))
    connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, tables))))
    for head, pieces in reader.parts():
        with connection.cursor().copy(_copy("COPY {} ({}) FROM STDIN", head["name"], head["columns"])) as rows:
            for piece in pieces:
                rows.write(piece)
    for table, name, words in keys:
        add = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}")
        connection.execute(add.format(sql.SQL(table), sql.Identifier(name), sql.SQL(words)))
    if "mail_pause" in tables:
        connection.execute("DELETE FROM mail_pause")
        connection.execute(hold, values)
