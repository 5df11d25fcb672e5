"""An index of words behind which SQLite (FTS5) and PostgreSQL (tsvector) stand. It answers with keys, never with text.

What is asked is a tree of words. A row keeps its words as one text with spaces between them; both databases get
exactly these, and neither splits, folds or stems anything by itself. On PostgreSQL the second wall would keep the
index from being used, because comparing a text with a question is not known to tell nothing: a function of the
schema `wall` asks instead, shut while nobody looks, and what it answers with is read through both walls afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, cast, column, func, select, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from crm.core.db import db

WORDS = Text().with_variant(TSVECTOR(), "postgresql")
"""The type of a column of words."""

GAP = "\ue000"
"""Stands between two texts of a row, so that no phrase reaches from one into the other."""

_LAST_PLACE = 16_000
"""PostgreSQL counts places up to 16,383: later words are found, but in no phrase."""


class Asked:
    """A question."""


@dataclass(frozen=True)
class Word(Asked):
    """Words next to each other; `goes_on`: the last is the beginning of a word."""

    words: tuple[str, ...]
    goes_on: bool = False


@dataclass(frozen=True)
class Every(Asked):
    """Each of these, and none of `but`."""

    parts: tuple[Asked, ...]
    but: tuple[Asked, ...] = ()


@dataclass(frozen=True)
class AnyOf(Asked):
    """One of these at least."""

    parts: tuple[Asked, ...]


def places(asked: Asked, *, above: int, below: int, most: int) -> list[int]:
    """The keys of the rows that answer, the highest first, between two keys that are not among them.

    Whether the viewer may read them is not asked here.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        found = func.wall.search_places(cast(bindparam("asked", for_postgresql(asked)), TSQUERY), above, below, most)
        wanted: Any = select(found.column_valued("place"))
    else:
        index = table("search_word", column("rowid", BigInteger), column("search_word"))
        wanted = (
            select(index.c.rowid)
            .where(index.c.search_word.op("MATCH")(for_sqlite(asked)), index.c.rowid > above, index.c.rowid < below)
            .order_by(index.c.rowid.desc())
            .limit(most)
        )
    return list(db.session.scalars(wanted))


def kept(texts: Iterable[Sequence[str]], marks: Iterable[str]) -> str:
    """The words of a row as its column keeps them: those of its texts in their order, then marks of no place."""
    ordered = [word for text in texts for word in (*text, GAP)]
    if db.session.get_bind().dialect.name != "postgresql":
        return " ".join([*ordered, *marks])
    found: dict[str, list[int]] = {}
    for place, word in enumerate(ordered, 1):
        if word != GAP:
            found.setdefault(word, []).append(min(place, _LAST_PLACE))
    parts = [f"'{word}':{','.join(map(str, dict.fromkeys(at[:250])))}" for word, at in found.items()]
    return " ".join([*parts, *(f"'{one}'" for one in marks)])


def for_sqlite(asked: Asked) -> str:
    """The question in the language of FTS5. Words hold letters and figures alone."""
    match asked:
        case Word(words, goes_on):
            return f'"{" ".join(words)}"' + (" *" if goes_on else "")
        case AnyOf(parts):
            return "(" + " OR ".join(map(for_sqlite, parts)) + ")"
        case Every(parts, but):
            wanted = "(" + " AND ".join(map(for_sqlite, parts)) + ")"
            return f"({wanted} NOT {for_sqlite(AnyOf(but))})" if but else wanted
    raise TypeError(asked)


def for_postgresql(asked: Asked) -> str:
    """The question as a tsquery."""
    match asked:
        case Word(words, goes_on):
            return "(" + " <-> ".join(f"'{one}'" for one in words) + (":*" if goes_on else "") + ")"
        case AnyOf(parts):
            return "(" + " | ".join(map(for_postgresql, parts)) + ")"
        case Every(parts, but):
            wanted = "(" + " & ".join(map(for_postgresql, parts)) + ")"
            return f"({wanted} & !{for_postgresql(AnyOf(but))})" if but else wanted
    raise TypeError(asked)


def known_to_models(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether a table or an index is one that a model declares; what only one of the databases has, none does."""
    return not ((kind == "table" and (name or "").startswith("search_word")) or name == "ix_search_text_words")
