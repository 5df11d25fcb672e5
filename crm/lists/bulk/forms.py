"""The shape of input that changes many rows, for the pages and for the JSON door."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import DateField, Field, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import HiddenInput

from crm.core import access
from crm.core.access import Handling
from crm.core.forms import Form, HandlingField, ListField, Offered, clean_text, options, plain_characters
from crm.core.listing import LONGEST_QUERY, Listing, listing_of
from crm.core.lists import Question, chosen_keys
from crm.core.visibility import ATTRIBUTION_LABELS, Attribution
from crm.followups.forms import WHO
from crm.lists.bulk import rules

NOTE_LENGTH = 2_000
STEP_LENGTH = 500


def _note(label: str, hint: str = "", *checks: Any, most: int = NOTE_LENGTH) -> TextAreaField:
    return TextAreaField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*checks, Length(max=most), plain_characters],
    )


class ChosenForm(Form):
    """Which rows: `ids`, or `query`, the filters of the list that they all fit."""

    ids = ListField("Rows", widget=HiddenInput())
    versions = ListField(
        "Versions that were read",
        widget=HiddenInput(),
        description="Of each row its key, a colon and the version; left out, it is changed whatever happened since, "
        "unless others would see more of it.",
    )
    query = StringField("All that fit", widget=HiddenInput(), validators=[Length(max=LONGEST_QUERY)])
    list_key = ""

    @property
    def listing(self) -> Listing:
        """The list whose rows they are."""
        return listing_of(self.list_key)

    def validate_ids(self, field: Field) -> None:
        """Refuse what is no key, and too many."""
        try:
            found = rules.keys_in(field.data or ())
        except ValueError:
            raise ValidationError("One of these is no key of a record.") from None
        if len(found) > rules.MOST:
            raise ValidationError(rules.TOO_MANY)

    def validate_versions(self, field: Field) -> None:
        """Refuse what names no version of a record."""
        try:
            rules.versions_in(field.data or ())
        except ValueError:
            raise ValidationError("One of these is no key of a record with its version.") from None

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["versions"] = rules.versions_in(values["versions"] or ())
        query, ids = values.pop("query"), rules.keys_in(values["ids"] or ())
        if not ids and query is not None:
            ids = self.all_that_fit(query)
        return {**values, "ids": ids}

    def all_that_fit(self, query: str) -> list[UUID]:
        """The keys of the rows that fit these filters, and one more than may be changed where they are too many.
        What is about a restricted State is chosen row by row or not at all; what is not the actor's to change does not
        fit, and nothing is told of it.
        """
        clean = self.listing.clean(query)
        with access.looking_as(access.viewer().not_named()):
            fitting = self.listing.question(self.listing.asked(clean), False)
            assert isinstance(fitting, Question), "what is known by heart is not changed"
            return chosen_keys(fitting.only(self.listing.own(access.viewer())), rules.MOST + 1)


class DoneForm(ChosenForm):
    """All of them are done."""

    list_key = "followups"

    done_note = _note("What came of it?", "Stands with each of them.")


class CancelForm(ChosenForm):
    """None of them is to be done any more."""

    list_key = "followups"

    note = _note("Why?", "For example: overtaken by their accession.")


class MoveForm(ChosenForm):
    """Another due day for all of them, at the time each has."""

    list_key = "followups"

    due_on = DateField("New day", validators=[InputRequired("Give the new day.")])
    note = _note("Why?", "Whoever looks next wants to know.", DataRequired("Say why they are moved."))


class ReassignForm(ChosenForm):
    """Somebody else does all of them."""

    list_key = "followups"

    owner_id = SelectField(
        "Who does it from now on", choices=[], default="", description=WHO, validators=[DataRequired("Choose who.")]
    )
    note = _note("A word to them", "It stands with each follow-up.")

    def offer(self, owners: Offered) -> None:
        """Fill in the people and missions that this viewer may choose."""
        self.owner_id.choices = options(owners, "Choose")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["owner_id"] = UUID(values["owner_id"])
        return values


class CloseForm(ChosenForm):
    """Nothing more comes of them."""

    list_key = "activities"

    note = _note("A word for whoever reads this later", most=STEP_LENGTH)


class CallOffForm(ChosenForm):
    """They do not take place."""

    list_key = "activities"

    note = _note("Why?", "", DataRequired("Say why, for whoever reads it in a year."), most=STEP_LENGTH)


class ManyHandlingForm(ChosenForm):
    """Who may see all of them."""

    list_key = "activities"

    handling = HandlingField("Who may see them", first="Choose", validators=[DataRequired("Choose who may see them.")])

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["handling"] = Handling(values["handling"])
        return values


class ManyAttributionForm(ChosenForm):
    """What others learn of where all of them come from."""

    list_key = "activities"

    attribution = SelectField(
        "What others may know of the source",
        choices=options(ATTRIBUTION_LABELS.items(), "Choose"),
        default="",
        description="Your own party always sees everything.",
        validators=[DataRequired("Choose what others may know.")],
    )

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["attribution"] = Attribution(values["attribution"])
        return values
