"""A command that has the terminal to itself: its end is ours, and ours is its."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher import commands, places

ASIDE = "import os, sys; from launcher import commands; sys.exit(commands.stand_aside(sys.argv[1:], os.environ))"


@pytest.mark.parametrize(("script", "status"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137)])
def test_its_status_is_ours(script: str, status: int) -> None:
    assert commands.stand_aside(["/bin/sh", "-c", script], os.environ) == status


@pytest.mark.drill
@pytest.mark.parametrize(
    ("number", "says"), [(signal.SIGINT, "heard the keyboard"), (signal.SIGTERM, "heard that we ended")]
)
def test_it_hears_the_keyboard_by_itself_and_does_not_outlive_us(
    number: signal.Signals, says: str, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    heard = f"trap 'echo heard the keyboard >{said}; exit' INT; trap 'echo heard that we ended >{said}; exit' TERM"
    script = f"{heard}; echo up; while :; do sleep 0.1; done"
    us = subprocess.Popen(
        [sys.executable, "-c", ASIDE, "/bin/sh", "-c", script],
        cwd=places.ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert us.stdout
    assert us.stdout.readline() == "up\n"
    if number == signal.SIGINT:  # the terminal tells the whole group
        os.killpg(us.pid, number)
    else:
        us.terminate()
    us.wait(30)
    us.stdout.close()
    until = time.monotonic() + 30
    while not said.exists() or not said.read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert said.read_text().strip() == says
