"""The house that is measured: both databases, grown to each size in turn, and a page of it beside its own questions.

A *bare* time is that of the same statements on the driver's own cursor, past the second wall.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, before_render_template, template_rendered
from flask.testing import FlaskClient

from bench.filling import author, fill
from bench.measure import median_p95, milliseconds
from bench.processor import processor_ms
from crm import create_app
from crm.accounts import service
from crm.accounts.models import PartyKind, Role
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.install import install
from launcher.postgres import Cluster
from tests.support.databases import Browser, settings_for
from tests.support.people import browser_of
from tests.support.statements import Statement, recorded

EVERY_SIZE = (1_000, 100_000, 1_000_000)
ROUNDS = 40
READER, PASSWORD = "bench@example.org", "a password for measuring"

PAGE_HEAD = (
    "page", "database", "activities", "median ms", "p95 ms", "statements", "processor ms", "growth", "template ms",
    "bare SQL ms", "ratio",
)  # fmt: skip
"""What `Grown.page` measures: on the wall first, and from `processor ms` on in processor time. Growth: to the size
before. Ratio: without the template, to the bare SQL.
"""

KINDS = ("SQLite", "PostgreSQL")


def reader(app: Flask) -> FlaskClient:
    """A browser in which a coordinator is signed in."""
    with access.looking_as(access.SYSTEM), unit_of_work():
        party = service.open_party(name="Japan", kind=PartyKind.GOVERNMENT, state_iso3="JPN")
        service.open_account(
            actor=access.SYSTEM,
            email=READER,
            name="Bench",
            party=party,
            roles=[Role.COORDINATOR],
            password=PASSWORD,
        )
    app.test_client_class = Browser
    return browser_of(app, READER)


@dataclass(frozen=True)
class Grown:
    """The house on one database with so many activities in it."""

    app: Flask
    browser: FlaskClient
    kind: str
    count: int
    before: dict[str, float]

    @property
    def labels(self) -> list[Any]:
        """Which database, how many activities."""
        return [self.kind, f"{self.count:,}"]

    def page(self, name: str, address: str) -> list[Any]:
        """One row under `PAGE_HEAD` for a page, warm; `name` tells it from every other when it has grown."""
        self.browser.get(address)
        with recorded() as seen:
            assert self.browser.get(address).status_code == 200, address
        reads = [one for one in seen if one.asks]
        times = milliseconds(lambda: self.browser.get(address), ROUNDS)
        with _rendering(self.app) as rendered:
            spent = processor_ms(lambda: self.browser.get(address), ROUNDS)
        template = statistics.mean(rendered)
        with bare(reads) as floor:
            milliseconds(floor, 0)
            floor_ms = processor_ms(floor, ROUNDS)
        growth = spent / self.before[name] if name in self.before else "–"
        self.before[name] = spent
        told = [*median_p95(times), len(reads), spent, growth, template, floor_ms, (spent - template) / floor_ms]
        return [name, *self.labels, *told]


@contextmanager
def bare(seen: list[Statement]) -> Iterator[Callable[[], None]]:
    """The same statements on the driver's own cursor, past the second wall: the floor has no walls."""
    with bare_cursor() as cursor:

        def run() -> None:
            for sql, parameters in seen:
                cursor.execute(sql, parameters)
                if cursor.description:
                    cursor.fetchall()

        yield run


@contextmanager
def bare_cursor() -> Iterator[Any]:
    """A cursor of the driver's own on a connection that nobody else gets, past the second wall."""
    connection = db.engine.raw_connection()
    cursor = connection.cursor()
    if db.engine.dialect.name == "postgresql":
        cursor.execute("SET LOCAL ROLE NONE")
    try:
        yield cursor
    finally:
        cursor.close()
        connection.rollback()
        connection.invalidate()
        connection.close()


@contextmanager
def _rendering(app: Flask) -> Iterator[list[float]]:
    """How much processor time each template took, in milliseconds."""
    found: list[float] = []
    begun: list[float] = []

    def begin(_app: Flask, **_more: Any) -> None:
        begun.append(time.thread_time())

    def end(_app: Flask, **_more: Any) -> None:
        found.append((time.thread_time() - begun.pop()) * 1000)

    with before_render_template.connected_to(begin, app), template_rendered.connected_to(end, app):
        yield found


@contextmanager
def empty_houses(kinds: Sequence[str] = KINDS) -> Iterator[Iterator[tuple[str, Flask]]]:
    """An empty house on each database, inside its application context, one after the other."""
    with tempfile.TemporaryDirectory() as given:
        folder = Path(given)
        cluster = Cluster(folder / "postgres")

        def each() -> Iterator[tuple[str, Flask]]:
            for kind in kinds:
                url = f"sqlite:///{folder}/bench.sqlite3" if kind == "SQLite" else cluster.start()
                app = create_app(settings_for(url.replace("postgresql://", "postgresql+psycopg://"), folder))
                with app.app_context():
                    install(sample=False, say=lambda _line: None)
                    yield kind, app
                    db.session.remove()
                    db.engine.dispose()

        try:
            yield each()
        finally:
            cluster.stop()


def grown(sizes: Sequence[int], kinds: Sequence[str] = KINDS) -> Iterator[Grown]:
    """The house on each database, at each size in turn, its statistics up to date."""
    with empty_houses(kinds) as houses:
        for kind, app in houses:
            browser, there = reader(app), 0
            writer = author()
            medians: dict[str, float] = {}
            for count in sorted(sizes):
                fill(writer, there, count, lambda line, kind=kind: print(f"{kind}: {line}", flush=True))  # type: ignore[misc]
                there = count
                yield Grown(app, browser, kind, count, medians)
