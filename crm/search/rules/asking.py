"""What somebody asked: words that must all be there, phrases, and what must not be there. Anything can be read.

cluster munition      both words
"cluster munition"    next to each other
-treaty               not this word; -"…" not this phrase
accessi               the last word may go on
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crm.search.rules.folding import is_unspaced, tokens

MOST_TERMS = 12
"""Terms of one question that count."""

_PARTS = re.compile(r'(?P<sign>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_QUOTES = str.maketrans("“”„«»‟〝〞", '""""""""')


@dataclass(frozen=True)
class Term:
    """Words next to each other; `goes_on`: the last is the beginning of a word."""

    words: tuple[str, ...]
    goes_on: bool = False

    def hits(self, text: Sequence[str]) -> list[int]:
        """The places in a text at which it begins."""
        first = self.words[0]
        if len(self.words) > 1:
            last = len(text) - len(self.words)
            begins = [place for place, word in enumerate(text) if word == first and place <= last]
            return [place for place in begins if self._stands_at(text, place)]
        if self.goes_on:
            return [place for place, word in enumerate(text) if word.startswith(first)]
        return [place for place, word in enumerate(text) if word == first]

    def _stands_at(self, text: Sequence[str], place: int) -> bool:
        *before, last = self.words
        if any(text[place + number] != word for number, word in enumerate(before)):
            return False
        there = text[place + len(before)]
        return there.startswith(last) if self.goes_on else there == last


@dataclass(frozen=True)
class Asked:
    """What must be there, and what must not."""

    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted)

    def matches(self, text: Sequence[str]) -> bool:
        """Whether a text answers: the index must answer alike."""
        return all(one.hits(text) for one in self.wanted) and not any(one.hits(text) for one in self.unwanted)


def asked(text: str) -> Asked:
    """Read what somebody typed; whatever it is, it is no error."""
    wanted: list[Term] = []
    unwanted: list[Term] = []
    flat = text.translate(_QUOTES)
    parts = list(_PARTS.finditer(flat))
    for number, part in enumerate(parts):
        terms = _terms(part["phrase"] or part["word"] or "")
        last = number == len(parts) - 1 and part["word"] is not None and not part["sign"]
        if terms and last:
            terms[-1] = Term(terms[-1].words, goes_on=len(terms[-1].words[-1]) > 1 or is_unspaced(terms[-1].words[-1]))
        (unwanted if part["sign"] else wanted).extend(terms)
    return Asked(tuple(dict.fromkeys(wanted))[:MOST_TERMS], tuple(dict.fromkeys(unwanted))[:MOST_TERMS])


def _terms(part: str) -> list[Term]:
    """What stands together is looked for together: a phrase, a reference with strokes, a run of signs."""
    runs: list[list[str]] = []
    single = False
    for token in tokens(part):
        signs = is_unspaced(token.word)
        if not runs or signs != single:
            runs.append([])
        runs[-1].append(token.word)
        single = signs
    return [_run(run) for run in runs]


def _run(run: list[str]) -> Term:
    """A run of signs ends with one that stands alone: that one is in the pair before it already."""
    if is_unspaced(run[0]):
        pairs = [one for one in run if len(one) > 1]
        return Term(tuple(pairs)) if pairs else Term((run[0],), goes_on=True)
    return Term(tuple(run))
