"""The main pages at 1,000 and at 100,000 activities, beside their own SQL run bare."""

from __future__ import annotations

from collections.abc import Sequence

from bench.house import PAGE_HEAD, grown
from bench.measure import show

PAGES = ("/", "/states", "/states/LAO", "/activities")
SIZES = (1_000, 100_000)


def run(sizes: Sequence[int] = SIZES) -> None:
    """Print the table for both databases."""
    rows = [
        [page, *house.page(page, page), len(house.browser.get(page).data) / 1024]
        for house in grown(sizes)
        for page in PAGES
    ]
    show("Pages, warm, one process, no network", ("page", *PAGE_HEAD, "KiB"), rows)
