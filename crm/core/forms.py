"""The shape of input, one class for both doors: an HTML form and a JSON document build the same form."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField

from crm.core import access, ceiling
from crm.core.access import HANDLING_LABELS, Handling
from crm.core.choices import name_the_choices
from crm.core.days import in_words
from crm.core.errors import RuleViolation
from crm.core.text import composed, is_piled_up
from crm.core.wording import Wording

_SEPARATORS = {chr(code) for code in (0x2028, 0x2029)}
_BLANK = {chr(code) for code in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)}
"""Letters by name that show nothing."""

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
        odd = odd or char in _BLANK or 0x180B <= ord(char) <= 0x180F or 0xFE00 <= ord(char) <= 0xFE0F
        if odd or char in _SEPARATORS or ord(char) & 0xFFFE == 0xFFFE:
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


def options(pairs: Iterable[tuple[str, str]], first: str | None = None) -> list[SelectChoice]:
    """Choices of a list from (value, label) pairs; `first` is the label of the empty choice in front."""
    front = [SelectChoice("", first)] if first is not None else []
    return front + [SelectChoice(value, label) for value, label in pairs]


class HandlingField(SelectField):  # type: ignore[misc]
    """Who may see a record: the handlings under which content may be kept here, and no narrower one.

    `default` gives way to the ceiling of the installation; `first` is the label of the empty choice in front.
    """

    choices: list[SelectChoice]

    def __init__(self, label: str, default: Handling | None = None, first: str | None = None, **given: Any) -> None:
        kept = ceiling.offered()
        if default and default.value not in dict(kept):
            default = Handling(kept[0][0])
        empty = "" if first is not None else None
        super().__init__(label, choices=options(kept, first), default=default.value if default else empty, **given)

    def pre_validate(self, form: Any) -> None:
        """Say why a handling is not offered that exists."""
        known = self.data in set(Handling)
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


class Form(FlaskForm):  # type: ignore[misc]
    """Base of every form. Hints live on the field (`description`), errors beside it."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """What the library says stands in our words."""

        def get_translations(self, _form: FlaskForm) -> Wording:
            """The words for every form."""
            return Wording()

    form_errors: list[str]
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
                data.setlist(name, list(_texts(blank[name], value)))
            except TypeError as error:
                problems[name] = [str(error)]
        if problems:
            violation = RuleViolation("", "The body has fields that cannot be read.")
            violation.errors = problems
            raise violation
        for name, value in blank.data.items():
            if name not in payload and value not in (None, "", [], False):
                data.setlist(name, list(_texts(blank[name], _as_json(value))))
        form = cls(formdata=data, meta={"csrf": False}, **options)
        form.speaks_in_codes = True
        if prepare:
            prepare(form)
        return form


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _texts(field: Field, value: Any) -> Iterable[str]:
    """A JSON value as the texts a browser would send for this field; TypeError says what was expected."""
    if isinstance(field, SelectMultipleField):
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
