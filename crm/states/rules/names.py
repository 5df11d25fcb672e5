"""Names that change: which one was used on a day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

_FORMER = re.compile(r"(?P<text>.+?) \((?P<note>[^()]*?)\s*until (?P<year>\d{4})\)")


class NameKind(StrEnum):
    """`short` (Bhutan), `formal` (the Kingdom of Bhutan), `capital`, or `alias`: a name people type
    when they search, which is never printed as the State's name.
    """

    SHORT = "short"
    FORMAL = "formal"
    CAPITAL = "capital"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class DatedName:
    """A name no longer in use, or an alias (`used_until` blank). `used_until` is its last day.

    `precision` is `day` when that day is known and `year` when only the year is: then it is the year's end.
    """

    kind: NameKind
    language: str
    text: str
    used_until: date | None = None
    precision: str = "day"
    confidence: str = "memory"
    note: str = ""


def name_on(current: str, former: Iterable[DatedName], on: date, *, kind: NameKind, language: str) -> str:
    """The name in use on a day: the former name that ended first on or after it, else the present one."""
    ended = [
        (one.used_until, one.text)
        for one in former
        if one.kind is kind and one.language == language and one.used_until is not None and one.used_until >= on
    ]
    return min(ended)[1] if ended else current


def parse_former_names(cell: str) -> list[DatedName]:
    """Read `name (until year); name (remark until year)` into English short names that end with that year.

    Raises ValueError naming the part that cannot be read.
    """
    found = []
    for part in filter(None, (one.strip() for one in cell.split(";"))):
        match = _FORMER.fullmatch(part)
        if match is None:
            raise ValueError(f"former name {part!r} is not of the form 'name (until year)'")
        last_day = date(int(match["year"]), 12, 31)
        found.append(DatedName(NameKind.SHORT, "en", match["text"], last_day, precision="year", note=match["note"]))
    return found


def turned(text: str) -> str:
    """A name that stands in a list by its main word as it is spoken: "Korea, Republic of" → "Republic of Korea"."""
    return re.sub(r"^\s*([^,()]+?)\s*[,(]\s*([^,()]+?)\s*\)?\s*$", r"\2 \1", text)
