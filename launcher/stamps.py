"""Stamps: a note of what a piece of work was done from, so that it is done again only when that changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path


def digest(paths: Iterable[Path]) -> str:
    """One SHA-256 over the names and contents of files; a missing file counts as its absence."""
    total = hashlib.sha256()
    for path in paths:
        content = path.read_bytes() if path.is_file() else b"(absent)"
        total.update(f"{path.name}:{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()


def outline(folders: Iterable[tuple[Path, str]]) -> str:
    """One SHA-256 over name, size and time of change of the files below folders: cheap, for many files."""
    total = hashlib.sha256()
    for folder, pattern in folders:
        for path in sorted(folder.rglob(pattern)):
            status = path.stat()
            total.update(f"{path}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return total.hexdigest()


def read(path: Path) -> dict[str, str]:
    """The stamp at a path; empty when there is none or it cannot be understood."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def write(path: Path, stamp: dict[str, str]) -> None:
    """Put the stamp at the path, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps(stamp, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(path)
