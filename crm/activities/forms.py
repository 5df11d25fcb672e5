"""The shape of a log entry, for the page and for the JSON door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.activities.rules import LEVEL_LABELS, PAPER_LABELS, Level, Paper
from crm.activities.types import ACTIVITY_TYPES
from crm.core import access
from crm.core.access import HANDLING_LABELS, Handling
from crm.core.forms import Form, HandlingField, clean_text, not_before, not_in_future, options, plain_characters
from crm.core.visibility import ATTRIBUTION_LABELS, Attribution
from crm.positions.rules import OBSTACLES, Basis

NOTE_LENGTH = 20_000
EARLIEST = date(2007, 2, 22)

_SUBTYPES = options(
    ((key, f"{one.label}: {label}") for one in OBSTACLES.values() for key, label in one.subtypes.items()),
    "Not said more closely",
)


def _text(label: str, hint: str = "", most: int = 200, *checks: Any) -> StringField:
    return StringField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*(checks or [Optional()]), Length(max=most), plain_characters],
    )


def _note(label: str, hint: str, *checks: Any) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*(checks or [Optional()]), Length(max=NOTE_LENGTH), plain_characters],
    )


class ActivityForm(Form):
    """One approach to one State: State, day, whom, reply, obstacle, next action; the rest if wanted."""

    kind = SelectField(
        "Kind",
        choices=lambda: options((key, one.label) for key, one in ACTIVITY_TYPES.items()),
        default="capital_visit",
        validators=[InputRequired("Choose the kind.")],
    )
    state_iso3 = SelectField("State", choices=[], validators=[DataRequired("Choose the State.")], default="")
    held_on = DateField(
        "Date",
        default=access.today,
        validators=[
            InputRequired("Give the day, for example 2026-11-23."),
            not_in_future,
            not_before(EARLIEST, "when the process that led to the Convention began"),
        ],
    )
    person_name = _text("Whom did you see?", "Name as it would stand in a report.", 200, DataRequired("Say whom."))
    person_title = _text("Title and office", "For example: Director, Multilateral Affairs, Foreign Ministry.")
    person_level = SelectField(
        "Level",
        choices=options(((one.value, label) for one, label in LEVEL_LABELS.items()), "Not said"),
        default="",
    )
    person_level_other = _text("Which other level", "For example: Chair of the committee on foreign affairs.")
    reply = _note(
        "What did they reply?", "Facts first; your own view goes below.", DataRequired("Write what they replied.")
    )
    obstacle = SelectField(
        "Obstacle",
        choices=options(((one.type.value, one.label) for one in OBSTACLES.values()), "None named"),
        default="",
        description="What keeps them from joining.",
    )
    obstacle_other = _text("Which other obstacle", "For example: waits for the decision of a neighbour.")
    obstacle_subtype = SelectField("More closely", choices=_SUBTYPES, default="")
    obstacle_basis = RadioField(
        "How do you know?",
        choices=options([(Basis.STATED.value, "They said so"), (Basis.INFERRED.value, "I conclude it")]),
        default=Basis.STATED.value,
    )
    next_action = _text("Next action", "It becomes a follow-up and reminds its owner.", 500)
    next_action_due = DateField("Due", validators=[Optional()])
    next_action_owner_id = SelectField("Who does it", choices=[], default="", validate_choice=True)
    place = _text("Place")
    occasion = _text("Occasion", "For example: First Committee of the General Assembly.")
    paper_left = SelectField(
        "What was left",
        choices=options((one.value, label) for one, label in PAPER_LABELS.items()),
        default=Paper.NONE.value,
    )
    paper_refused = BooleanField("They refused to accept it")
    officer_comment = _note("Your comment", "Your own view, for your own party alone.")
    handling = HandlingField("Who may see it", Handling.COORDINATION)
    attribution = SelectField(
        "What others may know of the source",
        choices=options(ATTRIBUTION_LABELS.items()),
        default=Attribution.STATE_NOT_PERSON.value,
        description="Your own party always sees everything.",
    )
    marks = _text("National marking", "Word for word, as your own rules write it.", 100)
    report_ref = _text("Reference of your own report", "", 100)

    def offer(self, states: list[tuple[str, str]], owners: list[tuple[str, str]], recent: Sequence[str] = ()) -> None:
        """Fill in the States and the owners that this viewer may choose; `recent` States stand on top."""
        first, *others = options(states, "Choose a State")
        names = dict(states)
        lately = options((iso3, names[iso3]) for iso3 in recent if iso3 in names)
        self.state_iso3.choices = {"": [first], "Lately": lately, "All States": others} if lately else [first, *others]
        self.next_action_owner_id.choices = options(owners, "Me")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["person_level"] = Level(values["person_level"] or Level.OTHER)
        values["paper_left"] = Paper(values["paper_left"])
        values["handling"] = Handling(values["handling"])
        values["attribution"] = Attribution(values["attribution"])
        values["obstacle_basis"] = Basis(values["obstacle_basis"])
        return values


class ReferenceForm(Form):
    """That something happened and where its report lies: kind, State, day, reference, marking."""

    kind = SelectField(
        "Kind",
        choices=lambda: options((key, one.label) for key, one in ACTIVITY_TYPES.items()),
        default="demarche",
        validators=[InputRequired("Choose the kind.")],
    )
    state_iso3 = SelectField("State", choices=[], validators=[DataRequired("Choose the State.")], default="")
    held_on = DateField(
        "Date",
        default=access.today,
        validators=[
            InputRequired("Give the day, for example 2026-11-23."),
            not_in_future,
            not_before(EARLIEST, "when the process that led to the Convention began"),
        ],
    )
    report_ref = _text(
        "Reference of your own report",
        "Where your party finds it: a number or a file mark, no content.",
        100,
        DataRequired("Give the reference."),
    )
    marks = _text("National marking", "Word for word, as your own rules write it.", 100)
    handling = SelectField(
        "Who may see that it happened",
        choices=options(HANDLING_LABELS.items()),
        default=Handling.ORIGINATOR.value,
    )

    def offer(self, states: list[tuple[str, str]]) -> None:
        """Fill in the States that this viewer may choose."""
        self.state_iso3.choices = options(states, "Choose a State")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["handling"] = Handling(values["handling"])
        return values
