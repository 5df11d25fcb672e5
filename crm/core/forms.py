"""The shape of input, one class for both doors: an HTML form and a JSON document build the same form."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField

from crm.core import access, ceiling, merging, unfinished
from crm.core.access import HANDLING_LABELS, Handling
from crm.core.choices import name_the_choices
from crm.core.days import in_words
from crm.core.errors import RuleViolation
from crm.core.selects import quick
from crm.core.text import composed, is_blank, is_piled_up, without_halves
from crm.core.widening import WIDER
from crm.core.wording import Wording

_SEPARATORS = {chr(code) for code in (0x2028, 0x2029)}
_JOINERS = {chr(code) for code in (0x200C, 0x200D)}
"""Invisible, but some scripts cannot be written without them."""


def clean_text(value: str | None) -> str:
    """Trimmed text in NFC; the empty string for nothing. Line ends become `\\n`."""
    if not isinstance(value, str):
        return ""
    return composed(value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def plain_characters(_form: FlaskForm, field: Field) -> None:
    """Refuse characters that nobody types and that can deceive or break: controls, surrogates, whatever is
    invisible or turns the direction of writing; a line break where one line is meant.
    """
    if is_piled_up(field.data or ""):
        raise ValidationError("More accents are piled upon one letter here than any script has. Please type it again.")
    allowed = "\n\t" if isinstance(field, TextAreaField) else ""
    for char in field.data or "":
        if char in allowed or char in _JOINERS:
            continue
        if char in "\n\t":
            raise ValidationError("Write this on one line.")
        odd = unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"}
        if odd or is_blank(char) or char in _SEPARATORS or ord(char) & 0xFFFE == 0xFFFE:
            raise ValidationError("This holds an invisible or control character. Please type the text again.")
    if field.data and not set(field.data) - _JOINERS - {" ", "\n", "\t"}:
        raise ValidationError("There is nothing to read in this. Please type the text again.")


def not_in_future(_form: FlaskForm, field: Field) -> None:
    """Refuse a day after today."""
    if field.data and field.data > access.today():
        raise ValidationError("This day has not come yet.")


def not_before(first: date, why: str) -> Callable[[FlaskForm, Field], None]:
    """Refuse a day before the first one that makes sense; `why` completes the sentence."""

    def check(_form: FlaskForm, field: Field) -> None:
        if field.data and field.data < first:
            raise ValidationError(f"This day is before {in_words(first)}, {why}.")

    return check


Offered = Iterable[tuple[str, str] | tuple[str, str, str]]
"""What may be chosen: value, label and, where there are several groups, the heading of its own."""


def options(pairs: Offered, first: str | None = None) -> list[SelectChoice]:
    """Choices of a list from (value, label) pairs; `first` is the label of the empty choice in front."""
    front = [SelectChoice("", first)] if first is not None else []
    return front + [SelectChoice(one[0], one[1], optgroup=one[2] if len(one) > 2 else None) for one in pairs]


class ListField(StringField):  # type: ignore[misc]
    """Several short texts, typed on one line with commas between them; a list of texts in JSON.

    `data` is a tuple without blanks and repetitions.
    """

    def process_formdata(self, valuelist: Iterable[str]) -> None:
        """Take the texts apart; what was typed is shown again as it was."""
        parts = (clean_text(part) for text in valuelist for part in re.split("[,;\n]", text))
        self.data = tuple(dict.fromkeys(part for part in parts if part))

    def _value(self) -> str:
        return ", ".join(self.raw_data if self.raw_data else self.data or ())


class HandlingField(SelectField):  # type: ignore[misc]
    """Who may see a record: the handlings under which content may be kept here, and no narrower one.

    `default` gives way to the ceiling of the installation; `first` is the label of the empty choice in front.
    """

    choices: list[SelectChoice]
    widest = 0

    def __init__(self, label: str, default: Handling | None = None, first: str | None = None, **given: Any) -> None:
        kept = ceiling.offered()
        if default and default.value not in dict(kept):
            default = Handling(kept[0][0])
        empty = "" if first is not None else None
        super().__init__(label, choices=options(kept, first), default=default.value if default else empty, **given)

    def pre_validate(self, form: Any) -> None:
        """Say why a handling is not offered that exists."""
        known = self.data in set(Handling)
        if known and Handling(self.data).rank < self.widest:
            raise ValidationError(WIDER)
        if known and self.data not in self.offered() and not ceiling.ceiling().keeps(Handling(self.data)):
            raise ValidationError(ceiling.TOO_NARROW)
        super().pre_validate(form)

    def offered(self) -> list[str]:
        """The handlings among the choices."""
        return [str(one.value) for one in self.choices if one.value]

    def offer(self, handlings: Iterable[str]) -> None:
        """Offer these instead, and the empty choice if there was one."""
        empty = [one for one in self.choices if not one.value]
        wanted = set(handlings)
        self.choices = empty + options(pair for pair in HANDLING_LABELS.items() if pair[0] in wanted)

    def correct(self, handling: str) -> None:
        """Offer for a record that stands what it has and what is narrower. A page always sends one of them."""
        self.flags.optional = False
        self.widest = Handling(handling).rank
        self.offer(one for one in {*self.offered(), handling} if Handling(one).rank >= self.widest)


class Form(FlaskForm):  # type: ignore[misc]
    """Base of every form. Hints live on the field (`description`), errors beside it."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """What the library says stands in our words."""

        def get_translations(self, _form: FlaskForm) -> Wording:
            """The words for every form."""
            return Wording()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent; where nothing was, the draft that the page is opened with."""
            self.form = form
            sent = super().wrap_formdata(form, formdata)
            if sent is not None or formdata is None:
                return sent
            form.begun = unfinished.shown()
            return MultiDict({name: list(texts) for name, texts in form.begun.typed.items()}) if form.begun else None

        def render_field(self, field: Field, render_kw: dict[str, Any]) -> Markup:
            """With the token go the other fields that nobody sees."""
            field.widget = quick(field)
            shown = super().render_field(field, render_kw)
            return Markup(shown) + unfinished.beside(self.form) if field.type == "CSRFTokenField" else Markup(shown)

    form_errors: list[str]
    begun: unfinished.Begun | None = None
    done_once = True
    """Whether it is done once, however often the same comes; a proof of who is there is looked at each time."""

    edits_record = False
    """Whether it is opened with a record in it, whose fields have the names of its own."""

    differences: Sequence[merging.Difference] = ()
    speaks_in_codes = False
    """Whether what is wrong is told to a program."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all of it may go on; beside each field what is wrong with it."""
        sound: bool = super().validate(extra_validators)
        name_the_choices(self, codes=self.speaks_in_codes)
        return sound

    def command(self) -> dict[str, Any]:
        """The checked values as keyword arguments of the verb."""
        return {
            field.short_name: field.data
            for field in self
            if field.short_name != "csrf_token" and not getattr(field, "display_only", False)
        }

    def refuse(self, violation: RuleViolation) -> None:
        """Put a service's refusal beside the fields it names; anything else becomes a form error."""
        for name, messages in violation.errors.items():
            if name in self:
                self[name].errors = [*self[name].errors, *messages]
            else:
                self.form_errors = [*self.form_errors, *messages]

    def accept(self, name: str, value: Any) -> None:
        """Set a field's value before display (a default that depends on the viewer)."""
        self[name].process_data(value)

    def opened_with(self) -> dict[str, list[str]]:
        """What the form held when it was opened, by field, as a browser sends it."""
        if self.is_submitted():
            return _originals(request.form.get(unfinished.ORIGINAL))
        if self.begun:
            return _originals(next(iter(self.begun.typed.get(unfinished.ORIGINAL, [])), ""))
        return {one.name: merging.as_sent(one) for one in self if one.name not in ("csrf_token", "version")}

    def opened_on(self, record: Any) -> Form:
        """The same form as whoever opens it on this record finds it."""
        opened: Form = type(self)(formdata=None, meta={"csrf": False})
        for field in opened:
            if getattr(self[field.name], "choices", None) is not None:
                field.choices = self[field.name].choices
        opened.show(record)
        return opened

    def show(self, record: Any) -> None:
        """Fill in what a record holds under the names of the fields."""
        for name in self.field_names():
            if name in self and hasattr(record, name):
                self.accept(name, getattr(record, name))

    def compare(self, record: Any) -> None:
        """Find the fields in which what is typed differs from a record that somebody else saved meanwhile."""
        if self.edits_record and record is not None:
            self.differences = merging.compared(self, self.opened_on(record), self.opened_with())

    def taken(self) -> list[str]:
        """The fields whose value is to be that of the record as it stands now."""
        return merging.taken(request.form, self._fields) if self.edits_record else []

    def take(self, record: Any) -> None:
        """Put into those fields what the record holds."""
        theirs = self.opened_on(record)
        for name in self.taken():
            if isinstance(self[name], RowsField):
                self[name].put(theirs[name].data)
            elif name in theirs:
                self[name].process(MultiDict({self[name].name: merging.as_sent(theirs[name])}))

    @classmethod
    def field_names(cls) -> set[str]:
        """The names that either door may send."""
        return {name for name in dir(cls) if isinstance(getattr(cls, name, None), UnboundField)}

    @classmethod
    def from_json(cls, payload: Any, prepare: Callable[[Any], None] | None = None, **options: Any) -> Form:
        """Build the form from a JSON document; raises RuleViolation for unknown keys and wrong types.

        `prepare` fills in the choices that depend on the viewer. Left-out fields take their default.
        """
        if not isinstance(payload, dict):
            raise RuleViolation("", "The body must be a JSON object.")
        problems = {name: ["There is no such field."] for name in payload if name not in cls.field_names()}
        blank = cls(formdata=None, meta={"csrf": False}, **options)
        data: MultiDict[str, str] = MultiDict()
        for name, value in payload.items():
            if name in problems or value is None:
                continue
            try:
                for key, texts in _sent(blank[name], value):
                    data.setlist(key, list(texts))
            except TypeError as error:
                problems[name] = [str(error)]
        if problems:
            violation = RuleViolation("", "The body has fields that cannot be read.")
            violation.errors = problems
            raise violation
        for name, value in blank.data.items():
            rows = isinstance(blank[name], RowsField)
            if name not in payload and value not in (None, "", [], (), False) and not rows:
                data.setlist(name, list(_texts(blank[name], _as_json(value))))
        form = cls(formdata=data, meta={"csrf": False}, **options)
        form.speaks_in_codes = True
        if prepare:
            prepare(form)
        return form


