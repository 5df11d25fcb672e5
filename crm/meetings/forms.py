"""The shape of input about meetings, presidencies and coordinators, for the pages and for the JSON door."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import DateInput, HiddenInput

from crm.core.days import in_words
from crm.core.errors import RuleViolation
from crm.core.forms import Form, clean_text, options, plain_characters
from crm.meetings.rules import Gender, MeetingKind, OtherDays, Person, Precision
from crm.states.rules import DayRefused, parse_day

States = list[tuple[str, str]]

KIND_LABELS: dict[MeetingKind, str] = {
    MeetingKind.MEETING_OF_STATES_PARTIES: "Meeting of States Parties",
    MeetingKind.REVIEW_CONFERENCE: "Review Conference",
}

GENDER_LABELS: dict[Gender, str] = {
    Gender.FEMALE: "A woman (Ms, Madame)",
    Gender.MALE: "A man (Mr, Monsieur)",
    Gender.UNKNOWN: "Not known yet",
}

PRECISION_LABELS: dict[Precision, str] = {
    Precision.DAY: "The days are fixed",
    Precision.MONTH: "Only the month is known",
    Precision.YEAR: "Only the year is known",
}


def _text(label: str, hint: str = "", most: int = 200, *checks: Any) -> StringField:
    first = checks or (Optional(),)
    return StringField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*first, Length(max=most), plain_characters],
    )


def _day(label: str, hint: str = "") -> DateField:
    return DateField(label, description=hint, validators=[Optional()])


def _version() -> IntegerField:
    return IntegerField(widget=HiddenInput(), validators=[InputRequired("Send the version that you read.")])


class _PersonForm(Form):
    """Somebody who signs for a State."""

    state_iso3 = SelectField("State", choices=[], default="", validators=[DataRequired("Choose the State.")])
    person_name = _text("Person", "As it stands under a signature. Empty while only the State is known.")
    honorific = _text("Honorific", "Only if used instead of Mr or Ms, for example Dr.", 40)
    title_en = _text("Title in English", "For example: Minister for Foreign Affairs.", 300)
    title_fr = _text("Title in French", "", 300)
    gender = RadioField(
        "To be addressed as",
        choices=options(GENDER_LABELS.items()),
        default=Gender.UNKNOWN.value,
        validators=[InputRequired("Choose one of the three.")],
    )
    source = _text("Source", "Where this can be checked.", 500)

    def offer(self, states: States) -> None:
        """Fill in the States."""
        self.state_iso3.choices = options(states, "Choose a State")

    def command(self) -> dict[str, Any]:
        """As the verb wants it: one person instead of five texts."""
        values = super().command()
        values["person"] = Person(
            name=values.pop("person_name"),
            honorific=values.pop("honorific"),
            title_en=values.pop("title_en"),
            title_fr=values.pop("title_fr"),
            gender=Gender(values.pop("gender")),
        )
        return values


class _PresidencyForm(_PersonForm):
    """A presidency; its days only where they differ from the rule."""

    took_over_on = _day("Took over on", "Only for a person who follows another within the same presidency.")
    designate_from = _day("President Designate from", "Usually the day after the meeting before closed.")
    president_from = _day("President from", "Usually the first day of the meeting itself.")
    president_until = _day("Until", "Usually the first day of the next meeting. On that day the next one signs.")

    def command(self) -> dict[str, Any]:
        """As the verb wants it: one value for the days."""
        values = super().command()
        names = ("took_over_on", "designate_from", "president_from", "president_until")
        values["days"] = OtherDays(**{name: values.pop(name) for name in names})
        return values


class RecordPresidencyForm(_PresidencyForm):
    """Which State presides over which meeting, and through whom."""

    meeting = SelectField("Meeting", choices=[], default="", validators=[DataRequired("Choose the meeting.")])

    def offer_all(self, states: States, meetings: list[tuple[str, str]]) -> None:
        """Fill in the States and the meetings."""
        self.offer(states)
        self.meeting.choices = options(meetings, "Choose a meeting")


class CorrectPresidencyForm(_PresidencyForm):
    """The whole record as it should be."""

    edits_record = True
    version = _version()


class _CoordinatorForm(_PersonForm):
    """A term of the coordinator."""

    capacity_en = _text(
        "Capacity in English", "As it stands under the signature.", 200, DataRequired("Name the capacity.")
    )
    capacity_fr = _text("Capacity in French")
    from_on = DateField("In office since", validators=[InputRequired("Give the first day.")])
    until_on = _day("Until", "On that day the successor signs. Empty while in office.")


class RecordCoordinatorForm(_CoordinatorForm):
    """Somebody new as coordinator."""

    ends_predecessor = BooleanField("Whoever coordinates until now stops on that day", default=True)


class CorrectCoordinatorForm(_CoordinatorForm):
    """The whole record as it should be."""

    edits_record = True
    version = _version()


class _MeetingForm(Form):
    """Days, place and names of a meeting."""

    from_on = DateField("First day", validators=[InputRequired("Give the first day, or any day of the month.")])
    until_on = DateField("Last day", validators=[InputRequired("Give the last day, or any day of the month.")])
    precision = RadioField(
        "How certain are these days?",
        choices=options(PRECISION_LABELS.items()),
        default=Precision.DAY.value,
        validators=[InputRequired("Choose one of the three.")],
    )
    place = _text("Place", "The city, in English.")
    country_iso3 = SelectField("Country", choices=[], default="")
    name_en = _text("Name in English", "Empty for the usual name, such as Fourteenth Meeting of States Parties.")
    name_fr = _text("Name in French", "Empty for the usual name.")
    source = _text("Source", "Where this can be checked.", 500)
    note = _text("Note", "", 500)

    def offer(self, states: States) -> None:
        """Fill in the countries."""
        self.country_iso3.choices = options(states, "Not known yet")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "precision": Precision(values["precision"])}


class RecordMeetingForm(_MeetingForm):
    """A meeting that is not on record yet."""

    kind = RadioField(
        "Kind",
        choices=options(KIND_LABELS.items()),
        default=MeetingKind.MEETING_OF_STATES_PARTIES.value,
        validators=[InputRequired("Choose the kind.")],
    )
    number = IntegerField(
        "Number",
        description="14 for the Fourteenth.",
        validators=[
            InputRequired("Give the number."),
            NumberRange(1, 199, "The number is between 1 and 199."),
        ],
    )

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "kind": MeetingKind(values["kind"])}


class CorrectMeetingForm(_MeetingForm):
    """The whole record as it should be."""

    edits_record = True
    version = _version()


class AsOfForm(Form):
    """The day for which it is asked who signs."""

    as_of = StringField("As of", widget=DateInput(), filters=[clean_text])

    def day(self, *, today: date, first: date, last: date) -> date:
        """The day asked for, today when none is. Raises RuleViolation for what is no day, and for a day
        about which nothing can be known: before the `first` or after the `last`.
        """
        self.as_of.render_kw = {"min": first.isoformat(), "max": last.isoformat()}
        if not self.as_of.data:
            self.as_of.data = today.isoformat()
            return today
        try:
            on = parse_day(self.as_of.data)
        except DayRefused as refused:
            raise RuleViolation("as_of", str(refused)) from None
        if on < first:
            reason = f"is before the treaty was opened for signature on {in_words(first)}."
            raise RuleViolation("as_of", f"{in_words(on)} {reason}")
        if on > last:
            reason = f"is too far ahead. Who signs can be shown up to {in_words(last)}."
            raise RuleViolation("as_of", f"{in_words(on)} {reason}")
        return on
