"""The worker and the beat as processes of their own, as a user runs them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import config

ROOT = Path(config.__file__).parent


def environment(settings: config.Settings) -> dict[str, str]:
    """The environment that makes a process read these settings."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TZ", "HOME")}
    return kept | {
        "DEMARCHE_ENV": "testing",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SMTP_URL": settings.smtp_url,
        "VAR_DIR": str(settings.var_dir),
        "SECRET_KEY": settings.secret_key,
    }


class Process:
    """One `celery -A tasks.worker …`, with everything it starts in a group of its own."""

    def __init__(self, settings: config.Settings, *arguments: str) -> None:
        self.log = settings.var_dir / f"{arguments[0]}-{time.monotonic_ns()}.log"
        command = [sys.executable, "-m", "celery", "-A", "tasks.worker", *arguments, "-l", "INFO"]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(settings),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_for(self, words: str, seconds: float = 60) -> None:
        """Wait until the log has these words."""
        wait_until(lambda: words in self.log.read_text() or self.process.poll() is not None, seconds)
        assert words in self.log.read_text(), self.log.read_text()

    def kill(self) -> None:
        """End it and all its children at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def terminate(self, seconds: float = 30) -> int:
        """Ask it to end and wait; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)


def wait_until(fact: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is so; AssertionError when the time is over."""
    end = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)
