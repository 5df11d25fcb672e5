"""Which States the book of a day is about."""

from __future__ import annotations

from wtforms import ValidationError

from crm.core.errors import RuleViolation
from crm.core.forms import Form
from crm.states.fields import StatesField

MOST = 20
"""More meetings than this nobody has in a day."""


class DayBookForm(Form):
    """The States of the day in the order in which they are met."""

    states = StatesField("States, in the order of the day", description="Names or codes with commas between them.")

    def validate_states(self, field: StatesField) -> None:
        """Refuse more than a day holds."""
        if len(field.data or ()) > MOST:
            raise ValidationError(f"These are more than {MOST} States: make two books.")

    def chosen(self) -> tuple[str, ...]:
        """The codes; raises RuleViolation for what cannot be read and for none at all."""
        if not self.validate():
            raise RuleViolation("states", str(self.states.errors[0]))
        if not self.states.data:
            raise RuleViolation("states", "Name at least one State.")
        found: tuple[str, ...] = self.states.data
        return found
