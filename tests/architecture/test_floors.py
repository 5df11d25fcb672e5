"""A file imports only from lower floors, and siblings never import each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.imports import ROOT, dotted, imported, source_files

# Audit is the lower half of floor 1: mail and files write down what happens to them, too.
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
    "crm.calendar": 7,
    "crm.home": 7,
    "crm.health": 7,
    "crm.sample": 8,
    "crm.install": 8,
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


@pytest.mark.parametrize("path", [*source_files("crm", "tasks"), ROOT / "wsgi.py"], ids=dotted)
def test_imports_go_down(path: Path) -> None:
    assert not breaches(path)


def test_every_package_has_a_floor() -> None:
    folders = {f"crm.{one.name}" for one in (ROOT / "crm").iterdir() if (one / "__init__.py").is_file()}
    assert folders == {one for one in FLOORS if one.startswith("crm.") and (ROOT / one.replace(".", "/")).is_dir()}


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
