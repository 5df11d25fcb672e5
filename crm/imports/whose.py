"""Which States were whose when a spreadsheet was sent and looked through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crm.core.access import Viewer
from crm.imports.models import SpreadsheetImport


@dataclass(frozen=True)
class Reach:
    """The States whose records were its sender's to write at any time until the lines were looked through; None for
    all. A line about another one goes back to its sender and says so; one about these follows what is theirs now.
    """

    states: frozenset[str] | None

    @classmethod
    def of(cls, made: SpreadsheetImport) -> Reach:
        """As it is kept with an import."""
        kept = made.head.get("reach", [])
        return cls(None if kept is None else frozenset(kept))

    def with_those_of(self, sender: Viewer) -> Reach:
        """With what is theirs now."""
        both_known = self.states is not None and sender.states is not None
        return Reach(self.states | sender.states if both_known else None)  # type: ignore[operator]

    def holds(self, iso3: str) -> bool:
        """Whether a State is among them."""
        return self.states is None or iso3 in self.states

    def as_json(self) -> list[str] | None:
        """As it is kept."""
        return None if self.states is None else sorted(self.states)


def may_read(made: SpreadsheetImport, viewer: Viewer, states: Iterable[str]) -> bool:
    """Whether a line that names these States is for whoever sent the spreadsheet, as the rule of its row says it."""
    named = set(states)
    if named & viewer.closed:
        return False
    if not named or viewer.states is None or named & viewer.states:
        return True
    return not all(map(Reach.of(made).holds, named))
