"""Every question of the page walks an index, newest first, and sorts nothing: at 100,000 entries, on both databases."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from crm.accounts.models import Role
from crm.accounts.policy import CLEARANCE, PERMISSIONS
from crm.audit import queries
from crm.audit.models import AuditEntry
from crm.audit.queries import Wanted
from crm.audit.service import Event
from crm.core.access import Viewer, look_as
from crm.core.db import db
from crm.core.lists import paginate
from tests.support.statements import recorded
from tests.support.wall import as_owner

MANY = 100_000
PARTIES = [uuid.UUID(int=number + 1) for number in range(40)]
RECORD = str(uuid.UUID(int=7))
CHUNK = 10_000
FIRST = datetime(2020, 1, 1, tzinfo=UTC)


def rows(first: int) -> list[dict[str, Any]]:
    return [
        {
            "id": uuid.UUID(int=(number + 1) * 2654435761 % 2**128),
            "at": FIRST + timedelta(minutes=number * 25),
            "event": "denied" if number % 500 == 0 else list(Event)[number % 20].value,
            "actor_id": PARTIES[number % 40],
            "actor_name": f"Officer {number % 200}",
            "subject_kind": "activity",
            "subject_id": str(uuid.UUID(int=number // 5)),
            "originator_id": PARTIES[number % 40],
            "handling": ("originator", "coordination", "states")[number % 3],
            "details": {},
            "content_commitment": "",
            "place": None,
            "salt": "",
            "commitment": "",
            "link": "",
        }
        for number in range(first, first + CHUNK)
    ]


@pytest.fixture
def many(app: Flask) -> Viewer:
    """A coordinator, and the entries of years."""
    with as_owner() as connection:
        for first in range(0, MANY, CHUNK):
            connection.execute(insert(AuditEntry.__table__), rows(first))  # type: ignore[arg-type]
        connection.execute(text("ANALYZE"))
    viewer = Viewer(
        user_id=PARTIES[0],
        party_id=PARTIES[3],
        permissions=PERMISSIONS[Role.COORDINATOR],
        clearance=CLEARANCE[Role.COORDINATOR],
    )
    db.session.remove()
    look_as(viewer)
    return viewer


def plan_of(wanted: Wanted, viewer: Viewer, cursor: str | None) -> str:
    """How the database goes about one page."""
    with recorded() as seen:
        paginate(queries.statement(wanted, viewer), queries.entries_asked(viewer=viewer).keys, cursor=cursor)
    (asked,) = [one for one in seen if "FROM audit_entry" in one.sql]
    on_sqlite = db.engine.dialect.name == "sqlite"
    with as_owner() as connection:
        explained = connection.exec_driver_sql(
            f"EXPLAIN {'QUERY PLAN ' if on_sqlite else ''}{asked.sql}", asked.parameters
        )
        return "\n".join(str(row[-1]) for row in explained)


QUESTIONS = {
    "everything": Wanted(),
    "who": Wanted(who="Officer 7"),
    "state": Wanted(state="LAO"),
    "busy": Wanted(busy=True),
    "what": Wanted(event=Event.FOLLOWUP_DONE),
    "denied": Wanted(denied=True),
    "record": Wanted(record=RECORD),
    "days": Wanted(since=date(2023, 3, 1), until=date(2023, 3, 31)),
}


def test_every_question_walks_an_index(many: Viewer, app: Flask) -> None:
    for name, wanted in QUESTIONS.items():
        with app.test_request_context("/administration/audit"):
            look_as(many)
            page = queries.page_of_entries(viewer=many, wanted=wanted)
            for cursor in (None, page.next_cursor):
                plan = plan_of(wanted, many, cursor)
                assert "SCAN audit_entry\n" not in plan + "\n", (name, plan)
                assert "Seq Scan on audit_entry" not in plan, (name, plan)
                assert "TEMP B-TREE" not in plan, (name, plan)
                assert "Sort" not in plan or name in ("record", "denied"), (name, plan)  # few, found by index
                if cursor and name == "everything":
                    assert "at<?" in plan or "Index Cond" in plan, plan


def test_a_record_has_its_own_index(many: Viewer, app: Flask) -> None:
    with app.test_request_context("/administration/audit"):
        look_as(many)
        assert "ix_audit_entry_record" in plan_of(QUESTIONS["record"], many, None)
        denied = plan_of(QUESTIONS["denied"], many, None)
        assert "ix_audit_entry_event" in denied, denied
