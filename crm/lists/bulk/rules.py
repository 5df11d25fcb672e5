"""How a change of many rows reads, and how many it may be."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

MOST = 500
"""Rows that one change may touch."""

TOO_MANY = f"More than {MOST} rows fit. Narrow the list, or change it in parts."
NONE_CHOSEN = "Tick the rows first, or choose all that fit."
CHANGED_SINCE = "It was changed since."
NOT_THERE = "It is not there any more."
NOT_YOURS = "It is not yours to change."


def keys_in(texts: Iterable[str]) -> list[UUID]:
    """The keys among these texts, each once; raises ValueError for what is none."""
    return list(dict.fromkeys(UUID(one) for one in texts))


def in_words(number: int, one: str, many: str) -> str:
    """How many of what."""
    return f"{number} {one if number == 1 else many}"
