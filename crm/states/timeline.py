"""The timeline of a State, to which higher floors contribute without being imported."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import Flask, current_app
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, not_

from crm.core.access import Viewer
from crm.core.db import db
from crm.core.text import beginning

PAGE_SIZE = 20
MOST_AHEAD = 50
"""Of each kind so much that is to come stands on the timeline, and so much whose day is over; more stands in the lists.
"""

ACTS = "act"
"""The kind of what this floor itself puts on a timeline."""


Record = tuple[str, UUID]
"""The kind of a source and the key of one of its records."""


@dataclass(frozen=True)
class Pin:
    """That an entry is kept on top: the key of the pin, and for whom, in words."""

    id: UUID
    words: str


@dataclass(frozen=True)
class Entry:
    """One thing on the timeline, ready to be drawn.

    `tone`: `past`, `upcoming` or `overdue`. `date_text` is the day as shown; `datetime` the same for
    machines (ISO, empty when the day is not exact). `anchor` must be unique on the page. `actions` is
    markup drawn below the text. `kind` is the key of its source and `key` that of its record (None for an act
    of the register, which is no record of anybody).
    """

    date: date
    date_text: str
    title: str
    href: str | None = None
    body: str = ""
    meta: str | Sequence[str] = ""
    icon: str = ""
    tone: str = "past"
    anchor: str = ""
    sample: bool = False
    datetime: str = ""
    actions: Markup | None = None
    kind: str = ""
    key: UUID | None = None
    pin: Pin | None = None


@dataclass(frozen=True)
class Wanted:
    """What of a timeline is asked for.

    `before`: only what lies before this day, and nothing that is ahead. `person`: part of a name. `whose`: a side,
    as the choice of sides calls it (`connect`). `since` and `until` hold for what is ahead, too. `keys`: these
    records alone, however old.
    """

    before: date | None = None
    kind: str = ""
    person: str = ""
    whose: str = ""
    since: date | None = None
    until: date | None = None
    keys: frozenset[UUID] | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out but what lies after a day."""
        return bool(self.kind or self.person or self.whose or self.since or self.until)

    def within(
        self, column: Any, reaches: Callable[[Any, date], ColumnElement[bool]] = operator.ge
    ) -> list[ColumnElement[bool]]:
        """The bounds of the days as conditions; not `before`, which holds for the past alone. `reaches`: whether a day
        lies on another or later, where it may be known to the month or the year alone.
        """
        bounds = [reaches(column, self.since)] if self.since else []
        return [*bounds, column <= self.until] if self.until else bounds


@dataclass(frozen=True)
class Timeline:
    """A page: what is ahead, then the past, newest first. `older_than` leads to the next page. `cut`: the kinds of
    which more is ahead than stands here.
    """

    entries: tuple[Entry, ...]
    older_than: date | None = None
    cut: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Source:
    """What a higher floor puts on the timeline of a State. `label` says in a word what its entries are.

    `entries` gives only what the viewer may see, with a constant number of statements: what is ahead (unless the
    question says `before`) and the past, newest first. It may stop after whole days once it has given more than
    PAGE_SIZE entries of the past (`whole_days`), and after more than MOST_AHEAD of what is to come and as many whose
    day is over (`nearest_ahead`). `listed` is the address of the list that has all of a State.
    """

    kind: str
    label: str
    entries: Callable[[str, Viewer, Wanted], Iterable[Entry]]
    listed: Callable[[str], str] | None = None


Sides = Callable[[Viewer], list[tuple[str, str]]]
"""Whose entries somebody may ask for: each side and what it is called."""

Pins = Callable[[str, Viewer], Mapping[Record, Pin]]
"""What is pinned on the timeline of a State."""


@dataclass(frozen=True)
class _Table:
    sources: tuple[Source, ...] = ()
    sides: Sides = field(default=lambda _viewer: [])
    pins: Pins = field(default=lambda _state, _viewer: {})


def connect(app: Flask, sources: Sequence[Source], sides: Sides | None = None, pins: Pins | None = None) -> None:
    """Set the table: who adds to the timeline, whose entries there are, what is pinned (the wiring floor owns it)."""
    given: dict[str, Any] = {"sides": sides, "pins": pins}
    app.extensions["timeline"] = _Table(tuple(sources), **{name: one for name, one in given.items() if one})


def _table() -> _Table:
    table: _Table = current_app.extensions["timeline"]
    return table


def kinds() -> list[tuple[str, str]]:
    """What can stand on a timeline: the kind of each source and what its entries are, the register's own last."""
    return [*((one.kind, one.label) for one in _table().sources), (ACTS, "Treaty acts")]


def sides(viewer: Viewer) -> list[tuple[str, str]]:
    """Whose entries this viewer may ask for."""
    return _table().sides(viewer)


def contributed(state_iso3: str, viewer: Viewer, wanted: Wanted | None = None) -> list[Entry]:
    """Every source's entries."""
    asked = wanted or Wanted()
    asking = [one for one in _table().sources if asked.kind in ("", one.kind)]
    return [_of(one, entry) for one in asking for entry in one.entries(state_iso3, viewer, asked)]


