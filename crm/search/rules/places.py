"""Where a row stands among all: by its day, and within a day somewhere that is its own.

A place is a number: the index walks from the highest down, so newer comes first by itself, and the days from one to
another are the numbers from one to another. Two rows of one record stand next to each other.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

_OF_A_DAY = 25
"""Bits: sixteen million records of one day, two rows of each."""

LOWEST = -1
HIGHEST = 1 << 62


def first_of(day: date, later: int = 0) -> int:
    """The lowest place of a day, or of one so many days later."""
    return (day.toordinal() + later) << _OF_A_DAY


def after(day: date) -> int:
    """The lowest place that is later than a day."""
    return first_of(day, 1)


def wished(day: date, key: UUID, second: bool = False) -> int:
    """The place that a record would take on a day, or that of its second row."""
    return first_of(day) | (key.int >> 8 & (1 << _OF_A_DAY) - 2) | second


def next_after(place: int) -> int:
    """Where to try when a place is taken: two on, within the day."""
    day = place >> _OF_A_DAY << _OF_A_DAY
    return day | (place + 2 - day) & ((1 << _OF_A_DAY) - 1)


def of_the_same(place: int) -> int:
    """The lower of the two places of the record whose row stands here."""
    return place & ~1
