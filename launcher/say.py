"""What the commands say: progress while they work, and one clear sentence when something fails."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from types import TracebackType

HEARTBEAT = 15.0
"""Seconds between two signs of life where the screen cannot be rewritten."""

LONGEST = 240
"""Characters of a line of evidence that are shown."""


class Problem(Exception):
    """A failure that can be foreseen: what failed, what to do about it, and the evidence.

    It is shown without a stack trace. `status` is the exit status of the command.
    """

    def __init__(self, what: str, *, remedy: str = "", evidence: str = "", status: int = 1) -> None:
        super().__init__(what)
        self.what, self.remedy, self.evidence, self.status = what, remedy, evidence, status

    def __str__(self) -> str:
        first = " ".join(part for part in (self.what, self.remedy) if part)
        if not self.evidence:
            return first
        return first + "\n" + "\n".join(f"    {line[:LONGEST]}" for line in self.evidence.splitlines())


def line(text: str = "") -> None:
    """Print one line at once."""
    print(text, flush=True)


def problem(failure: Problem) -> None:
    """Print a failure where failures belong."""
    sys.stdout.flush()
    print(failure, file=sys.stderr, flush=True)


def tail(log: Path, lines: int = 15, start: int = 0) -> str:
    """The last lines of a log, from byte `start` on; empty when there is none."""
    try:
        with log.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(start, end - 64 * 1024))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])


class Step:
    """One piece of work that takes a while: `with Step("Installing the libraries") as step: step.tick()`.

    A terminal shows one line that is rewritten with the seconds and the latest news; elsewhere the line
    is printed once and a sign of life follows from time to time. A step under half a second says nothing
    about its time.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self._live = sys.stdout.isatty()
        self._began = self._beat = time.monotonic()
        self._shown = ""

    def __enter__(self) -> Step:
        print(f"  {self.label} …", end="" if self._live else "\n", flush=True)
        return self

    def tick(self, news: str = "") -> None:
        """Show that the work goes on; `news` is its latest line."""
        now = time.monotonic()
        seconds = int(now - self._began)
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            text = f"  {self.label} … {seconds} s  {news.strip()}"
            if text[:width] != self._shown:
                self._shown = text[:width]
                print(f"\r\x1b[K{self._shown}", end="", flush=True)
        elif now - self._beat >= HEARTBEAT:
            self._beat = now
            line(f"    still at it, {seconds} s")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = time.monotonic() - self._began
        if self._live:
            ending = "" if kind is None else ": not done"
            taken = f" ({seconds:.0f} s)" if seconds >= 1 else ""
            print(f"\r\x1b[K  {self.label}{ending}{taken}", flush=True)
        elif kind is None and seconds >= HEARTBEAT:
            line(f"    done after {seconds:.0f} s")
