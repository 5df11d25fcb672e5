"""What goes wrong in a drill, and in which order: chosen by the seed, so that the same seed replays it. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One thing that goes wrong. The words stand in the report."""

    WEB = "web killed"
    CHILD = "worker child killed"
    GROUP = "worker group killed"
    REDIS_STOPPED = "Redis stopped"
    REDIS_FLUSHED = "Redis flushed"
    REDIS_EMPTY = "Redis restarted empty"
    REDIS_FROZEN = "Redis frozen"
    DATABASE_CRASHED = "PostgreSQL stopped at once"
    BACKEND = "PostgreSQL backend killed"
    DATABASE_HELD = "SQLite held by another writer"
    DISK_FULL = "disk full"
    REFUSED = "mail server refuses"
    SLOW = "mail server slow"
    GREYLISTED = "mail server greylists"
    SHUT = "421 in the middle of a batch"
    ONE_REFUSED = "one 550"
    REPLY_LOST = "taken, and the reply lost"
    TWO_BEATS = "two beats"
    DRAINS = "50 drains at once"
    CLOCK_BACK = "clock an hour back, then forward"
    MACHINE_CUT_OFF = "one of two machines cut off"


KILLS = frozenset({Fault.WEB, Fault.CHILD, Fault.GROUP})
OF_POSTGRESQL = frozenset({Fault.DATABASE_CRASHED, Fault.BACKEND, Fault.MACHINE_CUT_OFF})
OF_SQLITE = frozenset({Fault.DATABASE_HELD})

F = Fault
SHORT = (
    (F.WEB, F.CHILD, F.GROUP, F.REDIS_FLUSHED, F.REDIS_EMPTY, F.REPLY_LOST, F.ONE_REFUSED, F.SHUT, F.TWO_BEATS,
     F.DRAINS, F.DATABASE_HELD, F.BACKEND, F.DATABASE_CRASHED),
)  # fmt: skip
FULL = (
    (F.WEB, F.WEB, F.WEB, F.WEB),
    (F.CHILD, F.CHILD, F.CHILD, F.CHILD),
    (F.GROUP, F.GROUP, F.GROUP, F.GROUP),
    (F.CHILD, F.GROUP, F.REDIS_FLUSHED, F.CHILD, F.GROUP),
    (F.REDIS_STOPPED, F.REDIS_EMPTY, F.REDIS_FROZEN, F.REDIS_FLUSHED),
    (F.DATABASE_CRASHED, F.BACKEND, F.DATABASE_CRASHED, F.DATABASE_HELD, F.DATABASE_HELD),
    (F.DISK_FULL,),
    (F.REFUSED, F.SLOW, F.SHUT),
    (F.GREYLISTED, F.ONE_REFUSED, F.REPLY_LOST),
    (F.TWO_BEATS, F.DRAINS, F.GROUP, F.GROUP, F.CHILD, F.CHILD),
    (F.CLOCK_BACK,),
    (F.MACHINE_CUT_OFF,),
)
"""Twenty kills: four of web, eight of a child, eight of the group. After each row the drill waits until what was due
has gone out.
"""

SCALES = {"short": (SHORT, 120), "full": (FULL, 10_000)}
"""The rows of each scale, and how many reminders are asked for."""


@dataclass(frozen=True)
class Blow:
    """One fault of a phase: after how many seconds since the one before, and how long it lasts where it lasts."""

    fault: Fault
    after: float
    lasts: float


@dataclass(frozen=True)
class Phase:
    """Faults one after the other while so many reminders are asked for."""

    blows: tuple[Blow, ...]
    reminders: int


def timetable(scale: str, database: str, seed: int, reminders: int = 0) -> list[Phase]:
    """What a drill does on one database; the same for the same seed. `reminders`: that many instead of the scale's."""
    rows, usual = SCALES[scale]
    draw = random.Random(f"{seed} {scale} {database}")
    other = OF_SQLITE if database == "postgresql" else OF_POSTGRESQL
    phases = [[one for one in row if one not in other] for row in rows]
    phases = [one for one in phases if one]
    draw.shuffle(phases)
    for one in phases:
        draw.shuffle(one)
    each, rest = divmod(reminders or usual, len(phases))
    return [
        Phase(tuple(_blow(draw, fault, scale) for fault in one), each + (number < rest))
        for number, one in enumerate(phases)
    ]


def _blow(draw: random.Random, fault: Fault, scale: str) -> Blow:
    if scale == "short":
        return Blow(fault, round(draw.uniform(0.2, 1.2), 2), round(draw.uniform(0.5, 1.5), 2))
    return Blow(fault, round(draw.uniform(1, 4), 2), round(draw.uniform(6, 15), 2))


def summary(reminders: int, kills: int, lost: int, duplicates: int, recovery: float) -> str:
    """The last line of a drill."""
    return (
        f"{reminders} reminders, {kills} kills, {lost} lost, {duplicates} unexplained duplicates, "
        f"recovery {recovery:.0f} s"
    )


def told(phases: Sequence[Phase]) -> str:
    """A timetable in words."""
    return "; ".join(", ".join(blow.fault for blow in phase.blows) for phase in phases)
