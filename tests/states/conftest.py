"""What the tests of the States share: the treaty, the files, a counter of statements."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

import config
from crm.core.db import db
from crm.states.reference import ReferenceData, read_reference
from crm.states.rules import Treaty, treaty_from

DATA = config.ROOT / "data"
FOLDER = DATA / "ccm"


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of one of the data files."""
    with (FOLDER / name).open(newline="", encoding="utf-8") as source:
        return list(csv.DictReader(source))


@pytest.fixture(scope="session")
def reference() -> ReferenceData:
    """The files as values."""
    return read_reference(FOLDER)


@pytest.fixture(scope="session")
def ccm(reference: ReferenceData) -> Treaty:
    """The Convention on Cluster Munitions."""
    return treaty_from(reference.facts)


@pytest.fixture
def statements(app: Flask) -> Callable[[], Any]:
    """A block that collects the statements sent to the database within it."""

    @contextmanager
    def collected() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return collected


@pytest.fixture
def own_data(tmp_path: Path) -> Path:
    """A copy of the data folder that a test may change."""
    target = tmp_path / "data" / "ccm"
    target.mkdir(parents=True)
    for path in FOLDER.iterdir():
        if path.is_file():
            (target / path.name).write_bytes(path.read_bytes())
    return target.parent
