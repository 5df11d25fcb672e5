"""English: the article of a State's name, dates, numbers."""

from __future__ import annotations

from datetime import date

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_NUMBERS = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_THE = {
    "Bahamas", "Comoros", "Congo", "Cook Islands", "Gambia", "Holy See", "Marshall Islands", "Netherlands",
    "Niger", "Philippines", "Russian Federation", "Sudan", "United Arab Emirates",
    "United Kingdom of Great Britain and Northern Ireland", "United States of America",
    "Libyan Arab Jamahiriya", "State of Palestine",
}  # fmt: skip


def the(short: str) -> str:
    """A short name in running text: "Lebanon", "the Lao People's Democratic Republic", "the Sudan".

    Not for the forms with a bracket ("Bolivia (Plurinational State of)"): their formal name reads better.
    """
    if short.startswith("The "):
        return "the " + short[4:]
    return f"the {short}" if short in _THE or "Republic" in short.split("(")[0] else short


def bare(formal: str) -> str:
    """A formal name for a line of its own: "the Kingdom of Bhutan" → "Kingdom of Bhutan".

    A name whose next word is not a proper one keeps its article: "The former Yugoslav Republic …".
    """
    name = formal.removeprefix("the ").removeprefix("The ")
    return name if name[:1].isupper() else sentence(formal)


def running(short: str, formal: str) -> str:
    """The name to use in a sentence where the short form is enough."""
    return formal if "(" in short else the(short)


def day(value: date) -> str:
    """ "1 June 2011"."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def span(first: date, last: date) -> str:
    """ "on 12 September 2011", "from 12 to 16 September 2011", "from 30 August to 3 September 2011"."""
    if first == last:
        return f"on {day(first)}"
    if (first.year, first.month) == (last.year, last.month):
        return f"from {first.day} to {day(last)}"
    if first.year == last.year:
        return f"from {first.day} {_MONTHS[first.month - 1]} to {day(last)}"
    return f"from {day(first)} to {day(last)}"


def roughly(value: date, precision: str) -> str:
    """A day of which only the month or the year is known: "in September 2011", "in 2011"."""
    return f"in {_MONTHS[value.month - 1]} {value.year}" if precision == "month" else f"in {value.year}"


def count(number: int, one: str, many: str) -> str:
    """A number with its noun: "one State", "57 States", "no States"; words up to twelve."""
    figure = _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"
    return f"{figure} {one if number == 1 else many}"


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]
