"""Commands of the set-up that take a while: they show progress, write a log and fail in clear words."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from launcher import places, say
from launcher.processes import Child, tethered


def run(
    label: str,
    command: Sequence[str],
    *,
    log: Path,
    failed: str,
    remedy: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path = places.ROOT,
    timeout: float = 1800,
) -> None:
    """Run a command to its end under the label; raises Problem(failed, remedy, last lines) otherwise.

    `timeout` in seconds. What the command writes is appended to `log`.
    """
    child = Child(label, command, log, env=env, cwd=cwd, grace=5)
    deadline = time.monotonic() + timeout
    with say.Step(label) as step:
        child.start()
        try:
            while child.alive and time.monotonic() < deadline:
                step.tick(child.last_lines(1))
                time.sleep(0.1)
        finally:
            in_time = not child.alive
            child.stop()
        if not in_time:
            raise child.failure(f"{failed} It took longer than {timeout / 60:.0f} minutes.", remedy)
        if child.status:
            raise child.failure(failed, remedy)


def quiet(command: Sequence[str], *, env: Mapping[str, str] | None = None, timeout: float = 60) -> str | None:
    """What a short command prints, stripped; None when it fails or is not there."""
    try:
        done = subprocess.run(
            command,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None


def stand_aside(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Leave terminal, signals and last line to the command until it ends; answer its exit status, as a shell does.

    Ctrl-C reaches it by itself. It is told to end (SIGTERM) when this process dies before it.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = subprocess.run(tethered(command, signal.SIGTERM), env=dict(env), cwd=places.ROOT)
    finally:
        signal.signal(signal.SIGINT, before)
    return done.returncode if done.returncode >= 0 else 128 - done.returncode
