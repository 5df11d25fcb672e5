"""The main job, as a newcomer meets it: one command starts all of it, one signal ends all of it."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from launcher import places, ports

pytestmark = pytest.mark.drill

START_LIMIT = 180.0
PARTS = (
    "valkey-server",
    "mail catch",
    "celery -A tasks.worker worker",
    "celery -A tasks.worker beat",
    "granian",
)


@dataclass
class Running:
    """A house that a test started; `said` is what it printed until it was ready."""

    process: subprocess.Popen[str]
    port: int
    var: Path
    said: str

    def page(self, path: str = "/") -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as answer:
            return int(answer.status)


def environ(var: Path, port: int) -> dict[str, str]:
    """The bare environment of a newcomer: nothing that this test run has set for itself."""
    env = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
    return {**env, "VAR_DIR": str(var), "PORT": str(port)}


def run(var: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(places.ROOT / "run.py")],
        env=environ(var, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
    )


def children(parent: int) -> dict[int, str]:
    """Everything below a process: number and command line."""
    done = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in done.stdout.splitlines()]
    found, latest = {}, {str(parent)}
    while latest:
        new = {row[0]: row[2] for row in rows if row[1] in latest and len(row) == 3}
        found.update({int(pid): args for pid, args in new.items()})
        latest = set(new)
    return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    var, port = tmp_path_factory.mktemp("house") / "var", ports.free()
    process = run(var, port)
    assert process.stdout
    lines, end = [], time.time() + START_LIMIT
    for line in process.stdout:
        lines.append(line)
        if "End it with Ctrl-C" in line or time.time() > end:
            break
    running = Running(process, port, var, "".join(lines))
    try:
        assert process.poll() is None, running.said
        assert running.page("/readyz") == 200, "ready when it says so"
        yield running
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_it_says_where_it_is_and_who_may_sign_in(house):
    assert f"Demarche is ready: http://localhost:{house.port}\n" in house.said
    assert re.search(r"\S+@\S+", house.said), "the sample accounts"
    assert house.page() == 200


def test_every_part_runs_and_none_shows_a_password(house):
    commands = children(house.process.pid).values()
    assert [part for part in PARTS if not any(part in command for command in commands)] == []
    assert not any(re.search(r"://[^ ]*:[^ ]*@", command) for command in commands)


def test_the_secret_is_drawn_once_for_the_owner_alone(house):
    secret = house.var / "secret_key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(house.var.stat().st_mode) == 0o700
    assert len(secret.read_text().strip()) >= 64


def test_a_second_run_in_the_folder_is_refused_with_the_address_of_the_first(house):
    second = run(house.var, ports.free())
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"http://localhost:{house.port}" in said
    assert said.count("\n") == 1


def test_an_occupied_port_ends_it_before_anything_is_started(house, tmp_path):
    second = run(tmp_path / "var", house.port)
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert re.fullmatch(
        rf"Port {house.port} is already in use by another program\. "
        r"Choose another: PORT=\d+ python3 run\.py\n",
        said,
    )
    assert not (tmp_path / "var" / "redis").exists()


def test_a_part_that_is_killed_comes_back(house):
    def web() -> set[int]:
        return {pid for pid, args in children(house.process.pid).items() if "granian" in args}

    before, end = web(), time.monotonic() + 60
    os.kill(min(before), signal.SIGKILL)
    while time.monotonic() < end and (web() & before or not web() or not ports.answers(house.port)):
        time.sleep(0.1)
    assert house.page() == 200
    assert not web() & before


def test_one_signal_ends_all_of_it(house):
    """Last in the file: the house is closed afterwards."""
    parts = children(house.process.pid)
    house.process.send_signal(signal.SIGINT)
    said, _ = house.process.communicate(timeout=60)
    assert house.process.returncode == 0
    assert said.endswith("Stopped.\n")
    alive = subprocess.run(["ps", "-o", "pid=,stat=", "-p", ",".join(map(str, parts))], capture_output=True, text=True)
    assert [line for line in alive.stdout.splitlines() if "Z" not in line] == []
    assert not ports.answers(house.port)
