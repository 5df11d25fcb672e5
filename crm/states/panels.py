"""What stands around a State's timeline, contributed by higher floors without being imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flask import Flask, current_app

from crm.core.access import Viewer


@dataclass(frozen=True)
class PanelRow:
    """One line of a panel: what it is, and the text, linked when `href` is given. `late`: it should have come."""

    label: str
    text: str
    href: str | None = None
    late: bool = False


@dataclass(frozen=True)
class Panel:
    """A panel: title, rows, and a link to the whole. Panels stand in the order of `place`.

    `guard`: it warns, and stands over everything else.
    """

    title: str
    rows: tuple[PanelRow, ...]
    href: str | None = None
    link_label: str = "See all"
    place: int = 50
    guard: bool = False


@dataclass(frozen=True)
class Glance:
    """What is to be known before anything else, in a few words: they stand in the order of `place`.

    `tone`: "", `warn` or `bad`.
    """

    label: str
    value: str
    note: str = ""
    href: str | None = None
    tone: str = ""
    place: int = 50


@dataclass(frozen=True)
class Around:
    """All that stands around the timeline, each in its order."""

    glances: tuple[Glance, ...]
    guards: tuple[Panel, ...]
    panels: tuple[Panel, ...]


Source = Callable[[str, Viewer], Iterable[Panel | Glance]]
"""`source(state_iso3, viewer)`: what the viewer may see, in a constant number of statements."""


def connect(app: Flask, sources: Sequence[Source]) -> None:
    """Set the table: who adds to the page of a State (the wiring floor owns it)."""
    app.extensions["panels"] = tuple(sources)


def around(state_iso3: str, viewer: Viewer) -> Around:
    """Everything that stands around the timeline of a State."""
    sources: tuple[Source, ...] = current_app.extensions["panels"]
    found = [one for source in sources for one in source(state_iso3, viewer)]
    glances = [one for one in found if isinstance(one, Glance)]
    panels = sorted((one for one in found if isinstance(one, Panel)), key=lambda one: (one.place, one.title))
    return Around(
        tuple(sorted(glances, key=lambda one: (one.place, one.label))),
        tuple(one for one in panels if one.guard),
        tuple(one for one in panels if not one.guard),
    )
