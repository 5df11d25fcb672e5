"""Unicode text that may come from anybody."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

MOST_MARKS = 30
"""Combining marks in a row that any script needs; Unicode calls text with no more "stream-safe" (UAX #15)."""


def is_piled_up(text: str) -> bool:
    """Whether more marks are piled upon one letter than any script needs."""
    if text.isascii():
        return False
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run > MOST_MARKS:
            return True
    return False


_BLANK = {chr(code) for code in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)}
"""Letters by name that show nothing."""


def is_blank(char: str) -> bool:
    """Whether a sign that counts as a letter, or as a mark upon one, shows nothing."""
    return char in _BLANK or 0x180B <= ord(char) <= 0x180F or 0xFE00 <= ord(char) <= 0xFE0F


def composed(text: str, form: Literal["NFC", "NFKD"] = "NFC") -> str:
    """The text in a normal form; piled-up text comes back as it is, because bringing its marks into their order
    takes time that grows with the square of their number.
    """
    return text if is_piled_up(text) else unicodedata.normalize(form, text)


_LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "'": "", "’": ""})


def fold(text: str) -> str:
    """Text for comparison: no accents, no case, every sign between words a single space."""
    bare = composed(text.casefold().translate(_LETTERS), "NFKD")
    letters = "".join(char for char in bare if not unicodedata.combining(char)).casefold()
    return " ".join(re.sub(r"[\W_]+", " ", letters.translate(_LETTERS)).split())


BEGINNING = 160
"""So much of a text stands in a line of a list."""


def beginning(text: str) -> str:
    """The beginning of a text in whole words, on one line: what a list or a timeline shows of it."""
    flat = " ".join(text.split())
    if len(flat) <= BEGINNING:
        return flat
    return flat[:BEGINNING].rsplit(" ", 1)[0] + "…"


def without_halves(text: str) -> str:
    """The text with U+FFFD for each half of a letter (a lone surrogate), which no page and no database can carry."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def escaped(text: str) -> str:
    """A text for LIKE with the escape `\\`: what would stand for any letter stands for itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_ADDRESS = re.compile(
    r"://|@|\bwww\b|\b(?:https?|mailto|tel|ftp)\b\s*:"
    r"|[^\W_][.．][^\W\d_]{2}|[a-z0-9][。｡][a-z]{2}|\b\d{1,3}(?:\.\d{1,3}){3}\b",
    re.IGNORECASE,
)


def holds_address(text: str) -> bool:
    """Whether somebody, or their mail program, may take a part of a text for the address of a page or a mailbox."""
    seen = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return bool(_ADDRESS.search(composed(seen, "NFKD")) or _ADDRESS.search(seen))
