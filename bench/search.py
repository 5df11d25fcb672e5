"""The search at 1,000, 100,000 and 1,000,000 activities: a rare word, common ones, and none."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from bench.house import PAGE_HEAD, SIZES, grown
from bench.measure import show
from crm.search import keeping

QUESTIONS = {
    "rare word": "777",
    "common word": "supports",
    "two common words": "supports cost",
    "phrase": '"studies the cost"',
    "beginning of a word": "suppo",
    "absent word": "elephant",
}


def run(sizes: Sequence[int] = SIZES) -> None:
    """Print the table for both databases."""
    rows: list[Any] = []
    for house in grown(sizes):
        begun = time.monotonic()
        keeping.rebuild(lambda _line: None)
        print(f"{house.kind}: the search was filled anew from {house.count:,} in {time.monotonic() - begun:.0f} s")
        rows += [[name, *house.page(name, f"/search?q={quote(words)}")] for name, words in QUESTIONS.items()]
    show("The search, warm (target: ratio at most 3, growth at most 1.5)", ("words", *PAGE_HEAD), rows)
