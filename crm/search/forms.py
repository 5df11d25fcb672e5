"""The box and its filters, as they stand in the address."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, HiddenField, StringField
from wtforms.fields.choices import SelectField
from wtforms.validators import Length, Optional

from crm.core.forms import Form, clean_text, options, plain_characters
from crm.search.finding import Filters
from crm.search.kinds import KINDS


class SearchForm(Form):
    """Words, State and days; what cannot be read is left out and said beside the field."""

    q = StringField("Words", filters=[clean_text], validators=[Length(max=200), plain_characters])
    kind = HiddenField("Kind", filters=[lambda value: value if value in KINDS else ""])
    state = SelectField("State", choices=[], default="")
    since = DateField("From", validators=[Optional()])
    until = DateField("To", validators=[Optional()])

    def offer(self, states: list[tuple[str, str]]) -> None:
        """Fill in the States."""
        self.state.choices = options(states, "Every State")

    def wanted(self) -> tuple[str, Filters]:
        """What was asked, and the filters that could be read."""
        self.validate()
        good: dict[str, Any] = {field.short_name: "" if field.errors else field.data for field in self}
        filters = Filters(good["kind"] or "", good["state"] or "", good["since"] or None, good["until"] or None)
        return good["q"] or "", filters
