"""What activities say that are measured: few words that stand everywhere, many seldom, one in ten records."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, islice, product
from random import Random

RARE = "quetzalcoatl"
"""Stands in `RARE_IN` activities, however many there are."""

RARE_IN = 10

OPENINGS = (
    "They support the aims and will not say so before the elections.",
    "Supports the aims, studies the cost.",
    "The ministry studies the cost and asks for a translation of the articles.",
    "Nothing new: the file lies with the parliament.",
    "The answer was kind and short.",
    "They asked what the neighbours do.",
    "The adviser wrote down every point and promised an answer.",
    "A change of government has stopped the work on the bill.",
)
_COMMON = """
the treaty ministry parliament committee government bill session weapons victims clearance stockpile deadline
neighbours defence position answer question meeting visit region text law budget year
""".split()  # noqa: SIM905
_SYLLABLES = "ba ce di fo gu ka le mi no pu ra se ti vo zu han mer tol vin dex".split()  # noqa: SIM905
_COUNT = 6_000
_LENGTH = 14


def _vocabulary() -> Iterator[str]:
    yield from _COMMON
    for parts in product(_SYLLABLES, repeat=3):
        yield "".join(parts)


VOCABULARY = tuple(islice(_vocabulary(), _COUNT))
_WEIGHTS = tuple(accumulate(1 / rank for rank in range(2, _COUNT + 2)))  # as often as words of a language are


def reply(draw: Random, *, rare: bool) -> tuple[str, str]:
    """What was answered: a sentence that many have, and words of its own."""
    own = draw.choices(VOCABULARY, cum_weights=_WEIGHTS, k=_LENGTH)
    if rare:
        own[_LENGTH // 2] = RARE
    return draw.choice(OPENINGS), " ".join(own)
