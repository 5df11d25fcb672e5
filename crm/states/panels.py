"""Small panels beside a State's timeline, contributed by higher floors without being imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app

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
"""`source(state_iso3, viewer)`: the panels that the viewer may see, in a constant number of statements."""


def connect(app: Flask, sources: Sequence[Source]) -> None:
    """Set the table: who adds panels (the wiring floor owns it)."""
    app.extensions["panels"] = tuple(sources)


def contributed(state_iso3: str, viewer: Viewer) -> list[Panel]:
    """Every panel for a State, in order."""
    sources: tuple[Source, ...] = current_app.extensions["panels"]
    found = [panel for source in sources for panel in source(state_iso3, viewer)]
    return sorted(found, key=lambda one: (one.place, one.title))
