"""Words out of whatever a mail holds: decoded, plain, without signs that deceive, never as a page."""

from __future__ import annotations

import re
import unicodedata

from crm.core.text import MOST_MARKS, composed
from crm.files.rules.charsets import in_words

_JOINERS = {"\u200c", "\u200d"}
_BLANK = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u2028\u2029")


def readable(text: str) -> str:
    """Text as a form takes it: no controls, nothing invisible or that turns the direction of writing, lines kept."""
    kept, marks = [], 0
    for char in text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"):
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= MOST_MARKS and (char in "\n\t" or char in _JOINERS or not _odd(char)):
            kept.append(char)
    lines = "\n".join(line.rstrip() for line in composed("".join(kept)).split("\n"))
    plain = re.sub(r"\n{4,}", "\n\n\n", lines).strip()
    return plain if set(plain) - _JOINERS - {" ", "\n", "\t"} else ""


def _odd(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}
        or char in _BLANK
        or 0x180B <= code <= 0x180F
        or 0xFE00 <= code <= 0xFE0F
        or code & 0xFFFE == 0xFFFE
    )


def one_line(text: str, most: int) -> str:
    """The same on one line, cut where it is longer."""
    flat = " ".join(readable(text).split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def heading(value: object, most: int = 300) -> str:
    """A header as people read it, whatever way it is written in."""
    return one_line(in_words(value), most)
