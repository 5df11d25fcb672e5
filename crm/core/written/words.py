"""The words in which days are written: English, French and Spanish, and the months in German. Folded."""

from __future__ import annotations

from collections.abc import Iterable


def _table(text: str) -> dict[str, int]:
    """Words by number: parts with bars between them, each with its number in front."""
    found = {}
    for part in text.split("|"):
        number, *words = part.split()
        found.update({word.replace("_", " "): int(number) for word in words})
    return found


NUMBERS = _table(
    "1 a an one un une una|2 two deux dos|3 three trois tres|4 four quatre cuatro|5 five cinq cinco|6 six seis"
    "|7 seven sept siete|8 eight huit ocho|9 nine neuf nueve|10 ten dix diez|11 eleven onze once|12 twelve douze doce"
)
WEEKDAYS = _table(
    "0 monday mon lundi lunes|1 tuesday tues tue mardi martes|2 wednesday wed mercredi miercoles"
    "|3 thursday thurs thu jeudi jueves|4 friday fri vendredi viernes|5 saturday sat samedi sabado"
    "|6 sunday sun dimanche domingo"
)
MONTHS = _table(
    "1 january jan janvier janv enero ene januar|2 february feb fevrier fevr fev febrero februar"
    "|3 march mar mars marzo marz maerz|4 april apr avril avr abril abr|5 may mai mayo|6 june jun juin junio juni"
    "|7 july jul juillet juil julio juli|8 august aug aout agosto ago"
    "|9 september sep sept septembre septiembre setiembre set|10 october oct octobre octubre oktober okt"
    "|11 november nov novembre noviembre|12 december dec decembre diciembre dic dezember dez"
)
NEAR = _table(
    "0 today aujourdhui hoy|1 tomorrow demain manana|2 day_after_tomorrow the_day_after_tomorrow apres_demain"
    " pasado_manana"
)
UNITS = {
    **dict.fromkeys(("d", "day", "days", "j", "jour", "jours", "dia", "dias"), (1, 0)),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "semaine", "semaines", "semana", "semanas"), (7, 0)),
    **dict.fromkeys(("fortnight", "fortnights"), (14, 0)),
    **dict.fromkeys(("m", "month", "months", "mois", "mes", "meses"), (0, 1)),
    **dict.fromkeys(("y", "year", "years", "an", "ans", "annee", "annees", "ano", "anos"), (0, 12)),
}
"""By word: so many days, or so many months."""

BESIDE = frozenset({"on", "by", "of", "the", "this", "le", "el", "la", "au", "du", "de", "del", "a"})
"""Words that stand beside a day and do not change it."""

END = r"(?:by )?(?:(?:the )?end of|(?:la |a )?fin(?:al|ales|es)?(?: de| du| del)?|a (?:finales|fines) de)"
"""How the end of a month or year begins."""


def any_of(words: Iterable[str]) -> str:
    """A group for a pattern that takes any of these words, the longest first."""
    return "(" + "|".join(sorted(words, key=len, reverse=True)) + ")"
