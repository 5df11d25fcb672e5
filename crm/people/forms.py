"""The shape of input about offices and holders, for the pages and for the JSON door."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, Field, IntegerField, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import DateInput, HiddenInput

from crm.core.days import in_words
from crm.core.errors import RuleViolation
from crm.core.forms import Form, clean_text, not_before, options, plain_characters
from crm.core.listing import ListForm
from crm.people.columns import COLUMNS
from crm.people.rules import EARLIEST, Attention, Gender, OfficeKind
from crm.states.rules import DayRefused, Treaty, check_day, parse_day

KIND_LABELS: dict[OfficeKind, str] = {
    OfficeKind.HEAD_OF_STATE: "Head of State",
    OfficeKind.HEAD_OF_GOVERNMENT: "Head of Government",
    OfficeKind.FOREIGN_MINISTER: "Foreign Minister",
    OfficeKind.PERMANENT_REPRESENTATIVE: "Permanent Representative",
}

GENDER_LABELS: dict[Gender, str] = {
    Gender.FEMALE: "A woman (Ms, Madame)",
    Gender.MALE: "A man (Mr, Monsieur)",
    Gender.UNKNOWN: "Not known yet",
}

ATTENTION_LABELS: dict[Attention, str] = {
    Attention.VACANT: "Nobody recorded",
    Attention.GENDER_UNKNOWN: "Form of address unknown",
    Attention.NOT_VERIFIED: "Not verified for a year",
}

_TOO_EARLY = "long before the Convention"


def _text(label: str, hint: str = "", most: int = 200, *checks: Any) -> StringField:
    first = checks or (Optional(),)
    return StringField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*first, Length(max=most), plain_characters],
    )


class _HolderForm(Form):
    """A person in an office, with the days of the term."""

    name = _text("Name", "As it stands on an envelope, without title.", 200, DataRequired("Give the name."))
    gender = RadioField(
        "To be addressed as",
        choices=options(GENDER_LABELS.items()),
        default=Gender.UNKNOWN.value,
        description="Letters wait until it is known; it is never guessed.",
        validators=[InputRequired("Choose one of the three.")],
    )
    honorific = _text("Honorific", "Only if used instead of Mr or Ms: Dr, Sheikh, Sir. “H.E.” is added by letters.", 40)
    from_on = DateField(
        "In office since",
        validators=[InputRequired("Give the first day."), not_before(EARLIEST, _TOO_EARLY)],
    )
    until_on = DateField(
        "Left on",
        description="On that day the successor holds the office. Empty while in office.",
        validators=[Optional()],
    )
    acting = BooleanField("Acting, not yet appointed or standing in")
    verified_on = DateField(
        "Last verified",
        description="The day on which somebody last checked a source.",
        validators=[Optional()],
    )
    source = _text("Source", "Where this can be checked: web page, note verbale, list of the Protocol.", 500)
    note = _text("Note", "Public facts only, for example how the name is pronounced.", 500)

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "gender": Gender(values["gender"])}


class RecordHolderForm(_HolderForm):
    """Somebody new in an office."""

    ends_predecessor = BooleanField(
        "Whoever is recorded as in office until now leaves on that day",
        default=True,
        description="Untick it when somebody acts for a minister who stays in office.",
    )


class CorrectHolderForm(_HolderForm):
    """The whole record as it should be; `version` is the one that was read."""

    edits_record = True
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired("Send the version that you read.")])


class EndTermForm(Form):
    """The day on which somebody left."""

    until_on = DateField(
        "Left on",
        description="On that day the successor holds the office, or it is vacant.",
        validators=[InputRequired("Give the day.")],
    )
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired("Send the version that you read.")])


class TitlesForm(Form):
    """The titles of an office as the State itself uses them."""

    edits_record = True
    title_en_masculine = _text("English, of a man")
    title_en_feminine = _text("English, of a woman")
    title_fr_masculine = _text("French, of a man")
    title_fr_feminine = _text("French, of a woman")
    title_es_masculine = _text("Spanish, of a man")
    title_es_feminine = _text("Spanish, of a woman")
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired("Send the version that you read.")])


class BoardFilter(ListForm):
    """The filters of the list of offices, as they stand in the address."""

    treaty: Treaty
    today: date
    sorts = ("state", "-state", "since", "-since", "verified", "-verified")
    known_columns = COLUMNS

    q = StringField("State or name", filters=[clean_text], validators=[Length(max=100)])
    attention = SelectField(
        "Show",
        choices=options([("any", "Needs attention"), *ATTENTION_LABELS.items()], "Every State"),
        default="",
    )
    status = SelectField(
        "Treaty status",
        choices=options(
            [
                ("not_joined", "Not a State Party"),
                ("state_party", "State Party"),
                ("signatory", "Signatory"),
                ("non_signatory", "Non-signatory"),
                ("withdrawn", "Withdrawn"),
            ],
            "Every status",
        ),
        default="",
    )
    as_of = StringField("As of", widget=DateInput(), filters=[clean_text])
    kind = SelectField(
        "Office",
        choices=options(KIND_LABELS.items()),
        default=OfficeKind.FOREIGN_MINISTER.value,
    )

    def offer(self, treaty: Treaty, today: date) -> None:
        """Offer the days on which office-holders can be shown; today where none is asked for."""
        self.treaty, self.today = treaty, today
        self.as_of.render_kw = {"min": treaty.opened_on.isoformat(), "max": today.isoformat()}
        if not self.as_of.data:
            self.as_of.data = today.isoformat()

    def validate_as_of(self, field: Field) -> None:
        """Refuse what is no day, one to come, and one before the treaty was open for signature."""
        try:
            on = parse_day(field.data or self.today.isoformat())
            if on > self.today:
                shown = f"Office-holders can be shown up to today, {in_words(self.today)}."
                raise DayRefused(f"{in_words(on)} has not come yet. {shown}")
            check_day(on, treaty=self.treaty, today=self.today)
        except DayRefused as refused:
            raise ValidationError(str(refused)) from None

    def says_nothing(self) -> set[str]:
        """Today is what the list shows by itself."""
        today = {"as_of"} if self.as_of.data == self.today.isoformat() else set[str]()
        return super().says_nothing() | today

    def day(self) -> date:
        """The day that the list shows: today where none could be read."""
        text = self.good()["as_of"] or self.today.isoformat()
        return self.today if self.as_of.errors else parse_day(text)

    def day_or_refusal(self) -> date:
        """The day asked for, today when none is; raises RuleViolation for one that cannot be shown."""
        on = self.day()
        if self.as_of.errors:
            raise RuleViolation("as_of", str(self.as_of.errors[0]))
        return on

    def wanted(self) -> dict[str, Any]:
        """The filters that could be read; anything else counts as left out."""
        good = self.good()
        return {
            "text": good["q"] or "",
            "attention": good["attention"] or "",
            "status": good["status"] or "",
            "kind": OfficeKind(good["kind"] or OfficeKind.FOREIGN_MINISTER.value),
            "sort": good["sort"] or "",
        }
