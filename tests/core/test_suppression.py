"""What is suppressed cannot be worked out from what is shown."""

from __future__ import annotations

import itertools
from collections import defaultdict

from crm.core.suppression import FEWEST, TOTAL, Table, suppressed

ROWS, COLUMNS = ("a", "b"), ("x", "y")
PLACES = list(itertools.product(ROWS, COLUMNS))


def _table(numbers: tuple[int, ...]) -> Table:
    return suppressed(dict(zip(PLACES, numbers, strict=True)), ROWS, COLUMNS)


def test_large_figures_and_zeros_are_shown() -> None:
    table = _table((3, 0, 4, 5))
    assert None not in table.cells.values()
    assert table["a", TOTAL] == 3 and table[TOTAL, "x"] == 7 and table[TOTAL, TOTAL] == 12


def test_a_small_figure_takes_its_totals_along_and_no_others() -> None:
    table = _table((1, 9, 9, 9))
    gone = {place for place, number in table.cells.items() if number is None}
    assert gone == {("a", "x"), ("a", TOTAL), (TOTAL, "x"), (TOTAL, TOTAL)}


def test_no_small_figure_is_certain() -> None:
    """Every table of figures from 0 to 4: one that looks the same has another number in each small place."""
    looks: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for numbers in itertools.product(range(5), repeat=4):
        looks[str(sorted(_table(numbers).cells.items()))].append(numbers)
    small = 0
    for alike in looks.values():
        for numbers in alike:
            for place, number in enumerate(numbers):
                if 0 < number < FEWEST:
                    small += 1
                    assert len({other[place] for other in alike}) > 1, (numbers, place)
    assert small == 2 * 4 * 5**3
