"""What its sender says of a spreadsheet as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm.core.access import Handling
from crm.core.visibility import Attribution
from crm.core.written.days import Order


@dataclass(frozen=True)
class Choices:
    """What was said of a spreadsheet as a whole. `columns`: by what it says, the number of the column."""

    columns: dict[str, int]
    kind: str = ""
    handling: Handling = Handling.ORIGINATOR
    attribution: Attribution = Attribution.STATE_NOT_PERSON
    order: Order | None = None
    carry_down: bool = False
    with_gaps: bool = False
    open_past: bool = False

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Choices:
        """Those that an import keeps."""
        return cls(
            columns={key: int(place) for key, place in kept["columns"].items()},
            kind=kept["kind"],
            handling=Handling(kept["handling"]),
            attribution=Attribution(kept["attribution"]),
            order=Order(kept["order"]) if kept["order"] else None,
            **{name: bool(kept[name]) for name in ("carry_down", "with_gaps", "open_past")},
        )
