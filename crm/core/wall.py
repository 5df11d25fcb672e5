"""The second wall: on PostgreSQL the database itself knows who looks, and shows them nothing else.

Connections of the application act as a role that owns no table, so the policies of the migrations hold for
it. Who looks is told in settings that end with the transaction, before the first statement of theirs; what a
flush writes has been checked by a verb and is written as the system. On SQLite there is only the first wall.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import ref

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.orm import Session

from crm.core.access import ANONYMOUS, KNOWN_ROW, SYSTEM, VIEWER, PublicFact, Viewer
from crm.core.db import FLUSHING, Base, db

ROLE = "demarche_app"

_SAVEPOINTS = ("SAVEPOINT ", "RELEASE SAVEPOINT ", "ROLLBACK TO SAVEPOINT ")
_SESSION = "wall_session"
_TOLD = "wall_told"

# Estimates of the policies' subqueries are high enough to wake the compiler for a page that takes a millisecond.
_ENTER = f"""
SELECT set_config('role', r.rolname, false), set_config('jit', 'off', false)
FROM pg_roles r WHERE r.rolname = '{ROLE}' AND pg_has_role(session_user, r.oid, 'MEMBER')
"""

_NAMES = ("system", "user_id", "party", "permissions", "clearance", "states", "named", "closed", "opened")
_TELL = "SELECT " + ", ".join(f"set_config('demarche.{name}', %s, true)" for name in _NAMES)

EVERY_STATE = "*"


def _settings(viewer: Viewer) -> tuple[str, ...]:
    """What the policies know of a viewer, in the order of the statement."""
    return (
        "on" if viewer.is_system else "",
        str(viewer.user_id or ""),
        str(viewer.party_id or ""),
        _list(viewer.permissions),
        _list(viewer.clearance),
        EVERY_STATE if viewer.states is None else _list(viewer.states),
        _list(viewer.named),
        _list(viewer.closed),
        _list(viewer.opened),
    )


def _list(words: Iterable[str]) -> str:
    return ",".join(sorted(words))


@event.listens_for(Engine, "connect")
def _enter(connection: Any, _record: Any) -> None:
    """A login that may act as the application's role does so from its first statement on."""
    if not type(connection).__module__.startswith("psycopg"):
        return
    connection.autocommit = True
    connection.execute(_ENTER)
    connection.autocommit = False


@event.listens_for(Session, "after_begin")
def _remember(session: Session, _transaction: Any, connection: Connection) -> None:
    connection.info[_SESSION] = ref(session)


@event.listens_for(Engine, "before_cursor_execute")
def _tell(connection: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    """Say who looks, when the transaction has not heard it yet or somebody else looked before.

    A savepoint asks for nothing, and going back to one must also work after an error, when nothing else does.
    """
    if connection.dialect.name != "postgresql" or _SESSION not in connection.info:
        return
    if statement.startswith(_SAVEPOINTS):
        return
    session = connection.info[_SESSION]()
    if session is None:
        return
    known = session.info.get(FLUSHING) or (context and context.execution_options.get(KNOWN_ROW))
    viewer = SYSTEM if known else session.info.get(VIEWER, ANONYMOUS)
    if connection.info.get(_TOLD) is viewer:
        return
    cursor = connection.connection.cursor()
    cursor.execute(_TELL, _settings(viewer))
    cursor.close()
    connection.info[_TOLD] = viewer


def _forget(connection: Connection, *_rest: Any) -> None:
    """The transaction is over, and its settings with it."""
    connection.info.pop(_TOLD, None)
    connection.info.pop(_SESSION, None)


def _unsure(connection: Connection, *_rest: Any) -> None:
    """A savepoint that is rolled back takes along what was told since it began."""
    connection.info.pop(_TOLD, None)


event.listen(Engine, "commit", _forget)
event.listen(Engine, "rollback", _forget)
event.listen(Engine, "rollback_savepoint", _unsure)


def step_out(connection: Connection) -> None:
    """Act as the login itself until the transaction ends: migrations change tables, which only an owner may."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL ROLE NONE")


def guarded_tables() -> list[str]:
    """The tables whose rows are not for everybody."""
    hidden = [mapper.class_ for mapper in Base.registry.mappers if not issubclass(mapper.class_, PublicFact)]
    return sorted({one.__tablename__ for one in hidden})


_UNGUARDED = text(
    """
    SELECT c.relname FROM pg_class c
    WHERE c.relname = ANY (:tables) AND c.relnamespace = 'public'::regnamespace
    AND NOT (row_security_active(c.oid) AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
    ORDER BY c.relname
    """
)


def gaps() -> list[str] | None:
    """The tables that the second wall leaves open to this connection; None where the database has no such wall."""
    if db.session.get_bind().dialect.name != "postgresql":
        return None
    return list(db.session.scalars(_UNGUARDED, {"tables": guarded_tables()}))
