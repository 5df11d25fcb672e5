"""The one reader of days, for what somebody types and for the cells of a spreadsheet. What has two meanings is not
guessed at.

A text means the same wherever it stands. What a place knows beside it is given in: the present day (then words such
as "in 3 weeks" count from it, and a day without a year is the coming one), the order of figures in the file, the year
from which its programs count days, what lies behind "before".

"Mar-27" is March 2027, and "March 27" the 27th of March. A month, a sign and two figures is what spreadsheet programs
make of a month (their format mmm-yy), while people who mean a day of this year put a blank there, or the day in front:
27-Mar. Whoever meant the day is told beside it what was read, and what to write instead. "March 27" where no year can
be known is refused with both readings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crm.core.days import Precision, too_far
from crm.core.text import fold
from crm.core.written.ahead import is_reckoned, named_before, read_ahead
from crm.core.written.answers import EXAMPLE, EXAMPLE_AHEAD, FromAnotherDay, NotADay, Read, TwoDays
from crm.core.written.words import BESIDE, END, MONTHS, WEEKDAYS, any_of

FIRST_YEAR, LAST_YEAR = 1990, 2100


class Order(StrEnum):
    """How a day in figures is to be read where both readings are possible."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212), "-")
_TIME = re.compile(r"[T\s]+\d{1,2}[:h]\d{2}(:\d{2}(\.\d+)?)?\s*(am|pm)?$", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?")
_FIGURES = re.compile(r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
_SERIAL = re.compile(r"(\d{5})([.,]\d+)?")
_OF_MONTH = re.compile(r"(\d{1,2})(st|nd|rd|th|er|o|ro)?")
_SHORT_YEAR = re.compile(r"[^\W\d_]+\.?\s*[-/'’]\s*\d{2}")
"""A month, a sign and two figures: Mar-27, mars/27, Mar ’27."""

_END_OF_NAMED = re.compile(rf"{END} {any_of(MONTHS)}(?: (?:de |del )?(\d{{4}}))?")
_BASES = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}
"""The day from which a spreadsheet counts; that of 1900 allows for the 29 February 1900 that never was."""


@dataclass(frozen=True)
class _Asked:
    """A text, and what is known beside it."""

    text: str
    today: date | None
    order: Order | None

    @property
    def example(self) -> str:
        return EXAMPLE_AHEAD if self.today else EXAMPLE

    def refused(self, why: str) -> NotADay:
        return NotADay(f"{why.format(f'“{self.text[:60]}”')} {self.example}")

    def exact(self, year: int, month: int, day: int = 1) -> date:
        try:
            found = date(year, month, day)
        except ValueError:
            raise self.refused("There is no such day as {}.") from None
        if self.today and (problem := too_far(found, self.today)):
            raise NotADay(problem)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise self.refused("{} lies too far away.")
        return found

    def coming(self, month: int, day: int, precision: Precision = Precision.DAY) -> Read:
        """The next such day or month, from today on; today is one."""
        assert self.today
        found = Read(self.exact(self.today.year, month, day), precision)
        return found if found.last >= self.today else Read(self.exact(self.today.year + 1, month, day), precision)


def read_day(
    text: str,
    *,
    today: date | None = None,
    order: Order | None = None,
    base: int | None = None,
    before: Callable[[str], Read | None] | None = None,
) -> Read:
    """The day that a text says.

    `today`: the day on which it was written, where that is known. `order`: how figures are meant. `base`: the year
    from which a spreadsheet counts its days, None where a number is no day. `before`: the day before what is named,
    folded. Raises NotADay, TwoDays where the order decides and is not known, FromAnotherDay where today does.
    """
    asked = _Asked(" ".join(text.split()), today, order)
    plain = _plain(text)
    if base and (serial := _SERIAL.fullmatch(plain)):
        return _of_serial(int(serial[1]), base, asked)
    words = fold(plain)
    found = _of_figures(plain, asked) or _of_words(plain, words, asked) or _end_of_named(words, asked)
    if found is None and today:
        found = read_ahead(words, today)
        if found is None and before and (named := named_before(words)):
            found = before(named)
        if found and (problem := too_far(found.day, today)):
            raise NotADay(problem)
    if found is None and not today and is_reckoned(words):
        raise FromAnotherDay(
            f"“{asked.text[:60]}” is reckoned from another day, and nothing here says from which. {EXAMPLE}"
        )
    if found is None:
        raise asked.refused("{} is not understood as a day.")
    return found


def in_figures(text: str) -> tuple[int, str, int] | None:
    """The first figure, the sign and the second figure of a day such as 25/3/2026; None for what is none."""
    match = _FIGURES.fullmatch(_plain(text))
    return (int(match[1]), match[2], int(match[3])) if match else None


def _plain(text: str) -> str:
    """A text without the time of day, its dashes all alike."""
    return _TIME.sub("", " ".join(text.translate(_DASHES).split()))


def _of_serial(number: int, base: int, asked: _Asked) -> Read:
    found = _BASES[base] + timedelta(days=number)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise asked.refused("{} is a number and no day.")
    return Read(found)


def _of_figures(plain: str, asked: _Asked) -> Read | None:
    """12.03.2026, 2026-03-12, 3/4/26, 2026-03, 03/2026, 2026."""
    if re.fullmatch(r"\d{4}", plain):
        return Read(asked.exact(int(plain), 1), Precision.YEAR)
    if iso := _ISO.fullmatch(plain):
        day = asked.exact(int(iso[1]), int(iso[3]), int(iso[4] or 1))
        return Read(day, Precision.DAY if iso[4] else Precision.MONTH)
    if month := _MONTH_YEAR.fullmatch(plain):
        return Read(asked.exact(int(month[2]), int(month[1])), Precision.MONTH)
    figures = _FIGURES.fullmatch(plain)
    return _in_order(int(figures[1]), figures[2], int(figures[3]), _year(figures[4]), asked) if figures else None


def _in_order(first: int, sign: str, second: int, year: int, asked: _Asked) -> Read:
    """With points or blanks the day comes first; else as the order says, or as it must be."""
    order = Order.DAY_FIRST if sign in ". " else asked.order
    if order is None and first <= 12 and second <= 12 and first != second:
        raise TwoDays(asked.text, asked.exact(year, second, first), asked.exact(year, first, second))
    if order is None:
        order = Order.MONTH_FIRST if second > 12 else Order.DAY_FIRST
    day, month = (first, second) if order is Order.DAY_FIRST else (second, first)
    return Read(asked.exact(year, month, day))


def _of_words(plain: str, words: str, asked: _Asked) -> Read | None:
    """12 mars 2026, March 12, 2026, 1er avril, Mar-26, marzo de 2026."""
    told = [one for one in words.split() if one not in BESIDE and one not in WEEKDAYS]
    months = [one for one in told if one in MONTHS]
    figures = [one for one in told if one not in MONTHS]
    if len(months) != 1 or not all(_OF_MONTH.fullmatch(one) or re.fullmatch(r"\d{4}", one) for one in figures):
        return None
    month = MONTHS[months[0]]
    if len(figures) == 1:
        return _with_one_figure(figures[0], month, month_first=told[0] in MONTHS, plain=plain, asked=asked)
    if len(figures) != 2:
        return None
    if not any(re.fullmatch(r"\d{4}", one) for one in figures) and told[1] not in MONTHS:
        raise asked.refused("{} may be several days. Write one, with its whole year.")
    day, year = (figures[1], figures[0]) if len(figures[0]) == 4 and figures[0].isdigit() else figures
    numbered = _OF_MONTH.fullmatch(day)
    if not numbered or not year.isdigit():
        return None
    return Read(asked.exact(_year(year), month, int(numbered[1])))


def _with_one_figure(figure: str, month: int, *, month_first: bool, plain: str, asked: _Asked) -> Read:
    """A month with its year, or a day of that month."""
    if re.fullmatch(r"\d{4}", figure):
        return Read(asked.exact(int(figure), month), Precision.MONTH)
    numbered = _OF_MONTH.fullmatch(figure)
    assert numbered
    number = int(numbered[1])
    may_be_year = month_first and re.fullmatch(r"\d{2}", figure)
    if may_be_year and (_SHORT_YEAR.fullmatch(plain) or number > 31 or number == 0):
        return _of_short_year(number, month, asked)
    if asked.today:
        return asked.coming(month, number)
    name = f"{date(2000, month, 1):%B}"
    if may_be_year:
        raise asked.refused(f"{{}} may be {number} {name} of a year that is not said, or {name} {2000 + number}.")
    raise asked.refused("{} lacks the year.")


def _of_short_year(number: int, month: int, asked: _Asked) -> Read:
    """Mar-27: the month, with what to do for whoever meant the day."""
    found = Read(asked.exact(2000 + number, month), Precision.MONTH)
    if not 1 <= number <= found.last.day:
        return found
    doubt = (
        f"“{asked.text[:60]}” is read as {found.in_short}, as spreadsheet programs write it. If {number} "
        f"{found.day:%B} is meant, write the day first, with its year."
    )
    return Read(found.day, Precision.MONTH, doubt=doubt)


def _end_of_named(words: str, asked: _Asked) -> Read | None:
    """The end of March 2027: no more exact than the month."""
    match = _END_OF_NAMED.fullmatch(words)
    if not match:
        return None
    month = MONTHS[match[1]]
    if match[2]:
        return Read(asked.exact(int(match[2]), month), Precision.MONTH)
    if not asked.today:
        raise asked.refused("{} lacks the year.")
    return asked.coming(month, 1, Precision.MONTH)


def _year(figures: str) -> int:
    return int(figures) if len(figures) == 4 else 2000 + int(figures)
