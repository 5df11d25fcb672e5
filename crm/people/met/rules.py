"""What is kept of people met, and what may be merged. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from crm.core.access import Handling

UNDO_DAYS = 30
"""So long people who were merged can be told apart again."""

ALIKE = 82
"""From this likeness on two names may be those of one person, of 100."""


class Stance(StrEnum):
    """Where somebody stands on the Convention, as one party sees it."""

    FRIEND = "friend"
    NEUTRAL = "neutral"
    TARGET = "target"
    BLOCKER = "blocker"


STANCE_LABELS: dict[Stance, str] = {
    Stance.FRIEND: "Friend",
    Stance.NEUTRAL: "Neutral",
    Stance.TARGET: "Target",
    Stance.BLOCKER: "Blocker",
}

STANCE_MEANINGS: dict[Stance, str] = {
    Stance.FRIEND: "Friend: speaks for joining",
    Stance.NEUTRAL: "Neutral: neither for nor against",
    Stance.TARGET: "Target: can be won, and would make a difference",
    Stance.BLOCKER: "Blocker: works against joining",
}

STANCE_LOOKS: dict[Stance, str] = {
    Stance.FRIEND: "good",
    Stance.NEUTRAL: "",
    Stance.TARGET: "accent",
    Stance.BLOCKER: "bad",
}


@dataclass(frozen=True, slots=True)
class Same:
    """What decides whether one person may be merged into another."""

    id: UUID
    state_iso3: str
    originator_id: UUID
    handling: Handling
    merged: bool


def merge_problem(kept: Same, gone: Same) -> str:
    """Why one may not be merged into the other, in a sentence; "" where nothing stands against it.

    What fewer may see must not come to stand under what more may see as if it were as open.
    """
    if kept.id == gone.id:
        return "Choose somebody else: this is the person kept."
    if kept.merged or gone.merged:
        return "One of the two is merged already. Open the person kept."
    if kept.state_iso3 != gone.state_iso3:
        return "These two are recorded for different States."
    if kept.originator_id != gone.originator_id:
        return "One of the two is the record of another party."
    if kept.handling.rank > gone.handling.rank:
        return "More people may see the other record: open that one, and merge this one into it."
    return ""


def ends_with(person: UUID, into: Mapping[UUID, UUID]) -> UUID:
    """Under whom somebody stands by merges that nobody took back: `into` tells for each who went who was kept."""
    while person in into:
        person = into[person]
    return person


def may_be_undone(merged_at: datetime, now: datetime) -> bool:
    """Whether a merge is young enough to be taken back."""
    return now - merged_at <= timedelta(days=UNDO_DAYS)


def in_one_line(parts: Iterable[str]) -> str:
    """What is known of somebody, with commas between."""
    return ", ".join(part for part in parts if part)
