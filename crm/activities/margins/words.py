"""A day as people say it: "in 3 weeks", "before the MSP", "15 December". Pure, and never a guess.

English, French and Spanish. What can be read in two ways is refused with both.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm.core.days import in_words, too_far
from crm.meetings.rules import MeetingDays
from crm.meetings.rules import Precision as MeetingPrecision
from crm.states.rules import fold

EXAMPLES = "Write “in 3 weeks”, “15 December” or “before the MSP”."
AHEAD = timedelta(days=7)
"""So long before a meeting opens is "before the meeting"."""

FRIDAY = 4


class NotUnderstoodError(ValueError):
    """Words that are no day, or more than one; the text says which, for whoever typed them."""


@dataclass(frozen=True)
class Gathering:
    """A meeting that words may name: its days, and everything it is called, folded."""

    days: MeetingDays
    names: frozenset[str]
    review: bool = False


@dataclass(frozen=True)
class Read:
    """The day that was read. `why`: what it was reckoned from, where the words do not say the day themselves."""

    day: date
    why: str = ""

    @property
    def in_full(self) -> str:
        """The day with its weekday, and what it was reckoned from."""
        return f"{self.day:%A}, {in_words(self.day)}" + (f" ({self.why})" if self.why else "")


def _table(text: str) -> dict[str, int]:
    """Words by number: lines of alternatives, the first line is number 0 where it begins so."""
    found = {}
    for part in text.split("|"):
        number, *words = part.split()
        found.update({word.replace("_", " "): int(number) for word in words})
    return found


_NUMBERS = _table(
    "1 a an one un une una|2 two deux dos|3 three trois tres|4 four quatre cuatro|5 five cinq cinco|6 six seis"
    "|7 seven sept siete|8 eight huit ocho|9 nine neuf nueve|10 ten dix diez|11 eleven onze once|12 twelve douze doce"
)
_WEEKDAYS = _table(
    "0 monday mon lundi lunes|1 tuesday tue mardi martes|2 wednesday wed mercredi miercoles"
    "|3 thursday thu jeudi jueves|4 friday fri vendredi viernes|5 saturday sat samedi sabado"
    "|6 sunday sun dimanche domingo"
)
_MONTHS = _table(
    "1 january jan janvier janv enero ene|2 february feb fevrier fevr febrero|3 march mar mars marzo"
    "|4 april apr avril avr abril abr|5 may mai mayo|6 june jun juin junio|7 july jul juillet juil julio"
    "|8 august aug aout agosto ago|9 september sep sept septembre septiembre|10 october oct octobre octubre"
    "|11 november nov novembre noviembre|12 december dec decembre diciembre dic"
)
_NEAR = _table(
    "0 today aujourdhui hoy|1 tomorrow demain manana|2 day_after_tomorrow the_day_after_tomorrow apres_demain"
    " pasado_manana"
)
_UNITS = {
    **dict.fromkeys(("d", "day", "days", "j", "jour", "jours", "dia", "dias"), (1, 0)),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "semaine", "semaines", "semana", "semanas"), (7, 0)),
    **dict.fromkeys(("fortnight", "fortnights"), (14, 0)),
    **dict.fromkeys(("m", "month", "months", "mois", "mes", "meses"), (0, 1)),
    **dict.fromkeys(("y", "year", "years", "an", "ans", "annee", "annees", "ano", "anos"), (0, 12)),
}
"""By word: so many days, or so many months."""


def _any(words: Sequence[str] | dict[str, int]) -> str:
    return "(" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_OF_MONTH = r"(?:the |la |le |el |du |de |del |of |this |ce |este |l)*"
_SPAN = re.compile(
    rf"(?:in |within |dans |en |dentro de |dici )?(?:(\d{{1,3}}) ?|{_any(_NUMBERS)} ){_any(list(_UNITS))}"
    r"(?: time| from now| from today)?"
)
_ON_WEEKDAY = re.compile(rf"(?:on |by |le |el )?{_any(_WEEKDAYS)}")
_NEXT_WEEKDAY = re.compile(
    rf"(?:on |by )?(?:next |(?:el )?proximo ){_any(_WEEKDAYS)}|(?:le |el )?{_any(_WEEKDAYS)} (?:prochain|que viene)"
)
_NEXT_WEEK = re.compile(
    r"(?:by )?(?:end of )?next week|(?:la )?semaine prochaine|(?:la )?proxima semana|la semana que viene"
)
_THIS_WEEK = re.compile(
    r"(?:by )?(?:(?:the )?end of (?:the |this )?week|this week)|(?:la )?fin de (?:la )?semaine|cette semaine"
)
_END = r"(?:by )?(?:(?:the )?end of|(?:la |a )?fin(?:al|ales|es)?(?: de| du| del)?|a (?:finales|fines) de)"
_MONTH = r"(?:month|mois|mes)"
_NEXT_MONTH = re.compile(
    rf"(?:by )?(?:{_END} )?(?:next month|(?:le |du )?mois prochain|(?:el )?proximo mes|(?:el )?mes que viene)"
)
_END_OF_MONTH = re.compile(rf"{_END} {_OF_MONTH}{_MONTH}")
_END_OF_YEAR = re.compile(rf"{_END} {_OF_MONTH}(?:year|annee|ano)")
_END_OF_NAMED = re.compile(rf"{_END} {_any(_MONTHS)}(?: (?:de |del )?(\d{{4}}))?")
_DAY_MONTH = re.compile(
    rf"(?:on |by |le |el |au )?(\d{{1,2}})(?:st|nd|rd|th|er)? ?(?:of |de )?{_any(_MONTHS)}(?: (?:de |del )?(\d{{4}}))?"
)
_MONTH_DAY = re.compile(rf"(?:on |by )?{_any(_MONTHS)} (\d{{1,2}})(?:st|nd|rd|th)?(?: (\d{{4}}))?")
_BEFORE = re.compile(r"(?:before|ahead of|avant|antes de|antes del)(?: the| la| le| los| las)* (.+)")
_MEETING = re.compile(r"(?:next |prochaine? |proxima |l(?=a[es]))?(.+?)(?: prochaine?| proxima)?")
_PARTIES = (
    "msp", "meeting of states parties", "aep", "assemblee des etats parties", "rep", "reunion de estados partes",
    "reunion de los estados partes",
)  # fmt: skip
_REVIEW = ("rc", "revcon", "review conference", "conference dexamen", "conferencia de examen")
_ANY_MEETING = ("meeting", "assemblee", "reunion")


def read_day(text: str, today: date, gatherings: Sequence[Gathering] = ()) -> Read:
    """The day that a text says, as it is meant on `today`; raises NotUnderstoodError for anything else."""
    plain = " ".join(text.split())
    found = _in_figures(plain)
    words = fold(plain)
    for reader in (_near, _reckoned, _week, _month, _named):
        found = found or reader(words, today)
    found = found or _before(words, today, gatherings)
    if found is None:
        raise NotUnderstoodError(f"“{plain[:60]}” is not understood as a day. {EXAMPLES}")
    if problem := too_far(found.day, today):
        raise NotUnderstoodError(problem)
    return found


def _in_figures(text: str) -> Read | None:
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return _exact(int(match[1]), int(match[2]), int(match[3]))
    if match := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", text):
        return _exact(int(match[3]), int(match[2]), int(match[1]))
    if match := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        first, second, year = (int(one) for one in match.groups())
        if first <= 12 and second <= 12 and first != second:
            raise _two(_exact(year, second, first).day, _exact(year, first, second).day)
        return _exact(year, second, first) if second <= 12 else _exact(year, first, second)
    return None


def _two(one: date, other: date) -> NotUnderstoodError:
    return NotUnderstoodError(f"This can be {in_words(one)} or {in_words(other)}. Write the day.")


def _exact(year: int, month: int, day: int) -> Read:
    try:
        return Read(date(year, month, day))
    except ValueError:
        raise NotUnderstoodError(f"There is no such day. {EXAMPLES}") from None


def _near(words: str, today: date) -> Read | None:
    return Read(today + timedelta(days=_NEAR[words])) if words in _NEAR else None


def _reckoned(words: str, today: date) -> Read | None:
    """So many days, weeks, months or years from today."""
    match = _SPAN.fullmatch(words)
    if not match:
        return None
    count = int(match[1]) if match[1] else _NUMBERS[match[2]]
    days, months = _UNITS[match[3]]
    if count * (days + 31 * months) > 366 * 30:
        raise NotUnderstoodError("This day is more than twenty years away.")
    return Read(_months_on(today, count * months) + timedelta(days=count * days))


def _months_on(day: date, months: int) -> date:
    """The same day of a later month, or its last one where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _week(words: str, today: date) -> Read | None:
    monday = today - timedelta(days=today.weekday())
    if match := _ON_WEEKDAY.fullmatch(words):
        return Read(_coming(today, _WEEKDAYS[match[1]]))
    if match := _NEXT_WEEKDAY.fullmatch(words):
        weekday = _WEEKDAYS[match[1] or match[2]]
        coming, of_next_week = _coming(today, weekday), monday + timedelta(days=7 + weekday)
        if coming != of_next_week:
            raise _two(coming, of_next_week)
        return Read(coming)
    if _NEXT_WEEK.fullmatch(words):
        return Read(monday + timedelta(days=7 + FRIDAY), "the Friday of next week")
    if _THIS_WEEK.fullmatch(words) and today.weekday() <= FRIDAY:
        return Read(monday + timedelta(days=FRIDAY), "the Friday of this week")
    return None


