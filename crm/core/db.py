"""Session, column types and the unit of work: the only place that commits."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import JSON, DateTime, Engine, MetaData, Select, Uuid, event, func, inspect, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column, registry
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from crm.core import jobs
from crm.core.errors import RuleViolation, Stale

Row = TypeVar("Row")
Wanted = TypeVar("Wanted", bound=Select[*tuple[Any, ...]])

_write_intent: ContextVar[bool] = ContextVar("write_intent", default=False)
_READ_ONLY = "began_read_only"
_unit_open: ContextVar[bool] = ContextVar("unit_open", default=False)
_last_things: ContextVar[list[Callable[[], None]] | None] = ContextVar("last_things", default=None)


_IN_ORDER = 2
"""What libpq calls a transaction that is open and has met no error."""

EMPTY = text("''")
"""What the database writes by itself into a column of text that came to a table that had rows."""


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every table: names in snake case, named constraints, portable column types."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={
            datetime: UTCDateTime,
            uuid.UUID: Uuid,
            dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
            list[Any]: JSON().with_variant(JSONB(), "postgresql"),
        },
    )

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Identified:
    """A random key: it tells nobody how many records there are."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4, sort_order=-10)


FLUSHING = "flushing"

SEES_ALL = "sees_all"
"""Under this name the session keeps whether the software itself looks."""


class HouseSession(FlaskSession):
    """A session that knows whether it is writing down what verbs have changed, or asking for somebody."""

    def get(self, entity: Any, ident: Any, **given: Any) -> Any:
        """A row by its key, asked for with the rule of whoever looks, though the session may hold it already: it may
        have been loaded by the software, which sees more.
        """
        anew = given.pop("populate_existing", False) or not self.info.get(SEES_ALL)
        return super().get(entity, ident, populate_existing=anew, **given)

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Write the changes; `info[FLUSHING]` is true meanwhile."""
        outer = self.info.get(FLUSHING, False)
        self.info[FLUSHING] = True
        try:
            super().flush(objects)
        finally:
            self.info[FLUSHING] = outer


db = SQLAlchemy(model_class=Base, disable_autonaming=True, session_options={"class_": HouseSession})


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL, full durability and foreign keys; the driver's own implicit BEGIN is switched off."""
    if "sqlite3" not in type(connection).__module__:
        return
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the write lock at once: a reader that upgrades later would fail without waiting."""
    if connection.dialect.name == "sqlite":
        writing = _write_intent.get()
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
        connection.info[_READ_ONLY] = not writing


@event.listens_for(Engine, "rollback")
def _keep_what_is_prepared(connection: Connection) -> None:
    """On PostgreSQL, end a transaction that met no error by a word past the driver: its own way of going back forgets
    every statement that it has prepared, and every page that only reads ends so. With the policies of the database a
    statement takes longer to plan than to run.
    """
    driver: Any = connection.connection.driver_connection
    if type(driver).__module__.startswith("psycopg") and driver.pgconn.transaction_status == _IN_ORDER:
        driver.pgconn.exec_(b"ROLLBACK")


def expect_writes(expected: bool) -> None:
    """Say whether transactions begun from here on will write; inside a unit of work they do, whatever was said."""
    _write_intent.set(expected)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction: everything in it happens or nothing does; its jobs are sent after the commit.

    The only `commit(` of the project. Units do not nest: verbs are called inside one, they open none.
    Raises Stale when a row that it writes was changed or taken away since it was read.
    """
    if _unit_open.get():
        raise RuntimeError("units of work do not nest")
    session: Session = db.session()
    if session.in_transaction() and session.connection().info.get(_READ_ONLY):
        session.rollback()
    last_things: list[Callable[[], None]] = []
    opened, intent, ending = _unit_open.set(True), _write_intent.set(True), _last_things.set(last_things)
    try:
        with jobs.collected() as wanted:
            try:
                yield session
                session.flush()  # what is written only now may want a last thing, too
                for last_thing in last_things:
                    last_thing()
                session.commit()
            except StaleDataError:
                session.rollback()
                raise Stale("the record was changed meanwhile") from None
            except BaseException:
                session.rollback()
                raise
        jobs.dispatch(wanted)
    finally:
        _last_things.reset(ending)
        _write_intent.reset(intent)
        _unit_open.reset(opened)


def unit_is_open() -> bool:
    """Whether there is a unit of work at present."""
    return _last_things.get() is not None


def before_commit(last_thing: Callable[[], None]) -> None:
    """Have something done once, as the last thing of the present unit of work, still inside its transaction."""
    wanted = _last_things.get()
    if wanted is None:
        raise RuntimeError("only a unit of work has an end")
    if last_thing not in wanted:
        wanted.append(last_thing)


def expect_version(row: Any, version: int | None) -> None:
    """Raise Stale when somebody changed the row since `version` was read; None changes it whatever happened."""
    if version is not None and row.version != version:
        raise Stale("the record was changed meanwhile")


def move_version(row: Any) -> None:
    """Let the version of a record move because a part of it changed, which is a row of its own: whoever read it before
    has read something else. What is new has nothing to move.
    """
    state = inspect(row)
    if state.persistent:
        mapper = state.mapper
        beside = {*mapper.primary_key, mapper.version_id_col}
        plain = next(one.key for one in mapper.column_attrs if not beside & set(one.columns))
        flag_modified(row, plain)


def held(statement: Wanted, *, of: Any = None, skip_locked: bool = False) -> Wanted:
    """The same question, whose rows nobody else changes until the unit of work ends, as they are once held.

    What the session knew of them from before is read anew, collections too: it may have changed before they were
    held. `of` names the model whose rows are held where the statement joins others. Outside of a unit of work, on a
    page that only asks, nothing is held: nobody would let go of it.
    """
    if not unit_is_open():
        return statement
    holding = statement.with_for_update(of=of, skip_locked=skip_locked)
    return holding.execution_options(populate_existing=True)


def locked(model: type[Row], key: Any) -> Row | None:
    """One row by its key as far as the viewer sees it, held as in `held`."""
    (column,) = inspect(model).primary_key
    return db.session.scalar(held(select(model).where(column == key), of=model))


def in_turn(*names: str) -> None:
    """Let everybody who asks for one of these names wait for the unit of work of whoever asked before.

    For what has no row yet that could be held. SQLite has one writer at a time as it is.
    """
    if db.session.connection().dialect.name != "postgresql":
        return
    for name in sorted(set(names)):
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        db.session.execute(select(func.pg_advisory_xact_lock(number)))


@contextmanager
def savepoint() -> Iterator[None]:
    """A part of a unit of work that may fail alone."""
    with db.session.begin_nested():
        yield


@contextmanager
def unless_taken(field: str, message: str) -> Iterator[None]:
    """A part that adds something of which there is one: of two at the same time the later is refused.

    Raises RuleViolation where a unique key of the database says that it is there already; nothing of the part stays.
    """
    try:
        with savepoint():
            yield
            db.session.flush()
    except IntegrityError as error:
        if not _is_taken(error):
            raise
        raise RuleViolation(field, message) from None


def added(row: Base) -> bool:
    """Add a row of which there is one, as a part of a unit of work; False where its unique key is taken."""
    try:
        with unless_taken("", ""):
            db.session.add(row)
    except RuleViolation:
        return False
    return True


_TAKEN = frozenset({"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})


def _is_taken(error: IntegrityError) -> bool:
    """Whether it was a unique key that refused, in the words of PostgreSQL and of SQLite."""
    names = (getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorname", None))
    return not _TAKEN.isdisjoint(names)
