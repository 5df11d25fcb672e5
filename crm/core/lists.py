"""One implementation of a list: keyset pages over a stable order, never OFFSET, and a count that ends at a thousand."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.core.errors import NotFound

PAGE_SIZE = 50
COUNTED = 1_000
"""A list is counted to here and no further, so that counting costs the same however long it is."""

BATCH = 1_000
"""How many rows are held at a time while a whole list is read."""


class AtLeast(int):
    """A count that was not brought to its end: so many there are, and perhaps more."""


@dataclass(frozen=True)
class Key:
    """One column of the order: where its value stands in a row, how it is read back, its direction."""

    column: Any
    read: Callable[[Any], Any]
    parse: Callable[[str], Any]
    descending: bool = False


@dataclass
class Page:
    """A page of rows and the addresses of its neighbours."""

    items: Sequence[Any]
    next_url: str | None = None
    prev_url: str | None = None
    count_label: str = ""
    next_cursor: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Neighbours:
    """The keys of the rows before and after one row of a list, and the cursor of a page on which it stands."""

    before: Any = None
    after: Any = None
    cursor: str | None = None


Sift = Callable[[Sequence[Any]], Sequence[tuple[Any, Any]]]
"""Reads rows as (row, line) and leaves out what the database could not."""


class Listed(Protocol):
    """What a list asks, of the database (`Question`) or of what is known by heart (`crm.core.by_heart.ByHeart`)."""

    def page(self, *, cursor: str | None, size: int) -> Page:
        """The page after `cursor`."""

    def count(self) -> int:
        """How many rows there are, up to one more than `COUNTED`; `AtLeast` so many where that was not read out."""

    def every_line(self, told: Callable[[Any], None] | None) -> Iterator[Any]:
        """All of it in its order; `told` hears of each row whose it is, None where it is nobody's."""

    def first_keys(self, most: int) -> list[Any]:
        """The keys of the first rows."""

    def beside(self, key: Any, *, cursor: str | None) -> Neighbours | None:
        """What stands beside one row; None when it does not stand in it."""


ORIGINATOR = object()
"""Whose a row is tells its column `originator_id`."""


