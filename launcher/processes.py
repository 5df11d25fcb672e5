"""Programs that we start: each in its own session, with a log, and ended whatever happens to us."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from launcher import say
from launcher.places import shown

TETHER = Path(__file__).with_name("tether.py")
GUARD = Path(__file__).with_name("guard.py")
LOG_LIMIT = 5_000_000
"""Bytes after which a log is put aside as `.1` at the next start."""

LONGEST_PAUSE = 30.0
"""Seconds that a program which keeps dying waits at most before it is started again."""

SETTLED = 60.0
"""Seconds after which a program counts as well again, and its next pause is the shortest one."""


class Guard:
    """The process that ends our programs should we be killed; one for all of them, from the first on."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def watch(self, pid: int, number: signal.Signals) -> None:
        """From now on send this program the signal when we are gone, and later end its whole session."""
        self._tell(f"+{pid} {int(number)}\n")

    def forget(self, pid: int) -> None:
        """The program has ended and its number may soon belong to another."""
        self._tell(f"-{pid}\n")

    def _tell(self, line: str) -> None:
        if self._process is None or self._owner != os.getpid():
            self._start()
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line.encode())
                self._process.stdin.flush()

    def _start(self) -> None:
        self._owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
        )
        # It outlives us by design, so nobody will ask how it ended.
        self._process.returncode = 0


guard = Guard()


def tethered(command: Sequence[str], on_orphaned: signal.Signals, uid: int | None = None) -> list[str]:
    """The command in the words that tie it to us: it gets the signal when we die."""
    tether = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), str(int(on_orphaned))]
    return [*tether, "-1" if uid is None else str(uid), *command]


@dataclass
class Child:
    """One program. `stdin` is text that it reads at its start; `uid` a user to become, for root only.

    `on_orphaned` is the signal it gets when we die; `grace` the seconds it has to end by itself.
    """

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path = Path("/")
    stdin: str = ""
    uid: int | None = None
    on_orphaned: signal.Signals = signal.SIGTERM
    grace: float = 10.0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    began: float = field(default=0.0, init=False)
    _mark: int = field(default=0, init=False)

    def start(self) -> None:
        """Start the program; raises Problem when it is not there."""
        self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_name(self.log.name + ".1"))
        if not os.access(self.command[0], os.X_OK):
            raise say.Problem(f"{self.command[0]} is not there.", remedy="Run: python3 run.py setup")
        with self.log.open("ab") as log:
            self._mark = log.tell()
            self.process = subprocess.Popen(
                tethered(self.command, self.on_orphaned, self.uid),
                stdin=subprocess.PIPE if self.stdin else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=None if self.env is None else dict(self.env),
                cwd=self.cwd,
                start_new_session=True,
            )
        self.began = time.monotonic()
        guard.watch(self.process.pid, self.on_orphaned)
        if self.process.stdin:
            with contextlib.suppress(BrokenPipeError), self.process.stdin as pipe:
                pipe.write(self.stdin.encode())

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def status(self) -> int | None:
        """The exit status once it has ended; minus the signal's number when a signal ended it."""
        return self.process.poll() if self.process else None

    def last_lines(self, lines: int = 15) -> str:
        """The end of what it wrote since its last start."""
        return say.tail(self.log, lines, self._mark)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program itself, not to what it started."""
        if self.process is not None and self.alive:
            self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end, wait `grace` seconds, then end it and everything it started."""
        self.send(number)
        self.finish()

    def finish(self) -> None:
        """The second half of `stop`, for those who have asked already."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(self.grace)
        self.kill()

    def kill(self) -> None:
        """End it and its whole session now."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        guard.forget(self.process.pid)

    def ended(self) -> str:
        """How it ended, in words."""
        status = self.status
        if status is None:
            return "runs"
        if status >= 0:
            return f"ended with status {status}"
        return f"was ended by signal {-status} ({signal.Signals(-status).name})"

    def failure(self, what: str, remedy: str = "") -> say.Problem:
        """A Problem that shows the last lines of the log."""
        where = f"Its whole log is {shown(self.log)}."
        return say.Problem(what, remedy=f"{remedy} {where}".strip(), evidence=self.last_lines())


@dataclass
class _Watched:
    child: Child
    foundation: bool
    deaths: int = 0
    again_at: float | None = None


class Supervisor:
    """Keeps programs running: one that dies is started again after a pause that grows up to a bound."""

    def __init__(self, report: Callable[[str], None] = say.line) -> None:
        self._watched: list[_Watched] = []
        self._report = report

    def start(self, child: Child, *, foundation: bool = False) -> None:
        """Start a program (when it does not run yet) and keep it running from now on.

        A foundation is what the others stand on: it is ended after them.
        """
        if not child.alive:
            child.start()
        self._watched.append(_Watched(child, foundation))

    def require_alive(self) -> None:
        """Raise Problem with its last lines when a program is not running: for the time of the start."""
        for watched in self._watched:
            if not watched.child.alive:
                child = watched.child
                raise child.failure(f"The {child.name} did not start: it {child.ended()}.")

    def look(self) -> None:
        """Look after every program once; call it a few times per second."""
        now = time.monotonic()
        for watched in self._watched:
            if watched.again_at is not None:
                if now >= watched.again_at:
                    watched.again_at = None
                    watched.child.start()
            elif not watched.child.alive:
                self._died(watched, now)

    def _died(self, watched: _Watched, now: float) -> None:
        child = watched.child
        how, lines = child.ended(), child.last_lines(8)
        child.kill()  # what it had started itself must not live on beside its successor
        watched.deaths = 1 if now - child.began > SETTLED else watched.deaths + 1
        pause = pause_after(watched.deaths)
        watched.again_at = now + pause
        self._report(f"The {child.name} {how}; it is started again in {pause:g} s ({shown(child.log)}).")
        if lines and watched.deaths <= 3:
            self._report("\n".join(f"    {text}" for text in lines.splitlines()))

    def stop(self) -> None:
        """End everything: all at the same time, the foundations when the others have gone."""
        for foundation in (False, True):
            group = [watched.child for watched in self._watched if watched.foundation == foundation]
            for child in group:
                child.send(signal.SIGTERM)
            for child in group:
                child.finish()
        self._watched.clear()

    def kill(self) -> None:
        """End everything now."""
        for watched in self._watched:
            watched.child.kill()


def pause_after(deaths: int) -> float:
    """Seconds to wait before the next start after so many deaths in a row."""
    return float(min(LONGEST_PAUSE, 2.0 ** (max(1, deaths) - 1)))
