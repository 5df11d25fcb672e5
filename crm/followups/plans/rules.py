"""Pure decisions about plans: when a step is due, how much of a delay is left, which States are left out."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

MOST_STEPS = 12
MOST_STATES = 250
"""So many States at most are begun with at once."""

LONGEST = {"days": 365, "weeks": 104, "months": 36}
"""How long an interval may be, by its unit."""

LATELY = timedelta(days=14)
"""Who was in touch with a State so lately is asked whether to begin with it all the same."""

ASKED_AFTER = timedelta(days=7)
"""So long a plan waits for somebody to read an answer before the coordinator is asked."""

ASKED_WITHIN = timedelta(days=3)
"""So long after that they are asked to decide."""


class Unit(StrEnum):
    """In what an interval counts."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class Who(StrEnum):
    """Who does a step."""

    MISSION = "mission"
    RUNNER = "runner"
    PERSON = "person"


class Stands(StrEnum):
    """Where a State stands in a plan. `waiting`: for an answer to be read."""

    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    FINISHED = "finished"
    ENDED = "ended"


OVER = frozenset({Stands.FINISHED, Stands.ENDED})
HELD = frozenset({Stands.WAITING, Stands.PAUSED})


class Why(StrEnum):
    """Why a plan stands still in a State, or ended there."""

    NONE = ""
    REPLY = "reply"
    HAND = "hand"
    RESTRICTED = "restricted"
    CALLED_OFF = "called_off"
    NOBODY = "nobody"
    JOINED = "joined"
    GONE = "gone"
    UNDONE = "undone"


WHY_LABELS = {
    Why.NONE: "",
    Why.REPLY: "A reply came",
    Why.HAND: "",
    Why.RESTRICTED: "The State is restricted",
    Why.CALLED_OFF: "Its step was cancelled",
    Why.NOBODY: "Nobody is there for its step",
    Why.JOINED: "The State joined",
    Why.GONE: "The State is not on the list any more",
    Why.UNDONE: "Taken back",
}

STANDS_LABELS = {
    Stands.RUNNING: "Running",
    Stands.WAITING: "Answer to be read",
    Stands.PAUSED: "Paused",
    Stands.FINISHED: "Finished",
    Stands.ENDED: "Ended",
}


class LeftOut(StrEnum):
    """Why a plan does not begin with a State; `lately` and nothing else may be overruled."""

    RUNS = "runs"
    PARTY = "party"
    RESTRICTED = "restricted"
    NOT_YOURS = "not_yours"
    LATELY = "lately"


LEFT_OUT_LABELS = {
    LeftOut.RUNS: "This plan runs there already",
    LeftOut.PARTY: "A State Party already",
    LeftOut.RESTRICTED: "Restricted: plans leave it out",
    LeftOut.NOT_YOURS: "Not among your States",
    LeftOut.LATELY: "There was a contact in the last two weeks",
}


@dataclass(frozen=True)
class Begun:
    """What is known of States before a plan begins with them."""

    running: Collection[str]
    parties: Collection[str]
    restricted: Collection[str]
    lately: Collection[str]


def left_out(iso3: str, known: Begun, *, works_on: bool) -> LeftOut | None:
    """Why a plan does not begin with a State, the weightiest reason first; None where it does."""
    if not works_on:
        return LeftOut.NOT_YOURS
    found = (
        (LeftOut.RESTRICTED, known.restricted),
        (LeftOut.RUNS, known.running),
        (LeftOut.PARTY, known.parties),
        (LeftOut.LATELY, known.lately),
    )
    return next((why for why, codes in found if iso3 in codes), None)


def later(day: date, count: int, unit: Unit) -> date:
    """The day so many days, weeks or months after another; of a month that is too short its last day."""
    if unit is Unit.MONTHS:
        months = day.year * 12 + day.month - 1 + count
        year, month = divmod(months, 12)
        return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return day + timedelta(days=count * (7 if unit is Unit.WEEKS else 1))


def left_of(due_on: date, today: date) -> int:
    """How many days of a delay are left; none of one that is over."""
    return max((due_on - today).days, 0)


def after_rest(today: date, left: int) -> date:
    """When something is due of whose delay so many days are left, if it goes on today."""
    return today + timedelta(days=left)


def in_words(count: int, unit: str) -> str:
    """An interval as people say it."""
    return f"{count} {unit.removesuffix('s') if count == 1 else unit}" if count else "at once"
