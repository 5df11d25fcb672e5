"""What a word is when people search: no case, no accents, one form for each letter, in every script.

Scripts that put no space between words (Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese) are found by pairs of
neighbouring signs. Arabic is found without its vowel signs, and with or without the article.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

LONGEST_WORD = 60
"""Signs of a word that count; what is longer is no word of anybody's."""

_LETTERS = str.maketrans(
    {
        "ı": "i", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe",
        "ى": "ي", "ة": "ه", "ـ": "", "ک": "ك", "ی": "ي",
    }
)  # fmt: skip
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093a-\u094f"
)
_RUNS = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?:(?![{_UNSPACED}_])[\w{_MARKS}])+")
_ARTICLES = re.compile(r"^(?:وال|ال)(?=\w{3})")
_ARABIC = re.compile("[\u0621-\u064a]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is compared, and where in the text it stands."""

    word: str
    start: int
    end: int


@lru_cache(maxsize=20_000)
def folded(text: str) -> str:
    """A text with one form for each letter: signs between words are left as they are."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(_digit(char) for char in apart if unicodedata.category(char) not in ("Mn", "Mc", "Me", "Cf"))
    return unicodedata.normalize("NFC", bare.casefold()).translate(_LETTERS)


def _digit(char: str) -> str:
    """Digits of every script count as the figures they are."""
    return str(unicodedata.decimal(char)) if char.isdecimal() else char


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in their order."""
    for run in _RUNS.finditer(text):
        if run["unspaced"]:
            yield from _pairs(run.group(), run.start())
        else:
            yield from (Token(word, run.start(), run.end()) for word in _words(run.group()))


@lru_cache(maxsize=20_000)
def _words(run: str) -> tuple[str, ...]:
    """The words in a run of letters and figures: mostly it is one."""
    found = re.findall(r"[^\W_]+", folded(run))
    return tuple(_without_article(one)[:LONGEST_WORD] for one in found)


def _without_article(word: str) -> str:
    return _ARTICLES.sub("", word) if _ARABIC.match(word) else word


def _pairs(run: str, start: int) -> Iterator[Token]:
    """Each two neighbouring signs, and the last one alone: so one sign is the beginning of some pair everywhere."""
    signs = [(folded(char), start + place) for place, char in enumerate(run)]
    signs = [(sign, place) for sign, place in signs if sign and sign.isalnum()]
    for (one, place), following in zip(signs, [*signs[1:], None], strict=False):
        if following:
            yield Token(one + following[0], place, following[1] + 1)
        else:
            yield Token(one, place, place + 1)


def words(text: str) -> list[str]:
    """The words of a text as they are compared: those of `tokens`, without their places."""
    found: list[str] = []
    for run in _RUNS.finditer(text):
        if run["unspaced"]:
            found += [one.word for one in _pairs(run.group(), run.start())]
        else:
            found += _words(run.group())
    return found


def is_unspaced(text: str) -> bool:
    """Whether a text is in a script without spaces between words."""
    return re.match(f"[{_UNSPACED}]", text) is not None
