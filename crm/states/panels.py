"""Small panels beside a State's timeline, contributed by higher floors without being imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from crm.core.access import Viewer


@dataclass(frozen=True)
class PanelRow:
    """One line of a panel: what it is, and the text, linked when `href` is given."""

    label: str
    text: str
    href: str | None = None


@dataclass(frozen=True)
class Panel:
    """A panel: title, rows, and a link to the whole. Panels stand in the order of `place`."""

    title: str
    rows: tuple[PanelRow, ...]
    href: str | None = None
    link_label: str = "See all"
    place: int = 50


Source = Callable[[str, Viewer], Iterable[Panel]]
_sources: list[Source] = []


def contribute(source: Source) -> None:
    """Add a source: `source(state_iso3, viewer)` gives the panels that the viewer may see.

    It uses a constant number of statements. Adding it twice changes nothing.
    """
    if source not in _sources:
        _sources.append(source)


def collect(state_iso3: str, viewer: Viewer) -> list[Panel]:
    """Every panel for a State, in order."""
    found = [panel for source in _sources for panel in source(state_iso3, viewer)]
    return sorted(found, key=lambda one: (one.place, one.title))
