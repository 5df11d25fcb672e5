"""The shape of input about pins, for both doors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import BooleanField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from crm.core.forms import Form


class PinForm(Form):
    """Which entry of a timeline, and for whom."""

    kind = StringField("Kind of entry", validators=[DataRequired("Say which kind of entry."), Length(max=20)])
    record_id = StringField("Record", validators=[DataRequired("Say which record."), Length(max=40)])
    for_party = BooleanField("For my whole party")

    def validate_record_id(self, field: StringField) -> None:
        """Refuse what is no key."""
        try:
            UUID(field.data or "")
        except ValueError:
            raise ValidationError("This is not the key of a record.") from None

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["record_id"] = UUID(values["record_id"])
        return values
