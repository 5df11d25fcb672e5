"""The shape of missions, postings, restrictions and emergencies, for both doors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from crm.accounts.models import AccreditationKind
from crm.core import clock
from crm.core.forms import Form, clean_text, options, plain_characters
from crm.core.versions import as_read
from crm.reach.service.emergency import HOURS

Choices = list[tuple[str, str]]


class MissionForm(Form):
    """A post of a party: its name, whose it is, and whether it meets every State."""

    name = StringField(
        "Name",
        filters=[clean_text],
        description="For example: Embassy in New Delhi.",
        validators=[DataRequired("Give the name."), Length(max=200), plain_characters],
    )
    party_id = SelectField("Party", choices=[], default="", validators=[Optional()])
    every_state = BooleanField(
        "It meets every State",
        description="For a permanent mission to an organisation. An embassy is accredited to its States one by one.",
    )

    def offer(self, parties: Choices) -> None:
        """Fill in the parties for which the viewer may open one."""
        self.party_id.choices = options(parties, "My own")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "party_id": UUID(values["party_id"]) if values["party_id"] else None}


ACCREDITATION_LABELS: dict[str, str] = {
    AccreditationKind.RESIDENT.value: "Its seat is there",
    AccreditationKind.CONCURRENT.value: "From its seat elsewhere",
}


class TermForm(Form):
    """How a mission is accredited to a State, and from when to when."""

    kind = RadioField(
        "How",
        choices=options(ACCREDITATION_LABELS.items()),
        default=AccreditationKind.CONCURRENT.value,
    )
    from_on = DateField("From", default=clock.today, validators=[InputRequired("Give the day.")])
    until_on = DateField(
        "Ends on",
        description="On this day it holds no longer. Leave it empty while it lasts.",
        validators=[Optional()],
    )

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "kind": AccreditationKind(values["kind"])}


class CorrectionForm(TermForm):
    """What was written down wrongly of an accreditation."""

    version = as_read()
    edits_record = True
    cuts_off = BooleanField(
        "The mission loses the State at once, and that is meant",
        description="Needed where the accreditation holds today and, once corrected, does not.",
    )


class AccreditationForm(TermForm):
    """One State to which a mission is accredited."""

    state_iso3 = SelectField("State", choices=[], default="", validators=[DataRequired("Choose the State.")])

    def offer(self, states: Choices) -> None:
        """Fill in the States."""
        self.state_iso3.choices = options(states, "Choose a State")


class PostingForm(Form):
    """Who is posted to a mission."""

    user_id = SelectField("Person", choices=[], default="", validators=[DataRequired("Choose somebody.")])

    def offer(self, people: Choices) -> None:
        """Fill in the people of the mission's party who are not there yet."""
        self.user_id.choices = options(people, "Choose somebody")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        return {"user_id": UUID(super().command()["user_id"])}


class RestrictForm(Form):
    """A State to be restricted."""

    state_iso3 = SelectField("State", choices=[], default="", validators=[DataRequired("Choose the State.")])

    def offer(self, states: Choices) -> None:
        """Fill in the States."""
        self.state_iso3.choices = options(states, "Choose a State")


class ReaderForm(PostingForm):
    """Who is named for a restricted State."""


class EmergencyForm(Form):
    """Of which State, why and for how long."""

    state_iso3 = SelectField("State", choices=[], default="", validators=[DataRequired("Choose the State.")])
    reason = TextAreaField(
        "Why can it not wait?",
        filters=[clean_text],
        description="The parties whose records are opened read this.",
        validators=[
            DataRequired("Give the reason."),
            Length(min=20, max=2_000, message="A sentence of at least 20 characters."),
            plain_characters,
        ],
    )
    hours = IntegerField(
        "For how many hours", default=HOURS[0], validators=[InputRequired("Give the hours."), NumberRange(*HOURS)]
    )

    def offer(self, states: Choices) -> None:
        """Fill in the States, restricted ones among them: a gap in the list, or a refusal, would give them away."""
        self.state_iso3.choices = options(states, "Choose a State")
