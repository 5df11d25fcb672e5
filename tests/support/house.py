"""The whole installation, started as a user starts it: web, worker, beat, broker, mail catcher."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from launcher import ports
from tests.support.browser import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = PATIENCE
STOPPED_WITHIN = 60


class House:
    """One installation in a folder of its own; it may be ended and started again, later by the clock."""

    def __init__(self, folder: Path, database_url: str | None) -> None:
        self.folder = folder
        self.port = ports.free()
        self.address = f"http://localhost:{self.port}"
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "REDIS_URL", "SMTP_URL", "CLOCK_SHIFT", "DEMARCHE_ENV")
        }
        self.environment |= {"VAR_DIR": str(folder), "PORT": str(self.port), "REMINDER_DETAIL": "full"}
        if database_url:
            self.environment["DATABASE_URL"] = database_url

    @contextmanager
    def running(self, *, clock_shift: int = 0) -> Iterator[str]:
        """Run it, `clock_shift` seconds later than it is; gives its address, ends it with Ctrl-C."""
        log = self.folder.parent / f"{self.folder.name}-{clock_shift}.log"
        environment = {**self.environment, "CLOCK_SHIFT": str(clock_shift)}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "run.py"],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait(process, log)
            yield self.address
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        assert process.returncode == 0, log.read_text()
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", self.port)) != 0, "something still listens"

    def _wait(self, process: subprocess.Popen[bytes], log: Path) -> None:
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until:
            assert process.poll() is None, log.read_text()
            if "Demarche is ready" in log.read_text() and self.answers("/healthz"):
                return
            time.sleep(0.2)
        raise AssertionError(f"not ready within {READY_WITHIN} s\n{log.read_text()}")

    def answers(self, path: str) -> bool:
        """Whether a page answers with 200."""
        try:
            with urlopen(self.address + path, timeout=5) as page:
                return bool(page.status == 200)
        except HTTPError:
            return False
        except OSError:
            return False

    def wait_until_ready(self, seconds: int = PATIENCE) -> None:
        """Until /readyz says that everything is well."""
        until = time.monotonic() + seconds
        while not self.answers("/readyz"):
            assert time.monotonic() < until, "not ready"
            time.sleep(0.5)
