"""French: the article of a State's name, its contraction with "de" and "à", dates, numbers, spaces.

Short names come from the United Nations list without their article; formal names come with it. Genders
follow the usage of the United Nations' French terminology.
"""

from __future__ import annotations

import re
from datetime import date

NBSP = "\u00a0"
THIN = "\u202f"

_MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
_NUMBERS = [
    "aucun",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
]
_VOWELS = "aeiouâàäéèêëîïôöûùüœæAEIOUÂÀÄÉÈÊËÎÏÔÖÛÙÜŒÆ"
_ARTICLES = ("le ", "la ", "les ", "l’", "Le ", "La ", "Les ", "L’")

_PLURAL = {
    "Bahamas", "Comores", "Émirats arabes unis", "États-Unis d’Amérique", "Fidji", "Îles Cook",
    "Îles Marshall",
    "Îles Salomon", "Maldives", "Palaos", "Pays-Bas", "Philippines", "Seychelles", "Tonga", "Tuvalu",
}  # fmt: skip
_NO_ARTICLE = {
    "Antigua-et-Barbuda", "Bahreïn", "Cabo Verde", "Chypre", "Cuba", "Djibouti", "El Salvador", "Haïti",
    "Israël",
    "Kiribati", "Madagascar", "Malte", "Maurice", "Monaco", "Nauru", "Nioué", "Oman", "Saint-Kitts-et-Nevis",
    "Saint-Marin", "Saint-Vincent-et-les Grenadines", "Sainte-Lucie", "Sao Tomé-et-Principe", "Singapour",
    "Sri Lanka", "Trinité-et-Tobago", "Vanuatu",
}  # fmt: skip
_FEMININE = {"Fédération", "Guinée-Bissau", "Jamahiriya", "Sierra"}
_MASCULINE = {
    "Belize", "Cambodge", "Mexique", "Mozambique", "Saint-Siège", "Suriname", "Timor-Leste", "Zimbabwe",
    "Royaume",
}  # fmt: skip


def apostrophes(text: str) -> str:
    """Straight apostrophes made typographic."""
    return text.replace("'", "’")


def with_article(short: str) -> str:
    """A short name with its article: "le Bhoutan", "la Zambie", "l’Iraq", "les Fidji", "Cuba"."""
    name = apostrophes(short)
    if name.startswith(_ARTICLES) or name in _NO_ARTICLE:
        return name
    if name in _PLURAL:
        return f"les {name}"
    if name[0] in _VOWELS:
        return f"l’{name}"
    head = name.split(" ")[0]
    feminine = head in _FEMININE or (head.endswith("e") and head not in _MASCULINE)
    return f"la {name}" if feminine else f"le {name}"


def running(short: str, formal: str) -> str:
    """The name to use in a sentence, with its article; the formal one where the short has a bracket."""
    return apostrophes(formal) if "(" in short else with_article(short)


def de(phrase: str) -> str:
    """ "de" before a phrase with its article: "du Liban", "des Fidji", "de l’Iraq", "d’Haïti", "de Cuba"."""
    return _joined(apostrophes(phrase), "de ", "du ", "des ", "d’")


def a(phrase: str) -> str:
    """ "à" before a phrase with its article: "au Liban", "aux Fidji", "à l’Iraq", "à Cuba"."""
    return _joined(apostrophes(phrase), "à ", "au ", "aux ", "à ")


def _joined(phrase: str, plain: str, masculine: str, plural: str, elided: str) -> str:
    lowered = phrase[:1].lower() + phrase[1:] if phrase.startswith(_ARTICLES) else phrase
    if lowered.startswith("le "):
        return masculine + lowered[3:]
    if lowered.startswith("les "):
        return plural + lowered[4:]
    if lowered.startswith(("la ", "l’")):
        return plain + lowered
    return (elided if phrase[:1] in _VOWELS or phrase.startswith("Haïti") else plain) + phrase


def bare(formal: str) -> str:
    """A formal name for a line of its own: "le Royaume du Bhoutan" → "Royaume du Bhoutan"."""
    name = apostrophes(formal)
    for article in _ARTICLES:
        if name.startswith(article):
            name = name[len(article) :]
            break
    return name[:1].upper() + name[1:]


def the_meeting(name: str) -> str:
    """A meeting in running text: "Deuxième Assemblée …" → "la deuxième Assemblée …"."""
    text = apostrophes(name)
    first = text.split(" ")[0]
    if first.endswith("ième") or first == "Première":
        text = text[0].lower() + text[1:]
    return f"l’{text}" if text[:1] in _VOWELS and not first.lower().startswith("onzième") else f"la {text}"


def sentence(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def day(value: date) -> str:
    """ "1er juin 2011", held together."""
    first = "1er" if value.day == 1 else str(value.day)
    return f"{first}{NBSP}{_MONTHS[value.month - 1]}{NBSP}{value.year}"


def span(first: date, last: date) -> str:
    """ "le 12 septembre 2011", "du 12 au 16 septembre 2011", "du 30 août au 3 septembre 2011"."""
    if first == last:
        return f"le {day(first)}"
    if first.year != last.year:
        return f"du {day(first)} au {day(last)}"
    start = "1er" if first.day == 1 else str(first.day)
    if first.month != last.month:
        start += NBSP + _MONTHS[first.month - 1]
    return f"du {start} au {day(last)}"


def roughly(value: date, precision: str) -> str:
    """A day of which only the month or the year is known: "en septembre 2011", "en 2011"."""
    return f"en {_MONTHS[value.month - 1]}{NBSP}{value.year}" if precision == "month" else f"en {value.year}"


def count(number: int, one: str, many: str) -> str:
    """A number with its noun, held together: "un État", "quatre membres", "57 États"; words up to twelve."""
    if number < len(_NUMBERS):
        return f"{_NUMBERS[number]} {one if number < 2 else many}"
    figure = f"{number:,}".replace(",", THIN)
    return f"{figure}{NBSP}{many}"


def spaces(text: str) -> str:
    """Apostrophes and the spaces that French sets before high punctuation and inside quotation marks."""
    text = apostrophes(text)
    text = re.sub(r"[ \u00a0\u202f]+([;?!])", THIN + r"\1", text)
    text = re.sub(r"[ \u00a0\u202f]+(:)(?= |$)", NBSP + r"\1", text)
    text = re.sub(r"«[ \u00a0\u202f]*", "«" + NBSP, text)
    text = re.sub(r"[ \u00a0\u202f]*»", NBSP + "»", text)
    text = re.sub(r"\barticle (?=\d)", f"article{NBSP}", text)
    return re.sub(r"(\d) (?=(?:jours|mois|ans|avril)\b)", r"\1" + NBSP, text)
