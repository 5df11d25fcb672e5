"""Days in words, and how far a plan may reach. Pure."""

from __future__ import annotations

from datetime import date, timedelta

FARTHEST = timedelta(days=20 * 366)
"""How far ahead anything can be due; a later year is a slip of the finger."""


def in_words(day: date) -> str:
    """A day as "1 June 2011"."""
    return f"{day.day} {day:%B %Y}"


def too_far(day: date, today: date) -> str | None:
    """Why nothing can be due on that day, or None when it is near enough."""
    return "This day is more than twenty years away." if day > today + FARTHEST else None


def span(first: date, last: date | None) -> str:
    """A stretch of time as "from 1 June 2011 to 3 June 2011", or "since 1 June 2011"."""
    return f"from {in_words(first)} to {in_words(last)}" if last else f"since {in_words(first)}"
