"""The filters of the audit, as they stand in the address."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

from wtforms import BooleanField, DateField, Field, SelectChoice, SelectField, StringField, ValidationError
from wtforms.validators import Length, Optional

from crm.audit import subjects, words
from crm.audit.columns import COLUMNS
from crm.audit.queries import Wanted
from crm.audit.vocabulary import VOCABULARY, Event
from crm.core.errors import RuleViolation
from crm.core.forms import Form, clean_text, not_before, not_in_future, options, plain_characters
from crm.core.listing import ListForm

_not_too_early = not_before(date(2008, 1, 1), "before the Convention itself")
_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MARK = re.compile(r"[0-9]{1,18}:[0-9a-f]{64}")
NO_MARK = "This is not a mark. A mark is the number of entries, a colon, and 64 characters 0–9 and a–f."


def key_in(typed: str) -> str:
    """The key of a record out of the address of its page; nothing where there is none in it."""
    found = _KEY.findall(typed.lower())
    return found[-1] if found else ""


def _events() -> list[SelectChoice]:
    """Every event under what it happens to, those of one group in the order of their names."""
    groups = list(dict.fromkeys(words.GROUPS.values()))
    found = sorted((groups.index(words.group_of(one)), entry.label, one.value) for one, entry in VOCABULARY.items())
    return options((), "Every event") + [SelectChoice(one, label, optgroup=groups[at]) for at, label, one in found]


def _names_a_state(_form: Form, field: Field) -> None:
    if field.data and not subjects.around().state_named(field.data):
        raise ValidationError(f"No State is called “{field.data[:60]}”.")


def _names_a_record(_form: Form, field: Field) -> None:
    if field.data and not key_in(field.data):
        raise ValidationError("This is not the address of a record. Copy it from its page.")


def _not_before_since(form: Form, field: Field) -> None:
    since = form["since"]
    if field.data and since.data and not since.errors and field.data < since.data:
        raise ValidationError("This day is before the one under “From”. Choose that day or a later one.")


def is_mark(text: str) -> bool:
    """Whether a text has the form of a mark."""
    return MARK.fullmatch(text) is not None


def a_mark(_form: Form, field: Field) -> None:
    """Refuse what cannot be a mark: it would look like a history that was written anew."""
    if field.data and not is_mark(field.data):
        raise ValidationError(NO_MARK)


class MarkForm(Form):
    """The mark of a day, to be compared with the chain."""

    mark = StringField("Mark, as it stands in the mail", id="mark-field", filters=[clean_text], validators=[a_mark])

    def given(self) -> str:
        """The mark; nothing where none was given, or none that is one."""
        return (self.mark.data or "") if self.validate() else ""


def refuse(*forms: Form) -> None:
    """Raise RuleViolation with everything that could not be read of what the address says."""
    violation = RuleViolation("", "Some fields need attention.")
    violation.errors = {str(name): [str(one) for one in said] for form in forms for name, said in form.errors.items()}
    if violation.errors:
        raise violation


class AuditFilter(ListForm):
    """Who, what, when, about which State; what cannot be read is left out and said beside the field."""

    sorts = ("when", "-when")
    known_columns = COLUMNS

    q = StringField("Who, by name", filters=[clean_text], validators=[Length(max=100), plain_characters])
    event = SelectField(
        "What",
        choices=_events,
        default="",
    )
    since = DateField("From", validators=[Optional(), not_in_future, _not_too_early])
    until = DateField("To", validators=[Optional(), not_in_future, _not_too_early, _not_before_since])
    state = StringField(
        "About the State", filters=[clean_text], validators=[Length(max=100), plain_characters, _names_a_state]
    )
    party = SelectField("Done by the party", choices=[], default="")
    busy = BooleanField("Without signing in and out")
    denied = BooleanField("What was denied, and nothing else")
    record = StringField(
        "Record, by the address of its page",
        filters=[clean_text],
        validators=[Length(max=300), plain_characters, _names_a_record],
    )

    def offer(self) -> None:
        """Fill in the parties that the viewer knows."""
        self.party.choices = options(subjects.around().parties(), "Every party")

    def about_state(self) -> str:
        """The State that was named, by its code."""
        return subjects.around().state_named(self.good()["state"] or "") or ""

    def wanted(self) -> Wanted:
        """The filters that could be read, for the query."""
        good = self.good()
        return Wanted(
            who=good["q"] or "",
            state=subjects.around().state_named(good["state"] or "") or "",
            party=UUID(good["party"]) if good["party"] else None,
            busy=bool(good["busy"]),
            event=Event(good["event"]) if good["event"] else None,
            record=key_in(good["record"] or ""),
            since=good["since"],
            until=good["until"],
            denied=bool(good["denied"]),
        )
