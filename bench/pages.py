"""The main pages, warm, at 1,000 and at 100,000 activities, beside their own SQL run bare."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from bench.measure import median_p95, milliseconds, show
from crm import create_app
from crm.accounts import service
from crm.accounts.models import PartyKind, Role
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.install import install
from launcher.postgres import Cluster
from tests.support.activities import many_activities
from tests.support.databases import Browser, settings_for
from tests.support.people import browser_of
from tests.support.statements import Statement, recorded

PAGES = ("/", "/states", "/states/LAO", "/activities")
ROUNDS = 60


def _reader(app: Flask) -> FlaskClient:
    """A browser in which a coordinator is signed in."""
    with access.looking_as(access.SYSTEM), unit_of_work():
        party = service.open_party(name="Japan", kind=PartyKind.GOVERNMENT, state_iso3="JPN")
        service.open_account(
            actor=access.SYSTEM,
            email="bench@example.org",
            name="Bench",
            party=party,
            roles=[Role.COORDINATOR],
            password="a password for measuring",
        )
    app.test_client_class = Browser
    return browser_of(app, "bench@example.org")


@contextmanager
def _bare(seen: list[Statement]) -> Iterator[Callable[[], None]]:
    """The same statements on the driver's own cursor, past the second wall: the floor has no walls."""
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    if db.engine.dialect.name == "postgresql":
        cursor.execute("SET LOCAL ROLE NONE")

    def run() -> None:
        for sql, parameters in seen:
            cursor.execute(sql, parameters)
            if cursor.description:
                cursor.fetchall()

    try:
        yield run
    finally:
        cursor.close()
        connection.rollback()
        connection.close()


def _measure(app: Flask, browser: FlaskClient, count: int, kind: str) -> list[list[Any]]:
    rows = []
    for page in PAGES:
        browser.get(page)
        with recorded() as seen:
            answer = browser.get(page)
        assert answer.status_code == 200, (page, answer.status_code)
        reads = [one for one in seen if one.asks]
        middle, late = median_p95(milliseconds(lambda page=page: browser.get(page), ROUNDS))
        with _bare(reads) as floor:
            bare, _ = median_p95(milliseconds(floor, ROUNDS))
        rows.append([page, kind, f"{count:,}", middle, late, len(reads), bare, len(answer.data) / 1024])
    return rows


def run() -> None:
    """Print the table for both databases."""
    rows: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder) / "postgres")
        urls = {"SQLite": f"sqlite:///{folder}/bench.sqlite3", "PostgreSQL": cluster.start()}
        try:
            for kind, url in urls.items():
                app = create_app(settings_for(url.replace("postgresql://", "postgresql+psycopg://"), Path(folder)))
                with app.app_context():
                    install(sample=False, say=lambda _line: None)
                    browser = _reader(app)
                    for more, count in ((1_000, 1_000), (99_000, 100_000)):
                        many_activities(more, start=count - more)
                        rows += _measure(app, browser, count, kind)
                    db.session.remove()
                    db.engine.dispose()
        finally:
            cluster.stop()
    head = ("page", "database", "activities", "median ms", "p95 ms", "statements", "bare SQL ms", "KiB")
    show("Pages, warm, one process, no network (target: 12 statements at most, the same at 100,000)", head, rows)
