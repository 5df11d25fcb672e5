"""The timeline of a State, to which higher floors contribute without being imported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from flask import Flask, current_app
from markupsafe import Markup

from crm.core.access import Viewer

PAGE_SIZE = 20


@dataclass(frozen=True)
class Entry:
    """One thing on the timeline, ready to be drawn.

    `tone`: `past`, `upcoming` or `overdue`. `date_text` is the day as shown; `datetime` the same for
    machines (ISO, empty when the day is not exact). `anchor` must be unique on the page. `actions` is
    markup drawn below the text.
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


@dataclass(frozen=True)
class Timeline:
    """A page: what is ahead, then the past, newest first. `older_than` leads to the next page."""

    entries: tuple[Entry, ...]
    older_than: date | None = None


class Source(Protocol):
    """What a higher floor puts on the timeline of a State.

    It gives only what the viewer may see, with a constant number of statements: what lies before the day
    `before` (None: the newest, and what is ahead). It may stop after whole days once it has given more than
    PAGE_SIZE entries of the past.
    """

    def __call__(self, state_iso3: str, viewer: Viewer, before: date | None = None) -> Iterable[Entry]: ...


def connect(app: Flask, sources: Sequence[Source]) -> None:
    """Set the table: who adds to the timeline (the wiring floor owns it)."""
    app.extensions["timeline"] = tuple(sources)


def contributed(state_iso3: str, viewer: Viewer, before: date | None = None) -> list[Entry]:
    """Every source's entries."""
    sources: tuple[Source, ...] = current_app.extensions["timeline"]
    return [entry for source in sources for entry in source(state_iso3, viewer, before=before)]


def arrange(found: Iterable[Entry], *, before: date | None = None, size: int = PAGE_SIZE) -> Timeline:
    """A page of the timeline.

    What is ahead stands on the first page alone, overdue first, then the nearest day. A page of the past
    ends with a day, so entries of one day are never torn apart.
    """
    known = list(found)
    ahead = sorted((one for one in known if one.tone != "past"), key=_urgency)
    past = sorted((one for one in known if one.tone == "past"), key=lambda one: one.date, reverse=True)
    if before is not None:
        ahead, past = [], [one for one in past if one.date < before]
    page = past[:size]
    page += [one for one in past[size:] if one.date == page[-1].date]
    more = len(past) > len(page)
    return Timeline((*ahead, *page), page[-1].date if more else None)


def _urgency(entry: Entry) -> tuple[Any, ...]:
    return (entry.tone != "overdue", entry.date, entry.title)