def pinned(state_iso3: str, viewer: Viewer) -> list[Entry]:
    """What is pinned and the viewer may see, the newest first."""
    table = _table()
    pins = table.pins(state_iso3, viewer)
    found: list[Entry] = []
    for source in table.sources:
        keys = frozenset(key for kind, key in pins if kind == source.kind)
        if keys:
            for entry in source.entries(state_iso3, viewer, Wanted(keys=keys)):
                if entry.key in keys:
                    found.append(replace(_of(source, entry), pin=pins[source.kind, entry.key]))
    return sorted(found, key=lambda one: one.date, reverse=True)


def _of(source: Source, entry: Entry) -> Entry:
    """An entry as it stands on the line: whose text is longer is read on its own page, and that is written down."""
    return replace(entry, kind=source.kind, body=beginning(entry.body))


def fitting(entries: Iterable[Entry], wanted: Wanted) -> list[Entry]:
    """Those entries of the register that a question asks for: they are nobody's and name nobody."""
    if wanted.kind not in ("", ACTS) or wanted.person or wanted.whose:
        return []
    since, until = wanted.since or date.min, wanted.until or date.max
    return [replace(one, kind=ACTS) for one in entries if since <= one.date <= until]


def arrange(found: Iterable[Entry], *, before: date | None = None, size: int = PAGE_SIZE) -> Timeline:
    """A page of the timeline.

    What is ahead stands on the first page alone, overdue first, then the nearest day. A page of the past
    ends with a day, so entries of one day are never torn apart.
    """
    known = list(found)
    ahead, cut = _bounded(sorted((one for one in known if one.tone != "past"), key=_urgency))
    past = sorted((one for one in known if one.tone == "past"), key=lambda one: one.date, reverse=True)
    if before is not None:
        ahead, cut, past = [], frozenset(), [one for one in past if one.date < before]
    page = past[:size]
    page += [one for one in past[size:] if one.date == page[-1].date]
    more = len(past) > len(page)
    return Timeline((*ahead, *page), page[-1].date if more else None, cut)


def _bounded(ahead: Sequence[Entry]) -> tuple[list[Entry], frozenset[str]]:
    """Of each kind and tone those nearest to today, in the order given, and the kinds of which some are left out."""
    parts: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in ahead:
        parts[entry.kind, entry.tone].append(entry)
    shown = {
        id(entry)
        for (_kind, tone), part in parts.items()
        for entry in (part[-MOST_AHEAD:] if tone == "overdue" else part[:MOST_AHEAD])
    }
    cut = frozenset(kind for (kind, _tone), part in parts.items() if len(part) > MOST_AHEAD)
    return [entry for entry in ahead if id(entry) in shown], cut


def lists_of(state_iso3: str, kinds: Collection[str]) -> list[tuple[str, str]]:
    """The lists that have all of these kinds: what stands in each, and its address."""
    return [(one.label, one.listed(state_iso3)) for one in _table().sources if one.kind in kinds and one.listed]


def _urgency(entry: Entry) -> tuple[Any, ...]:
    return (entry.tone != "overdue", entry.date, entry.title)


@dataclass(frozen=True)
class Days:
    """How rows lie in time: the day of one, the condition for those of a day, and for those before it."""

    of: Callable[[Any], date]
    on: Callable[[date], Collection[ColumnElement[bool]]]
    before: Callable[[date], ColumnElement[bool]]


def days_by(column: Any, name: str) -> Days:
    """Rows with a column of days, under this name in them."""
    return Days(lambda row: getattr(row, name), lambda on: [column == on], lambda on: column < on)


def nearest_ahead(statement: Select[Any], over: ColumnElement[bool], order: Sequence[Any]) -> list[Any]:
    """What is ahead in the order of its days: those to come, and before them those whose day is `over`, so that many
    of the one never hide the other. Of each one more than stands on a timeline, so that it is known that there is more.

    In one statement where there are few, else in three.
    """
    few = list(db.session.execute(statement.order_by(*order).limit(MOST_AHEAD + 1)))
    if len(few) <= MOST_AHEAD:
        return few
    backwards = [one.desc() for one in order]
    late = list(db.session.execute(statement.where(over).order_by(*backwards).limit(MOST_AHEAD + 1)))
    return late[::-1] + list(db.session.execute(statement.where(not_(over)).order_by(*order).limit(MOST_AHEAD + 1)))


def whole_days(statement: Select[Any], days: Days, size: int = PAGE_SIZE) -> list[Any]:
    """The newest rows of an ordered select, more than a page of them, and all that share the day of the last.

    In one statement where there are few, else in three: a day is never read in part, and of what is older one row is
    taken along, beyond every page, so that it is known that there is more.
    """
    rows = list(db.session.execute(statement.limit(size + 1)))
    if len(rows) <= size:
        return rows
    last = days.of(rows[-1])
    whole = list(db.session.execute(statement.where(*days.on(last))))
    older = list(db.session.execute(statement.where(days.before(last)).limit(1)))
    return [row for row in rows if days.of(row) != last] + whole + older
