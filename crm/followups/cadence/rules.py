"""Pure decisions about silence: which cadence holds for a State, from when it counts, and when it has run out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

SHORTEST, LONGEST = 7, 1095
"""Days of silence between which a cadence may choose."""

NEARLY = 0.8
"""From this part of its cadence on a silence is shown before it has run out."""

WITHIN = timedelta(days=7)
"""So long after it was raised a task is due."""

MOST_A_DAY = 5
"""So many tasks at most are raised for one person on one day, for the longest silences; the others come next."""


class Scope(StrEnum):
    """What a cadence is about, the most specific first: that one holds."""

    STATE = "state"
    REGION = "region"
    STATUS = "status"
    EVERY = "every"


@dataclass(frozen=True)
class Rhythm:
    """One cadence as the rules read it. `subject`: the code of its State, region or status, "" for every State.

    `since`: from when it counts for a State with which no contact is known, None where it never does then.
    `usual`: it is that of the installation.
    """

    scope: Scope
    subject: str
    days: int
    since: date | None = None
    keeper_id: UUID | None = None
    usual: bool = False


@dataclass(frozen=True)
class Standing:
    """A State as cadences look at it."""

    iso3: str
    region: str
    status: str
    is_party: bool


def holds_for(rhythm: Rhythm, state: Standing) -> bool:
    """Whether a cadence is about a State; those for regions and for every State leave the States Parties alone."""
    match rhythm.scope:
        case Scope.STATE:
            return rhythm.subject == state.iso3
        case Scope.REGION:
            return rhythm.subject == state.region and not state.is_party
        case Scope.STATUS:
            return rhythm.subject == state.status
    return not state.is_party


def rhythm_of(rhythms: Iterable[Rhythm], state: Standing) -> Rhythm | None:
    """The most specific cadence of those that hold for a State."""
    found = [one for one in rhythms if holds_for(one, state)]
    return min(found, key=lambda one: list(Scope).index(one.scope), default=None)


def counts_from(rhythm: Rhythm, last: date | None, done_on: date | None) -> date | None:
    """The day from which silence counts: of the last contact, or of the last task done, whichever is later; with no
    contact from when the cadence holds. None where it does not begin.
    """
    return max((one for one in (last or rhythm.since, done_on) if one), default=None)


A_YEAR = 365
"""Days. Of more than two of them nobody counts the days."""


@dataclass(frozen=True)
class Silence:
    """How long nobody was in touch with a State, of how many days. `since`: None where no contact is known and no
    cadence counts.
    """

    state_iso3: str
    since: date | None
    days: int
    most: int

    @property
    def over(self) -> bool:
        """Whether it is time for a contact."""
        return self.since is not None and self.days >= self.most

    @property
    def nearly(self) -> bool:
        """Whether that is soon."""
        return self.since is not None and self.days >= self.most * NEARLY

    @property
    def in_words(self) -> str:
        """For example: 72 of 90 days, or 16 years instead of 365 days."""
        if self.since is None:
            return f"No contact, every {self.most} days"
        if self.over and self.days >= 2 * A_YEAR:
            return f"{self.days // A_YEAR} years instead of {self.most} days"
        return f"{self.days} of {self.most} days"


def silence(rhythm: Rhythm, iso3: str, last: date | None, today: date) -> Silence:
    """The silence of a State as its cadence counts it; one day in the future counts as today."""
    since = counts_from(rhythm, last, None)
    return Silence(iso3, since, max((today - since).days, 0) if since else 0, rhythm.days)
