"""Text in the charset that it claims, and of those only in one whose reading takes time by its length."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from email.header import decode_header, make_header

from charset_normalizer import from_bytes

ENOUGH_TO_TELL = 400
"""Bytes from which on their charset can be told by looking; fewer are taken for Western European ones."""

LOOKED_AT = 20_000
MOST_HEADING = 4_000
_LONGEST_NAME = 40
_CHARSETS = re.compile(
    r"ascii|utf-(7|8|8-sig|16|16-[bl]e|32|32-[bl]e)|iso8859-\d+|cp\d+|koi8-[rtu]|mac-\w+|gb\w+|big5\w*|shift_ji\w+"
    r"|euc_\w+|iso2022_\w+|hz|johab|tis-620|kz1048|ptcp154|hp-roman8"
)
"""By the names that Python gives them. `punycode` and `idna` are none of texts, and take the square of the length."""


def known_charset(name: str | None) -> str:
    """The charset of texts that is called so, "" for none."""
    claimed = (name or "").strip("'\" ")
    if len(claimed) > _LONGEST_NAME:
        return ""
    try:
        found = codecs.lookup(claimed).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return found if _CHARSETS.fullmatch(found) else ""


def decoded(content: bytes, charset: str | None) -> str:
    """The text in bytes: by the charset they claim, else by the one that they look like."""
    for name in dict.fromkeys((known_charset(charset), "utf-8")):
        with suppress(UnicodeError):
            if name:
                return content.decode(name)
    telling = content[:LOOKED_AT] if len(content) >= ENOUGH_TO_TELL else b""
    best = from_bytes(telling).best() if telling else None
    return content.decode(known_charset(best.encoding if best else "") or "cp1252", errors="replace")


def in_words(header: object) -> str:
    """A header as people read it, whatever way it is written in."""
    text = str(header or "")[:MOST_HEADING]
    with suppress(ValueError, LookupError, UnicodeError):
        return str(make_header(decode_header(text)))
    return text
