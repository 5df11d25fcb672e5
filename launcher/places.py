"""Where things stand on the disk."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The project folder."""

VENV = ROOT / ".venv"
TOOLS = ROOT / "var" / "tools"
"""What the set-up fetches for itself: Node, a browser, the compiler of the pins. Shared by all runs."""


def var_dir() -> Path:
    """The folder of one installation's data: VAR_DIR, or `var` in the project folder."""
    return Path(os.environ.get("VAR_DIR") or ROOT / "var").resolve()


def logs(var: Path | None = None) -> Path:
    """The folder of the logs of one installation."""
    return (var or var_dir()) / "log"


def private_folder(folder: Path) -> Path:
    """Make the folder if need be, readable by its owner alone; answer it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def shown(path: Path) -> str:
    """A path as a person would type it: relative to the project folder when it lies inside."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
