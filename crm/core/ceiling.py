"""How much this installation may keep: above its ceiling only a reference is taken.

Every verb that takes a handling from somebody asks `check`; what a verb narrows by itself, because a record hides
its State or comes out of a narrower one, was judged when its source was written down and is not judged again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app

from crm.core.access import HANDLING_LABELS, Handling
from crm.core.errors import RuleViolation

TOO_NARROW = "What so few may see is not kept here. Record only a reference to it."
MARKED = "What is marked so is not kept here. Record only the reference of your own report."


class AboveCeiling(RuleViolation):
    """What was sent may not be kept here."""


@dataclass(frozen=True)
class Ceiling:
    """How much may be written down in an installation.

    `highest`: the narrowest handling whose content may be kept here. `marks`: national marks, as their
    parties write them, of which only a reference may be kept; they are compared, never interpreted.
    """

    highest: Handling = Handling.ORIGINATOR
    marks: frozenset[str] = frozenset()

    def keeps(self, handling: Handling) -> bool:
        """Whether the content of a record with this handling may be kept."""
        return handling.rank <= self.highest.rank

    def takes_marks(self, marks: str) -> bool:
        """Whether the content of a record that bears these marks may be kept."""
        return _plain(marks) not in {_plain(one) for one in self.marks}


def _plain(mark: str) -> str:
    return " ".join(mark.split()).casefold()


def ceiling() -> Ceiling:
    """That of this installation."""
    settings = current_app.extensions["settings"]
    return Ceiling(Handling(settings.handling_ceiling), settings.reference_only_marks)


def check(handling: Handling, marks: str = "") -> None:
    """Raise AboveCeiling, beside `handling` or `marks`, unless content with both may be kept here."""
    here = ceiling()
    if not here.keeps(handling):
        raise AboveCeiling("handling", TOO_NARROW)
    if not here.takes_marks(marks):
        raise AboveCeiling("marks", MARKED)


def offered() -> Sequence[tuple[str, str]]:
    """The handlings under which content may be kept here, as choices, the narrowest first."""
    here = ceiling()
    return [(key, label) for key, label in HANDLING_LABELS.items() if here.keeps(Handling(key))]
