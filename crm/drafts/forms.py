"""What is sent to keep a draft."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import Field, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from crm.core.forms import Form, options
from crm.core.unfinished import Seen, key_of
from crm.drafts import rules
from crm.drafts.rules import KIND_LABELS, Kind


def _a_key(_form: Form, field: Field) -> None:
    if field.data and key_of(field.data) is None:
        raise ValidationError("This is no key of a record.")


def _fields(_form: Form, field: Field) -> None:
    if rules.read(field.data or "") is None:
        raise ValidationError("Send a JSON object, with a list of texts for each field, as one text.")


class DraftForm(Form):
    """What stands in a form that is not saved yet."""

    kind = SelectField("Form", choices=options(KIND_LABELS.items()), validators=[InputRequired("Name the form.")])
    record_id = StringField("Record that the form is about", validators=[Optional(), _a_key])
    revision = IntegerField("Revision of the draft that was last read", default=0, validators=[Optional()])
    window = StringField(
        "Key of the window",
        description="A UUID that you draw: what comes too late is kept under it.",
        validators=[Optional(), _a_key],
    )
    typed = TextAreaField(
        "Fields of the form and what stands in them",
        description="A list of texts for each field, all of it written as one text.",
        validators=[InputRequired("Send what was typed."), Length(max=rules.LONGEST), _fields],
    )

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        record: UUID | None = key_of(self.record_id.data)
        typed = rules.read(self.typed.data) or {}
        return {"kind": Kind(self.kind.data), "record_id": record, "typed": typed, "seen": self.seen()}

    def seen(self) -> Seen:
        """What the window has seen."""
        return Seen(self.revision.data or 0, key_of(self.window.data))