@dataclass(frozen=True)
class Question:
    """What a list asks: its rows, their order, which ends in the unique key of a row, and how a page is read.

    `whose`: the column of the party whose a row is; None where rows are nobody's. `sift` leaves out what the database
    cannot: pages then lead forward alone. `as_system`: the statement itself says whose rows are meant, and is asked as
    the system. `sought`: hears of the rows in their order whenever a page, a number or keys of them are told, and
    answers with the number above which none may be told, None where it heard of all of them.
    """

    statement: Select[Any]
    keys: Sequence[Key]
    lines: Callable[[Sequence[Any]], list[Any]]
    whose: Any = ORIGINATOR
    sift: Sift | None = None
    as_system: bool = False
    sought: Callable[[Select[Any]], int | None] | None = None

    def only(self, *which: ColumnElement[bool]) -> Question:
        """The same of fewer rows."""
        return replace(self, statement=self.statement.where(*which))

    @property
    def key(self) -> Any:
        """The unique column of the order."""
        return self.keys[-1].column

    def ordered(self, *, backwards: bool = False) -> Select[Any]:
        """The rows in their order, or from its end."""
        return self.statement.order_by(*_order(self.keys, backwards))

    def beyond(self, row: Any, *, backwards: bool = False) -> Select[Any]:
        """The rows that follow one row, or that precede it, the nearest first."""
        values = [key.read(row) for key in self.keys]
        return self.ordered(backwards=backwards).where(_after(self.keys, values, backwards))

    def page(self, *, cursor: str | None, size: int) -> Page:
        """The page after `cursor`, read as lines."""
        self._say_sought(self._after_cursor(cursor))
        with self._eyes():
            if self.sift:
                return sifted(self.statement, self.keys, cursor=cursor, size=size, sift=self.sift)
            page = paginate(self.statement, self.keys, cursor=cursor, size=size)
            page.items = self.lines(page.items)
            return page

    def count(self) -> int:
        """In one statement; what is sifted has to be read for it."""
        bound = self._say_sought(self.ordered())
        if bound is not None:
            return AtLeast(bound)
        with self._eyes():
            if self.sift:
                return self._count_sifted(self.sift)
            found = self.statement.with_only_columns(self.key, maintain_column_froms=True).limit(COUNTED + 1)
            return db.session.scalar(select(func.count()).select_from(found.subquery())) or 0

    def _count_sifted(self, sift: Sift) -> int:
        """Reads a thousand rows, and on only while there are fewer lines than the page itself has to find."""
        found, wanted = 0, self.ordered()
        while True:
            rows = db.session.execute(wanted.limit(COUNTED + 1)).all()
            found += len(sift(rows))
            if found > COUNTED or len(rows) <= COUNTED:
                return min(found, COUNTED + 1)
            if found > PAGE_SIZE:
                return AtLeast(found)
            wanted = self.beyond(rows[-1])

    def every_line(self, told: Callable[[Any], None] | None) -> Iterator[Any]:
        """A batch at a time: what is held does not grow with what is read."""
        asked = self._with_whose() if told and self.whose is not None else self
        wanted = asked.ordered()
        while True:
            with self._eyes():
                rows = db.session.execute(wanted.limit(BATCH)).all()
                found = self.sift(rows) if self.sift else list(zip(rows, self.lines(rows), strict=True))
            for row, line in found:
                if told:
                    told(None if self.whose is None else row.whose)
                yield line
            if len(rows) < BATCH:
                return
            wanted = asked.beyond(rows[-1])

    def _with_whose(self) -> Question:
        whose = self.key.class_.originator_id if self.whose is ORIGINATOR else self.whose
        return replace(self, statement=self.statement.add_columns(whose.label("whose")))

    def first_keys(self, most: int) -> list[Any]:
        """In one statement."""
        self._say_sought(self.ordered())
        with self._eyes():
            wanted = self.ordered().with_only_columns(self.key, maintain_column_froms=True).limit(most)
            return list(db.session.scalars(wanted))

    def beside(self, key: Any, *, cursor: str | None) -> Neighbours | None:
        """In four statements; where the page of `cursor` does not hold it, another is given that begins with it."""
        self._say_sought(self.ordered())
        with self._eyes():
            row = db.session.execute(self.statement.where(self.key == key)).first()
            if row is None:
                return None
            ident = self.keys[-1].read
            before = db.session.execute(self.beyond(row, backwards=True).limit(1)).first()
            after = db.session.execute(self.beyond(row).limit(1)).first()
            self._say_sought(self.statement.where(self.key.in_([ident(one) for one in (before, row, after) if one])))
            page = paginate(self.statement, self.keys, cursor=cursor)
            if key not in [ident(one) for one in page.items]:
                cursor = _pack([one.read(before) for one in self.keys], False) if before is not None else None
        return Neighbours(
            ident(before) if before is not None else None, ident(after) if after is not None else None, cursor
        )

    def _say_sought(self, told: Select[Any]) -> int | None:
        return self.sought(told) if self.sought else None

    def _after_cursor(self, cursor: str | None) -> Select[Any]:
        backwards, values = _unpack(cursor, self.keys) if cursor else (False, [])
        wanted = self.ordered(backwards=backwards)
        return wanted.where(_after(self.keys, values, backwards)) if values else wanted

    def _eyes(self) -> AbstractContextManager[Any]:
        """As the system where the statement itself says whose rows are meant; else as whoever looks."""
        return looking_as(SYSTEM) if self.as_system else nullcontext()


