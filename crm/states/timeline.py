"""The timeline of a State, to which higher floors contribute without being imported."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

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


@dataclass
class _Sources:
    with_day: list[Callable[..., Iterable[Entry]]] = field(default_factory=list)
    plain: list[Callable[..., Iterable[Entry]]] = field(default_factory=list)


_sources = _Sources()


def contribute(source: Callable[..., Iterable[Entry]]) -> None:
    """Add a source: `source(state_iso3, viewer)`, or `source(state_iso3, viewer, before=day)`.

    A source gives only what the viewer may see, with a constant number of statements. One that takes
    `before` gives what lies before that day (None: the newest) and may stop after whole days once it has
    given more than PAGE_SIZE entries of the past. Adding it twice changes nothing.
    """
    takes_day = "before" in inspect.signature(source).parameters
    chosen = _sources.with_day if takes_day else _sources.plain
    if source not in chosen:
        chosen.append(source)


def collect(
    state_iso3: str,
    viewer: Viewer,
    own: Iterable[Entry],
    *,
    before: date | None = None,
    size: int = PAGE_SIZE,
) -> Timeline:
    """A page of the timeline from our own entries and every source's.

    What is ahead stands on the first page alone, overdue first, then the nearest day. A page of the past
    ends with a day, so entries of one day are never torn apart.
    """
    found = list(own)
    for source in _sources.with_day:
        found += source(state_iso3, viewer, before=before)
    for source in _sources.plain:
        found += source(state_iso3, viewer)
    ahead = sorted((one for one in found if one.tone != "past"), key=_urgency)
    past = sorted((one for one in found if one.tone == "past"), key=lambda one: one.date, reverse=True)
    if before is not None:
        ahead, past = [], [one for one in past if one.date < before]
    page = past[:size]
    page += [one for one in past[size:] if one.date == page[-1].date]
    more = len(past) > len(page)
    return Timeline((*ahead, *page), page[-1].date if more else None)


def _urgency(entry: Entry) -> tuple[Any, ...]:
    return (entry.tone != "overdue", entry.date, entry.title)
