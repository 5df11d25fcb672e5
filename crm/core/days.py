"""How exactly a day is known, days in words, and how far a plan may reach. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum


class Precision(StrEnum):
    """How exactly a day is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"

    def first_day(self, day: date) -> date:
        """The day under which one known so exactly is kept: the first of its month or year."""
        if self is Precision.DAY:
            return day
        return day.replace(day=1, month=1 if self is Precision.YEAR else day.month)

    def last_day(self, day: date) -> date:
        """The last day that may be meant by one known so exactly."""
        if self is Precision.DAY:
            return day
        month = 12 if self is Precision.YEAR else day.month
        return day.replace(month=month, day=monthrange(day.year, month)[1])

    def is_over(self, day: date, today: date) -> bool:
        """Whether every day that may be meant has passed."""
        return self.last_day(day) < today

    def days_off(self, day: date, today: date) -> int:
        """How many days the nearest day that may be meant is away, on whichever side."""
        first, last = self.first_day(day), self.last_day(day)
        return max((first - today).days, (today - last).days, 0)


FARTHEST = timedelta(days=20 * 366)
"""How far ahead anything can be due; a later year is a slip of the finger."""

_OUR_TIME = range(1970, 2101)


def is_of_our_time(day: date) -> bool:
    """Whether a day or moment that others wrote can be one of a mail or a meeting; at the ends of the calendar it could
    not even be said in another zone.
    """
    return day.year in _OUR_TIME


def in_words(day: date) -> str:
    """A day as "1 June 2011"."""
    return f"{day.day} {day:%B %Y}"


def too_far(day: date, today: date) -> str | None:
    """Why nothing can be due on that day, or None when it is near enough."""
    return "This day is more than twenty years away." if day > today + FARTHEST else None


def ago(day: date, today: date, precision: str = "day") -> str:
    """How long ago a day is, in words: "today", "5 days ago", "3 weeks ago", "14 months ago", "2 years ago".

    What is known only to the month or the year is told by it.
    """
    if precision == "year":
        return f"in {day.year}"
    months = (today.year - day.year) * 12 + today.month - day.month - (today.day < day.day)
    if precision == "month" and months < 2:
        return f"in {day:%B %Y}"
    number = (today - day).days
    if number <= 1:
        return "today" if number <= 0 else "yesterday"
    if number < 14:
        return f"{number} days ago"
    if months < 2:
        return f"{number // 7} weeks ago"
    return f"{months} months ago" if months < 24 else f"{months // 12} years ago"


def until(day: date, today: date) -> str:
    """How a day to come stands to today: "due today", "in 5 days", "in 3 weeks", "5 days late"."""
    number = (day - today).days
    if number == 0:
        return "due today"
    if number < 0:
        return "1 day late" if number == -1 else f"{-number} days late"
    if number == 1:
        return "tomorrow"
    return f"in {number} days" if number < 21 else f"in {number // 7} weeks"


def span(first: date, last: date | None) -> str:
    """A stretch of time as "from 1 June 2011 to 3 June 2011", or "since 1 June 2011"."""
    return f"from {in_words(first)} to {in_words(last)}" if last else f"since {in_words(first)}"
