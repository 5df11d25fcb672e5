"""The grid: one header, and a row for each talk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import DateField, Field, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.activities.details import OUTCOME
from crm.activities.margins.talks import MOST, Talk
from crm.activities.margins.words import Gathering, read_due
from crm.activities.rules import EARLIEST, LENGTHS, LINE_LENGTH
from crm.activities.writing import NOT_YOURS
from crm.core import access
from crm.core.access import Handling, Viewer
from crm.core.errors import RuleViolation
from crm.core.forms import (
    Form,
    HandlingField,
    RowForm,
    RowsField,
    clean_text,
    not_before,
    not_in_future,
    options,
    plain_characters,
)
from crm.core.visibility import ATTRIBUTION_LABELS, Attribution
from crm.core.written.answers import NotADay, Read
from crm.positions.rules import OBSTACLES, ObstacleType
from crm.reach.doers import Unclear, doers, named
from crm.states.register import Register

AT_FIRST, MORE = 12, 5
OFFERED = 6
"""So many States that a text may mean are named at most."""


def _line(label: str, hint: str = "", most: int = LINE_LENGTH, *checks: Any) -> StringField:
    checked = [*(checks or [Optional()]), Length(max=most), plain_characters]
    return StringField(label, filters=[clean_text], description=hint, validators=checked)


def _numbered(pairs: Iterable[tuple[str, str]]) -> list[Any]:
    """Choices with the key that chooses each in front."""
    return options(((code, f"{number} {label}") for number, (code, label) in enumerate(pairs, 1)), "")


def in_short(obstacle: ObstacleType) -> str:
    """An obstacle in a word or two, for a narrow column."""
    return obstacle.value.replace("_", " ").capitalize()


class TalkForm(RowForm):
    """One talk. What was read of it (`meant`, `due`, `charged`) is there after `read`."""

    state = _line("State", "Any of its names, a code, or the beginning of one.", 100)
    pick = RadioField("Which State", choices=[], validate_choice=False, validators=[Optional()])
    whom = _line("Whom", "Name, office.", 300)
    outcome = SelectField("Outcome", choices=_numbered(OUTCOME.choices.items()), default="")
    obstacle = SelectField("Obstacle", choices=_numbered((one.value, in_short(one)) for one in OBSTACLES), default="")
    note = TextAreaField(
        "What they said", filters=[clean_text], validators=[Optional(), Length(max=LENGTHS["reply"]), plain_characters]
    )
    next_action = _line("Follow-up", "What is to be done.", LENGTHS["next_action"])
    next_action_due = _line("By when", "In words: in 3 weeks, 15 December, before the MSP.", 60)
    next_action_who = _line("Who does it", "A colleague or a mission, as far as one alone is called so.", 200)
    handling = HandlingField("Who may see it", first="As above")

    meant: tuple[str, ...] = ()
    due: Read | None = None
    due_problem: str = ""
    charged: str = ""
    who_problem: str = ""

    def number(self, place: str) -> None:
        """Say with each field in which row it stands."""
        for field in self:
            field.label.text = f"{field.label.text.partition(', row')[0]}, row {place}"

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written in it."""
        return not any(field.data for field in self)

    def read(self, known: Register, viewer: Viewer, today: date, gatherings: Sequence[Gathering]) -> None:
        """Find the State that is meant, among the viewer's own where one of them fits and none is called so, and the
        day.
        """
        among = known.states.keys() if viewer.states is None else viewer.states
        called = known.called(self.state.data or "")
        self.meant = (called,) if called else known.meant(self.state.data, among) or known.meant(self.state.data)
        if self.pick.data in self.meant:
            self.meant = (self.pick.data,)
        offered = self.meant if 1 < len(self.meant) <= OFFERED else ()
        self.pick.choices = options((iso3, known.name_today(iso3)) for iso3 in offered)
        if self.next_action_due.data:
            try:
                self.due = read_due(self.next_action_due.data, today, gatherings)
            except NotADay as wrong:
                self.due_problem = str(wrong)
        if self.next_action_who.data:
            try:
                self.charged = named(self.next_action_who.data, doers(viewer))
            except Unclear as wrong:
                self.who_problem = str(wrong)

    def judge(self, viewer: Viewer) -> bool:
        """Say beside each field what is missing or not understood; whether all of it may go on."""
        wrong = {
            self.state: self._wrong_state(viewer),
            self.note: "" if self.note.data or self.outcome.data else "Write what they said, or choose the outcome.",
            self.next_action: "Say what is to be done by that day." if self._half("next_action") else "",
            self.next_action_due: self.due_problem
            or ("Say by when this is to be done." if self._half("next_action_due") else ""),
            self.next_action_who: self.who_problem
            or ("Say what they are to do." if self.charged and not self.next_action.data else ""),
        }
        for field, message in wrong.items():
            if message and not field.errors:
                field.errors = [message]
        return not any(field.errors for field in self)

    def _half(self, name: str) -> bool:
        """Whether this half of the follow-up is missing where the other one is there."""
        other = "next_action_due" if name == "next_action" else "next_action"
        return bool(self[other].data and not self[name].data)

    def _wrong_state(self, viewer: Viewer) -> str:
        typed = self.state.data
        if not typed:
            return "Say which State."
        if not self.meant:
            return f"No State is called “{typed[:60]}”."
        if len(self.meant) > 1:
            return f"“{typed[:60]}” can be several States. " + (
                "Which one is it?" if self.pick.choices else "Type some more of its name."
            )
        return "" if viewer.works_on(self.meant[0]) else NOT_YOURS

    def told(self, row: int) -> Talk:
        """As the verb wants it."""
        return Talk(
            row=row,
            state_iso3=self.meant[0],
            whom=self.whom.data,
            outcome=self.outcome.data,
            obstacle=self.obstacle.data,
            note=self.note.data,
            next_action=self.next_action.data,
            next_action_due=self.due.day if self.due else None,
            due_words=self.next_action_due.data,
            charged_id=self.charged,
            who_words=self.next_action_who.data,
            handling=Handling(self.handling.data) if self.handling.data else None,
        )


