"""Letters as PDF/A, laid out from a template folder and one JSON value; the time stamp is the letter's own date."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from math import ceil
from pathlib import Path

from crm.core import typesetting
from crm.core.typesetting import NotPrinted
from crm.letters.content import LetterContent

__all__ = ["NotPrinted", "likely_sizes", "render_pdf"]

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "letters" / "typst"
SIZES = (10.2, 9.9, 9.6, 9.3, 9.0, 8.8)
"""Sizes of type in points, largest first."""

PAGE_HEIGHT, FRAME_HEIGHT = 728.0, 200.0
"""Points on a page for text, and what stands on it beside paragraphs and signatures."""

LINE_LETTERS, SIGNATURE_LETTERS = 912.0, 42
"""Letters on a line of the body at 1 point (fewer at larger sizes), and on a line of a signature."""


def render_pdf(content: LetterContent) -> bytes:
    """The letter as PDF/A-3b, with its own text attached as JSON. Raises NotPrinted.

    It is set in the largest size in which it fits one page; when none does, it runs on in the first.
    """
    data = json.dumps(content.as_json(), ensure_ascii=False, sort_keys=True)
    moment = int(datetime.combine(content.letter_date, time(), UTC).timestamp())
    with typesetting.lock:
        for size in likely_sizes(content):
            printed, pages = _print(data, size, moment)
            if pages == 1:
                return printed
        return _print(data, SIZES[0], moment)[0]


def likely_sizes(content: LetterContent) -> list[float]:
    """Sizes in points worth trying, the likeliest first: an estimate saves laying the letter out twice."""
    texts = [len(one.text) for one in content.paragraphs] + [len(content.close)]
    sides = [(one.name, one.title, one.capacity, one.on_behalf) for one in content.signatures]
    signed = max(sum(ceil(len(text) / SIGNATURE_LETTERS) for text in side) for side in sides)

    def height(size: float) -> float:
        lines = sum(ceil(length * size / LINE_LETTERS) for length in texts)
        return FRAME_HEIGHT + size * (1.314 * lines + 0.4 * len(texts) + 1.2 * signed)

    return [size for size in SIZES if height(size) <= PAGE_HEIGHT] or [SIZES[-1]]


def _print(data: str, size: float, moment: int) -> tuple[bytes, int]:
    """One layout: the document and its number of pages."""
    inputs = {"letter": data, "size": str(size)}
    return typesetting.lay_out(TEMPLATES / "letter.typ", inputs, moment=moment, what="letter")
