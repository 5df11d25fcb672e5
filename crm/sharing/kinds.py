"""The kinds of record that carry a handling: what sharing needs to know of each, told by the wiring floor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask, current_app

from crm.core.access import Handling
from crm.core.errors import NotFound


def from_nothing(_record: Any) -> Handling:
    """A record that comes out of no other may travel as far as its originator likes."""
    return Handling.PUBLIC


def keeps_content(_record: Any) -> bool:
    """Of records of most kinds never a reference alone is taken."""
    return False


def hides_nothing(_record: Any) -> str:
    """Of where a record of most kinds comes from, nothing is kept back from whoever sees it."""
    return ""


def says_whose(_record: Any) -> bool:
    """A record of most kinds lets whoever sees it know whose it is."""
    return True


@dataclass(frozen=True)
class Kind:
    """A kind of record with a handling.

    `model` has `id`, `originator_id`, `handling` and `sample`; `page` gives the address of one and `title` the
    words by which people know it, which stand in it and in its `parts`; `says_whose` tells whether other parties may
    know its originator; `attribution` gives what they may learn of where it comes from, "" where nothing of that is
    kept back; `source` holds the records that one is derived from and gives how far they travel; `narrowed` is told
    when one narrows or tells less; `is_reference` tells of which nothing is kept but that it happened; `beside` says
    where else its words stand.
    """

    model: type[Any]
    label: str
    page: Callable[[UUID], str]
    title: Callable[[Any], str]
    parts: Sequence[Any] = ()
    says_whose: Callable[[Any], bool] = says_whose
    attribution: Callable[[Any], str] = hides_nothing
    source: Callable[[Any], Handling] = from_nothing
    narrowed: Callable[[UUID], None] | None = None
    is_reference: Callable[[Any], bool] = keeps_content
    beside: str = ""

    def standing(self, record: Any) -> str:
        """Who may see a record now and what they learn of its source, in one word each."""
        return f"{record.handling} {self.attribution(record)}".strip()


def connect(app: Flask, kinds: Mapping[str, Kind]) -> None:
    """Set the table (the wiring floor owns it)."""
    app.extensions["handled_kinds"] = dict(kinds)


def known() -> Mapping[str, Kind]:
    """Every kind by its name."""
    kinds: Mapping[str, Kind] = current_app.extensions["handled_kinds"]
    return kinds


def kind_of(key: str) -> Kind:
    """The kind of that name; raises NotFound for any other."""
    if key not in known():
        raise NotFound("no such kind of record")
    return known()[key]
