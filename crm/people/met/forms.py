"""The shape of input about people met and posts, for the pages and for the JSON door."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import BooleanField, DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import HiddenInput

from crm.core import access
from crm.core.access import Handling
from crm.core.forms import Form, HandlingField, clean_text, not_before, not_in_future, options, plain_characters
from crm.people.met.rules import STANCE_MEANINGS, Stance
from crm.people.rules import EARLIEST, LEVEL_LABELS, Level
from crm.states.fields import why_only_these

_TOO_EARLY = "long before the Convention"
_NARROWER = "As it is, or fewer people. “Change” on its page lets more people see it."
Choices = list[tuple[str, str]]


def _text(label: str, hint: str = "", most: int = 200, *checks: Any) -> StringField:
    return StringField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*(checks or [Optional()]), Length(max=most), plain_characters],
    )


def _handling(values: dict[str, Any]) -> Handling | None:
    """None where nothing is said of it, as a correction may."""
    return Handling(values["handling"]) if values["handling"] else None


def _version() -> IntegerField:
    return IntegerField(widget=HiddenInput(), validators=[InputRequired("Send the version that you read.")])


class _PersonForm(Form):
    """Somebody met, as they are now."""

    name = _text("Name", "As it would stand in a report, without title.", 200, DataRequired("Give the name."))
    title = _text("Title and office", "For example: Director, Multilateral Affairs.")
    ministry = _text("Ministry or institution", "For example: Ministry of Foreign Affairs.")
    level = SelectField(
        "Level",
        choices=options(((one.value, label) for one, label in LEVEL_LABELS.items()), "Not said"),
        default="",
    )
    note = _text("How to reach them", "For example: speaks French; prefers a call to the mission.", 500)
    handling = HandlingField("Who may see it", Handling.COORDINATION)

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "level": Level(values["level"] or Level.OTHER), "handling": _handling(values)}


class RecordPersonForm(_PersonForm):
    """Somebody new."""

    state_iso3 = SelectField("State", choices=[], validators=[DataRequired("Choose the State.")], default="")
    somebody_else = BooleanField("None of these: it is somebody else")

    def offer(self, states: Choices) -> None:
        """Fill in the States."""
        self.state_iso3.description = why_only_these(access.viewer())
        self.state_iso3.choices = options(states, "Choose a State")


class CorrectPersonForm(_PersonForm):
    """The whole record as it should be; `version` is the one that was read."""

    edits_record = True
    handling = HandlingField("Who may see it", description=_NARROWER, validators=[Optional()])
    holder_id = SelectField(
        "Holds the office of",
        choices=[],
        default="",
        description="Where this is somebody to whom letters are addressed.",
    )
    version = _version()

    def offer(self, handling: str, holders: Choices) -> None:
        """Leave the handlings that are no wider than the record's, and fill in the holders of offices."""
        self.handling.correct(handling)
        self.holder_id.choices = options(holders, "None of the offices that letters are addressed to")

    def show(self, record: Any) -> None:
        """Fill in what a record holds; no level reads as one that is not said."""
        super().show(record)
        self.accept("level", "" if record.level == Level.OTHER else record.level)
        self.accept("holder_id", str(record.holder_id) if record.holder_id else "")


class StanceForm(Form):
    """Where somebody stands, as one's own party sees it."""

    stance = RadioField(
        "Where do they stand?",
        choices=options((one.value, label) for one, label in STANCE_MEANINGS.items()),
        validators=[InputRequired("Choose one of the four.")],
    )
    claimed_on = DateField("As of", default=access.today, validators=[InputRequired("Give the day."), not_in_future])
    why = TextAreaField(
        "What shows it",
        filters=[clean_text],
        description="What they said or did. Earlier assessments stay beside this one.",
        validators=[Optional(), Length(max=2_000), plain_characters],
    )
    source = SelectField("Record on which it rests", choices=[], default="")
    handling = HandlingField("Who may see it", Handling.ORIGINATOR)

    def offer(self, records: Choices) -> None:
        """Fill in the records of meetings with them."""
        self.source.choices = options(records, "None in particular")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "stance": Stance(values["stance"]), "handling": Handling(values["handling"])}


class FillPostForm(Form):
    """A post that somebody holds."""

    post_title = _text(
        "Post",
        "A post that is known already is found by its title.",
        200,
        DataRequired("Give the title of the post, for example: Director, Multilateral Affairs."),
    )
    from_on = DateField(
        "In the post since",
        description="If you do not know the day, the first on which you heard of it.",
        validators=[InputRequired("Give the first day."), not_before(EARLIEST, _TOO_EARLY)],
    )
    until_on = DateField("Left on", description="Empty while in the post.", validators=[Optional()])
    acting = BooleanField("Acting, not yet appointed or standing in")
    ends_predecessor = BooleanField("Whoever is recorded in it until now leaves on that day", default=True)


class LeavePostForm(Form):
    """The day on which somebody left a post."""

    term = SelectField("Who left", choices=[], validators=[InputRequired("Choose who left.")])
    until_on = DateField(
        "Left on",
        description="From that day on the post is vacant, unless a successor is recorded.",
        validators=[InputRequired("Give the day.")],
    )

    def offer(self, terms: Choices) -> None:
        """Fill in who is in the post."""
        self.term.choices = options(terms)


class PostForm(Form):
    """A post with its title in each language."""

    edits_record = True
    title_en = _text("Title in English", "", 200, DataRequired("Give the title."))
    title_fr = _text("Title in French")
    title_es = _text("Title in Spanish")
    ministry = _text("Ministry or institution")
    handling = HandlingField("Who may see it", description=_NARROWER, validators=[Optional()])
    version = _version()

    def offer(self, handling: str) -> None:
        """Leave the handlings that are no wider than the record's."""
        self.handling.correct(handling)

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "handling": _handling(values)}


class MergeForm(Form):
    """Another record of the same person."""

    other_id = SelectField("Which record is of the same person?", choices=[], validators=[InputRequired("Choose one.")])

    def offer(self, people: Choices) -> None:
        """Fill in who it may be."""
        self.other_id.choices = options(people, "Choose a person")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        return {"other_id": UUID(super().command()["other_id"])}
