"""The second wall: who forgets the rule of the session still meets the policies of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from crm.accounts.models import Party
from crm.activities.models import Activity
from crm.activities.service import record_activity
from crm.audit.models import AuditEntry
from crm.core import access, wall
from crm.core.access import ANONYMOUS, SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, savepoint, unit_of_work
from tests.support.databases import opened, settings_for
from tests.support.people import Person
from tests.support.wall import as_owner

People = Callable[[str], Person]
TABLE = Activity.__table__
COUNT = text("SELECT count(*) FROM activity")


pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
"""SQLite has the first wall alone."""


@pytest.fixture
def officer(person: People) -> Viewer:
    return person("officer").viewer


@pytest.fixture
def stranger(person: People) -> Viewer:
    return person("other_officer").viewer


@pytest.fixture
def secret(app: Flask, officer: Viewer, stranger: Viewer) -> UUID:
    """An activity that its party keeps to itself; two accounts that look at it."""
    with unit_of_work():
        made = record_activity(
            actor=officer, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1), person_name="Canary",
            reply="A secret reply.", handling=Handling.ORIGINATOR,
        )  # fmt: skip
        key = made.id
    db.session.remove()
    access.look_as(SYSTEM)
    return key


@pytest.fixture
def told(app: Flask) -> Iterator[list[Viewer]]:
    """Each viewer of whom the database was told, as it was told."""
    heard: list[Viewer] = []
    plain = wall._settings

    def listen(viewer: Viewer) -> tuple[str, ...]:
        heard.append(viewer)
        return plain(viewer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wall, "_settings", listen)
        yield heard


FORGETFUL: dict[str, Callable[[], object]] = {
    "text": lambda: db.session.execute(text("SELECT reply FROM activity")).all(),
    "table": lambda: db.session.execute(select(TABLE.c.reply)).all(),
    "from_statement": lambda: db.session.scalars(select(Activity).from_statement(text("SELECT * FROM activity"))).all(),
    "connection": lambda: db.session.connection().execute(select(TABLE.c.reply)).all(),
    "part": lambda: db.session.execute(text("SELECT name FROM activity_person")).all(),
}


@pytest.mark.parametrize("way", FORGETFUL)
def test_who_forgets_the_first_wall_meets_the_second(secret: UUID, officer: Viewer, stranger: Viewer, way: str) -> None:
    for viewer, sees in ((officer, True), (stranger, False), (ANONYMOUS, False), (SYSTEM, True)):
        with looking_as(viewer):
            assert bool(FORGETFUL[way]()) is sees, (way, viewer.name)
        db.session.expunge_all()


def test_changes_past_the_first_wall_stop_at_the_second(secret: UUID, stranger: Viewer) -> None:
    with looking_as(stranger), unit_of_work() as session:
        changed = session.execute(update(TABLE).values(reply="changed"))
        assert changed.rowcount == 0  # type: ignore[attr-defined]
        with pytest.raises(ProgrammingError, match="row-level security"), savepoint():
            session.execute(text("INSERT INTO heartbeat (name, at, note) VALUES ('x', now(), '')"))


def test_nothing_is_told_to_a_connection_without_a_session(secret: UUID) -> None:
    with db.engine.connect() as connection:
        assert connection.scalar(COUNT) == 0
        assert connection.scalar(text("SELECT count(*) FROM wall.activity_state")) == 0


def test_a_bare_client_of_the_role_sees_nothing(secret: UUID, database_url: str) -> None:
    address = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as client:
        client.execute(f"SET ROLE {wall.ROLE}")
        for table in [*wall.guarded_tables(), "wall.activity_state"]:
            assert client.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_the_next_transaction_of_a_connection_knows_nobody(app: Flask, secret: UUID, officer: Viewer) -> None:
    """Whoever gets the connection out of the pool must not be taken for who had it before."""
    with looking_as(officer):
        backend = db.session.scalar(text("SELECT pg_backend_pid()"))
        assert db.session.scalar(COUNT) == 1
    for ending in (db.session.commit, db.session.rollback, db.session.remove):
        access.look_as(officer)
        assert db.session.scalar(COUNT) == 1
        ending()
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT pg_backend_pid()")) == backend
            assert connection.scalar(text("SELECT current_setting('demarche.user_id', true)")) in ("", None)
            assert connection.scalar(COUNT) == 0


def test_a_flush_writes_as_the_system_and_what_follows_reads_as_the_viewer(
    secret: UUID, officer: Viewer, stranger: Viewer
) -> None:
    with looking_as(SYSTEM):
        held = db.session.get_one(Activity, secret)
    with looking_as(stranger):
        held.occasion = "Written by a verb that has checked"
        db.session.flush()
        assert db.session.scalar(COUNT) == 0
        held.occasion = "Once more, by an autoflush"
        assert db.session.scalars(select(Activity.id)).all() == []
        assert db.session.scalar(COUNT) == 0
    db.session.rollback()


def _open_twice() -> None:
    with savepoint():
        db.session.add(Party(name="Embassy of Japan", kind="government"))
        db.session.flush()


def test_a_flush_that_fails_leaves_nothing_open(secret: UUID, stranger: Viewer) -> None:
    with looking_as(stranger):
        for _ in range(2):
            with pytest.raises(IntegrityError):
                _open_twice()
            assert db.session.scalar(COUNT) == 0
    db.session.rollback()


def test_after_a_savepoint_that_was_rolled_back_the_viewer_is_told_again(
    secret: UUID, officer: Viewer, stranger: Viewer
) -> None:
    with looking_as(officer):
        assert db.session.scalar(COUNT) == 1
        nested = db.session.begin_nested()
        access.look_as(stranger)
        assert db.session.scalar(COUNT) == 0
        nested.rollback()
        access.look_as(stranger)
        assert db.session.scalar(COUNT) == 0
        access.look_as(officer)
        assert db.session.scalar(COUNT) == 1


def test_a_viewer_is_told_once_and_only_when_somebody_asks(
    secret: UUID, officer: Viewer, stranger: Viewer, told: list[Viewer]
) -> None:
    db.session.rollback()
    with looking_as(stranger), looking_as(officer):
        for _ in range(5):
            db.session.scalar(COUNT)
        db.session.flush()
        with looking_as(SYSTEM):
            pass
        db.session.scalar(COUNT)
    assert told == [officer]


def test_no_statement_is_run_for_it_that_others_would_count(secret: UUID, officer: Viewer) -> None:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_rest: object) -> None:
        seen.append(sql)

    event.listen(db.engine, "before_cursor_execute", note)
    with looking_as(officer):
        db.session.scalar(COUNT)
    event.remove(db.engine, "before_cursor_execute", note)
    assert seen == [COUNT.text]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET actor_name = 'Somebody else'",
        "UPDATE audit_entry SET details = '{}'",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_head",
        "TRUNCATE audit_entry",
        "ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY",
        "DROP POLICY audit_entry_seal ON audit_entry",
    ],
)
def test_s20_the_application_cannot_rewrite_the_audit(secret: UUID, change: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        db.session.execute(text(change))
    db.session.rollback()


def test_s20_what_is_sealed_is_never_sealed_anew(secret: UUID) -> None:
    sealed = db.session.scalars(select(AuditEntry.place).where(AuditEntry.place.is_not(None))).all()
    changed = db.session.execute(update(AuditEntry.__table__).values(link="0" * 64))
    assert sealed and changed.rowcount == 0  # type: ignore[attr-defined]
    db.session.rollback()


def test_a_login_that_is_only_a_member_runs_the_house(
    app: Flask, secret: UUID, officer: Viewer, database_url: str, tmp_path: object
) -> None:
    """The strict deployment: the address of the application cannot change a table, whatever it runs."""
    login, password = f"app_{uuid4().hex}", uuid4().hex
    with as_owner() as connection:
        connection.execute(text(f"CREATE ROLE {login} LOGIN NOINHERIT PASSWORD '{password}'"))
        connection.execute(text(f"GRANT {wall.ROLE} TO {login}"))
    address = make_url(database_url).set(username=login, password=password).render_as_string(hide_password=False)
    with opened(settings_for(address, tmp_path)) as second, second.app_context():
        access.look_as(officer)
        assert wall.gaps() == []
        assert db.session.scalar(COUNT) == 1
        with as_owner() as connection, pytest.raises(DBAPIError, match="must be owner"):
            connection.execute(text("ALTER TABLE activity DISABLE ROW LEVEL SECURITY"))
    with as_owner() as connection:
        connection.execute(text(f"DROP ROLE {login}"))


def test_what_is_prepared_outlives_a_page_that_only_read(officer: Viewer) -> None:
    with looking_as(officer):
        for _ in range(6):
            db.session.scalars(select(Activity.reply).where(Activity.kind == "demarche")).all()
            db.session.rollback()
        prepared = db.session.connection().exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars()
        assert any("activity.reply" in one for one in prepared)


def test_going_back_still_takes_back_and_forgets_who_looked(secret: UUID, officer: Viewer) -> None:
    with looking_as(officer):
        db.session.execute(update(Activity).where(Activity.id == secret).values(reply="Changed."))
        db.session.rollback()
        assert db.session.scalar(select(Activity.reply).where(Activity.id == secret)) == "A secret reply."
        db.session.rollback()
    with db.engine.connect() as connection:
        assert connection.scalar(COUNT) == 0


def test_a_plan_that_was_made_for_one_viewer_shows_nothing_more_to_the_next(
    secret: UUID, officer: Viewer, stranger: Viewer
) -> None:
    for _ in range(12):
        with looking_as(officer):
            assert db.session.scalar(COUNT) == 1
            db.session.rollback()
    for viewer in (stranger, ANONYMOUS):
        with looking_as(viewer):
            assert db.session.scalar(COUNT) == 0
            prepared = text("SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE '%FROM activity'")
            assert db.session.scalars(prepared).all() != []
            db.session.rollback()
