"""The source as the laws read it: its files, and who imports whom, function-local and relative imports too."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def source_files(*folders: str) -> Iterator[Path]:
    """Every Python file below the folders, and the two files at the top."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


@cache
def text_of(path: Path) -> str:
    """What stands in a file; read once."""
    return path.read_text(encoding="utf-8")


@cache
def tree_of(path: Path) -> ast.Module:
    """The same as a tree, for all who ask: to be read, not to be changed."""
    return ast.parse(text_of(path))


def offences(paths: Iterable[Path], of: Callable[[Path], Any]) -> dict[str, Any]:
    """What a law finds in each file that breaks it, by the name of the file."""
    return {path.relative_to(ROOT).as_posix(): found for path in paths if (found := of(path))}


def dotted(path: Path) -> str:
    """crm/states/models.py → crm.states.models"""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every module that a file imports."""
    module = dotted(path)
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            yield node.lineno, base
            yield from ((node.lineno, f"{base}.{one.name}") for one in node.names)
