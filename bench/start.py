"""From `python3 run.py` to the first page, cold in a new copy and warm in the same one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench.measure import show
from launcher import ports

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 600
OURS = {"DATABASE_URL", "REDIS_URL", "SMTP_URL", "VAR_DIR", "PUBLIC_URL", "VIRTUAL_ENV", "TEST_DATABASE_URL"}


def _seconds_to_first_page(folder: Path) -> float:
    """Start, wait for the sign-in page, stop."""
    port = ports.free()
    environment = {name: value for name, value in os.environ.items() if name not in OURS} | {"PORT": str(port)}
    begun = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "run.py"], cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    ) as started:
        try:
            while time.monotonic() - begun < LIMIT:
                try:
                    with urllib.request.urlopen(f"http://localhost:{port}/sign-in", timeout=2) as page:
                        if page.status == 200:
                            return time.monotonic() - begun
                except OSError:
                    time.sleep(0.1)
            raise RuntimeError(f"no page within {LIMIT} s")
        finally:
            started.send_signal(signal.SIGINT)
            started.wait(timeout=60)


def run() -> None:
    """Print cold and warm start."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        files = (
            subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
            .stdout.decode()
            .split("\0")
        )
        for name in filter(None, files):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
        rows = [["cold", _seconds_to_first_page(copy)], ["warm", _seconds_to_first_page(copy)]]
    show("From `python3 run.py` to the first page", ("start", "seconds"), rows)
