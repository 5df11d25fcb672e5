"""The shape of input about follow-ups, for the pages and for the JSON door."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
    Field,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import TimeInput

from crm.core import access, versions
from crm.core.access import Handling
from crm.core.forms import Form, HandlingField, Offered, clean_text, options, plain_characters
from crm.followups.rules import MORNING, Change, Status
from crm.states.fields import why_only_these

WHAT_LENGTH = 500
NOTE_LENGTH = 2_000
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(:00)?")

Choices = list[tuple[str, str]]

WHO = "A person, or a mission: then whoever is there and may see it does it."

STATUS_LABELS = {
    Status.OPEN.value: "Open",
    Status.DONE.value: "Done",
    Status.CANCELLED.value: "Cancelled",
}

CHANGE_LABELS = {
    Change.DONE.value: "Done",
    Change.CANCELLED.value: "Cancelled",
    Change.REOPENED.value: "Opened again",
    Change.MOVED.value: "Moved",
    Change.REASSIGNED.value: "Given to somebody else",
    Change.LATER.value: "To be reminded later",
}


def _clock(_form: Form, field: Field) -> None:
    """Refuse what is no time on a 24-hour clock."""
    if field.data and not _CLOCK.fullmatch(field.data):
        raise ValidationError("Give the time as hours and minutes, for example 14:30.")


def as_time(text: str | None) -> time | None:
    """A time typed as hours and minutes, or None."""
    match = _CLOCK.fullmatch(text or "")
    return time(int(match[1]), int(match[2])) if match else None


def _what(label: str, *checks: Any) -> StringField:
    return StringField(
        label,
        filters=[clean_text],
        description="For example: Send the model law; ask whether the committee has met.",
        validators=[*checks, Length(max=WHAT_LENGTH), plain_characters],
    )


def _note(label: str, hint: str, *checks: Any) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*checks, Length(max=NOTE_LENGTH), plain_characters],
    )


def clock_time(label: str = "At", **options: Any) -> StringField:
    """A time on a 24-hour clock."""
    return StringField(label, widget=TimeInput(), validators=[_clock], **options)


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


class FollowUpForm(Form):
    """A new follow-up."""

    what = _what("What is to be done?", DataRequired("Say what is to be done."))
    state_iso3 = SelectField("State", choices=[], default="", validators=[DataRequired("Choose the State.")])
    promised = BooleanField(
        "The State promised this",
        description="Whoever does it asks for it when the day has come. Left open, it is ours to do.",
    )
    due_on = DateField("Due", validators=[InputRequired("Give the day by which this is to be done.")])
    due_time = clock_time(default=f"{MORNING:%H:%M}", description="In the zone of whoever does it.")
    owner_id = SelectField("Who does it", choices=[], default="", description=WHO)
    handling = HandlingField("Who may see it", Handling.COORDINATION)

    def offer(self, states: Choices, owners: Offered) -> None:
        """Fill in the States, and the people and missions, that this viewer may choose."""
        self.state_iso3.description = why_only_these(access.viewer())
        self.state_iso3.choices = options(states, "Choose a State")
        self.owner_id.choices = options(owners, "Me")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["due_time"] = as_time(values["due_time"]) or MORNING
        values["owner_id"] = _uuid(values["owner_id"])
        values["handling"] = Handling(values["handling"])
        return values


class DayOffForm(Form):
    """What is asked while a follow-up is being written: its State, its day, and who is to do it."""

    state_iso3 = StringField("State", default="")
    due_on = DateField("Due", validators=[Optional()])
    owner_id = StringField("Who does it", default="")

    def asked(self) -> dict[str, Any]:
        """As far as it can be read."""
        return {
            "state_iso3": self.state_iso3.data or "",
            "due_on": self.due_on.data,
            "owner_id": self.owner_id.data or "",
        }


class FinishForm(Form):
    """Done, with a note and a next step if there is one."""

    done_note = _note("What came of it?", "If there is something to remember.")
    next_what = _what("Next step")
    next_due_on = DateField("Due", validators=[Optional()])
    next_owner_id = SelectField("Who does it", choices=[], default="")
    version = versions.as_read()

    def offer(self, owners: Offered) -> None:
        """Fill in the people and missions that this viewer may choose."""
        self.next_owner_id.choices = options(owners, "Whoever did this")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["next_owner_id"] = _uuid(values["next_owner_id"])
        return values


class MoveForm(Form):
    """Another due day, with the reason."""

    due_on = DateField("New day", validators=[InputRequired("Give the new day.")])
    due_time = clock_time()
    note = _note("Why?", "Whoever looks next wants to know.", DataRequired("Say why it is moved."))
    version = versions.as_read()

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["due_time"] = as_time(values["due_time"])
        return values


class LaterForm(Form):
    """To be reminded later; the due day stays."""

    until = DateField("Remind me on", validators=[InputRequired("Give the day on which you want to be reminded.")])
    version = versions.as_read()


class CancelForm(Form):
    """No longer to be done."""

    note = _note("Why?", "For example: overtaken by their accession.")
    version = versions.as_read()


class ReassignForm(Form):
    """Somebody else does it."""

    owner_id = SelectField(
        "Who does it from now on", choices=[], default="", description=WHO, validators=[DataRequired("Choose who.")]
    )
    note = _note("A word to them", "It stands with the follow-up.")
    version = versions.as_read()

    def offer(self, owners: Offered) -> None:
        """Fill in the people and missions that this viewer may choose."""
        self.owner_id.choices = options(owners, "Choose")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["owner_id"] = UUID(values["owner_id"])
        return values


class ReopenForm(Form):
    """To be done after all: no field."""


def propose_move(form: MoveForm, due_on: date, at: time, today: date) -> None:
    """Show the present due day, tomorrow when that has passed, and the time, until others are typed."""
    form.accept("due_on", max(due_on, today + timedelta(days=1)))
    form.accept("due_time", f"{at:%H:%M}")
