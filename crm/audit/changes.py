"""What a change was: each field with its value before and after."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

Changes = Mapping[str, tuple[Any, Any]]
"""Name of a field → its value before and after, as JSON knows them (days as ISO texts)."""


def set_values(row: Any, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Set the columns of a row that differ; what each held before and holds now, as `record` takes it."""
    changed = {name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value}
    for name, (_before, value) in changed.items():
        setattr(row, name, value)
    return {name: (_plain(before), _plain(after)) for name, (before, after) in changed.items()}


def _plain(value: Any) -> Any:
    """A value as JSON knows it."""
    return value if value is None or isinstance(value, (bool, int, str, list, dict)) else _text(value)


def _text(value: Any) -> str:
    return str(value.isoformat()) if isinstance(value, (date, time)) else str(value)
