"""Which text may stand in a letter. What cannot be printed faithfully is refused before it is laid out.

Bidirectional overrides and invisible characters make a reader approve something else than is stored;
control characters break the file formats; endless words and stacked accents cost minutes of layout.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

LONGEST_LINE = 500
LONGEST_PARAGRAPH = 20_000
LONGEST_LETTER = 60_000
LONGEST_WORD = 200
MARKS_PER_LETTER = 2

_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_REFUSED = {
    "Cc": "a control character",
    "Cs": "half a character",
    "Co": "a private character",
    "Cn": "no character",
}
_MARKS = ("Mn", "Me")
_SPACES = re.compile(r"[\t\n\r\u0085\u2028\u2029 ]+")


class Unprintable(ValueError):
    """A text cannot be printed faithfully; the message says why, in words for the person who typed it."""


def line(text: str) -> str:
    """One line of text as it may be printed: composed, without invisible characters, single spaces.

    Raises Unprintable for control, private and unassigned characters, for words over 200 letters, lines
    over 500 and more than two accents on one letter.
    """
    tidy = _INVISIBLE.sub("", unicodedata.normalize("NFC", _SPACES.sub(" ", text))).strip()
    check(tidy, longest=LONGEST_LINE)
    return tidy


def check(text: str, *, longest: int = LONGEST_PARAGRAPH) -> None:
    """Raise Unprintable when the text is too long or holds what must not stand in a letter."""
    if len(text) > longest:
        raise Unprintable(f"it is longer than {longest:,} characters")
    if _INVISIBLE.search(text):
        raise Unprintable("it holds an invisible character")
    kinds = {character: unicodedata.category(character) for character in set(text)}
    for character, category in kinds.items():
        if category in _REFUSED:
            raise Unprintable(f"it holds {_REFUSED[category]} (U+{ord(character):04X})")
    if any(category in _MARKS for category in kinds.values()):
        _check_marks(text, kinds)
    if any(len(word) > LONGEST_WORD for word in text.split()):
        raise Unprintable(f"it holds a word of more than {LONGEST_WORD} letters")


def _check_marks(text: str, kinds: Mapping[str, str]) -> None:
    marks = 0
    for character in text:
        marks = marks + 1 if kinds[character] in _MARKS else 0
        if marks > MARKS_PER_LETTER:
            raise Unprintable("it stacks more than two accents on one letter")
