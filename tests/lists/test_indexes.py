"""What lists ask is answered from an index, at the beginning, deep inside and from behind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from crm.activities.queries import activities_asked
from crm.core.access import looking_as
from crm.core.db import db
from crm.core.lists import Question, counted, neighbours, page_of
from tests.support.activities import many_activities
from tests.support.people import Person
from tests.support.statements import recorded
from tests.support.wall import as_owner

People = Callable[[str], Person]
COUNT = 6_000


def plans(work: Callable[[], Any], table: str = "FROM activity ") -> list[str]:
    """How the database goes about each question to the list inside `work`."""
    with recorded() as seen:
        work()
    on_sqlite = db.engine.dialect.name == "sqlite"
    found = []
    with as_owner() as connection:
        for one in seen:
            if table in one.sql.replace("\n", " ") and "held_on" in one.sql:
                told = connection.exec_driver_sql(
                    f"EXPLAIN {'QUERY PLAN ' if on_sqlite else ''}{one.sql}", one.parameters
                )
                found.append("\n".join(str(row[-1]) for row in told))
    assert found
    return found


@pytest.fixture
def asked(app: Flask, person: People) -> dict[str, Question]:
    """The list in both orders and by each filter that has an index."""
    many_activities(COUNT)
    with as_owner() as connection:
        connection.execute(text("ANALYZE"))
    with looking_as(person("coordinator").viewer):
        return {
            "all": activities_asked(),
            "oldest": activities_asked(oldest_first=True),
            "kind": activities_asked(kind="demarche"),
            "status": activities_asked(status="reported"),
        }


def test_every_page_walks_an_index(app: Flask, person: People, asked: dict[str, Question]) -> None:
    with app.test_request_context("/activities"), looking_as(person("coordinator").viewer):
        for name, question in asked.items():
            cursor = page_of(question, cursor=None, size=200).next_cursor
            for place in (None, cursor):
                for plan in plans(partial(page_of, question, cursor=place)):
                    assert "ix_activity_" in plan, (name, plan)
                    assert "Seq Scan on activity" not in plan and "TEMP B-TREE" not in plan, (name, plan)
                    assert "Sort" not in plan or name in ("kind", "status"), (name, plan)  # few, found by index


def test_neighbours_walk_an_index_and_counting_ends(app: Flask, person: People, asked: dict[str, Question]) -> None:
    with app.test_request_context("/activities"), looking_as(person("coordinator").viewer):
        key = page_of(asked["all"], cursor=None, size=5).items[3].id
        for plan in plans(lambda: neighbours(asked["all"], key)):
            assert "Seq Scan on activity" not in plan and "TEMP B-TREE" not in plan, plan
            assert "ix_activity_" in plan or "pk_activity" in plan or "sqlite_autoindex_activity_1" in plan, plan
        with recorded() as seen:
            assert counted(asked["all"]) == 1_001
        assert all("LIMIT" in one.sql.upper() for one in seen if "count" in one.sql)
