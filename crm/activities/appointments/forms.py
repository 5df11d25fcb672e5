"""What is asked when people are invited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import Field, IntegerField, SelectField, SelectMultipleField, StringField, TimeField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from crm.accounts.rules import TIME_ZONES
from crm.activities.appointments.models import Appointment
from crm.activities.appointments.rules import (
    ANSWER_LABELS,
    LONGEST,
    MOST_GUESTS,
    PLACE_LENGTH,
    SHORTEST,
    Answer,
)
from crm.core.forms import Form, ListField, clean_text, options, plain_characters


class InviteForm(Form):
    """When and where, and who is invited. Whoever is invited reads time and place in their own calendar."""

    at = TimeField(
        "At what time?",
        format=["%H:%M", "%H:%M:%S"],
        description="Empty where it is not known yet: the appointment then lasts the whole day.",
        validators=[Optional()],
    )
    minutes = IntegerField(
        "For how many minutes?",
        default=60,
        validators=[InputRequired("Give a number of minutes."), NumberRange(SHORTEST, LONGEST)],
    )
    zone = SelectField(
        "Time zone",
        choices=options((one, one.replace("_", " ")) for one in TIME_ZONES),
        default="UTC",
        description="That of the place where you meet.",
    )
    place = StringField(
        "Where, as those invited read it",
        filters=[clean_text],
        description="Whoever keeps their calendars can read it as well. Leave it empty to say nothing.",
        validators=[Length(max=PLACE_LENGTH), plain_characters],
    )
    people = SelectMultipleField(
        "Colleagues",
        choices=[],
        default=(),
        description="Whoever may not see the entry cannot be invited.",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    others = ListField(
        "Others, by their addresses",
        default=(),
        description="With commas between them. They read “Appointment”, time, place and your name, and nothing else. "
        "The place is then without an internet address.",
        validators=[Optional()],
    )
    version = IntegerField("Version", widget=HiddenInput(), validators=[Optional()])

    def offer(self, people: list[tuple[str, str]], zone: str) -> None:
        """Whom to invite, and a zone to begin with."""
        self.people.choices = options(people)
        if zone in TIME_ZONES:
            self.zone.default = zone

    def validate_others(self, field: Field) -> None:
        """Not without end."""
        if len(field.data or ()) > MOST_GUESTS:
            raise ValidationError(f"Up to {MOST_GUESTS} people can be invited.")

    def fill(self, appointment: Appointment | None, zone: str) -> None:
        """As it stands."""
        if appointment is None:
            self.accept("zone", zone if zone in TIME_ZONES else "UTC")
            return
        for name in ("at", "minutes", "zone", "place", "version"):
            self.accept(name, getattr(appointment, name))
        there = [one for one in appointment.guests if not one.left]
        self.accept("people", [str(one.user_id) for one in there if one.user_id])
        self.accept("others", tuple(one.email for one in there if not one.user_id))

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["people"] = [UUID(one) for one in values["people"] or ()]
        return values


class GuestAnswerForm(Form):
    """What somebody invited answered, as somebody writes it down."""

    email = StringField(
        "Address of whoever answered",
        filters=[clean_text],
        validators=[InputRequired("Give the address."), Length(max=320), plain_characters],
    )
    answer = SelectField("Their answer", choices=options(ANSWER_LABELS.items()), default=Answer.ACCEPTED.value)
