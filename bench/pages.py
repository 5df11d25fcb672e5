"""The main pages at 1,000 and at 100,000 activities, beside their own SQL run bare."""

from __future__ import annotations

from bench.house import PAGE_HEAD, Grown
from bench.measure import Table

SIZES = (1_000, 100_000)
PAGES = ("/", "/states", "/states/LAO", "/activities")

WARM = Table("Pages, warm, one process, no network", (*PAGE_HEAD, "KiB"))
TABLES = (WARM,)


def measure(house: Grown) -> None:
    """What each page costs, and how much goes over the wire."""
    for page in PAGES:
        WARM.add([*house.page(page, page), len(house.browser.get(page).data) / 1024])
