"""What is told of one short talk, and of the round that it belongs to: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from crm.activities.details import OUTCOME
from crm.core.access import Handling

MOST = 200
"""So many talks one round has at most: more than there are States."""

UNDO_WITHIN = timedelta(hours=1)
KIND = "margin_meeting"


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One row of the grid. `row`: where it stands there; `due_words` and `who_words`: how its day and whoever is
    charged were said; `charged_id`: the key of that person or mission, "" for whoever writes it down.
    """

    row: int
    state_iso3: str
    whom: str = ""
    outcome: str = ""
    obstacle: str = ""
    note: str = ""
    next_action: str = ""
    next_action_due: date | None = None
    due_words: str = ""
    charged_id: str = ""
    who_words: str = ""
    handling: Handling | None = None

    @property
    def person(self) -> tuple[str, str]:
        """Name and office, which stand on one line with a comma between them."""
        name, _, office = self.whom.partition(",")
        return name.strip(), office.strip()


def in_a_sentence(outcome: str) -> str:
    """What stands for the note of a talk of which only the outcome was told."""
    return f"{OUTCOME.in_words(outcome)}."
