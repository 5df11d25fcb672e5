"""A PostgreSQL database brought back to what it held: a clone for each test makes a thousand files, most of them for
tables that the test never touched.

What a table holds is compared, not what was done to it, so nothing that a test commits is overlooked; where the shape
of the database changed, it has to be cloned anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"

_COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
    "AND attgenerated = '' ORDER BY attnum"
)

_SEQUENCES = "SELECT schemaname || '.' || sequencename, last_value FROM pg_sequences ORDER BY 1"

_FIRST_OF_OURS = 16_384
"""What PostgreSQL brings along has smaller numbers."""

_SHAPES = (
    ("pg_class", "oid", "relname, relkind, relowner, relacl, relrowsecurity, relforcerowsecurity"),
    ("pg_attribute", "attrelid", "attrelid, attnum, attname, atttypid, attnotnull, attacl, attgenerated"),
    ("pg_attrdef", "adrelid", "adrelid, adnum, pg_get_expr(adbin, adrelid)"),
    ("pg_constraint", "oid", "conname, contype, convalidated, conbin"),
    ("pg_index", "indexrelid", "indexrelid, indisvalid, indisunique, indkey::text"),
    ("pg_trigger", "oid", "tgname, tgenabled, tgtype, tgfoid"),
    ("pg_policy", "oid", "polname, polcmd, polroles, polqual, polwithcheck"),
    ("pg_proc", "oid", "proname, prosrc, proacl, prosecdef"),
    ("pg_rewrite", "oid", "rulename, ev_action"),
    ("pg_namespace", "oid", "nspname, nspacl"),
)
_SHAPE = " UNION ALL ".join(
    f"SELECT '{catalogue}', count(*), md5(string_agg(ROW({what})::text, '|' ORDER BY {key}, ROW({what})::text)) "
    f"FROM {catalogue} WHERE {key} >= {_FIRST_OF_OURS}"
    for catalogue, key, what in _SHAPES
)


@dataclass(frozen=True)
class Kept:
    """All that a database holds: of each table that holds anything its digest and its rows, as `COPY` gives them."""

    shape: Sequence[Any]
    tables: tuple[str, ...]
    digests: dict[str, str]
    rows: dict[str, bytes]
    sequences: dict[str, int | None]
    columns: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> Kept:
        """What a database holds at this moment."""
        tables = tuple(name for (name,) in connection.execute(_TABLES))
        digests = _digests(connection, tables, tables)
        columns = {name: [one for (one,) in connection.execute(_COLUMNS, (name,))] for name in digests}
        rows = {name: _read(connection, name, columns[name]) for name in digests}
        return cls(_shape(connection), tables, digests, rows, _sequences(connection), columns)

    def into(self, connection: psycopg.Connection[Any]) -> bool:
        """Make another database of the same shape hold this; False, with nothing done, where its shape is another."""
        if _shape(connection) != self.shape:
            return False
        changed = self._changed(connection)
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            for name in changed:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
                if name in self.rows:
                    _write(connection, name, self.columns[name], self.rows[name])
            for name, value in _sequences(connection).items():
                if value != self.sequences[name]:
                    _set(connection, name, self.sequences[name])
        if changed:
            _forget_size(connection, changed)
        return True

    def _changed(self, connection: psycopg.Connection[Any]) -> list[str]:
        found = _digests(connection, self.tables, self.digests)
        return [name for name in self.tables if found.get(name) != self.digests.get(name)]


def _shape(connection: psycopg.Connection[Any]) -> list[Any]:
    return connection.execute(_SHAPE).fetchall()


def _digests(connection: psycopg.Connection[Any], tables: Iterable[str], whole: Iterable[str]) -> dict[str, str]:
    """Of each table that holds anything; of those that are not asked as a `whole` only that they do."""
    whole = set(whole)
    rows = sql.SQL(
        "SELECT {name}, md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {table} t HAVING count(*) > 0"
    )
    any_row = sql.SQL("SELECT {name}, 'something' WHERE EXISTS (SELECT 1 FROM {table})")
    parts = [
        (rows if name in whole else any_row).format(name=sql.Literal(name), table=sql.Identifier(name))
        for name in tables
    ]
    return dict(connection.execute(sql.SQL(" UNION ALL ").join(parts)).fetchall())


def _named(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _read(connection: psycopg.Connection[Any], table: str, columns: list[str]) -> bytes:
    asked = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT binary)").format(sql.Identifier(table), _named(columns))
    with connection.cursor().copy(asked) as copy:
        return b"".join(bytes(part) for part in copy)


def _write(connection: psycopg.Connection[Any], table: str, columns: list[str], rows: bytes) -> None:
    asked = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(sql.Identifier(table), _named(columns))
    with connection.cursor().copy(asked) as copy:
        copy.write(rows)


def _sequences(connection: psycopg.Connection[Any]) -> dict[str, int | None]:
    return dict(connection.execute(_SEQUENCES).fetchall())


def _set(connection: psycopg.Connection[Any], sequence: str, value: int | None) -> None:
    connection.execute("SELECT setval(%s::regclass, %s, %s)", (sequence, value or 1, value is not None))


def _forget_size(connection: psycopg.Connection[Any], tables: list[str]) -> None:
    """Nothing is known of how much these tables hold, as in a database that has just been made."""
    connection.execute(sql.SQL("VACUUM {}").format(_named(tables)))
    connection.execute("SET allow_system_table_mods = on")
    oids = [f"public.{name}" for name in tables]
    connection.execute("DELETE FROM pg_statistic WHERE starelid = ANY(%s::regclass[])", (oids,))
    connection.execute(
        "UPDATE pg_class c SET reltuples = -1, relpages = 0, relallvisible = 0 FROM unnest(%s::regclass[]) t (oid) "
        "WHERE c.oid = t.oid OR c.oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = t.oid)",
        (oids,),
    )
