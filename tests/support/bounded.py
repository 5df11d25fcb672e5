"""Work that has to end: done in a process of its own, which the system ends after so many seconds of its processor.

Seconds of the processor and not of the clock, so that a busy machine makes nothing fail; bounds are chosen so that what
grows with the length alone needs a tenth of them, and what grows with its square a hundred times as much.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_ROOMS = "import sys, types; house = types.ModuleType('crm'); house.__path__ = ['crm']; sys.modules['crm'] = house\n"


def within_seconds(seconds: int, script: str) -> bool:
    """Whether a script that asks rooms of ours for something comes to its end; raises where it fails before."""
    done = subprocess.run(
        [sys.executable, "-c", f"{_ROOMS}{script}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1)),
    )
    if done.returncode > 0:
        raise AssertionError(done.stderr)
    return done.returncode == 0
