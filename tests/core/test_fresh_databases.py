"""What a test commits on PostgreSQL, the next test does not see, whatever it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.support.databases import Postgres, Sqlite
from tests.support.restoring import Kept

DIRT = {
    "rows in an empty table": 'INSERT INTO restricted_state (state_iso3, since, "by") '
    "SELECT iso3, now(), '' FROM state LIMIT 3",
    "a changed row": "UPDATE state SET capital = 'Elsewhere' WHERE iso3 = 'LAO'",
    "a row that went": "DELETE FROM treaty_act WHERE state_iso3 = 'LAO'",
    "the head of a chain": "UPDATE audit_head SET place = place + 1",
}
SHAPE = {
    "a table": "CREATE TABLE left_behind (id int)",
    "a column": "ALTER TABLE state RENAME COLUMN capital TO chief_town",
    "a right": "GRANT SELECT ON state TO PUBLIC",
    "a policy": "ALTER TABLE activity DISABLE ROW LEVEL SECURITY",
    "a trigger": "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
}


@pytest.fixture
def server(servers: dict[str, Sqlite | Postgres]) -> Iterator[Postgres]:
    """The server of the run, left as it was found."""
    found = servers["postgresql"]
    assert isinstance(found, Postgres)
    url = found.clone()
    yield found
    found.drop(url)


def _do(server: Postgres, statement: str) -> None:
    with server.connected(server.name) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement)  # type: ignore[call-overload]


def _held(server: Postgres) -> Kept:
    with server.connected(server.name) as connection:
        return Kept.of(connection)


def _number(server: Postgres) -> Any:
    asked = "SELECT oid FROM pg_database WHERE datname = %s"
    with server.connected() as connection:
        return connection.execute(asked, (server.name,)).fetchone()


@pytest.mark.parametrize("what", DIRT)
def test_what_was_written_is_gone(server: Postgres, what: str) -> None:
    before, number = _held(server), _number(server)
    _do(server, DIRT[what])
    assert _held(server).digests != before.digests
    server.clone()
    assert _held(server) == before
    assert _number(server) == number


@pytest.mark.parametrize("what", SHAPE)
def test_what_was_built_is_gone_with_its_database(server: Postgres, what: str) -> None:
    before, number = _held(server), _number(server)
    _do(server, SHAPE[what])
    server.clone()
    assert _held(server).shape == before.shape
    assert _number(server) != number


def test_whoever_is_still_in_it_is_sent_away(server: Postgres) -> None:
    lingering = server.connected(server.name)
    lingering.execute("SELECT 1")
    server.drop(server.clone())
    with pytest.raises(psycopg.OperationalError):
        lingering.execute("SELECT 1")
