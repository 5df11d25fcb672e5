"""The list of one office across all States on a day: who holds it, and what needs attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from crm.people.queries import Holder, holders_on
from crm.people.rules import Attention, OfficeKind, attention
from crm.states.queries import register
from crm.states.rules import Status, fold


@dataclass(frozen=True, slots=True)
class Line:
    """One State: its name and treaty status on the day, the holder or None, and what needs attention."""

    iso3: str
    state: str
    status: Status
    holder: Holder | None
    attention: tuple[Attention, ...]


@dataclass(frozen=True)
class Board:
    """The lines that fit the filters; `total`, `recorded` and `by_attention` count all States of the day."""

    on: date
    lines: tuple[Line, ...]
    total: int
    recorded: int
    by_attention: Mapping[Attention, int]


def board(
    *,
    kind: OfficeKind,
    on: date,
    text: str = "",
    attention: str = "",
    status: str = "",
    sort: str = "",
) -> Board:
    """Every State counted on a day with the holder of one office. Three statements.

    `attention` is a code of `rules.Attention` or "any"; `status` a status code or "not_joined"; `sort` is
    "state", "since" or "verified", with "-" in front for the other direction.
    """
    known, holders = register(), holders_on(kind, on)
    every = [
        _line(iso3, known.name(iso3, on), found, holders.get(iso3), on) for iso3, found in known.statuses(on).items()
    ]
    meant = set(known.search(text)) if text else set()
    wanted = [
        line
        for line in every
        if _fits_attention(line, attention)
        and _fits_status(line, status)
        and (not text or line.iso3 in meant or _named(line, text))
    ]
    found = Counter(one for line in every for one in line.attention)
    return Board(
        on=on,
        lines=tuple(_sorted(wanted, sort)),
        total=len(every),
        recorded=sum(1 for line in every if line.holder),
        by_attention={one: found[one] for one in Attention},
    )


def _line(iso3: str, name: str, status: Status, holder: Holder | None, on: date) -> Line:
    marks = attention(holder.gender, holder.verified_on, on) if holder else attention(None, None, on)
    return Line(iso3, name, status, holder, marks)


def _fits_attention(line: Line, wanted: str) -> bool:
    return not wanted or (bool(line.attention) if wanted == "any" else wanted in line.attention)


def _fits_status(line: Line, wanted: str) -> bool:
    if wanted == "not_joined":
        return line.status is not Status.STATE_PARTY
    return not wanted or line.status == wanted


def _named(line: Line, text: str) -> bool:
    return line.holder is not None and fold(text) in fold(line.holder.name)


_KEYS: dict[str, Callable[[Holder], Any]] = {
    "since": lambda holder: holder.from_on,
    "verified": lambda holder: holder.verified_on or date.min,
}


def _sorted(lines: list[Line], sort: str) -> list[Line]:
    """By State unless asked otherwise; States without a holder stand last in the other orders."""
    name, backwards = sort.removeprefix("-"), sort.startswith("-")
    lines = sorted(lines, key=lambda line: fold(line.state), reverse=backwards and name not in _KEYS)
    key = _KEYS.get(name)
    if key is None:
        return lines
    held = [line for line in lines if line.holder]
    held.sort(key=lambda line: key(line.holder), reverse=backwards)  # type: ignore[arg-type]
    return held + [line for line in lines if not line.holder]