def _originals(text: str | None) -> dict[str, list[str]]:
    """What a hidden field says of the others; nothing for what no form of ours has written."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    told = found.items() if isinstance(found, dict) else ()
    return {name: [without_halves(str(one)) for one in texts] for name, texts in told if isinstance(texts, list)}


class RowForm(Form):
    """The fields of one row among several (`RowsField`)."""

    class Meta(Form.Meta):
        """The form around it carries the token."""

        csrf = False


class RowsField(FieldList):  # type: ignore[misc]
    """Several rows of the same fields, at most `most`; a list of objects in JSON. `shown`: so many at first."""

    def __init__(self, row: type[RowForm], label: str, most: int, shown: int = 0, **given: Any) -> None:
        super().__init__(FormField(row), label, min_entries=shown, max_entries=most, **given)
        self.row = row
        self.type = "FieldList"  # as templates know it

    def process(self, formdata: Any, *given: Any, **more: Any) -> None:
        """`too_many`: there are rows beyond the last one that there may be, which the form refuses (`beyond`)."""
        self.too_many = len(set(self._extract_indices(self.name, formdata or ()))) > self.max_entries
        super().process(formdata, *given, **more)

    def put(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """These rows in place of those that there are."""
        while self.entries:
            self.pop_entry()
        for row in rows:
            self.append_entry(row)

    @property
    def beyond(self) -> str:
        """What is said of too many rows."""
        return f"These are more than {self.max_entries} rows."

    def sent(self, value: Any) -> Iterator[tuple[str, Iterable[str]]]:
        """A JSON list as the names and texts that a browser would send; TypeError says what was expected."""
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise TypeError("Expected a list of objects.")
        if len(value) > self.max_entries:
            raise TypeError(self.beyond)
        blank = self.row(formdata=None)
        for place, row in enumerate(value):
            yield f"{self.name}-{place}-", [""]  # the row is there, even when it is empty
            for name, one in row.items():
                if name not in blank:
                    raise TypeError(f"Row {place + 1} has a field that does not exist: {name}.")
                if one is None:
                    continue
                try:
                    yield f"{self.name}-{place}-{name}", list(_texts(blank[name], one))
                except TypeError as error:
                    raise TypeError(f"Row {place + 1}, {name}: {error}") from None


def _sent(field: Field, value: Any) -> Iterable[tuple[str, Iterable[str]]]:
    """A JSON value as the names and texts that a browser would send for this field."""
    return field.sent(value) if isinstance(field, RowsField) else [(field.name, _texts(field, value))]


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _texts(field: Field, value: Any) -> Iterable[str]:
    """A JSON value as the texts a browser would send for this field; TypeError says what was expected."""
    if isinstance(field, SelectMultipleField | ListField):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise TypeError("Expected a list of texts.")
        return value
    if isinstance(field, BooleanField):
        if not isinstance(value, bool):
            raise TypeError("Expected true or false.")
        return ["y"] if value else []
    if isinstance(field, IntegerField):
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 10**12:
            raise TypeError("Expected a whole number.")
        return [str(value)]
    if not isinstance(value, str):
        raise TypeError("Expected a text.")
    return [value]
