"""How a change of many rows reads, and how many it may be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

MOST = 500
"""Rows that one change may touch."""

TOO_MANY = f"More than {MOST} rows fit. Narrow the list, or change it in parts."
NONE_CHOSEN = "Tick the rows first, or choose all that fit."
CHANGED_SINCE = "It was changed since."
UNREAD = "Say which version of it was read: others would see more of it."
NOT_THERE = "It is not there any more."
NOT_YOURS = "It is not yours to change."


def keys_in(texts: Iterable[str]) -> list[UUID]:
    """The keys among these texts, each once; raises ValueError for what is none."""
    return list(dict.fromkeys(UUID(one) for one in texts))


def versions_in(texts: Iterable[str]) -> dict[UUID, int]:
    """Which version of which row was read, from texts of a key, a colon and a number; ValueError for what is none."""
    pairs = (one.partition(":") for one in texts)
    return {UUID(key): _number(version) for key, _, version in pairs}


def _number(text: str) -> int:
    if not _is_number(text):
        raise ValueError("no version")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def shown(rows: Iterable[tuple[UUID, int]]) -> str:
    """Which versions a page of a list shows, as short as an address wants it: of each key only its end."""
    return ".".join(f"{key.hex[-_END:]}-{version}" for key, version in rows)


def as_shown(text: str, now: Mapping[UUID, int]) -> dict[UUID, int]:
    """Of these rows, with the version that each has `now`, those that were shown; what was not counts as it is now."""
    parts = (one.partition("-") for one in text.split("."))
    known = {end: int(version) for end, _, version in parts if _is_number(version)}
    return {key: known.get(key.hex[-_END:], version) for key, version in now.items()}


_END = 8
"""Signs of a key by which the rows of one page are told apart."""


def in_words(number: int, one: str, many: str) -> str:
    """How many of what."""
    return f"{number} {one if number == 1 else many}"
