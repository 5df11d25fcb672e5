"""Both databases, migrated once and as new for each test: what a test commits, no other test sees.

The clone of every test has the same address, so that one application of each kind serves the whole run and keeps
the statements it has compiled, as a real one does.
"""

from __future__ import annotations

import contextvars
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

import config
from crm import create_app
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.install import install
from crm.sample import service as samples
from launcher.postgres import Cluster
from tests.support.restoring import Kept

KINDS = ("sqlite", "postgresql")
FEW = 6
"""So many applications are kept; some tests need one whose settings nobody else will ask for."""


def settings_for(url: str, var_dir: Path, **changes: Any) -> config.Settings:
    """Settings of a test installation."""
    given: dict[str, Any] = {
        "environment": "testing",
        "var_dir": var_dir,
        "database_url": url,
        "redis_url": "redis://127.0.0.1:1/0",
        "secret_key": "a secret for tests alone, long enough",
        "public_url": "http://localhost:8000",
        "mail_catcher_dir": var_dir / "mail",
    }
    return config.Settings(**{**given, **changes})


def _made(settings: config.Settings) -> Flask:
    app = create_app(settings)
    app.test_client_class = Browser
    return app


@contextmanager
def opened(settings: config.Settings) -> Iterator[Flask]:
    """One more application, which leaves no connection behind."""
    made = _made(settings)
    try:
        yield made
    finally:
        with made.app_context():
            db.engine.dispose()


class Sqlite:
    """A template file and copies of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.sqlite3"
        self.sample: Path | None = None

    def template_url(self) -> str:
        return f"sqlite:///{self.template}"

    def sample_url(self) -> str:
        """A second template, a copy of the first."""
        self.sample = self.folder / "sample.sqlite3"
        shutil.copyfile(self.template, self.sample)
        return f"sqlite:///{self.sample}"

    def clone(self, *, sample: bool = False) -> str:
        copy = self.folder / "test.sqlite3"
        shutil.copyfile(self.sample if sample else self.template, copy)
        return f"sqlite:///{copy}"

    def drop(self, url: str) -> None:
        for path in self.folder.glob(Path(make_url(url).database or "").name + "*"):
            path.unlink()

    def stop(self) -> None:
        """Nothing runs."""


class Postgres:
    """A server, a template database and one clone of it, which is brought back to what it held for each test."""

    def __init__(self, folder: Path) -> None:
        given = os.environ.get("TEST_DATABASE_URL")
        self.cluster = None if given else Cluster(folder / "postgres")
        self.server = make_url(given or self.cluster.start())  # type: ignore[union-attr]
        self.template = f"template_{uuid.uuid4().hex}"
        self.name = f"test_{uuid.uuid4().hex}"
        self.sample = ""
        self.kept: dict[str, Kept] = {}
        self.is_there = False
        self._run(f'CREATE DATABASE "{self.template}"')

    def _run(self, statement: str) -> None:
        with self.connected() as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def connected(self, name: str | None = None) -> psycopg.Connection[Any]:
        """Whoever owns everything, in a database of this server."""
        url = self.server.set(drivername="postgresql", database=name or self.server.database)
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)

    def _url(self, name: str) -> str:
        changed = self.server.set(drivername="postgresql+psycopg", database=name)
        return changed.render_as_string(hide_password=False)

    def template_url(self) -> str:
        return self._url(self.template)

    def sample_url(self) -> str:
        """A second template, a copy of the first."""
        self.sample = f"{self.template}_sample"
        self._copy(self.template, self.sample)
        return self._url(self.sample)

    def clone(self, *, sample: bool = False) -> str:
        wanted = self._kept(self.sample if sample else self.template)
        if self.is_there:
            with self.connected(self.name) as connection:
                self.is_there = wanted.into(connection)
        if not self.is_there:
            self._drop(self.name)
            self._copy(self.sample if sample else self.template, self.name)
            self.is_there = True
        return self._url(self.name)

    def _kept(self, name: str) -> Kept:
        if name not in self.kept:
            with self.connected(name) as connection:
                self.kept[name] = Kept.of(connection)
        return self.kept[name]

    def _copy(self, template: str, name: str) -> None:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def _drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def drop(self, url: str) -> None:
        """Whoever is still in it is sent away; the database itself serves the next test."""
        name = make_url(url).database
        self._run(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")

    def stop(self) -> None:
        for name in filter(None, (self.name, self.template, self.sample)):
            self._drop(name)
        if self.cluster:
            self.cluster.stop()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Sqlite | Postgres]]:
    """Both kinds, started and migrated at the first use of each."""
    started: dict[str, Sqlite | Postgres] = {}

    class Servers(dict[str, Any]):
        def __missing__(self, kind: str) -> Sqlite | Postgres:
            folder = tmp_path_factory.mktemp(kind)
            server = Sqlite(folder) if kind == "sqlite" else Postgres(folder)
            with opened(settings_for(server.template_url(), folder)) as app, app.app_context():
                install(sample=False, say=lambda _line: None)
            started[kind] = self[kind] = server
            return server

    yield Servers()
    for server in started.values():
        server.stop()


def _put_sample_into(settings: config.Settings) -> None:
    with opened(settings) as app, app.app_context(), access.looking_as(access.SYSTEM), unit_of_work():
        samples.load(settings.treaty)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database; every test that asks for it runs once on each."""
    return str(request.param)


