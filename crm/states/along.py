"""What is asked of a State's timeline, as it stands in the address: kind, person, side, days."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, Field, SelectField, StringField, ValidationError
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from crm.core.access import Viewer
from crm.core.errors import RuleViolation
from crm.core.forms import Form, clean_text, options, plain_characters
from crm.states import timeline
from crm.states.timeline import Wanted


class TimelineFilter(Form):
    """Which entries of a timeline are shown."""

    kind = StringField("Kind", widget=HiddenInput())
    as_of = StringField("As of", widget=HiddenInput())
    person = StringField("Person", filters=[clean_text], validators=[Length(max=100), plain_characters])
    whose = SelectField("Whose", choices=[], default="")
    since = DateField("From", validators=[Optional()])
    until = DateField("To", validators=[Optional()])

    def offer(self, viewer: Viewer) -> None:
        """Fill in the sides."""
        self.whose.choices = options(timeline.sides(viewer), "Everybody")

    def validate_kind(self, field: Field) -> None:
        """Refuse a kind of entry that there is not."""
        known = dict(timeline.kinds())
        if field.data and field.data not in known:
            raise ValidationError(f"Choose one of: {', '.join(known)}.")

    def wanted(self, **more: Any) -> Wanted:
        """The question; what cannot be read is left out and said beside its field."""
        self.validate()
        names = ("kind", "person", "whose", "since", "until")
        good = {name: self[name].data for name in names if self[name].data and not self[name].errors}
        return Wanted(**good, **more)

    def strict(self, **more: Any) -> Wanted:
        """The same for a program; raises RuleViolation naming each field that cannot be read."""
        found = self.wanted(**more)
        if self.errors:
            violation = RuleViolation("", "The timeline cannot be asked for this.")
            violation.errors = {str(name): [str(one) for one in errors] for name, errors in self.errors.items()}
            raise violation
        return found
