"""What the tests of the States share: the treaty, the files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask

import config
from crm.states.events import InstrumentDeposited
from crm.states.reference import ReferenceData, read_reference
from crm.states.rules import Treaty, treaty_from

DATA = config.ROOT / "data"
FOLDER = DATA / "ccm"


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of one of the data files."""
    with (FOLDER / name).open(newline="", encoding="utf-8") as source:
        return list(csv.DictReader(source))


@pytest.fixture
def on_the_day() -> Iterator[None]:
    """Today is 23 November 2026."""
    with time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=UTC), tick=True):
        yield


@pytest.fixture(scope="session")
def reference() -> ReferenceData:
    """The files as values."""
    return read_reference(FOLDER)


@pytest.fixture(scope="session")
def ccm(reference: ReferenceData) -> Treaty:
    """The Convention on Cluster Munitions."""
    return treaty_from(reference.facts)


@pytest.fixture
def own_data(tmp_path: Path) -> Path:
    """A copy of the data folder that a test may change."""
    target = tmp_path / "data" / "ccm"
    target.mkdir(parents=True)
    for path in FOLDER.iterdir():
        if path.is_file():
            (target / path.name).write_bytes(path.read_bytes())
    return target.parent


@pytest.fixture
def heard(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[InstrumentDeposited]:
    """What higher floors are told."""
    told: list[InstrumentDeposited] = []
    monkeypatch.setitem(app.extensions["events"], InstrumentDeposited, [told.append])
    return told
