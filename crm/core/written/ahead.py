"""Days that are reckoned from another one: "in 3 weeks", "next Monday", "the end of the month", "before" something."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from crm.core.days import Precision
from crm.core.written.answers import NotADay, Read, TwoDays
from crm.core.written.words import END, NEAR, NUMBERS, UNITS, WEEKDAYS, any_of

FRIDAY = 4
_FARTHEST = 366 * 30
"""So many days are more than anybody plans for, and fewer than the calendar has."""

_OF_THIS = r"(?:the |la |le |el |du |de |del |of |this |ce |este |l)*"
_SPAN = re.compile(
    rf"(?:in |within |dans |en |dentro de |dici )?(?:(\d{{1,3}}) ?|{any_of(NUMBERS)} ){any_of(UNITS)}"
    r"(?: time| from now| from today)?"
)
_ON_WEEKDAY = re.compile(rf"(?:on |by |le |el )?{any_of(WEEKDAYS)}")
_NEXT_WEEKDAY = re.compile(
    rf"(?:on |by )?(?:next |(?:el )?proximo ){any_of(WEEKDAYS)}|(?:le |el )?{any_of(WEEKDAYS)} (?:prochain|que viene)"
)
_NEXT_WEEK = re.compile(
    r"(?:by )?(?:end of )?next week|(?:la )?semaine prochaine|(?:la )?proxima semana|la semana que viene"
)
_THIS_WEEK = re.compile(
    r"(?:by )?(?:(?:the )?end of (?:the |this )?week|this week)|(?:la )?fin de (?:la )?semaine|cette semaine"
)
_NEXT_MONTH = re.compile(
    rf"(?:by )?(?:{END} )?(?:next month|(?:le |du )?mois prochain|(?:el )?proximo mes|(?:el )?mes que viene)"
)
_END_OF_MONTH = re.compile(rf"{END} {_OF_THIS}(?:month|mois|mes)")
_END_OF_YEAR = re.compile(rf"{END} {_OF_THIS}(?:year|annee|ano)")
_BEFORE = re.compile(r"(?:before|ahead of|avant|antes de|antes del)(?: the| la| le| los| las)* (.+)")
_PAST = re.compile(
    rf"yesterday|hier|avant hier|ayer|anteayer|last (?:week|month|year|{any_of(WEEKDAYS)})|.+ ago|il y a .+|hace .+|"
    r"(?:la )?semaine (?:derniere|passee)|(?:le )?mois (?:dernier|passe)|(?:la )?semana pasada|(?:el )?mes pasado"
)
_RELATIVE = (
    re.compile(any_of(NEAR)), _SPAN, _ON_WEEKDAY, _NEXT_WEEKDAY, _NEXT_WEEK, _THIS_WEEK, _NEXT_MONTH, _END_OF_MONTH,
    _END_OF_YEAR, _BEFORE, _PAST,
)  # fmt: skip


def is_reckoned(words: str) -> bool:
    """Whether folded words count from another day, be it today, a meeting or one that has passed."""
    return any(one.fullmatch(words) for one in _RELATIVE)


def named_before(words: str) -> str:
    """What the day lies before, as "before the MSP" says it; "" for other words."""
    match = _BEFORE.fullmatch(words)
    return match[1] if match else ""


def read_ahead(words: str, today: date) -> Read | None:
    """The day that folded words say as they are meant on `today`; None for others, raises NotADay."""
    readers: tuple[Callable[[str, date], Read | None], ...] = (_near, _span, _week, _month)
    return next((found for reader in readers if (found := reader(words, today))), None)


def _near(words: str, today: date) -> Read | None:
    return Read(today + timedelta(days=NEAR[words])) if words in NEAR else None


def _span(words: str, today: date) -> Read | None:
    """So many days, weeks, months or years from today."""
    match = _SPAN.fullmatch(words)
    if not match:
        return None
    count = int(match[1]) if match[1] else NUMBERS[match[2]]
    days, months = UNITS[match[3]]
    if count * (days + 31 * months) > _FARTHEST:
        raise NotADay("This day is more than twenty years away.")
    return Read(_months_on(today, count * months) + timedelta(days=count * days))


def _months_on(day: date, months: int) -> date:
    """The same day of a later month, or its last one where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = date(year, month + 1, 1)
    return first.replace(day=min(day.day, Precision.MONTH.last_day(first).day))


def _week(words: str, today: date) -> Read | None:
    monday = today - timedelta(days=today.weekday())
    if match := _ON_WEEKDAY.fullmatch(words):
        return Read(_coming(today, WEEKDAYS[match[1]]))
    if match := _NEXT_WEEKDAY.fullmatch(words):
        weekday = WEEKDAYS[match[1] or match[2]]
        coming, of_next_week = _coming(today, weekday), monday + timedelta(days=7 + weekday)
        if coming != of_next_week:
            raise TwoDays(words, coming, of_next_week)
        return Read(coming)
    if _NEXT_WEEK.fullmatch(words):
        return Read(monday + timedelta(days=7 + FRIDAY), why="the Friday of next week")
    if _THIS_WEEK.fullmatch(words) and today.weekday() <= FRIDAY:
        return Read(monday + timedelta(days=FRIDAY), why="the Friday of this week")
    return None


def _coming(today: date, weekday: int) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _month(words: str, today: date) -> Read | None:
    if _NEXT_MONTH.fullmatch(words):
        next_one = _months_on(today.replace(day=1), 1)
        return Read(Precision.MONTH.last_day(next_one), why="the end of next month")
    if _END_OF_MONTH.fullmatch(words):
        return Read(Precision.MONTH.last_day(today))
    if _END_OF_YEAR.fullmatch(words):
        return Read(Precision.YEAR.last_day(today))
    return None