def _coming(today: date, weekday: int) -> date:
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _month(words: str, today: date) -> Read | None:
    if _NEXT_MONTH.fullmatch(words):
        return Read(_last_of(_months_on(today.replace(day=1), 1)), "the end of next month")
    if _END_OF_MONTH.fullmatch(words):
        return Read(_last_of(today))
    if _END_OF_YEAR.fullmatch(words):
        return Read(date(today.year, 12, 31))
    if match := _END_OF_NAMED.fullmatch(words):
        return _in_coming_year(today, match[2], lambda year: _last_of(_exact(year, _MONTHS[match[1]], 1).day))
    return None


def _last_of(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _named(words: str, today: date) -> Read | None:
    """A day of a named month, of the coming one where no year is said."""
    if match := _DAY_MONTH.fullmatch(words):
        number, month, year = match[1], match[2], match[3]
    elif match := _MONTH_DAY.fullmatch(words):
        month, number, year = match[1], match[2], match[3]
    else:
        return None
    return _in_coming_year(today, year, lambda at: _exact(at, _MONTHS[month], int(number)).day)


def _in_coming_year(today: date, year: str | None, on: Callable[[int], date]) -> Read:
    if year:
        return Read(on(int(year)))
    return Read(found) if (found := on(today.year)) >= today else Read(on(today.year + 1))


def _before(words: str, today: date, gatherings: Sequence[Gathering]) -> Read | None:
    """A week before a meeting opens: the next one of its kind, or the one that is named."""
    match = _BEFORE.fullmatch(words)
    if not match:
        return None
    named = _MEETING.fullmatch(match[1])
    meant = _meant(named[1] if named else "", today, gatherings)
    if meant is None:
        return None
    key, opens = meant.days.key, meant.days.from_on
    exact = meant.days.precision is MeetingPrecision.DAY
    found = Read(opens - AHEAD, f"a week before {key} {'opens' if exact else 'can open, its days are not fixed yet'}")
    if found.day < today:
        raise NotUnderstoodError(f"A week before {key} was {in_words(found.day)}. {EXAMPLES}")
    return found


def _meant(name: str, today: date, gatherings: Sequence[Gathering]) -> Gathering | None:
    ahead = sorted((one for one in gatherings if one.days.from_on > today), key=lambda one: one.days.from_on)
    if name in _ANY_MEETING:
        return next(iter(ahead), None)
    if name in _PARTIES:
        return next((one for one in ahead if not one.review), None)
    if name in _REVIEW:
        return next((one for one in ahead if one.review), None)
    return next((one for one in gatherings if name in one.names), None)
