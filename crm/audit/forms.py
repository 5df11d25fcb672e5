"""The filters of the audit, as they stand in the address."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from crm.audit.vocabulary import VOCABULARY, Event
from crm.core.forms import Form, clean_text, not_before, not_in_future, options, plain_characters

_not_too_early = not_before(date(2008, 1, 1), "before the Convention itself")


class AuditFilter(Form):
    """Who, what, when; what cannot be read is left out and said beside the field."""

    q = StringField("Who", filters=[clean_text], validators=[Length(max=100), plain_characters])
    event = SelectField(
        "What",
        choices=lambda: options(
            sorted(((one.value, entry.label) for one, entry in VOCABULARY.items()), key=lambda pair: pair[1]),
            "Every event",
        ),
        default="",
    )
    since = DateField("From", validators=[Optional(), not_in_future, _not_too_early])
    until = DateField("To", validators=[Optional(), not_in_future, _not_too_early])

    def wanted(self) -> dict[str, Any]:
        """The filters that could be read, for the query."""
        self.validate()
        good = {name: None if field.errors else field.data for name, field in self._fields.items()}
        return {
            "who": good["q"] or "",
            "event": Event(good["event"]) if good["event"] else None,
            "since": good["since"],
            "until": good["until"],
        }
