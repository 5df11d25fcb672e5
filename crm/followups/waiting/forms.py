"""The shape of input about answers, for both doors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from crm.activities.models import Activity
from crm.activities.types import ACTIVITY_TYPES
from crm.core.display import day
from crm.core.forms import Form, clean_text, not_in_future, options, plain_characters
from crm.followups.waiting.rules import CAME_LABELS, NOTE_LENGTH, Came


def _note(label: str, hint: str, *checks: Any) -> StringField:
    return StringField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*checks, Length(max=NOTE_LENGTH), plain_characters],
    )


class AnswerForm(Form):
    """What came back, when, and where it is told."""

    came = RadioField(
        "What came back?", choices=options((one.value, label) for one, label in CAME_LABELS.items()),
        default=Came.ANSWER.value,
    )  # fmt: skip
    on = DateField("On which day?", validators=[InputRequired("Give the day."), not_in_future])
    answer_id = SelectField(
        "The entry that tells of it",
        choices=[],
        default="",
        description="Whoever may not read that entry goes on waiting.",
    )
    note = _note("A word on it", "For example: by note verbale, through New York.")

    def offer(self, entries: list[Activity]) -> None:
        """Fill in the entries that may tell of it."""
        named = (
            (str(one.id), f"{ACTIVITY_TYPES[one.kind].label}, {day(one.held_on, one.precision)}") for one in entries
        )
        self.answer_id.choices = options(named, "None of the log")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["came"] = Came(values["came"])
        values["answer_id"] = UUID(values["answer_id"]) if values["answer_id"] else None
        return values


class UnexpectedForm(Form):
    """Why no answer is expected any more."""

    note = _note("Why?", "For example: overtaken by their accession.", DataRequired("Say why."))
