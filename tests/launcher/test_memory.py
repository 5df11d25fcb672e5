"""The tests' folder in memory: taken where there is room, gone at the end, also after runs that were cut off."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import memory, places


def test_it_is_there_for_a_while_and_shows_nothing_to_others(tmp_path: Path) -> None:
    with memory.folder(tmp_path, room=1) as made:
        assert made
        assert made.parent == tmp_path
        (made / "something").write_text("kept")
        assert stat.S_IMODE(made.stat().st_mode) == 0o711
    assert list(tmp_path.iterdir()) == []


def test_the_disk_serves_where_there_is_no_such_place_or_no_room(tmp_path: Path) -> None:
    with memory.folder(tmp_path / "nowhere", room=1) as made:
        assert made is None
    assert memory.roomy(tmp_path, room=1)
    assert not memory.roomy(tmp_path, room=2**80)


def test_a_machine_short_of_memory_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_unused", lambda: 0)
    with memory.folder(tmp_path, room=1) as made:
        assert made is None


def test_what_a_run_left_that_was_cut_off_goes_and_what_another_uses_stays(tmp_path: Path) -> None:
    cut_off = (
        "import os, sys; from pathlib import Path; from launcher import memory\n"
        "with memory.folder(Path(sys.argv[1]), room=1) as made: os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", cut_off, str(tmp_path)], cwd=places.ROOT, check=True)
    assert len(list(tmp_path.iterdir())) == 1
    with memory.folder(tmp_path, room=1) as mine, memory.folder(tmp_path, room=1) as others:
        assert {mine, others} == set(tmp_path.iterdir())


def test_what_belongs_to_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / f"{memory.PREFIX}link").symlink_to(tmp_path)
    if os.geteuid() == 0:
        theirs = tmp_path / f"{memory.PREFIX}theirs"
        theirs.mkdir()
        os.chown(theirs, 65534, 65534)
    before = set(tmp_path.iterdir())
    with memory.folder(tmp_path, room=1):
        pass
    assert set(tmp_path.iterdir()) == before
