"""Cells made clean, and lines of a table that are no records: totals, notes below it, its heading once more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence, Set

from crm.core.sheets import unmarked
from crm.core.text import composed
from crm.states.rules import fold

_NOTHING_SEEN = dict.fromkeys((0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x00AD, 0xFE0E, 0xFE0F))
"""What spreadsheet programs and pictures in text leave behind, and nobody typed."""

_SPACES = dict.fromkeys((0x00A0, 0x2007, 0x202F, 0x2009, 0x3000), " ")
_FOOTNOTE = re.compile(r"[\s*†‡¹²³⁴⁵⁶⁷⁸⁹⁰]+$|\s*[\[(]\d{1,2}[\])]$")
_NOTE = re.compile(
    r"(?i)\s*([*†‡¹²³]|\(\d\)|\[\d\]|(nota|note|notes|notas|source|sources|fuente|fuentes|nb|n\.b\.)\s*[:.)])"
)
_TOTALS = frozenset(
    [
        "total",
        "totals",
        "sum",
        "sub total",
        "subtotal",
        "grand total",
        "totaux",
        "sous total",
        "somme",
        "total general",
        "suma",
        "totales",
    ]
)

_ABOVE = frozenset(
    ["-", "–", "—", "―", "−", "--", '"', "“", "”", "″", "〃", "''", "’’", '""', "ditto", "do.", "idem", "ídem", "id.",
     "same", "as above", "same as above", "see above"]
)  # fmt: skip
"""What people write into a cell that says what the one above it says, or nothing."""


def clean_cell(value: str) -> str:
    """The text of a cell: composed, trimmed, without what nobody sees; one line end."""
    text = value.translate(_NOTHING_SEEN).translate(_SPACES).replace("\r\n", "\n").replace("\r", "\n")
    return unmarked(composed(text).strip())


def one_line(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def without_footnote(text: str) -> str:
    """A name without the mark of its footnote, and without pictures."""
    bare = "".join(char for char in text if unicodedata.category(char) not in ("So", "Sk", "Cn"))
    while (shorter := _FOOTNOTE.sub("", bare)) != bare:
        bare = shorter
    return bare.strip()


def says_above(text: str) -> bool:
    """Whether a cell says no more than a blank one: a dash, or that it is as above."""
    return text.casefold() in _ABOVE


def says_nothing(text: str) -> bool:
    """Whether a cell is blank, or holds signs that stand for nothing: a dash, a question mark, "n/a"."""
    return fold(text) in ("", "n a", "na")


def is_total(cells: Sequence[str]) -> bool:
    """Whether a line adds up others: its first word says so."""
    first = next((one for one in cells if one), "")
    words = re.sub(r"\d", " ", fold(first)).split()
    return " ".join(words) in _TOTALS or (
        bool(words) and words[0] in ("total", "totaux", "subtotal") and len(words) <= 3
    )


def is_note(cells: Sequence[str]) -> bool:
    """Whether a line is a remark below the table: one cell, which begins like one."""
    filled = [one for one in cells if one]
    return len(filled) == 1 and bool(_NOTE.match(filled[0]))


def begins_aside(cells: Sequence[str]) -> bool:
    """Whether a line begins like a total or a note, however it goes on."""
    first = next((one for one in cells if one), "")
    words = f"{fold(first)} "
    return bool(_NOTE.match(first)) or any(words.startswith(f"{one} ") for one in _TOTALS)


def says_heading(cells: Sequence[str], headings: Set[str]) -> bool:
    """Whether a line is the heading once more, as on each printed page; `headings` are folded."""
    filled = [one for one in cells if one]
    return len(filled) >= 2 and all(fold(one) in headings for one in filled)


def parts(text: str, separators: str = ";\n/") -> Iterable[str]:
    """The names in a cell that holds several."""
    return [one for one in (piece.strip() for piece in re.split(f"[{re.escape(separators)}]", text)) if one]