@pytest.fixture
def database_url(
    database: str, servers: dict[str, Sqlite | Postgres], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A fresh database with the reference data in it, and the sample campaign where the test is marked so."""
    server, sample = servers[database], request.node.get_closest_marker("sample") is not None
    if sample and not server.sample:
        _put_sample_into(settings_for(server.sample_url(), tmp_path))
    url = server.clone(sample=sample)
    yield url
    server.drop(url)


@pytest.fixture(scope="session")
def common_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every application of the run keeps its files; see `var_dir`."""
    return tmp_path_factory.mktemp("var")


@pytest.fixture
def var_dir(common_folder: Path) -> Path:
    """The folder of this test's files, empty."""
    for one in common_folder.iterdir():
        shutil.rmtree(one) if one.is_dir() else one.unlink()
    return common_folder


@pytest.fixture
def settings(database_url: str, var_dir: Path) -> config.Settings:
    """The settings of this test; a test module may override the fixture to change them."""
    return settings_for(database_url, var_dir)


class Browser(FlaskClient):
    """A client whose every request stands in a context of its own, as behind a real server."""

    def open(self, *given: Any, **named: Any) -> TestResponse:
        answer: TestResponse = contextvars.Context().run(super().open, *given, **named)
        return answer


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """One store for all applications of a run: each would otherwise compile every template anew."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def standing() -> dict[config.Settings, Flask]:
    """The applications that serve one test after the other, by their settings."""
    return {}


@contextmanager
def _unchanged(app: Flask) -> Iterator[None]:
    """What the block puts into the configuration is taken out again."""
    kept, extensions = dict(app.config), dict(app.extensions)
    try:
        yield
    finally:
        app.config.clear()
        app.config.update(kept)
        app.extensions.clear()
        app.extensions.update(extensions)


@pytest.fixture
def app(
    settings: config.Settings, standing: dict[config.Settings, Flask], compiled_templates: FileSystemBytecodeCache
) -> Iterator[Flask]:
    """The application on a fresh database, inside an application context, looking as the system.

    Whoever adds routes or handlers asks for an application of their own, see `opened`.
    """
    if settings not in standing:
        if len(standing) == FEW:
            del standing[next(iter(standing))]
        standing[settings] = _made(settings)
        standing[settings].jinja_env.bytecode_cache = compiled_templates
    made = standing[settings]
    with made.app_context(), _unchanged(made):
        access.look_as(access.SYSTEM)
        yield made
        db.session.remove()
        db.engine.dispose()
