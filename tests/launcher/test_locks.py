"""Locks: one holder, whose note the others read, and none after its death."""

import subprocess
import sys
import threading

import pytest

from launcher import places
from launcher.locks import FolderLock, Held, Turn

HOLD = """
import sys, time
from pathlib import Path
from launcher.locks import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.take("http://localhost:8000")
print("held", flush=True)
time.sleep(60)
"""


def test_a_lock_ends_with_its_holder_however_that_ends(tmp_path):
    path = tmp_path / "lock"
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=places.ROOT) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Held, match="http://localhost:8000"):
            FolderLock(path).take()
        holder.kill()
    FolderLock(path).take()


def test_a_shorter_note_leaves_nothing_of_the_longer(tmp_path):
    lock = FolderLock(tmp_path / "lock")
    lock.take("a long first note")
    lock.note("short")
    assert (tmp_path / "lock").read_text() == "short"
    lock.release()


def test_a_lock_does_not_follow_a_link(tmp_path):
    target = tmp_path / "precious"
    target.write_text("kept")
    (tmp_path / "lock").symlink_to(target)
    with pytest.raises(OSError, match="lock"):
        FolderLock(tmp_path / "lock").take()
    assert target.read_text() == "kept"


def test_a_second_set_up_waits_for_its_turn(tmp_path, capsys):
    path = tmp_path / "lock"
    first = FolderLock(path)
    first.take()
    threading.Timer(0.3, first.release).start()
    with Turn(path, "Waiting for the other"), pytest.raises(Held):
        FolderLock(path).take()
    assert capsys.readouterr().out == "  Waiting for the other\n"
    FolderLock(path).take()
