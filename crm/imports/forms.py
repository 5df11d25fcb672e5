"""What is asked about a spreadsheet, for the page and for the JSON door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import current_app
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, IntegerField, RadioField, SelectField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import FileInput

from crm.activities.types import ACTIVITY_TYPES
from crm.core.access import Handling
from crm.core.errors import RuleViolation
from crm.core.forms import Form, HandlingField, options
from crm.core.visibility import ATTRIBUTION_LABELS, Attribution
from crm.core.written.days import Order
from crm.files.fields import chosen
from crm.files.rules import FileRefused, in_words, plain_name
from crm.imports import looking
from crm.imports.columns import TARGETS
from crm.imports.encodings import ENCODINGS
from crm.imports.models import SpreadsheetImport
from crm.imports.rules.columns import letter, place_of
from crm.imports.storing import SentSheet

_OTHERS = {
    b"%PDF-": "The file is a PDF. Save the table behind it as .xlsx or CSV.",
    b"\xd0\xcf\x11\xe0": "The file is a workbook of the old format. Open it and save it as .xlsx.",
    b"\x89PNG": "The file is a picture.",
    b"\xff\xd8\xff": "The file is a picture.",
    b"GIF8": "The file is a picture.",
    b"MZ": "The file is a program.",
    b"\x7fELF": "The file is a program.",
    b"\x1f\x8b": "The file is an archive. Unpack it first.",
}
_DISGUISED = (
    "The file is called .xlsx, and what is in it is no Excel workbook but a text. Open it in your program and save it "
    "as .xlsx, or give it the ending .csv if it is a CSV file."
)


class SheetField(Field):  # type: ignore[misc]  # WTForms has no types
    """One spreadsheet; `data` says where its bytes are read, which stay where they are."""

    widget = FileInput()

    def __init__(self, label: str, validators: Sequence[Any] = (), **given: Any) -> None:
        super().__init__(label, list(validators), render_kw={"accept": ".csv,.tsv,.txt,.xlsx"}, **given)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Find out what it is by its first bytes."""
        self.data: SentSheet | None = None
        files = [one for one in valuelist if isinstance(one, FileStorage) and one.filename]
        if len(files) > 1:
            raise ValueError("Send one file.")
        for one in files:
            try:
                self.data = _looked_at(one)
            except FileRefused as refused:
                raise ValueError(str(refused)) from None


def _looked_at(one: FileStorage) -> SentSheet:
    source, most = one.stream, int(current_app.extensions["settings"].import_most_bytes)
    size = source.seek(0, 2)
    source.seek(0)
    head = source.read(4096)
    if not head.strip():
        raise FileRefused("The file is empty.")
    if size > most:
        raise FileRefused(f"The file is larger than {in_words(most)}. Split it, and send one part after the other.")
    if problem := next((words for mark, words in _OTHERS.items() if head.startswith(mark)), ""):
        raise FileRefused(problem)
    name = plain_name(one.filename or "")
    if head.startswith(b"PK\x03\x04"):
        return SentSheet(name, "xlsx", source)
    if name.lower().endswith((".xlsx", ".xlsm")):
        raise FileRefused(_DISGUISED)
    nothing = head.count(0)
    if nothing and not head.startswith((b"\xff\xfe", b"\xfe\xff")) and nothing < len(head) // 4:
        raise FileRefused("The file is neither an Excel workbook nor a text. Save it as .xlsx or CSV.")
    return SentSheet(name, "csv", source)


