"""Days as people write them, in English, French and Spanish. What has two meanings is not guessed at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crm.activities.rules import Precision
from crm.states.rules import fold


class Order(StrEnum):
    """How a day in figures is to be read where both readings are possible."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


@dataclass(frozen=True, slots=True)
class Found:
    """A day, and how exactly it is known."""

    day: date
    precision: Precision = Precision.DAY


class Unreadable(ValueError):
    """No day; the message says what to do."""


class Ambiguous(Unreadable):
    """Two days, and nobody has said which."""


MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "january jan janvier janv enero ene",
            "february feb fevrier fevr fev febrero",
            "march mar mars marzo",
            "april apr avril avr abril abr",
            "may mai mayo",
            "june jun juin junio",
            "july jul juillet juil julio",
            "august aug aout agosto ago",
            "september sept sep septembre septiembre setiembre set",
            "october oct octobre octubre",
            "november nov novembre noviembre",
            "december dec decembre diciembre dic",
        ),
        start=1,
    )
    for word in words.split()
}
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212), "-")
_NEGLIGIBLE = frozenset({"de", "del", "the", "of", "le", "el", "a"})
_WEEKDAYS = frozenset(
    [
        "monday",
        "mon",
        "tuesday",
        "tue",
        "tues",
        "wednesday",
        "wed",
        "thursday",
        "thu",
        "thurs",
        "friday",
        "fri",
        "saturday",
        "sat",
        "sunday",
        "sun",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "lunes",
        "martes",
        "miercoles",
        "jueves",
        "viernes",
        "sabado",
        "domingo",
    ]
)
_TIME = re.compile(r"[T\s]+\d{1,2}[:h]\d{2}(:\d{2}(\.\d+)?)?\s*(am|pm)?$", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?")
_FIGURES = re.compile(r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_ORDINAL = re.compile(r"^(\d{1,2})(st|nd|rd|th|er|o|ro)?$")
_SERIAL = re.compile(r"(\d{5})([.,]\d+)?")
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_BASES = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}
"""The day from which a spreadsheet counts; that of 1900 allows for the 29 February 1900 that never was."""

_EXAMPLE = "Write it as 2026-03-12, or as 12 March 2026."


def read_day(text: str, order: Order | None = None, base: int = 1900) -> Found:
    """The day that a cell says; `order` is the answer to the question how figures are meant, `base` the year from
    which this spreadsheet counts its days. Raises Unreadable, or Ambiguous where the order decides and is not known.
    """
    plain = _plain(text)
    if serial := _SERIAL.fullmatch(plain):
        return _of_serial(int(serial[1]), text, base)
    if re.fullmatch(r"\d{4}", plain):
        return Found(_day(int(plain), 1, 1, text), Precision.YEAR)
    if iso := _ISO.fullmatch(plain):
        day = _day(int(iso[1]), int(iso[3]), int(iso[4] or 1), text)
        return Found(day, Precision.DAY if iso[4] else Precision.MONTH)
    if figures := _FIGURES.fullmatch(plain):
        return _of_figures(figures, order, text)
    if month := _MONTH_YEAR.fullmatch(plain):
        return Found(_day(int(month[2]), int(month[1]), 1, text), Precision.MONTH)
    return _of_words(plain, text)


def _plain(text: str) -> str:
    """A cell without the time of day, its dashes all alike."""
    return _TIME.sub("", " ".join(text.translate(_DASHES).split()))


def evidence(text: str) -> Order | None:
    """What a cell in figures says about the order by itself: 25/3/2026 can only be day first; None for nothing."""
    figures = _FIGURES.fullmatch(_plain(text))
    if not figures or figures[2] in ". ":
        return None
    first, second = int(figures[1]), int(figures[3])
    if first > 12 >= second:
        return Order.DAY_FIRST
    return Order.MONTH_FIRST if second > 12 >= first else None


def is_ambiguous(text: str) -> bool:
    """Whether the order decides which day a cell says."""
    try:
        read_day(text)
    except Ambiguous:
        return True
    except Unreadable:
        return False
    return False


def _of_serial(number: int, text: str, base: int) -> Found:
    found = _BASES[base] + timedelta(days=number)
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise Unreadable(f"“{text[:40]}” is a number and no day. {_EXAMPLE}")
    return Found(found)


def _of_figures(figures: re.Match[str], order: Order | None, text: str) -> Found:
    first, second, year = int(figures[1]), int(figures[3]), _year(figures[4])
    if figures[2] in ". ":
        return Found(_day(year, second, first, text))
    if order is None and first <= 12 and second <= 12 and first != second:
        one, other = _day(year, second, first, text), _day(year, first, second, text)
        raise Ambiguous(f"“{text[:40]}” may be {_words(one)} or {_words(other)}. Say above how days are written here.")
    if order is None:
        order = Order.MONTH_FIRST if second > 12 else Order.DAY_FIRST
    day, month = (first, second) if order is Order.DAY_FIRST else (second, first)
    return Found(_day(year, month, day, text))


def _of_words(plain: str, text: str) -> Found:
    """12 mars 2026, March 12, 2026, 1er avril 2026, Mar-26, marzo de 2026."""
    words = [one for one in fold(plain).split() if one not in _NEGLIGIBLE | _WEEKDAYS]
    months = [place for place, one in enumerate(words) if one in MONTHS]
    figures = [one for one in words if one not in MONTHS]
    if len(months) != 1 or not 1 <= len(figures) <= 2 or not all(map(_ORDINAL_OR_YEAR.fullmatch, figures)):
        raise Unreadable(f"“{text[:40]}” is not a day. {_EXAMPLE}")
    month = MONTHS[words[months[0]]]
    if len(figures) == 1:
        if len(figures[0]) not in (2, 4) or not figures[0].isdigit() or months[0] != 0:
            raise Unreadable(f"“{text[:40]}” lacks the year. {_EXAMPLE}")
        return Found(_day(_year(figures[0]), month, 1, text), Precision.MONTH)
    day, year = (figures[1], figures[0]) if re.fullmatch(r"\d{4}", figures[0]) else (figures[0], figures[1])
    ordinal = _ORDINAL.fullmatch(day)
    if not ordinal or not year.isdigit():
        raise Unreadable(f"“{text[:40]}” is not a day. {_EXAMPLE}")
    return Found(_day(_year(year), month, int(ordinal[1]), text))


_ORDINAL_OR_YEAR = re.compile(r"\d{4}|\d{1,2}(st|nd|rd|th|er|o|ro)?")


def _year(figures: str) -> int:
    return int(figures) if len(figures) == 4 else 2000 + int(figures)


def _day(year: int, month: int, day: int, text: str) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise Unreadable(f"There is no such day as “{text[:40]}”. {_EXAMPLE}") from None
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise Unreadable(f"“{text[:40]}” lies too far away. {_EXAMPLE}")
    return found


def _words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
