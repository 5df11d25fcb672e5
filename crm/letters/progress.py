"""How far a letter is, how far a campaign is, and when to try again. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LEASE = timedelta(seconds=90)
"""After so long without a result another worker may take a letter over; drafting one takes a moment."""

OVERDUE = timedelta(seconds=60)
"""A waiting letter that nobody took for so long is asked for anew: the queue has lost it."""

MOST_TRIES = 3
"""A letter that brought down so many tries is set aside as failed, so that it never holds up the others."""


class LetterState(StrEnum):
    """How far a letter is."""

    WAITING = "waiting"
    DRAFTING = "drafting"
    DRAFTED = "drafted"
    BLOCKED = "blocked"
    FAILED = "failed"
    STOPPED = "stopped"


UNDER_WAY = frozenset({LetterState.WAITING, LetterState.DRAFTING})
RETRIABLE = frozenset({LetterState.BLOCKED, LetterState.FAILED})

STATE_LABELS: dict[LetterState, str] = {
    LetterState.WAITING: "Waiting",
    LetterState.DRAFTING: "Being drafted",
    LetterState.DRAFTED: "Drafted",
    LetterState.BLOCKED: "Blocked",
    LetterState.FAILED: "Failed",
    LetterState.STOPPED: "Stopped",
}


class HowFar(StrEnum):
    """How far a campaign is, as its list is asked for it."""

    UNDER_WAY = "under_way"
    LOOK = "look"
    STOPPED = "stopped"


HOW_FAR_LABELS: dict[HowFar, str] = {
    HowFar.UNDER_WAY: "Being drafted",
    HowFar.LOOK: "With letters to be looked at",
    HowFar.STOPPED: "Stopped",
}


class LanguageChoice(StrEnum):
    """Which languages a campaign writes in."""

    OWN = "own"
    ENGLISH = "en"
    FRENCH = "fr"
    BOTH = "both"


LANGUAGE_LABELS: dict[LanguageChoice, str] = {
    LanguageChoice.OWN: "The State’s own: French where that is its United Nations language, else English",
    LanguageChoice.ENGLISH: "English",
    LanguageChoice.FRENCH: "French",
    LanguageChoice.BOTH: "English and French",
}


def languages_for(choice: LanguageChoice, official_un_language: str) -> list[str]:
    """The languages of one State's letter, the main one first."""
    if choice is LanguageChoice.OWN:
        return ["fr" if official_un_language == "fr" else "en"]
    if choice is LanguageChoice.BOTH:
        return ["fr", "en"] if official_un_language == "fr" else ["en", "fr"]
    return [choice.value]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many letters of a campaign are where."""

    counts: Mapping[LetterState, int]
    stopped: bool = False

    def of(self, state: LetterState | str) -> int:
        """The number of letters in one state."""
        return self.counts.get(LetterState(state), 0)

    @property
    def total(self) -> int:
        """All letters."""
        return sum(self.counts.values())

    @property
    def drafted(self) -> int:
        """Letters that are there."""
        return self.of(LetterState.DRAFTED)

    @property
    def not_done(self) -> int:
        """Letters that are blocked or failed: somebody has to do something."""
        return self.of(LetterState.BLOCKED) + self.of(LetterState.FAILED)

    @property
    def under_way(self) -> int:
        """Letters that a worker will still look at."""
        return sum(self.of(one) for one in UNDER_WAY)

    @property
    def finished(self) -> bool:
        """Whether nothing more happens by itself."""
        return not self.under_way


def after_failure(tries: int) -> LetterState:
    """Where a letter goes whose try ended without a result."""
    return LetterState.FAILED if tries >= MOST_TRIES else LetterState.WAITING


def worth_retrying(reasons: Sequence[Mapping[str, str]]) -> bool:
    """Whether anything else than the law keeps a letter back."""
    return not reasons or any(one.get("place") != "legal" for one in reasons)


def overdue(asked_at: datetime, now: datetime) -> bool:
    """Whether the queue has probably lost a waiting letter."""
    return asked_at + OVERDUE <= now