class MarginsForm(Form):
    """A round of short talks: what they have in common, and each of them."""

    occasion = _line("Meeting or occasion", "", LENGTHS["occasion"], DataRequired("Say at which meeting."))
    held_on = DateField(
        "Date",
        default=access.today,
        validators=[
            InputRequired("Give the day, for example 2026-11-23."),
            not_in_future,
            not_before(EARLIEST, "when the process that led to the Convention began"),
        ],
    )
    place = _line("Place")
    delegation = _line("Who spoke for us", "", 300)
    handling = HandlingField("Who may see the talks", Handling.COORDINATION)
    attribution = SelectField(
        "What others may know of the source",
        choices=options(ATTRIBUTION_LABELS.items()),
        default=Attribution.STATE_NOT_PERSON.value,
        description="Your own party always sees everything.",
    )
    marks = _line("National marking", "Word for word, as your own rules write it.", LENGTHS["marks"])
    rows = RowsField(TalkForm, "Talks", MOST, AT_FIRST)

    def read(self, known: Register, viewer: Viewer, gatherings: Sequence[Gathering]) -> None:
        """Understand what stands in the rows, whether or not it is to be saved; number them."""
        self._viewer = viewer
        today = access.today()
        for place, row in enumerate(self.talk_forms(), 1):
            row.number(str(place))
            if not row.is_blank:
                row.read(known, viewer, today, gatherings)

    def talk_forms(self) -> list[TalkForm]:
        """The rows, blank ones too."""
        return [entry.form for entry in self.rows]

    def add_rows(self, count: int) -> None:
        """So many empty rows more, as far as there may be more."""
        for _ in range(min(count, MOST - len(self.rows))):
            self.rows.append_entry().form.number(str(len(self.rows)))

    def blank_row(self) -> TalkForm:
        """A row as a script adds it, with places for its number."""
        row = TalkForm(formdata=None, prefix="rows-__i__-")
        row.number("__n__")
        return row

    def validate(self, extra_validators: Any = None) -> bool:
        """Also that every row that is not blank can be understood, and that there is one."""
        for row in self.talk_forms():
            row.speaks_in_codes = self.speaks_in_codes
        good = super().validate(extra_validators)
        written = [row for row in self.talk_forms() if not row.is_blank]
        judged = [row.judge(self._viewer) for row in written]
        if not written:
            self.form_errors = [*self.form_errors, "Write down one talk at least."]
        if self.rows.too_many:
            self.form_errors = [*self.form_errors, self.rows.beyond]
        self._collect()
        return bool(good and written and all(judged) and not self.rows.too_many)

    def _collect(self) -> None:
        """The summary reads the errors of the rows from the field that holds them."""
        if any(row.errors for row in self.talk_forms()):
            self.rows.errors = [row.errors for row in self.talk_forms()]

    @property
    def errors(self) -> Mapping[Any, Any]:
        """Those of the rows each under the name of its own field."""
        found = {name: errors for name, errors in super().errors.items() if name != "rows"}
        found |= {field.name: field.errors for row in self.talk_forms() for field in row if field.errors}
        return found

    def refuse(self, violation: RuleViolation) -> None:
        """Put what the verb says of a row beside the field of that row."""
        fields: dict[str, Field] = {field.name: field for row in self.talk_forms() for field in row}
        rest = RuleViolation("", str(violation))
        rest.errors = {name: said for name, said in violation.errors.items() if name not in fields}
        for name, said in violation.errors.items():
            if name in fields:
                fields[name].errors = [*fields[name].errors, *said]
        self._collect()
        super().refuse(rest)

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["handling"], values["attribution"] = Handling(values["handling"]), Attribution(values["attribution"])
        values["talks"] = [row.told(place) for place, row in enumerate(self.talk_forms()) if not row.is_blank]
        del values["rows"]
        return values


def as_written(typed: Mapping[str, list[str]]) -> dict[str, Any]:
    """What stands in the grid, as the JSON door takes it; rows and fields without any word are left out."""
    form = MarginsForm(formdata=MultiDict(typed), meta={"csrf": False})
    header = {one.name: str(one.data or "") for one in form if one.name != "rows"}
    rows = [{name: text for name, text in row.data.items() if text} for row in form.talk_forms()]
    return {**header, "rows": [row for row in rows if row]}
