"""The filters of the audit, as they stand in the address."""

from __future__ import annotations

import re
from datetime import date

from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from crm.audit.queries import Wanted
from crm.audit.vocabulary import VOCABULARY, Event
from crm.core.forms import Form, clean_text, not_before, not_in_future, options, plain_characters

_not_too_early = not_before(date(2008, 1, 1), "before the Convention itself")
_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


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
    denied = BooleanField("What was denied, and nothing else")
    record = StringField(
        "Record, by the address of its page",
        filters=[clean_text],
        validators=[Length(max=300), plain_characters],
    )

    def wanted(self) -> Wanted:
        """The filters that could be read, for the query."""
        self.validate()
        good = {name: None if field.errors else field.data for name, field in self._fields.items()}
        return Wanted(
            who=good["q"] or "",
            event=Event(good["event"]) if good["event"] else None,
            record=_key_in(good["record"] or ""),
            since=good["since"],
            until=good["until"],
            denied=bool(good["denied"]),
        )


def _key_in(typed: str) -> str:
    """The key of a record out of the address of its page; the text itself where there is none in it."""
    found = _KEY.findall(typed.lower())
    return found[-1] if found else typed
