"""A day as people say it after a talk: "in 3 weeks", "15 December", and "before the MSP", which goes by the meetings.

How a day is read stands in `crm/core/written`; here is what those who talk at meetings add to it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm.core.days import Precision, in_words
from crm.core.written.answers import EXAMPLE_AHEAD, NotADay, Read
from crm.core.written.days import read_day
from crm.meetings.rules import MeetingDays

AHEAD = timedelta(days=7)
"""So long before a meeting opens is "before the meeting"."""


@dataclass(frozen=True)
class Gathering:
    """A meeting that words may name: its days, and everything it is called, folded."""

    days: MeetingDays
    names: frozenset[str]
    review: bool = False


_MEETING = re.compile(r"(?:next |prochaine? |proxima |l(?=a[es]))?(.+?)(?: prochaine?| proxima)?")
_PARTIES = (
    "msp", "meeting of states parties", "aep", "assemblee des etats parties", "rep", "reunion de estados partes",
    "reunion de los estados partes",
)  # fmt: skip
_REVIEW = ("rc", "revcon", "review conference", "conference dexamen", "conferencia de examen")
_ANY_MEETING = ("meeting", "assemblee", "reunion")


def read_due(text: str, today: date, gatherings: Sequence[Gathering] = ()) -> Read:
    """The day by which a text says that something is to be done, as it is meant on `today`: the last one, where it
    says a month or a year. Raises NotADay.
    """
    return read_day(text, today=today, before=lambda named: _before(named, today, gatherings)).until


def _before(named: str, today: date, gatherings: Sequence[Gathering]) -> Read | None:
    """A week before a meeting opens: the next one of its kind, or the one that is named."""
    match = _MEETING.fullmatch(named)
    meant = _meant(match[1] if match else "", today, gatherings)
    if meant is None:
        return None
    key, opens = meant.days.key, meant.days.from_on
    exact = meant.days.precision is Precision.DAY
    found = Read(
        opens - AHEAD, why=f"a week before {key} {'opens' if exact else 'can open, its days are not fixed yet'}"
    )
    if found.day < today:
        raise NotADay(f"A week before {key} was {in_words(found.day)}. {EXAMPLE_AHEAD}")
    return found


def _meant(name: str, today: date, gatherings: Sequence[Gathering]) -> Gathering | None:
    ahead = sorted((one for one in gatherings if one.days.from_on > today), key=lambda one: one.days.from_on)
    if name in _ANY_MEETING:
        return next(iter(ahead), None)
    if name in _PARTIES:
        return next((one for one in ahead if not one.review), None)
    if name in _REVIEW:
        return next((one for one in ahead if one.review), None)
    return next((one for one in gatherings if name in one.names), None)
