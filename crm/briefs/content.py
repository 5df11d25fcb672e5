"""What stands on the brief of a State, as plain values: the page, the PDF and the JSON door say the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from crm.core.access import Handling, handling_in_words
from crm.core.visibility import narrowest


@dataclass(frozen=True)
class Source:
    """A record of which something stands in a line: of what kind it is, whose, how far it may travel, how it is marked.

    `whole`: more of it stands there than a list says. `names_people`: people, too, whom it keeps from other parties.
    """

    kind: str
    key: UUID
    originator_id: UUID
    handling: Handling
    marks: str = ""
    whole: bool = True
    names_people: bool = False


@dataclass(frozen=True)
class Line:
    """One thing: what it is, and more about it in a second breath. `late`: it should have come by now.

    `sources` are all records that it tells of, none for what everybody may know.
    """

    text: str
    note: str = ""
    late: bool = False
    _: KW_ONLY
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Section:
    """One part of the brief. `nothing` is said where there are no lines; `cut`: lines that found no room."""

    key: str
    title: str
    lines: tuple[Line, ...]
    nothing: str
    cut: tuple[Line, ...] = ()

    @property
    def left_out(self) -> int:
        """How many more lines there are."""
        return len(self.cut)


@dataclass(frozen=True)
class Brief:
    """One State as of a day, for one reader of the party `party_id`; `first` and `second` are its two columns.

    What it says of itself (how far it may travel, its marks) is read from the sources of its lines.
    """

    iso3: str
    name: str
    formal_name: str
    on: date
    treaty: str
    reader: str
    party_id: UUID | None
    status: str
    dates: tuple[tuple[str, str], ...]
    remains: str
    place: str
    first: tuple[Section, ...]
    second: tuple[Section, ...]

    @property
    def sections(self) -> tuple[Section, ...]:
        """Both columns, in the order in which they are read."""
        return (*self.first, *self.second)

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every record of which something stands on it or found no room."""
        lines = [line for section in self.sections for line in (*section.lines, *section.cut)]
        return tuple(dict.fromkeys(source for line in lines for source in line.sources))

    @property
    def handling(self) -> Handling:
        """That of the narrowest of its sources: so far may it travel."""
        return narrowest(one.handling for one in self.sources)

    @property
    def handling_label(self) -> str:
        """The same in words, to its reader."""
        alone = [one for one in self.sources if one.handling is Handling.ORIGINATOR]
        return handling_in_words(self.handling.value, own=all(one.originator_id == self.party_id for one in alone))

    @property
    def marks(self) -> tuple[str, ...]:
        """National classifications of its sources, word for word."""
        return tuple(dict.fromkeys(one.marks for one in self.sources if one.marks))

    @property
    def names_people(self) -> bool:
        """Whether it names people whom a record keeps from other parties."""
        return any(one.names_people for one in self.sources)

    def read(self) -> set[tuple[str, UUID]]:
        """The records that whoever has it before them has read, by kind and key."""
        return {(one.kind, one.key) for one in self.sources if one.whole}

    def records_of(self) -> dict[UUID, int]:
        """How many records of each party stand on it."""
        keys: dict[UUID, set[tuple[str, UUID]]] = defaultdict(set)
        for one in self.sources:
            keys[one.originator_id].add((one.kind, one.key))
        return {party: len(found) for party, found in keys.items()}

    def shortened(self, shorten: Callable[[str], str], most: int) -> Brief:
        """The same with every text put through `shorten` and no more than so many lines in a section."""

        def section(one: Section) -> Section:
            lines = tuple(replace(line, text=shorten(line.text), note=shorten(line.note)) for line in one.lines[:most])
            return replace(one, lines=lines, cut=(*one.lines[most:], *one.cut))

        def column(sections: Iterable[Section]) -> tuple[Section, ...]:
            return tuple(section(one) for one in sections)

        return replace(self, first=column(self.first), second=column(self.second))

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        plain = ("iso3", "name", "formal_name", "treaty", "reader", "status", "remains", "place")
        return {
            **{name: getattr(self, name) for name in (*plain, "handling_label", "names_people")},
            "on": self.on.isoformat(),
            "handling": self.handling.value,
            "marks": list(self.marks),
            "dates": [{"what": what, "day": day} for what, day in self.dates],
            "sections": [_section(one) for one in self.sections],
        }


def _section(one: Section) -> dict[str, Any]:
    lines = [{"text": line.text, "note": line.note, "late": line.late} for line in one.lines]
    return {"key": one.key, "title": one.title, "lines": lines, "nothing": one.nothing, "left_out": one.left_out}
