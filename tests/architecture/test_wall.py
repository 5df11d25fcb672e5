"""No table whose rows are not for everybody stands outside of the second wall."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from crm.core import wall
from crm.core.db import Base, db
from tests.support.wall import as_owner

GUARDED = (
    "SELECT relname FROM pg_class c WHERE relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid)"
)


only_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
"""SQLite has the first wall alone."""


@only_postgresql
def test_every_table_that_is_not_public_has_its_policy(app: Flask) -> None:
    with as_owner() as connection:
        guarded = set(connection.scalars(text(GUARDED)))
    assert set(wall.guarded_tables()) - guarded == set(), "wall.protect(…) is missing in a migration"
    assert wall.gaps() == []


@only_postgresql
def test_a_table_without_a_policy_is_found(app: Flask) -> None:
    with as_owner() as connection:
        connection.execute(text("DROP POLICY follow_up_wall ON follow_up"))
        connection.execute(text("ALTER TABLE letter DISABLE ROW LEVEL SECURITY"))
    assert wall.gaps() == ["follow_up", "letter"]


@only_postgresql
def test_the_application_owns_nothing_and_may_not_pass_by(app: Flask) -> None:
    db.session.remove()
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) == wall.ROLE
        mine = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
        assert connection.scalar(text(mine)) == 0
        role = connection.execute(
            text("SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = :r"),
            {"r": wall.ROLE},
        ).one()
        assert not any(role)


def test_what_the_wall_guards_are_tables(app: Flask) -> None:
    assert "activity" in wall.guarded_tables() and "state" not in wall.guarded_tables()
    assert set(wall.guarded_tables()) <= set(Base.metadata.tables)
