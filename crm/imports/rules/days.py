"""Days in the cells of a spreadsheet: what a column says of the order of its figures, and how a cell is then read."""

from __future__ import annotations

from crm.core.written.answers import NotADay, Read, TwoDays
from crm.core.written.days import Order, in_figures, read_day


def read_cell(text: str, order: Order | None = None, base: int = 1900) -> Read:
    """The day that a cell says; `order` is the answer to the question how figures are meant, `base` the year from
    which this spreadsheet counts its days. Raises NotADay, TwoDays where the order decides and is not known.

    When a cell was written nobody knows: what counts from another day is refused.
    """
    return read_day(text, order=order, base=base)


def evidence(text: str) -> Order | None:
    """What a cell in figures says about the order by itself: 25/3/2026 can only be day first; None for nothing."""
    figures = in_figures(text)
    if not figures or figures[1] in ". ":
        return None
    first, _, second = figures
    if first > 12 >= second:
        return Order.DAY_FIRST
    return Order.MONTH_FIRST if second > 12 >= first else None


def is_ambiguous(text: str) -> bool:
    """Whether the order decides which day a cell says."""
    try:
        read_cell(text)
    except TwoDays:
        return True
    except NotADay:
        return False
    return False
