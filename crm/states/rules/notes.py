"""Remarks beside an act, as readers see them."""

from __future__ import annotations

import re
from datetime import date

from crm.core.days import in_words

_DAY = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")


def note_in_words(note: str) -> str:
    """A remark as a sentence begins, its days written out; what only looks like a day stays as it is."""
    written = _DAY.sub(_written_out, note)
    return written[:1].upper() + written[1:]


def _written_out(found: re.Match[str]) -> str:
    try:
        return in_words(date.fromisoformat(found[0]))
    except ValueError:
        return found[0]
