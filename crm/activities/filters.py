"""The filters of the list of activities, as they stand in the address."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from crm.activities.types import ACTIVITY_TYPES
from crm.core.forms import Form, clean_text, options, plain_characters


class ActivityFilter(Form):
    """State, kind, words and days; what cannot be read is left out and said beside the field."""

    q = StringField("Words", filters=[clean_text], validators=[Length(max=100), plain_characters])
    state = SelectField("State", choices=[], default="")
    kind = SelectField(
        "Kind",
        choices=lambda: options(((key, one.label) for key, one in ACTIVITY_TYPES.items()), "Every kind"),
        default="",
    )
    since = DateField("From", validators=[Optional()])
    until = DateField("To", validators=[Optional()])

    def offer(self, states: list[tuple[str, str]]) -> None:
        """Fill in the States."""
        self.state.choices = options(states, "Every State")

    def wanted(self) -> dict[str, Any]:
        """The filters that could be read, for the query."""
        self.validate()
        good = {field.short_name: "" if field.errors else field.data for field in self}
        return {
            "text": good["q"] or "",
            "state_iso3": good["state"] or "",
            "kind": good["kind"] or "",
            "since": good["since"] or None,
            "until": good["until"] or None,
        }
