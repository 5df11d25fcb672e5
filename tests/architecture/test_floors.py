"""A file imports only from lower floors, and siblings never import each other."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from flask import Flask

from crm.core.db import Base
from tests.architecture.imports import ROOT, dotted, imported, offences, source_files, text_of

# Audit is the lower half of floor 1: mail and files write down what happens to them, too. Imports are the upper half
# of floor 6: what is taken back takes its follow-ups along, and stays where somebody has asked to read it. Instructions
# stand between: each of their tasks is an activity with a follow-up, which they open and close. The waiting room for
# mail is the roof of floor 6: today's page and the page of health count what waits in it.
FLOORS: dict[str, float] = {
    "crm.core": 0,
    "crm.audit": 1,
    "crm.mail": 1.5,
    "crm.files": 1.5,
    "crm.states": 2,
    "crm.accounts": 3,
    "crm.reach": 3.5,
    "crm.people": 4,
    "crm.meetings": 4,
    "crm.positions": 4,
    "crm.activities": 5,
    "crm.followups": 6,
    "crm.letters": 6,
    "crm.sharing": 6,
    "crm.instructions": 6.25,
    "crm.imports": 6.5,
    "crm.capture": 6.75,
    "crm.calendar": 7,
    "crm.pins": 7,
    "crm.briefs": 7,
    "crm.lists": 7,
    "crm.drafts": 7,
    "crm.home": 7,
    "crm.health": 7,
    "crm.search": 7,
    "crm.sample": 8,
    "crm.backup": 8,
    "crm.hanging": 8,
    "crm.install": 8,
    "crm.concerns": 8,
    "crm.subjects": 8,
    "crm.wiring": 8,
    "crm": 8,
    "wsgi": 9,
    "tasks": 9,
}
WIRING = 8


def room_of(module: str) -> str | None:
    """The room (package) a module belongs to; None for what is not ours."""
    parts = module.split(".")
    if parts[0] == "crm" and len(parts) > 1 and f"crm.{parts[1]}" in FLOORS:
        return f"crm.{parts[1]}"
    return parts[0] if parts[0] in FLOORS else None


def breaches(path: Path) -> list[str]:
    """Every import of a file that goes up or sideways."""
    here = room_of(dotted(path))
    assert here, f"{path} belongs to no floor"
    found = []
    for line, name in imported(path):
        there = room_of(name)
        if there is None or there == here or (there == "crm" and name != "crm" and FLOORS[here] < WIRING):
            continue
        same_floor_allowed = FLOORS[here] == WIRING
        if FLOORS[there] > FLOORS[here] or (FLOORS[there] == FLOORS[here] and not same_floor_allowed):
            found.append(f"{path.relative_to(ROOT)}:{line} ({here}, {FLOORS[here]}) imports {name} ({FLOORS[there]})")
    return found


def test_imports_go_down() -> None:
    assert not offences([*source_files("crm", "tasks"), ROOT / "wsgi.py"], breaches)


def test_every_package_has_a_floor() -> None:
    folders = {f"crm.{one.name}" for one in (ROOT / "crm").iterdir() if (one / "__init__.py").is_file()}
    assert folders == {one for one in FLOORS if one.startswith("crm.") and (ROOT / one.replace(".", "/")).is_dir()}


def test_the_plan_that_newcomers_read_is_this_one() -> None:
    told = {}
    for floor, rooms in re.findall(r"^\| ([\d¼½¾]+) \| (.*?) \|", text_of(ROOT / "docs/contributing.md"), re.M):
        for room in re.findall(r"`([\w./]+)`", rooms):
            name = room.removesuffix("/__init__.py").removesuffix(".py").rstrip("/").replace("/", ".")
            told[name] = sum(float(unicodedata.numeric(one)) for one in floor)
    assert told == FLOORS


def test_settings_import_nothing_of_ours() -> None:
    assert not [name for _, name in imported(ROOT / "config.py") if name.split(".")[0] in ("crm", "tasks")]


def test_the_walker_sees_local_and_relative_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "crm" / "states"
    inside.mkdir(parents=True)
    bad = inside / "bad.py"
    bad.write_text("def f():\n    from ..letters import service\n    import crm.activities.models\n")
    monkeypatch.setattr("tests.architecture.imports.ROOT", tmp_path)
    monkeypatch.setattr("tests.architecture.test_floors.ROOT", tmp_path)
    assert len(breaches(bad)) == 3


UPWARD = {
    ("answered_request", "user_account"): "whose request it was; kept for a day, by the doors that every room has",
    ("interlocutor", "activity"): "in which note somebody was met first; the people of later notes are asked for by it",
    ("post", "activity"): "from which note the person was kept with whom it was written down; it follows that note",
    ("stance_claim", "activity"): "out of which note it was thought so; the rule of the note holds for the claim",
}
"""Keys that point up to a table of a higher floor, and why."""


def _pointing_up() -> set[tuple[str, str]]:
    """Table and table of every foreign key that does not point down, to its own room or to a room below it."""
    rooms = {one.class_.__tablename__: room_of(one.class_.__module__) for one in Base.registry.mappers}
    found = set()
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            here, there = rooms[table.name], rooms[key.column.table.name]
            assert here and there, table.name
            if here != there and FLOORS[there] >= FLOORS[here]:
                found.add((table.name, key.column.table.name))
    return found


def test_tables_point_downward(app: Flask) -> None:
    """Who is pointed at can be built, moved and taken away without knowing who points."""
    assert _pointing_up() == set(UPWARD), "a new one needs a reason, an old one is needed no more"
