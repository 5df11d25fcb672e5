"""How a migration runs: on the application's own engine, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import JSON, Connection

from crm.core import wall
from crm.core.db import Base, UTCDateTime, db, expect_writes
from crm.core.fulltext import known_to_models


def plain_types(kind: str, item: Any, autogen: Any) -> str | bool:
    """Migrations name no type of ours: they must still run when ours have changed."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects.postgresql import JSONB")
        return 'sa.JSON().with_variant(JSONB(), "postgresql")'
    return False


@contextmanager
def _tables_may_be_rebuilt(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by building it anew and dropping the old one. With foreign keys on, that would
    delete every row that points at it; `_refuse_broken` looks at the end instead (sqlite.org/lang_altertable.html).
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _refuse_broken(connection: Connection) -> None:
    """Before the transaction ends: what was committed cannot be taken back."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"rows that point at nothing after the migration: {[tuple(one) for one in broken[:5]]}")


def run() -> None:
    """Migrate the database of the present application."""
    options: dict[str, Any] = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection, _tables_may_be_rebuilt(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=plain_types,
            include_name=known_to_models,
            transaction_per_migration=False,
            transactional_ddl=True,  # SQLite can, though the library does not count on it
            **options,
        )
        with context.begin_transaction():
            wall.step_out(connection)
            context.run_migrations()
            _refuse_broken(connection)
    db.engine.dispose()  # connections made before there was a role act as the login itself


expect_writes(True)
try:
    run()
finally:
    expect_writes(False)
