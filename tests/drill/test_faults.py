"""The seed says what goes wrong; every fault has its place and its blow."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any, cast

import pytest

from drill.blows import Striker
from drill.faults import FULL, KILLS, OF_POSTGRESQL, OF_SQLITE, Fault, summary, timetable

DATABASES = ("sqlite", "postgresql")


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("scale", ["short", "full"])
def test_the_same_seed_replays_a_drill_and_another_does_not(scale: str, database: str) -> None:
    assert timetable(scale, database, 7) == timetable(scale, database, 7)
    assert timetable(scale, database, 7) != timetable(scale, database, 8)


@pytest.mark.parametrize("database", DATABASES)
def test_the_full_drill_kills_twenty_times_and_meets_every_fault_of_its_database(database: str) -> None:
    phases = timetable("full", database, 1)
    met = Counter(blow.fault for phase in phases for blow in phase.blows)
    foreign = OF_SQLITE if database == "postgresql" else OF_POSTGRESQL
    assert set(met) == set(Fault) - foreign
    assert sum(met[fault] for fault in KILLS) == 20
    assert sum(number for fault, number in met.items() if "Redis" in fault) >= 5
    assert sum(phase.reminders for phase in phases) == 10_000
    assert sum(phase.reminders for phase in timetable("full", database, 1, 77)) == 77


def test_every_fault_is_in_the_full_drill() -> None:
    assert {fault for row in FULL for fault in row} == set(Fault)


def test_every_fault_has_a_blow(monkeypatch: pytest.MonkeyPatch) -> None:
    striker = Striker(cast(Any, None), cast(Any, None), random.Random(1))
    done: list[str] = []
    for name in [one for one in dir(Striker) if one.startswith("_") and not one.startswith(("__", "_do"))]:
        monkeypatch.setattr(striker, name, lambda *_given, name=name, **_named: done.append(name))
    for fault in Fault:
        assert striker._do(fault, 1.0)
    assert len(done) == len(Fault)


def test_the_last_line() -> None:
    assert summary(10_000, 20, 0, 0, 41.2) == (
        "10000 reminders, 20 kills, 0 lost, 0 unexplained duplicates, recovery 41 s"
    )
