"""The search at 1,000, 100,000 and 1,000,000 activities: a rare word, common ones, and none."""

from __future__ import annotations

from urllib.parse import quote

from bench.house import EVERY_SIZE, PAGE_HEAD, Grown
from bench.measure import Table
from bench.wording import RARE

QUESTIONS = {
    "rare word": RARE,
    "common word": "supports",
    "two common words": "supports cost",
    "phrase": '"studies the cost"',
    "beginning of a word": "suppo",
    "absent word": "elephant",
}

FOUND = Table("The search, warm (target: ratio at most 3, growth at most 1.5)", PAGE_HEAD)
SIZES = EVERY_SIZE
TABLES = (FOUND,)


def measure(house: Grown) -> None:
    """What each question costs."""
    for name, words in QUESTIONS.items():
        FOUND.add(house.page(name, f"/search?q={quote(words)}"))
