"""Taking away again what the set-up made, and never what people entered."""

from __future__ import annotations

import shutil

from launcher import places, say
from launcher.locks import FolderLock, Held
from launcher.say import Problem

MADE = (
    ".venv",
    "node_modules",
    "static/vendor",
    "static/vendor.new",
    "var/tools",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".hypothesis",
)
SEARCHED_FOR_CACHES = ("crm", "tasks", "launcher", "migrations", "tests", "bench")


def clean() -> int:
    """Remove environment, assets, tools and caches; database, files and letters in `var` stay."""
    lock = FolderLock(places.var_dir() / "run.lock")
    try:
        lock.take()
    except Held as held:
        raise Problem(f"Demarche runs from this folder ({held}).", remedy="End it first (Ctrl-C).") from None
    for name in MADE:
        shutil.rmtree(places.ROOT / name, ignore_errors=True)
    for folder in (places.ROOT, *(places.ROOT / name for name in SEARCHED_FOR_CACHES)):
        caches = folder.glob("__pycache__") if folder == places.ROOT else folder.rglob("__pycache__")
        for cache in list(caches):
            shutil.rmtree(cache, ignore_errors=True)
    lock.release()
    say.line(f"Clean. Kept: {places.shown(places.var_dir())} with the database; delete it to begin anew.")
    return 0
