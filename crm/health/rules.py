"""Pure decisions about health: what state a sign of life of a certain age means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SILENT = timedelta(seconds=90)
"""Worker and beat give a sign every 15 seconds; after six that did not come, something is wrong."""

MAIL_LATE = timedelta(minutes=2)
"""The promise: a due reminder goes out within two minutes."""


class CheckState(StrEnum):
    """What a check found."""

    OK = "ok"
    LATE = "late"
    MISSING = "missing"
    FAILED = "failed"
    PAUSED = "paused"


@dataclass(frozen=True)
class Check:
    """One check: its name, what it found, and an age in seconds where there is one.

    The age is that of the last sign of life, of the oldest unsent mail, or how long an answer took.
    """

    name: str
    state: CheckState
    age: float | None = None

    @property
    def good(self) -> bool:
        """Whether this part does its work."""
        return self.state in (CheckState.OK, CheckState.PAUSED)

    def as_json(self) -> dict[str, str | float | None]:
        """State and age, nothing else: this is public."""
        return {"state": self.state.value, "age_seconds": None if self.age is None else round(self.age, 3)}


def sign_of_life(name: str, age: timedelta | None) -> Check:
    """A part that must speak now and then; None when it never did."""
    if age is None:
        return Check(name, CheckState.MISSING)
    return Check(name, CheckState.OK if age <= SILENT else CheckState.LATE, age.total_seconds())


def oldest_mail(age: timedelta | None, *, paused: bool = False) -> Check:
    """The mail that has been due longest and is still here; None when there is none, which is good. While somebody has
    `paused` mail it waits because they want it to.
    """
    if paused:
        return Check("mail", CheckState.PAUSED, age.total_seconds() if age else None)
    if age is None:
        return Check("mail", CheckState.OK)
    return Check("mail", CheckState.OK if age <= MAIL_LATE else CheckState.LATE, age.total_seconds())
