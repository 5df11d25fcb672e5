"""What the rule of visibility costs: lists of 100,000 activities with it, beside the same questions without.

Columns are ratios to the system, for whom no rule holds: with the session's rule alone, and on PostgreSQL
with the policies of the database behind it.
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import func, select, text

from bench.measure import milliseconds, show
from crm import create_app
from crm.accounts.models import Role
from crm.accounts.policy import CLEARANCE, PERMISSIONS
from crm.activities.models import Activity
from crm.activities.queries import activities_with, page_of_activities
from crm.core import access
from crm.core.access import SYSTEM, Viewer
from crm.core.db import db
from crm.install import install
from launcher.postgres import Cluster
from tests.support.activities import many_activities
from tests.support.databases import settings_for
from tests.support.wall import as_owner

COUNT = 100_000
ROUNDS = 40
STATE = "LAO"

QUESTIONS: dict[str, Callable[[], Any]] = {
    "page": lambda: page_of_activities(),
    "count": lambda: db.session.scalar(select(func.count()).select_from(Activity)),
    "timeline": lambda: activities_with(STATE),
}


def _viewer(role: Role, party: UUID, **reach: frozenset[str]) -> Viewer:
    return Viewer(
        user_id=uuid4(), party_id=party, permissions=PERMISSIONS[role], clearance=CLEARANCE[role], **reach
    )  # fmt: skip


def _viewers() -> dict[str, Viewer]:
    """Those whom the rule treats differently; none of the records is theirs."""
    party = uuid4()
    return {
        "coordinator": _viewer(Role.COORDINATOR, party),
        "officer, 3 States": _viewer(Role.MISSION_OFFICER, party, states=frozenset({STATE, "KEN", "PER"})),
        "coordinator, 1 closed": _viewer(Role.COORDINATOR, party, closed=frozenset({"KEN"})),
    }


def _median(viewer: Viewer, question: Callable[[], Any]) -> float:
    """Milliseconds of one question, warm, in a transaction that is open already."""
    with access.looking_as(viewer):
        return statistics.median(milliseconds(question, ROUNDS))


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


def _measure(app: Flask, kind: str) -> list[list[Any]]:
    rows: dict[tuple[str, str], list[Any]] = {}
    for stands in (True,) if kind == "SQLite" else (False, True):
        with _second_wall(stands), app.test_request_context("/activities"):
            for (name, question), (who, viewer) in product(QUESTIONS.items(), _viewers().items()):
                bare, ruled = _median(SYSTEM, question), _median(viewer, question)
                rows.setdefault((name, who), [f"{name}, {who}", kind]).extend([bare, ruled, ruled / bare])
    return [row + ["–"] * (8 - len(row)) for row in rows.values()]


def _measured(url: str, kind: str, folder: Path) -> list[list[Any]]:
    app = create_app(settings_for(url.replace("postgresql://", "postgresql+psycopg://"), folder))
    with app.app_context():
        install(sample=False, say=lambda _line: None)
        many_activities(COUNT)
        with as_owner() as connection:
            connection.execute(text("ANALYZE"))
        return _measure(app, kind)


def run() -> None:
    """Print the table for both databases."""
    rows: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        rows += _measured(f"sqlite:///{folder}/bench.sqlite3", "SQLite", folder)
        cluster = Cluster(folder / "postgres")
        try:
            rows += _measured(cluster.start(), "PostgreSQL", folder)
        finally:
            cluster.stop()
    head = ("question, viewer", "database", "system ms", "one wall ms", "ratio", "system ms", "both walls ms", "ratio")
    show("Visibility at 100,000 activities (target: at most 1.3 times the system)", head, rows)
