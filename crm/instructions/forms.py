"""The shape of an instruction, of an amendment, and of what a mission tells, for both doors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from wtforms import (
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from crm.activities.details import AIM
from crm.activities.rules import LEVEL_LABELS, PAPER_LABELS, Paper
from crm.core import access
from crm.core.access import Handling
from crm.core.days import too_far
from crm.core.forms import (
    Form,
    HandlingField,
    RowForm,
    RowsField,
    clean_text,
    not_in_future,
    options,
    plain_characters,
)
from crm.files.fields import UploadField, chosen
from crm.files.rules import MOST_BYTES_IN_WORDS
from crm.instructions.proposing import Cell, Offer
from crm.states.fields import StatesField
from crm.states.rules import REGION_LABELS, Status

NOTE_LENGTH = 20_000
MOST_ARGUMENTS, AT_FIRST = 20, 2
MOST_CELLS = 400

STATUS_LABELS = {
    Status.SIGNATORY: "Signatories",
    Status.NON_SIGNATORY: "Non-signatories",
    Status.STATE_PARTY: "States Parties",
    Status.WITHDRAWN: "Withdrawn",
}


def _line(label: str, hint: str = "", most: int = 200, *checks: Any) -> StringField:
    validators = [*(checks or [Optional()]), Length(max=most), plain_characters]
    return StringField(label, filters=[clean_text], description=hint, validators=validators)


def _text(label: str, hint: str = "", *checks: Any) -> TextAreaField:
    validators = [*(checks or [Optional()]), Length(max=NOTE_LENGTH), plain_characters]
    return TextAreaField(label, filters=[clean_text], description=hint, validators=validators)


def _level(label: str) -> SelectField:
    return SelectField(
        label, choices=options(((one.value, name) for one, name in LEVEL_LABELS.items()), "Not said"), default=""
    )


def _near_enough(_form: Form, field: Field) -> None:
    if field.data and (problem := too_far(field.data, access.today())):
        raise ValidationError(problem)


def _day(label: str, hint: str = "") -> DateField:
    return DateField(
        label, description=hint, validators=[InputRequired("Give the day, for example 2026-11-23."), _near_enough]
    )


class ArgumentForm(RowForm):
    """One argument, what will be said against it, and the answer to that."""

    argument = _text("Argument")
    objection = _text("What they may say against it")
    answer = _text("Answer to that")


class CellForm(RowForm):
    """One State and the mission that is to go there; without a mission the State is left out."""

    state_iso3 = HiddenField("State")
    mission_id = SelectField("Mission", choices=[], default="")


class MaterialForm(Form):
    """A file that goes with an instruction."""

    file = UploadField(
        "File",
        validators=[chosen],
        description=f"The paper to leave, or anything to read before: up to {MOST_BYTES_IN_WORDS}.",
    )
    what = _line("What it is", "For example: non-paper, to be left.")


class _ManyStatesField(StatesField):
    """As many as there are."""

    def pre_validate(self, form: Form) -> None:
        """Refuse nothing for its number."""


class Words(Form):
    """What an instruction says and by when it is to be done."""

    name = _line("Name", "As missions read it in their list.", 120, DataRequired("Give the instruction a name."))
    reference = _line("Number or file mark", "As your own capital counts its instructions.", 100)
    aim = RadioField(
        AIM.label,
        choices=options(AIM.choices.items()),
        default="action",
        validators=[InputRequired("Say what it is for.")],
    )
    objective = _text("What is it to bring about?", "", DataRequired("Say what it is to bring about."))
    arguments = RowsField(ArgumentForm, "Arguments", MOST_ARGUMENTS, AT_FIRST)
    talking_points = _text("Talking points", "One line each, as they are to be said.")
    paper = SelectField(
        "Paper to leave",
        choices=options((one.value, label) for one, label in PAPER_LABELS.items()),
        default=Paper.NONE.value,
    )
    presenter_level = _level("Who is to present it")
    addressee_level = _level("To whom, at the least")
    deliver_by = _day("Deliver by")
    report_by = _day("Report by")

    more_asked = False
    """Whether another row for an argument is asked for; nothing is to be saved yet."""

    def written_arguments(self) -> bool:
        """Whether an argument is written down."""
        return any(any(row.data.values()) for row in self.arguments)

    def add_argument(self) -> None:
        """One empty row more, as far as there may be more."""
        self.more_asked = True
        if len(self.arguments) < MOST_ARGUMENTS:
            self.arguments.append_entry()

    @property
    def errors(self) -> Mapping[Any, Any]:
        """Those of rows each under the name of its own field; what is wrong as a whole under that of the States."""
        rows = {name: field for name, field in self._fields.items() if isinstance(field, RowsField)}
        found = {name: errors for name, errors in super().errors.items() if name and name not in rows}
        for field in rows.values():
            found |= {one.name: one.errors for entry in field for one in entry.form if one.errors}
        return {**found, "cells": self.form_errors} if self.form_errors else found

    def command(self) -> dict[str, Any]:
        """As the verb wants it: rows without any word are left out."""
        values = super().command()
        values["arguments"] = [
            {name: row[name] or "" for name in ("argument", "objection", "answer")}
            for row in values["arguments"]
            if any(row[name] for name in ("argument", "objection", "answer"))
        ]
        return values


class InstructionForm(Words):
    """An instruction to many missions: what, by when, and which of them is to go to which State."""

    handling = HandlingField("Who may see what comes of it", Handling.COORDINATION)
    marks = _line("National marking", "Word for word, as your own rules write it.", 100)
    statuses = SelectMultipleField(
        "States by status",
        choices=options((one.value, label) for one, label in STATUS_LABELS.items()),
        default=[],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    region = SelectField(
        "In the region", choices=options(((one, one) for one in REGION_LABELS), "Every region"), default=""
    )
    states = _ManyStatesField(
        "Further States", description="Names or codes with commas between them.", default=(), validators=[Optional()]
    )
    cells = RowsField(CellForm, "Missions", MOST_CELLS)

    def cell_forms(self) -> list[CellForm]:
        """The rows of States and missions."""
        return [entry.form for entry in self.cells]

    def propose(self, offers: Sequence[Offer]) -> None:
        """A row for each of these States with the mission that is proposed; what was chosen before stays chosen."""
        before = {row.state_iso3.data: row.mission_id.data for row in self.cell_forms()}
        while self.cells.entries:
            self.cells.pop_entry()
        for one in offers[:MOST_CELLS]:
            known = {key for key, _label in one.missions} | {""}
            chosen_before = before.get(one.state_iso3)
            mission = chosen_before if chosen_before in known else one.proposed
            self.cells.append_entry({"state_iso3": one.state_iso3, "mission_id": mission})
        self.offer(offers)

    def offer(self, offers: Sequence[Offer]) -> None:
        """Give each row the missions that reach its State."""
        by_state = {one.state_iso3: one for one in offers}
        for row in self.cell_forms():
            found = by_state.get(row.state_iso3.data)
            row.mission_id.choices = options(found.missions if found else (), "Leave this State out")
            row.mission_id.label.text = f"Mission for {found.name}" if found else "Mission"

    def chosen_cells(self) -> list[Cell]:
        """The missions and States that are meant."""
        return [
            Cell(UUID(row.mission_id.data), row.state_iso3.data)
            for row in self.cell_forms()
            if row.mission_id.data and row.state_iso3.data
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Also that one mission at least is to go somewhere."""
        good = bool(super().validate(extra_validators))
        if self.cells.too_many:
            self.form_errors = [*self.form_errors, self.cells.beyond]
        elif not any(row.mission_id.data for row in self.cell_forms()):
            self.form_errors = [*self.form_errors, "Choose States, and a mission for one of them at least."]
        return good and not self.form_errors

    def command(self) -> dict[str, Any]:
        """As the verb wants it: how States were found does not matter any more."""
        values = super().command()
        for name in ("statuses", "region", "states"):
            del values[name]
        return {**values, "handling": Handling(values["handling"]), "cells": self.chosen_cells()}


