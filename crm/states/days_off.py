"""On which days a State does not work: its weekend and its public holidays. Pure.

The holidays and most weekends come with a library, for every State and without asking anybody. Where it knows none for
a year, only the weekend is told, and that is said.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays
from holidays.calendars.gregorian import FRI, SAT, SUN

WEEKENDS: dict[str, frozenset[int]] = {
    "LY": frozenset({FRI, SAT}),
    "MR": frozenset({SAT, SUN}),
}
"""Weekends that the library tells otherwise than the CLDR of Unicode does, and wrongly."""

ONLY_WEEKENDS = "Of the holidays of that year only the weekend is known."
FARTHEST = 30
"""Days after which no working day is looked for any more."""


@lru_cache(maxsize=512)
def _known(iso2: str, year: int) -> tuple[dict[date, str], frozenset[int]]:
    """Holidays of a year by day, in English where they are told so, and the days of the weekend (0 is Monday)."""
    try:
        found = holidays.country_holidays(iso2, years=year)
        english = next((one for one in found.supported_languages if one.startswith("en")), None)
        if english and english != found.default_language:
            found = holidays.country_holidays(iso2, years=year, language=english)
    except NotImplementedError:
        return {}, frozenset({SAT, SUN})
    return dict(found), WEEKENDS.get(iso2, frozenset(found.weekend))


def day_off(iso2: str, day: date) -> str | None:
    """Why a State does not work on a day: "weekend", or what its holiday is called; None for a working day."""
    named, weekend = _known(iso2, day.year)
    if day in named:
        return named[day].replace("; ", ", ")
    return "weekend" if day.weekday() in weekend else None


def knows_holidays(iso2: str, year: int) -> bool:
    """Whether more than the weekend of that year is known."""
    return bool(_known(iso2, year)[0])


def next_working_day(places: frozenset[str], day: date) -> date | None:
    """The first day from this one on on which all of these States work; None where there is none soon."""
    for number in range(FARTHEST + 1):
        candidate = day + timedelta(days=number)
        if not any(day_off(one, candidate) for one in places):
            return candidate
    return None
