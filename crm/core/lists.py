"""One implementation of a list: keyset pages over a stable order, never OFFSET, never a live count."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import request
from sqlalchemy import ColumnElement, Select, and_, or_

from crm.core.db import db
from crm.core.errors import NotFound

PAGE_SIZE = 50


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


def _pack(values: list[Any], backwards: bool) -> str:
    texts = [one.isoformat() if isinstance(one, (date, datetime)) else str(one) for one in values]
    raw = json.dumps([int(backwards), *texts], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unpack(cursor: str, keys: Sequence[Key]) -> tuple[bool, list[Any]]:
    """Raises NotFound for a cursor that was not made here."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        backwards, *texts = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if len(texts) != len(keys) or not all(isinstance(text, str) for text in texts):
            raise ValueError
        return bool(backwards), [key.parse(text) for key, text in zip(keys, texts, strict=True)]
    except (ValueError, TypeError, UnicodeError, OverflowError, RecursionError):
        raise NotFound("no such page") from None


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


def paginate(statement: Select[Any], keys: Sequence[Key], *, cursor: str | None, size: int = PAGE_SIZE) -> Page:
    """The page of a select after `cursor`; `keys` must end in a unique column."""
    backwards, values = _unpack(cursor, keys) if cursor else (False, [])
    if values:
        statement = statement.where(_after(keys, values, backwards))
    order = [key.column.desc() if key.descending != backwards else key.column.asc() for key in keys]
    rows = list(db.session.execute(statement.order_by(*order).limit(size + 1)))
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


def same_page(**changes: str | None) -> str:
    """The address of the page being shown with parts of its query changed; None takes a part away.

    Built from the path, not from `url_for`: names in a query come from anywhere.
    """
    query = {name: values for name, values in request.args.lists() if name not in changes}
    query |= {name: [value] for name, value in changes.items() if value is not None}
    return f"{request.path}?{urlencode(query, doseq=True)}" if query else request.path


def uuid_key(column: Any, read: Callable[[Any], Any]) -> Key:
    """The unique column that ends every order."""
    return Key(column, read, UUID)


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
