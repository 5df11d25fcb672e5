"""The shape of input about saved views, for the pages and for the JSON door."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import HiddenInput

from crm.core.forms import Form, clean_text, options, plain_characters
from crm.core.listing import LONGEST_QUERY, Listing, listing_of
from crm.core.versions import as_read

NAME_LENGTH = 60


class _View(Form):
    name = StringField(
        "Name",
        filters=[clean_text],
        description="For example: Signatories of the region; waiting for a report.",
        validators=[DataRequired("Give the view a name."), Length(max=NAME_LENGTH), plain_characters],
    )
    shared = BooleanField("Share it with my party", description="Everybody sees in it what they may see.")
    opens = BooleanField("Open the list with it", description="For you alone. The menu leads back to everything.")


class SaveViewForm(_View):
    """A view to be kept."""

    list = SelectField("List", choices=[], default="", widget=HiddenInput(), validators=[DataRequired()])
    query = StringField("Filters, order and columns", widget=HiddenInput(), validators=[Length(max=LONGEST_QUERY)])

    def offer(self, listings: Iterable[Listing]) -> None:
        """Fill in the lists."""
        self["list"].choices = options((one.key, one.label) for one in listings)

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["listing"] = listing_of(values.pop("list"))
        values["query"] = values["query"] or ""
        return values


class ChangeViewForm(_View):
    """Another name, shared or not."""

    version = as_read()
    edits_record = True


class OpenWithForm(Form):
    """Whether one's list opens with a view."""

    opens = BooleanField("Open the list with it", default=False)
