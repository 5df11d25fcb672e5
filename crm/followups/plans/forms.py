"""The shape of plans and of their beginning, for both doors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from wtforms import Field, IntegerField, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, StopValidation

from crm.activities.rules import LEVEL_LABELS
from crm.activities.types import ACTIVITY_TYPES
from crm.core import access, versions
from crm.core.forms import Form, RowForm, RowsField, clean_text, options, plain_characters
from crm.followups.plans.models import PlanStep
from crm.followups.plans.rules import LONGEST, MOST_STEPS, Unit, Who
from crm.states.queries import register

AT_FIRST = 3
WHO_LABELS = {
    Who.MISSION.value: "The mission accredited to the State",
    Who.RUNNER.value: "Whoever runs the plan",
    Who.PERSON.value: "A person",
}
UNIT_LABELS = {Unit.DAYS.value: "days", Unit.WEEKS.value: "weeks", Unit.MONTHS.value: "months"}

Choices = list[tuple[str, str]]

READY_NAME = "Letter, démarche, call"
READY_DESCRIPTION = "For a State that has not answered: write, ask in person, then ask the director."
READY: tuple[dict[str, Any], ...] = (
    {"what": "Hand over the letter", "kind": "cosigned_letter", "after": 0, "unit": "days", "who": "mission"},
    {"what": "Make a démarche on the letter", "kind": "demarche", "after": 2, "unit": "weeks", "who": "mission"},
    {"what": "Call at director level", "level": "director", "after": 6, "unit": "weeks", "who": "runner"},
)
"""What is offered to whoever has no plan yet."""


def _where_there_are_words(form: Form, field: Field) -> None:
    """Ask nothing of a row that is left out."""
    if not form.what.data:
        field.errors = []
        raise StopValidation


class StepForm(RowForm):
    """One step; a row without words is left out."""

    what = StringField(
        "What is to be done", filters=[clean_text], validators=[Optional(), Length(max=200), plain_characters]
    )
    kind = SelectField(
        "By an entry of this kind",
        choices=options(((key, kind.label) for key, kind in ACTIVITY_TYPES.items()), "Any kind"),
        default="",
    )
    level = SelectField(
        "With whom", choices=options(((one.value, name) for one, name in LEVEL_LABELS.items()), "Not said"), default=""
    )
    after = IntegerField(
        "Interval",
        default=2,
        validators=[_where_there_are_words, InputRequired("Give a number, 0 for at once."), NumberRange(0, 365)],
    )
    unit = SelectField("Counted in", choices=options(UNIT_LABELS.items()), default=Unit.WEEKS.value)
    who = SelectField("Who does it", choices=options(WHO_LABELS.items()), default=Who.MISSION.value)
    person_id = SelectField("Which person", choices=[], default="")

    def validate_after(self, field: IntegerField) -> None:
        """Refuse an interval of many years."""
        most = LONGEST.get(self.unit.data or "", 365)
        if (field.data or 0) > most:
            raise ValidationError(f"At most {most} {UNIT_LABELS[self.unit.data]}.")

    def validate_person_id(self, field: SelectField) -> None:
        """Ask for the person where one is to do it."""
        if self.what.data and self.who.data == Who.PERSON and not field.data:
            raise ValidationError("Choose the person.")


class PlanForm(Form):
    """A plan: its name, what it is for, and its steps in their order."""

    name = StringField(
        "Name",
        filters=[clean_text],
        validators=[DataRequired("Give the plan a name."), Length(max=120), plain_characters],
    )
    description = StringField(
        "What it is for", filters=[clean_text], validators=[Optional(), Length(max=500), plain_characters]
    )
    steps = RowsField(StepForm, "Steps", MOST_STEPS, AT_FIRST)
    version = versions.as_read()

    more_asked = False

    def offer(self, people: Choices) -> None:
        """Fill in who may do a step."""
        for entry in self.steps:
            entry.form.person_id.choices = options(people, "Nobody")

    def add_step(self) -> None:
        """One empty row more, as far as there may be more."""
        self.more_asked = True
        if len(self.steps) < MOST_STEPS:
            self.steps.append_entry()

    def show_steps(self, steps: Sequence[PlanStep | Mapping[str, Any]]) -> None:
        """Put these steps into the rows."""
        names = ("what", "kind", "level", "after", "unit", "who", "person_id")
        rows = [one if isinstance(one, Mapping) else {name: getattr(one, name) for name in names} for one in steps]
        self.steps.put([{**row, "person_id": str(row.get("person_id") or "")} for row in rows])

    @property
    def errors(self) -> Mapping[Any, Any]:
        """Those of steps each under the name of its own field."""
        found = {name: errors for name, errors in super().errors.items() if name != "steps"}
        rows = {one.name: one.errors for entry in self.steps for one in entry.form if one.errors}
        own = [one for one in self.steps.errors if isinstance(one, str)]
        return {**found, **rows, **({"steps": own} if own else {})}

    def command(self) -> dict[str, Any]:
        """As the verb wants it: rows without words are left out."""
        values = super().command()
        values["steps"] = [
            {
                **{name: row[name] or "" for name in ("what", "kind", "level", "unit", "who")},
                "after": row["after"] or 0,
                "person_id": UUID(row["person_id"]) if row["person_id"] and row["who"] == Who.PERSON else None,
            }
            for row in values["steps"]
            if row["what"]
        ]
        return values


class StartForm(Form):
    """With which States a plan begins."""

    states = SelectMultipleField("States", choices=[], default=[])

    def offer(self) -> None:
        """Fill in the States."""
        self.states.choices = register().options(access.today())

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        return {"states": list(self.states.data or ())}


class SteerForm(Form):
    """A button on a State in a plan, with the version that was read."""

    version = versions.as_read()


class DoneByForm(SteerForm):
    """By which entry the present step was done."""

    activity_id = SelectField(
        "Entry", choices=[], default="", validators=[DataRequired("Choose the entry by which it was done.")]
    )

    def offer(self, entries: Choices) -> None:
        """Fill in the entries that fit the step."""
        self.activity_id.choices = options(entries, "Choose")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "activity_id": UUID(values["activity_id"])}
