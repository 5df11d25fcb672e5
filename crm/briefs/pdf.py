"""The brief as one sheet of A4."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime, time
from functools import partial
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from crm.briefs.content import Brief
from crm.briefs.rules import printable, shortened
from crm.core import typesetting
from crm.core.typesetting import NotPrinted

TEMPLATE = Path(__file__).resolve().parents[2] / "templates" / "briefs" / "typst" / "brief.typ"

STEPS = (
    (10.0, 420, 6), (9.5, 360, 6), (9.0, 300, 6), (8.6, 240, 6),
    (8.2, 180, 6), (7.9, 130, 5), (7.6, 90, 4), (7.3, 60, 3),
)  # fmt: skip
"""Size of type in points, letters of a text and lines of a part: the first with which it fits one sheet is taken."""


def render_pdf(brief: Brief) -> bytes:
    """One sheet, in the largest size in which it fits; what had to be left out is counted on it.

    Raises NotPrinted when it fits in none, which the last step rules out.
    """
    moment = int(datetime.combine(brief.on, time(), UTC).timestamp())
    with typesetting.lock:
        for size, letters, most in STEPS:
            found = brief.shortened(lambda text, letters=letters: shortened(printable(text), letters), most)  # type: ignore[misc]
            data = json.dumps(_printable_heads(found, letters, most), ensure_ascii=False, sort_keys=True)
            inputs = {"brief": data, "size": str(size)}
            printed, pages = typesetting.lay_out(TEMPLATE, inputs, moment=moment, what="brief", standards=())
            if pages == 1:
                return printed
    raise NotPrinted("The brief does not fit one sheet.")


def _printable_heads(brief: Brief, letters: int, most: int) -> dict[str, object]:
    short = partial(shortened, most=120)
    values = brief.as_json()
    marks = [shortened(printable(one), letters) for one in brief.marks[:most]]
    if len(brief.marks) > most:
        marks.append(f"and {len(brief.marks) - most} more")
    first, second = len(brief.first), len(brief.second)
    sections = values.pop("sections")
    return {
        **{name: short(printable(text)) if isinstance(text, str) else text for name, text in values.items()},
        "marks": marks,
        "day": f"{brief.on.day} {brief.on:%B %Y}",
        "first": sections[:first],
        "second": sections[first : first + second],
    }


def bound(sheets: Iterable[bytes]) -> bytes:
    """Several sheets as one document, in their order."""
    book = PdfWriter()
    for sheet in sheets:
        book.append(PdfReader(io.BytesIO(sheet)))
    made = io.BytesIO()
    book.write(made)
    return made.getvalue()
