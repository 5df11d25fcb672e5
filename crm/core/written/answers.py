"""What comes of reading a day: the day with how exactly it is known, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm.core.days import Precision, in_words

EXAMPLE = "Write it as 2026-03-12, or as 12 March 2026."
EXAMPLE_AHEAD = "Write “in 3 weeks”, “15 December” or “before the MSP”."


@dataclass(frozen=True, slots=True)
class Read:
    """A day that was read: the first one of its month or year where the text says no more.

    `why`: what it was reckoned from, where the words do not say the day themselves. `doubt`: what whoever meant
    another day is to do, where the text may be taken for one.
    """

    day: date
    precision: Precision = Precision.DAY
    why: str = ""
    doubt: str = ""

    @property
    def last(self) -> date:
        """The last day that the text covers."""
        return self.precision.last_day(self.day)

    @property
    def until(self) -> Read:
        """As the day by which something is to be done: the last one that the text covers."""
        if self.precision is Precision.DAY:
            return self
        return Read(self.last, why=f"the end of {self.in_short}", doubt=self.doubt)

    @property
    def in_short(self) -> str:
        """The day, month or year in words, no more exact than it was written."""
        by_precision = {Precision.DAY: in_words(self.day), Precision.MONTH: f"{self.day:%B %Y}"}
        return by_precision.get(self.precision, f"{self.day.year}")

    @property
    def in_full(self) -> str:
        """The day with its weekday, and what it was reckoned from."""
        return f"{self.day:%A}, {in_words(self.day)}" + (f" ({self.why})" if self.why else "")


class NotADay(ValueError):
    """Words that are no day; the text says why and what to write, for whoever typed them."""


class FromAnotherDay(NotADay):
    """Words that count from a day that is not known where they stand."""


class TwoDays(NotADay):
    """Words that may be two days. `both` says which, without what to do about it."""

    def __init__(self, text: str, one: date, other: date, then: str = "Write the day.") -> None:
        self.both = f"“{text[:60]}” may be {in_words(one)} or {in_words(other)}."
        super().__init__(f"{self.both} {then}")
