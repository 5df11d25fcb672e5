"""What comes first, and what of a text is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm.search.rules.asking import Asked, Term
from crm.search.rules.folding import Token, tokens, words

WINDOW = 220
"""Signs of a text that are shown around what was found."""

_IN_TITLE, _WHOLE_TITLE, _MOST_IN_TEXT = 8, 20, 3


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text that is shown; `found`: it is what was asked for."""

    text: str
    found: bool = False


def score(asked: Asked, title: str, body: str) -> int:
    """How well a text answers: in its title more than in its body, often more than once."""
    in_title, in_body = words(title), words(body)
    total = 0
    for term in asked.wanted:
        if term.hits(in_title):
            total += _IN_TITLE
        total += min(len(term.hits(in_body)), _MOST_IN_TEXT)
    if tuple(in_title) == tuple(word for term in asked.wanted for word in term.words):
        total += _WHOLE_TITLE
    return total


def pieces(asked: Asked, text: str) -> list[Piece]:
    """A whole text with what was found in it."""
    return _cut(text, _spans(asked, list(tokens(text))), 0, len(text))


def snippet(asked: Asked, text: str) -> list[Piece]:
    """The part of a text that says most about what was found; its beginning where nothing was found in it."""
    all_tokens = list(tokens(text))
    spans = _spans(asked, all_tokens)
    first = _best(spans)
    start = _whole_word(text, max(0, first - WINDOW // 3), all_tokens)
    end = min(len(text), start + WINDOW)
    if end < len(text):
        end = max((one.end for one in all_tokens if start < one.end <= end), default=end)
    shown = _cut(text, spans, start, end)
    before, after = [Piece("… ")] if start else [], [Piece(" …")] if end < len(text.rstrip()) else []
    return [*before, *shown, *after]


def _spans(asked: Asked, found: Sequence[Token]) -> list[tuple[int, int, int]]:
    """Where what was asked stands, in the order of the text: beginning, end, number of the term."""
    text = [one.word for one in found]
    spans = [
        (found[place].start, found[place + len(term.words) - 1].end, number)
        for number, term in enumerate(asked.wanted)
        for place in _hits(term, text)
    ]
    return sorted(set(spans))


def _hits(term: Term, text: Sequence[str]) -> list[int]:
    return term.hits(text)[:200]


def _best(spans: Sequence[tuple[int, int, int]]) -> int:
    """Where the stretch begins that holds most of what was asked."""
    best, at = 0, 0
    for start, _, _ in spans:
        there = len({number for begin, _, number in spans if start <= begin < start + WINDOW * 2 // 3})
        if there > best:
            best, at = there, start
    return at


def _whole_word(text: str, start: int, found: Sequence[Token]) -> int:
    if start == 0:
        return 0
    return next((one.start for one in found if one.start >= start), min(start, len(text)))


def _cut(text: str, spans: Sequence[tuple[int, int, int]], start: int, end: int) -> list[Piece]:
    cut: list[Piece] = []
    here = start
    for begin, stop, _ in spans:
        if begin < here or stop > end:
            continue
        if begin > here:
            cut.append(Piece(text[here:begin]))
        cut.append(Piece(text[begin:stop], True))
        here = stop
    if here < end:
        cut.append(Piece(text[here:end]))
    return cut
