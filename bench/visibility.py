"""What the rule of visibility costs: lists of 100,000 activities with it, beside the same questions without.

Columns are ratios to the system, for whom no rule holds: with the session's rule alone, and on PostgreSQL
with the policies of the database behind it. Whoever sees few rows asks something else than the system does, so
the system is also asked for just the rows of the viewer, with a condition written by hand.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import ColumnElement, event, func, select, text
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.util import find_tables

from bench.house import grown
from bench.measure import milliseconds, show
from crm.accounts.models import Role
from crm.accounts.policy import CLEARANCE, PERMISSIONS
from crm.activities.models import Activity, ActivityState
from crm.activities.queries import page_of_activities
from crm.activities.with_state import activities_with
from crm.core import access
from crm.core.access import SYSTEM, Viewer
from crm.core.db import db
from crm.states.timeline import Wanted
from tests.support.wall import as_owner

COUNT = 100_000
ROUNDS = 40
TURNS = 4
STATE = "LAO"
MEASURED = ("system ms", "by hand ms", "{} ms", "ratio", "to by hand")

QUESTIONS: dict[str, Callable[[], Any]] = {
    "page": lambda: page_of_activities(),
    "count": lambda: db.session.scalar(select(func.count()).select_from(Activity)),
    "timeline": lambda: activities_with(STATE, Wanted()),
}


def _viewer(role: Role, party: UUID) -> Viewer:
    return Viewer(user_id=uuid4(), party_id=party, permissions=PERMISSIONS[role], clearance=CLEARANCE[role])


def _viewers() -> dict[str, Viewer]:
    """Those whom the rule treats differently; none of the records is theirs."""
    party = uuid4()
    coordinator, officer = _viewer(Role.COORDINATOR, party), _viewer(Role.MISSION_OFFICER, party)
    return {
        "coordinator": coordinator,
        "officer, 3 States": replace(officer, states=frozenset({STATE, "KEN", "PER"})),
        "coordinator, 1 closed": replace(coordinator, closed=frozenset({"KEN"})),
    }


def _with(states: frozenset[str]) -> ColumnElement[bool]:
    return Activity.id.in_(select(ActivityState.activity_id).where(ActivityState.state_iso3.in_(states)))


def _same_rows(question: str, viewer: Viewer) -> ColumnElement[bool] | None:
    """What names the rows of a viewer among all; None where they are all. The State of the timeline is open to each."""
    if question == "timeline":
        return None
    if viewer.closed:
        return ~_with(viewer.closed)
    return _with(viewer.states) if viewer.states is not None else None


@contextmanager
def _only(condition: ColumnElement[bool] | None) -> Iterator[None]:
    """Add a condition to every statement that begins with activities."""

    def add(state: ORMExecuteState) -> None:
        asked: Any = state.statement
        if condition is not None and Activity.__table__ in find_tables(asked.get_final_froms()[0]):
            state.statement = asked.where(condition)

    event.listen(Session, "do_orm_execute", add)
    try:
        yield
    finally:
        event.remove(Session, "do_orm_execute", add)


def _medians(name: str, question: Callable[[], Any], viewer: Viewer) -> list[float]:
    """Milliseconds of the system, of the same rows by hand and of the viewer; warm, and each in turn several times."""
    ways = ((SYSTEM, None), (SYSTEM, _same_rows(name, viewer)), (viewer, None))
    times: list[list[float]] = [[], [], []]
    for _ in range(TURNS):
        for found, (someone, condition) in zip(times, ways, strict=True):
            with access.looking_as(someone), _only(condition):
                found += milliseconds(question, ROUNDS // TURNS)
    return [statistics.median(found) for found in times]


@contextmanager
def _second_wall(stands: bool) -> Iterator[None]:
    """Take the policies down for a while or leave them standing; connections, and the plans they keep, are new."""
    tables: list[str] = []
    if not stands:
        with as_owner() as connection:
            tables = list(connection.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity")))
            for table in tables:
                connection.execute(text(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"))
    db.session.remove()
    db.engine.dispose()
    try:
        yield
    finally:
        db.session.remove()
        if tables:
            with as_owner() as connection:
                for table in tables:
                    connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))


def _served(browser: FlaskClient) -> list[float]:
    """Milliseconds of the list as it is served without the rules, the same again, and with them; in turn."""
    times: list[list[float]] = [[], []]

    def ask() -> None:
        assert browser.get("/activities").status_code == 200

    ask()
    for _ in range(TURNS):
        with mock.patch("crm.core.access.criteria_for", return_value=[]):
            times[0] += milliseconds(ask, ROUNDS // TURNS)
        times[1] += milliseconds(ask, ROUNDS // TURNS)
    without, ruled = (statistics.median(found) for found in times)
    return [without, without, ruled]


def _measure(app: Flask, browser: FlaskClient, kind: str) -> list[list[Any]]:
    rows: dict[tuple[str, str], list[Any]] = {}
    for stands in (True,) if kind == "SQLite" else (False, True):
        with _second_wall(stands), app.test_request_context("/activities"):
            for (name, question), (who, viewer) in product(QUESTIONS.items(), _viewers().items()):
                bare, by_hand, ruled = _medians(name, question, viewer)
                row = rows.setdefault((name, who), [f"{name}, {who}", kind])
                row += [bare, by_hand, ruled, ruled / bare, ruled / by_hand]
        with _second_wall(stands):
            bare, by_hand, ruled = _served(browser)
            row = rows.setdefault(("served", ""), ["list as it is served, coordinator", kind])
            row += [bare, by_hand, ruled, ruled / bare, ruled / by_hand]
    return [row + ["–"] * (2 + 2 * len(MEASURED) - len(row)) for row in rows.values()]


def run() -> None:
    """Print the table for both databases."""
    rows: list[list[Any]] = []
    for house in grown([COUNT]):
        rows += _measure(house.app, house.browser, house.kind)
    head = ["question, viewer", "database"]
    for walls in ("one wall", "both walls"):
        head += [one.format(walls) for one in MEASURED]
    show("Visibility at 100,000 activities (target: at most 1.3 times the system)", head, rows)
