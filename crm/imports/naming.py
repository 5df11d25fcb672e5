"""Which States the lines of a table name, whatever else is said of their columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from crm.imports.rules.lines import parts, says_above, without_footnote
from crm.states.register import Register
from crm.states.rules import fold

_WITH_ANOTHER = re.compile(
    r"(?i)(.+?)\s*[(\[](?:(?:formerly|former|ex|previously|anciennement|ancien|antes|antiguamente)[\s-]+)?(.+?)[)\]]"
)
_ARTICLES = ("the ", "la ", "le ", "l’", "el ", "les ", "los ")
"""With which formal names begin in the register, and often not in a spreadsheet."""

_LONGEST_CODE = 3
"""What is no longer is a code or nothing: with an article before it, it would become that of another State."""

_REMEMBERED = 5_000
"""So many ways to write a State are remembered at a time."""

_LONGEST = 2_000
"""A cell of more signs is a text, and no list of States."""


class Names:
    """Finds States by what people write for them."""

    def __init__(self, known: Register) -> None:
        self.known = known
        self._found: dict[str, str | None] = {}

    def state(self, text: str) -> str | None:
        """The one State that is called so; None for none or several."""
        if text not in self._found:
            if len(self._found) > _REMEMBERED:
                self._found.clear()
            self._found[text] = self._called(text)
        return self._found[text]

    def _called(self, text: str) -> str | None:
        bare = without_footnote(text)
        letters = len(fold(bare))
        if not letters or says_above(text):
            return None
        shorter = next((bare[len(one) :] for one in _ARTICLES if bare.lower().startswith(one)), bare)
        longer = (f"{article}{bare}" for article in _ARTICLES if letters > _LONGEST_CODE)
        found = (iso3 for way in (text, bare, shorter, *longer) if (iso3 := self.known.find(way)))
        return next(found, None) or self._explained(bare)

    def _explained(self, text: str) -> str | None:
        """A name with another one of the same State in brackets: Eswatini (formerly Swaziland)."""
        both = _WITH_ANOTHER.fullmatch(text)
        name, other = (self.known.find(one) for one in both.groups()) if both else (None, None)
        return name if name == other else None

    def each(self, text: str) -> dict[str, str | None]:
        """The names in a cell, one or several with signs between them, each with its State."""
        if whole := self.state(text):
            return {text: whole}
        pieces = list(parts(text))
        if len(pieces) == 1:
            pieces = list(parts(text, ",&"))
        return {piece: self.state(piece) for piece in pieces or (text,)}

    def states(self, text: str) -> tuple[str, ...]:
        """The States that a cell names."""
        found = self.each(text).values() if len(text) <= _LONGEST else ()
        return tuple(dict.fromkeys(filter(None, found)))

    def nothing_else(self, text: str) -> bool:
        """Whether a cell says States and no more."""
        return len(text) <= _LONGEST and all(self.each(text).values())


class Named:
    """The States that lines name, one line after the other: in any column that holds States, whichever of them is said
    to tell the State. A line that names none is about those of the one above, as far as anybody knows.
    """

    def __init__(self, names: Names, columns: Collection[int]) -> None:
        self._names, self._columns = names, sorted(columns)
        self._above: tuple[str, ...] = ()

    def by(self, cells: Sequence[str], *, aside: bool = False) -> tuple[str, ...]:
        """Those of the next line; `aside`: it is a heading, a total or a note, and has nothing to do with its
        neighbours.
        """
        texts = [cells[at] for at in self._columns if at < len(cells) and cells[at] and not says_above(cells[at])]
        found = tuple(dict.fromkeys(iso3 for text in texts for iso3 in self._names.states(text)))
        if aside:
            return found
        if texts:
            self._above = found
        return self._above
