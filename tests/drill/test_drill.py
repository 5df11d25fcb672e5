"""The short drill on the real parts: killed web, worker and child, an empty broker, a mail server that misbehaves."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

import config


@pytest.mark.drill
def test_nothing_is_lost_and_no_copy_is_unexplained() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "drill", "--scale", "short", "--database", "sqlite", "--seed", "5"],
        cwd=config.ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=420,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"\d+ reminders, 3 kills, 0 lost, 0 unexplained duplicates, recovery \d+ s", last), last
