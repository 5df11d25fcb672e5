"""What a list is: its filters, its columns and its question, told once for its page, its file and its views."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request, url_for
from sqlalchemy import ColumnElement, true
from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.validators import Length
from wtforms.widgets import HiddenInput

from crm.core import access
from crm.core.access import Viewer
from crm.core.errors import NotFound, RuleViolation
from crm.core.forms import Form, ListField
from crm.core.lists import Listed
from crm.core.merging import as_sent, in_plain_words

LONGEST_QUERY = 1_000
_NO_FILTER = ("sort", "columns", "csrf_token")
_CURSOR = re.compile(r"[A-Za-z0-9_-]{1,600}")


@dataclass(frozen=True)
class Column:
    """One column of a list: `value` is its cell as a text, a number or a day.

    `shown`: it is there unless somebody chose otherwise. `always`: it cannot be left out. `moment`: the moment that is
    told in these words, which a file takes along in their place.
    """

    key: str
    label: str
    value: Callable[[Any], Any]
    shown: bool = True
    always: bool = False
    moment: Callable[[Any], datetime | None] | None = None

    def heading(self, zone: str) -> str:
        """What it is called in a file: where it holds moments, with the zone in which they are told."""
        return f"{self.label} ({zone})" if self.moment else self.label

    def cell(self, line: Any, zone: str) -> Any:
        """Its cell in a file; a moment as it is told in the zone."""
        if self.moment is None:
            return self.value(line)
        found = self.moment(line)
        return found.astimezone(ZoneInfo(zone)) if found else None


class ListForm(Form):
    """The filters of a list, with its order and its columns, as they stand in the address."""

    sorts: tuple[str, ...] = ()
    known_columns: tuple[Column, ...] = ()

    sort = StringField("Order", widget=HiddenInput(), default="", validators=[Length(max=40)])
    columns = ListField("Columns", widget=HiddenInput(), default=())

    def validate_sort(self, field: Field) -> None:
        """Refuse an order that the list does not have."""
        if field.data and field.data not in self.sorts:
            raise ValidationError(f"Choose one of: {', '.join(self.sorts)}.")

    def validate_columns(self, field: Field) -> None:
        """Refuse columns that the list does not have."""
        unknown = set(field.data or ()) - {one.key for one in self.known_columns}
        if unknown:
            raise ValidationError(f"There is no column {', '.join(sorted(unknown))}.")

    def check(self) -> None:
        """Raise RuleViolation with everything that could not be read."""
        if not self.validate():
            violation = RuleViolation("", "Some filters need attention.")
            violation.errors = {str(name): [str(one) for one in said] for name, said in self.errors.items()}
            raise violation

    def good(self) -> dict[str, Any]:
        """What could be read, by name; what could not takes its default."""
        self.validate()
        return {
            name: field.default if field.errors or field.data is None else field.data
            for name, field in self._fields.items()
        }

    def shown_columns(self) -> list[Column]:
        """The columns to show, in the order of the list."""
        wanted = set(self.good()["columns"] or ())
        return [one for one in self.known_columns if one.always or (one.key in wanted if wanted else one.shown)]

    def about_state(self) -> str:
        """The code of the State that it is about; "" where it is about none."""
        return (self.good()["state"] or "") if "state" in self else ""

    def says_nothing(self) -> set[str]:
        """The names of fields that hold what they hold by themselves: they need not stand in an address."""
        return {one.short_name for one in self if isinstance(one, SelectField) and one.data == one.default}

    def day(self) -> date:
        """The day that the list shows."""
        return access.today()

    def narrowed(self) -> bool:
        """Whether a filter is in use."""
        plain = {*_NO_FILTER, *self.says_nothing()}
        return any(value for name, value in self.good().items() if name not in plain)


WRITTEN_DOWN = (
    "Exactly this list, with these columns, without restricted States. That it was taken out is written into the audit."
)


@dataclass(frozen=True)
class Listing:
    """A list of records. `key` names it in addresses, `one` and `many` say what it counts.

    `filters` builds its form from what stands in an address, with everything offered; `question` asks what such a
    form wants, the whole texts too where they are to be taken along. `record_page` and `record_argument` lead to a
    record, where it has a page, and `along` says what that page is told of the list. For a change of many rows
    `lines_of` reads single ones by their keys and `title` names one, and `own` says
    which of its rows somebody may change at all. Of its file `file_note` says what people know
    before they take it, and `most` after how many rows it ends.
    """

    key: str
    label: str
    one: str
    many: str
    endpoint: str
    permission: str
    filters: Callable[[MultiDict[str, str]], ListForm]
    question: Callable[[Any, bool], Listed]
    lines_of: Callable[[Collection[UUID]], Sequence[Any]] = lambda keys: ()
    title: Callable[[Any], str] = str
    own: Callable[[Viewer], ColumnElement[bool]] = lambda viewer: true()
    record_page: str = ""
    record_argument: str = ""
    along: Callable[[Any], Mapping[str, str]] = lambda form: {}
    file_note: str = WRITTEN_DOWN
    most: int | None = None

    def read(self, given: MultiDict[str, str]) -> ListForm:
        """The form for a program or a file: of an address that it cannot read nothing is guessed. Raises RuleViolation
        with what is wrong with each field.
        """
        form = self.filters(given)
        form.check()
        return form

    def asked(self, query: str) -> ListForm:
        """The form for a query as it stands in an address."""
        return self.filters(MultiDict(parse_qsl(query, keep_blank_values=False)))

    def clean(self, query: str) -> str:
        """The query with what this list knows, each name once and in its order, without the place in the list.

        Raises RuleViolation("query") for what the list does not know or cannot read.
        """
        given = MultiDict(parse_qsl(query[: LONGEST_QUERY + 1], keep_blank_values=False))
        form = self.filters(given)
        unknown = set(given) - form.field_names() - {"after"}
        if len(query) > LONGEST_QUERY or unknown or not form.validate():
            raise RuleViolation("query", "This list has no such filters. Open the list and save the view from there.")
        return _packed(form, given)

    def known_part(self, query: str) -> str:
        """The same for a query that somebody typed: what the list does not know or cannot read is left out."""
        given = MultiDict(parse_qsl(query[:LONGEST_QUERY], keep_blank_values=False))
        form = self.filters(given)
        form.validate()
        return _packed(form, given)

    def query_of(self, form: ListForm) -> str:
        """The same for a form as the address fills it."""
        form.validate()
        return _packed(form, request.args)

    def place(self, query: str) -> str:
        """Where somebody says that they were in this list: the part of a query that it knows, and the page."""
        given = [one for name, one in parse_qsl(query[:LONGEST_QUERY]) if name == "after" and _CURSOR.fullmatch(one)]
        return "&".join(one for one in (self.known_part(query), *(f"after={cursor}" for cursor in given[:1])) if one)

    def asked_for(self, form: ListForm) -> str:
        """What somebody chose of the filters, in words; of what they typed only that they did."""
        chosen = [one for one in form if one.short_name not in _NO_FILTER and any(one.raw_data or ())]
        return "; ".join(
            f"{one.label.text}: {'…' if isinstance(one, StringField) else in_plain_words(one, as_sent(one))}"
            for one in chosen
        )

    def page_of(self, record_id: UUID | str, **more: str) -> str:
        """The page of one record."""
        named: dict[str, Any] = {self.record_argument: record_id, **more}
        return url_for(self.record_page, **named)

    def address(self, query: str = "") -> str:
        """The page of the list under a query."""
        return f"{url_for(self.endpoint)}?{query}".rstrip("?")


def _packed(form: ListForm, given: MultiDict[str, str]) -> str:
    names = sorted(form._fields, key=("sort", "columns").count)
    unsaid = form.says_nothing()
    names = [name for name in names if name in given and not form[name].errors and name not in unsaid]
    pairs = []
    for name in names:
        if name == "columns":
            chosen = set(form.columns.data)
            values = [one.key for one in form.known_columns if one.key in chosen]
        else:
            values = [one for one in given.getlist(name) if one][:20]
        pairs += [(name, one) for one in values]
    return urlencode(pairs)


def connect(app: Flask, listings: Sequence[Listing]) -> None:
    """Set the table (the wiring floor owns it)."""
    app.extensions["listings"] = {one.key: one for one in listings}


def known() -> Mapping[str, Listing]:
    """Every list by its key."""
    listings: Mapping[str, Listing] = current_app.extensions["listings"]
    return listings


def listing_of(key: str) -> Listing:
    """The list of that key; raises NotFound for any other."""
    if key not in known():
        raise NotFound("no such list")
    return known()[key]
