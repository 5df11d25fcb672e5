"""Whether two names may be those of one person: accents, order of the names and ways of spelling put aside. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Generic, Protocol, TypeVar

from rapidfuzz import fuzz

from crm.people.met.rules import ALIKE
from crm.states.rules import fold

HONORIFICS = frozenset(
    (
        "mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sir", "he", "hon", "excellency", "ambassador", "mme",
        "mlle", "monsieur", "madame", "sr", "sra", "don", "dona", "sheikh", "shaikh", "hrh",
    )
)  # fmt: skip
"""What stands before a name and is no part of it."""

_SPELLINGS = (
    ("tsch", "c"), ("tch", "c"), ("sch", "s"), ("dzh", "j"), ("kh", "h"), ("gh", "g"), ("ch", "c"), ("sh", "s"),
    ("zh", "z"), ("dj", "j"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("ck", "k"), ("qu", "k"), ("ou", "u"), ("oo", "u"),
    ("ee", "i"), ("ie", "i"), ("iy", "i"), ("yi", "i"), ("ij", "i"), ("y", "i"), ("j", "i"), ("q", "k"), ("w", "v"),
    ("x", "ks"), ("tz", "ts"),
)  # fmt: skip
"""How one sound of another script is written in ours by different people; the longer first."""

_VOWELS = re.compile("[aeiou]+")


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name without accents, case and honorifics."""
    found = fold(name).split()
    return tuple(one for one in found if one not in HONORIFICS) or tuple(found)


def sounded(word: str) -> str:
    """A word as it sounds, whoever spelt it: Mohammed, Muhamad and Mohamed are the same."""
    for written, sound in _SPELLINGS:
        word = word.replace(written, sound)
    word = re.sub(r"(.)\1+", r"\1", word)
    return word[:1] + _VOWELS.sub("a", word[1:]).rstrip("a") if len(word) > 2 else word


def likeness(one: str, other: str) -> int:
    """How alike two names are, from 0 to 100. The order of the words does not matter, nor does a missing one."""
    ours, theirs = words_of(one), words_of(other)
    if not ours or not theirs:
        return 0
    spelt = fuzz.token_sort_ratio(" ".join(ours), " ".join(theirs))
    return round(max(spelt, _in_pairs(ours, theirs)))


def _in_pairs(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """Word by word, each with the one it is likest; words that only one name has count a little against it."""
    few, many = sorted((ours[:6], theirs[:6]), key=len)
    if len(few) == 1 and len(many) > 1 and len(few[0]) < 3:
        return 0
    table = [[_of_words(a, b) for b in many] for a in few]
    best = max(
        sum(table[row][column] for row, column in enumerate(order)) / len(few)
        for order in permutations(range(len(many)), len(few))
    )
    return best - 6 * (len(many) - len(few)) - (4 if len(few) == 1 else 0)


def _of_words(one: str, other: str) -> float:
    if 1 in (len(one), len(other)):
        return 90.0 if one[0] == other[0] else 0.0
    alike = fuzz.ratio(one, other)
    return max(alike, 96.0) if sounded(one) == sounded(other) else alike


class Named(Protocol):
    """Somebody with the names under which they are known."""

    @property
    def names(self) -> tuple[str, ...]: ...


Somebody = TypeVar("Somebody", bound=Named)


@dataclass(frozen=True)
class Match(Generic[Somebody]):
    """Somebody known, and how like the name asked for theirs is."""

    somebody: Somebody
    likeness: int


def alike(name: str, known: Iterable[Somebody], at_least: int = ALIKE, most: int = 5) -> list[Match[Somebody]]:
    """Whom a name may mean, the likest first."""
    found = [Match(one, max((likeness(name, known_as) for known_as in one.names), default=0)) for one in known]
    good = [one for one in found if one.likeness >= at_least]
    return sorted(good, key=lambda one: (-one.likeness, one.somebody.names))[:most]


def beginning(text: str, known: Iterable[Somebody], most: int = 8) -> list[Match[Somebody]]:
    """Whom somebody may mean who is still typing: each word begins one of the name, in any order; then who is alike."""
    typed = fold(text).split()
    known = list(known)
    starts = [Match(one, 100) for one in known if typed and any(_begun(typed, fold(name)) for name in one.names)]
    starts.sort(key=lambda one: one.somebody.names)
    there = {id(one.somebody) for one in starts}
    others = [one for one in alike(text, known, most=most) if id(one.somebody) not in there]
    return (starts + others)[:most]


def _begun(typed: Sequence[str], name: str) -> bool:
    words = name.split()
    return all(any(word.startswith(part) for word in words) for part in typed)
