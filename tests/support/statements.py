"""Watching what is asked of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event

from crm.core.db import db

_ASKING = ("SELECT", "WITH")
_CHANGING = ("INSERT", "UPDATE", "DELETE")


class Statement(NamedTuple):
    """One statement as it went to the driver."""

    sql: str
    parameters: Any

    @property
    def asks(self) -> bool:
        """Whether it reads rows."""
        return self.sql.lstrip().upper().startswith(_ASKING)

    @property
    def changes(self) -> bool:
        """Whether it writes rows."""
        return self.sql.lstrip().upper().startswith(_CHANGING)


@contextmanager
def recorded() -> Iterator[list[Statement]]:
    """Every statement that is run inside the block, transaction control apart.

    Telling PostgreSQL who looks belongs to the opening of a transaction and is not among them either: it is one
    statement for each change of viewer, and `tests/core/test_wall.py` counts it.
    """
    seen: list[Statement] = []

    def note(_connection: Any, _cursor: Any, sql: str, parameters: Any, *_rest: Any) -> None:
        if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA")):
            seen.append(Statement(sql, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