class PageForm(InstructionForm):
    """The same with a first file, which a program sends afterwards."""

    file = UploadField(
        "A file that goes with it",
        description=f"The paper to leave, or a background note: up to {MOST_BYTES_IN_WORDS}.",
    )
    what = _line("What the file is", "For example: non-paper, to be left.")


class ProposalForm(Form):
    """Which States are meant, for a program that asks who might go."""

    statuses = SelectMultipleField("States by status", choices=list(STATUS_LABELS), default=[])
    region = SelectField("In the region", choices=options(((one, one) for one in REGION_LABELS), ""), default="")
    states = _ManyStatesField("Further States", default=(), validators=[Optional()])


class AmendForm(Words):
    """An amendment, with the reason that missions read."""

    edits_record = True
    version = IntegerField(widget=HiddenInput(), validators=[InputRequired("Send the version that you read.")])
    why = _line("What missions should know of this change", "They read it first.", 500, DataRequired("Say why."))

    def show(self, record: Any) -> None:
        """Fill in what an instruction says, with an empty row for one argument more."""
        for name in self.field_names() - {"arguments"}:
            if hasattr(record, name):
                self.accept(name, getattr(record, name))
        self.arguments.put([*record.arguments, {}])

    def compare(self, record: Any) -> None:
        """Not the reason: each change has its own."""
        super().compare(record)
        self.differences = [one for one in self.differences if one.name != "why"]


class WithdrawForm(Form):
    """That nothing more is to be done, and why."""

    why = _line("Why", "The missions read it.", 500, DataRequired("Say why, for the missions."))


class AppointmentForm(Form):
    """That an appointment was asked for: with whom, and for which day where that is known."""

    edits_record = True
    appointment_with = _line("With whom?", "For example: Director, Multilateral Affairs.")
    appointment_on = DateField(
        "For which day?", description="Leave it empty while there is no answer.", validators=[Optional(), _near_enough]
    )
    version = IntegerField(
        "Version of the appointment that was read",
        widget=HiddenInput(),
        description="Left out, it is told whatever others told since.",
        validators=[Optional()],
    )


class DeliveredForm(Form):
    """That it was delivered, and on which day; the report follows."""

    delivered_on = DateField(
        "On which day?", default=access.today, validators=[InputRequired("Give the day."), not_in_future]
    )