class SendForm(Form):
    """A spreadsheet to be looked at."""

    file = SheetField(
        "Spreadsheet",
        validators=[chosen],
        description="An Excel workbook (.xlsx) or a CSV file, as you keep it: with any headings, in English, French "
        "or Spanish.",
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it is a table: looked at here, where nothing is held that others wait for."""
        if not super().validate(extra_validators):
            return False
        sent = self.file.data
        try:
            self.file.data = replace(sent, looked=looking.at(sent)) if sent else None
        except RuleViolation as unreadable:
            self.refuse(unreadable)
            return False
        return True


class ReadingForm(Form):
    """How the file is to be read, where the guess was wrong."""

    sheet = SelectField("Sheet", choices=[], validators=[Optional()], default="", validate_choice=True)
    encoding = SelectField("Letters", choices=[], validators=[Optional()], default="", validate_choice=True)
    heading_line = IntegerField(
        "Line of the headings", validators=[Optional(), NumberRange(1, 1_000_000, "Write the number of a line.")],
        description="The number of the line in the file. Where headings take two lines, the lower one.",
    )  # fmt: skip

    def offer(self, made: SpreadsheetImport) -> None:
        """The sheets of this workbook, or the encodings of a text."""
        self._made, how = made, made.head["how"]
        self.sheet.choices = options((one, one) for one in made.head["sheets"]) or options([("", "The only one")])
        self.encoding.choices = options(ENCODINGS.items()) if made.kind == "csv" else options([("", "As Excel says")])
        if not self.is_submitted() and not self.speaks_in_codes:
            self.accept("sheet", how["sheet"])
            self.accept("encoding", how["encoding"])
            self.accept("heading_line", made.head["heading_line"])

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it can be read so: looked at here, where nothing is held that others wait for."""
        if not super().validate(extra_validators):
            return False
        values = super().command()
        try:
            self._anew = looking.anew(self._made, **{**values, "heading_line": values["heading_line"] or 0})
        except RuleViolation as unreadable:
            self.refuse(unreadable)
            return False
        return True

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        return {"anew": self._anew}


class ColumnsForm(Form):
    """Which column says what, and what holds for every line."""

    kind = SelectField(
        "Kind, where no line says it",
        choices=lambda: options(((key, one.label) for key, one in ACTIVITY_TYPES.items()), "Every line says it"),
        default="",
        description="For lines without a kind of their own.",
    )
    handling = HandlingField("Who may see the records", Handling.ORIGINATOR)
    attribution = SelectField(
        "What others may know of the source",
        choices=options(ATTRIBUTION_LABELS.items()),
        default=Attribution.STATE_NOT_PERSON.value,
    )
    order = RadioField(
        "What does 3/4/2026 mean in this file?",
        choices=options([
            (Order.DAY_FIRST.value, "3 April 2026: the day comes first"),
            (Order.MONTH_FIRST.value, "4 March 2026: the month comes first"),
            ("", "No day is written like that"),
        ]),
        default="",
    )  # fmt: skip
    carry_down = BooleanField("Where State or date is blank, it is the one above")
    with_gaps = BooleanField("Take over lines that do not say whom, or what came back")
    open_past = BooleanField("Open follow-ups whose day has passed; their owner, you, is reminded of each")

    def offer(self, made: SpreadsheetImport, samples: Sequence[Sequence[str]] = ()) -> None:
        """The columns of this file; filled in as they were chosen before, or as the headings seem to say. `samples`:
        by column, what stands first in it.
        """
        self._made, head = made, made.head
        found = []
        for at, heading in enumerate(head["headings"]):
            sample = next(iter(samples[at]), "") if at < len(samples) else ""
            name = f"{letter(at)}: {heading}" if heading else letter(at)
            found.append((letter(at), f"{name} ({sample[:30]})" if sample else name))
        for one in TARGETS:
            self[f"column_{one.key}"].choices = options(found, "Not in this file")
        if self.is_submitted() or self.speaks_in_codes:
            return
        chosen_before = made.choices.get("columns") or head["guessed"]
        for key, at in chosen_before.items():
            self.accept(f"column_{key}", letter(at))
        for name in ("kind", "handling", "attribution", "order", "carry_down", "with_gaps", "open_past"):
            if name in made.choices:
                self.accept(name, made.choices[name])
        if not made.choices and "held_on" in head["guessed"]:
            self.accept("order", head["days"][head["guessed"]["held_on"]]["order"])

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all is said: the first lines are read here, where nothing is held that others wait for."""
        if not super().validate(extra_validators):
            return False
        try:
            self._first = looking.beginning(self._made)
        except RuleViolation as gone_on:
            self.refuse(gone_on)
            return False
        return True

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = {**super().command(), "first": self._first}
        columns = {one.key: values.pop(f"column_{one.key}") for one in TARGETS}
        return {
            **values,
            "columns": {key: place_of(name) for key, name in columns.items() if name},
            "handling": Handling(values["handling"]),
            "attribution": Attribution(values["attribution"]),
            "order": Order(values["order"]) if values["order"] else None,
        }


for _target in TARGETS:
    setattr(ColumnsForm, f"column_{_target.key}", SelectField(_target.label, choices=[], default=""))