def _pack(values: list[Any], backwards: bool) -> str:
    texts = [one.isoformat() if isinstance(one, (date, datetime)) else str(one) for one in values]
    raw = json.dumps([int(backwards), *texts], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpack(cursor: str, keys: Sequence[Key]) -> tuple[bool, list[Any]]:
    """Raises NotFound for a cursor that was not made here."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        backwards, *texts = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if len(texts) != len(keys) or not all(isinstance(text, str) and _can_be_kept(text) for text in texts):
            raise ValueError
        return bool(backwards), [key.parse(text) for key, text in zip(keys, texts, strict=True)]
    except (ValueError, TypeError, UnicodeError, OverflowError, RecursionError):
        raise NotFound("no such page") from None


def _can_be_kept(text: str) -> bool:
    """Whether a database takes it for a text: no NUL, no half of a sign."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _after(keys: Sequence[Key], values: list[Any], backwards: bool) -> ColumnElement[bool]:
    """Rows that come after these values in the order (before them, when walking backwards)."""
    branches = []
    for place, key in enumerate(keys):
        equal = [keys[earlier].column == values[earlier] for earlier in range(place)]
        smaller = key.descending != backwards
        step = key.column < values[place] if smaller else key.column > values[place]
        branches.append(and_(*equal, step))
    first, smaller = keys[0], keys[0].descending != backwards
    bound = first.column <= values[0] if smaller else first.column >= values[0]
    return and_(bound, or_(*branches))  # the bound says nothing new, but an index can begin there


def _order(keys: Sequence[Key], backwards: bool) -> list[Any]:
    return [key.column.desc() if key.descending != backwards else key.column.asc() for key in keys]


def paginate(statement: Select[Any], keys: Sequence[Key], *, cursor: str | None, size: int = PAGE_SIZE) -> Page:
    """The page of a select after `cursor`; `keys` must end in a unique column."""
    backwards, values = _unpack(cursor, keys) if cursor else (False, [])
    if values:
        statement = statement.where(_after(keys, values, backwards))
    rows = list(db.session.execute(statement.order_by(*_order(keys, backwards)).limit(size + 1)))
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    page = Page(items=rows)
    has_next = (more or False) if not backwards else True
    has_prev = (bool(values)) if not backwards else more
    if rows and has_next:
        page.next_cursor = _pack([key.read(rows[-1]) for key in keys], False)
        page.next_url = same_page(after=page.next_cursor)
    if rows and has_prev:
        page.prev_url = same_page(after=_pack([key.read(rows[0]) for key in keys], True))
    page.count_label = f"{len(rows)} shown" + (", more follow" if has_next else "")
    return page


def sifted(
    statement: Select[Any],
    keys: Sequence[Key],
    *,
    cursor: str | None,
    size: int = PAGE_SIZE,
    sift: Sift,
) -> Page:
    """As `paginate`, of what `sift` leaves of the rows, as (row, line): for a question that the database cannot put.

    What is left out leaves no gap: pages are full, and one follows only where a line follows. They lead forward alone.
    """
    found: list[tuple[Any, Any]] = []
    while len(found) <= size:
        raw = paginate(statement, keys, cursor=cursor, size=BATCH)
        found += sift(raw.items)
        if raw.next_cursor is None:
            break
        cursor = raw.next_cursor
    more, found = len(found) > size, found[:size]
    page = Page(items=[line for _, line in found])
    if more:
        page.next_cursor = _pack([key.read(found[-1][0]) for key in keys], False)
        page.next_url = same_page(after=page.next_cursor)
    page.count_label = f"{len(found)} shown" + (", more follow" if more else "")
    return page


def page_of(question: Listed, *, cursor: str | None, size: int = PAGE_SIZE) -> Page:
    """The page of a list after `cursor`, read as lines."""
    return question.page(cursor=cursor, size=size)


def counted(question: Listed) -> int:
    """How many rows the viewer may see, up to one more than `COUNTED`; `AtLeast` so many where it was not read out."""
    return question.count()


def count_in_words(number: int, one: str, many: str) -> str:
    """The count of a list with what it counts; `one` and `many` are its words."""
    if number > COUNTED:
        return f"more than {COUNTED:,} {many}"
    if isinstance(number, AtLeast):
        return f"at least {number:,} {many}"
    return f"{number:,} {one if number == 1 else many}"


def every_line(question: Listed, told: Callable[[Any], None] | None = None) -> Iterator[Any]:
    """The whole list in its order; `told` hears of each row whose it is."""
    return question.every_line(told)


def chosen_keys(question: Listed, most: int) -> list[Any]:
    """The keys of the first rows of a list in its order, at most so many."""
    return question.first_keys(most)


def neighbours(question: Listed, key: Any, *, cursor: str | None = None) -> Neighbours | None:
    """What stands beside one row of a list; None when it does not stand in it.

    `cursor` is that of the page from which the row was opened; where that page does not hold it any more, another
    is given that begins with it.
    """
    return question.beside(key, cursor=cursor)


def same_page(**changes: str | None) -> str:
    """The address of the page being shown with parts of its query changed; None takes a part away.

    Built from the path, not from `url_for`: names in a query come from anywhere.
    """
    query = {name: values for name, values in request.args.lists() if name not in changes}
    query |= {name: [value] for name, value in changes.items() if value is not None}
    return f"{request.path}?{urlencode(query, doseq=True)}" if query else request.path


def uuid_key(column: Any, read: Callable[[Any], Any], *, descending: bool = False) -> Key:
    """The unique column that ends every order; in one direction with the others an index holds the whole of it."""
    return Key(column, read, UUID, descending)


def moment_key(column: Any, read: Callable[[Any], Any], *, descending: bool = True) -> Key:
    """A column of moments of an order."""
    return Key(column, read, _moment, descending)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return found.astimezone(UTC)


def date_key(column: Any, read: Callable[[Any], Any], *, descending: bool = True) -> Key:
    """A day column of an order."""
    return Key(column, read, date.fromisoformat, descending)
