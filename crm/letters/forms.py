"""The shape of a campaign, for the page and for the JSON door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import (
    DateField,
    Field,
    RadioField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from crm.core import access
from crm.core.access import Handling
from crm.core.forms import Form, HandlingField, clean_text, not_in_future, options, plain_characters
from crm.letters import text
from crm.letters.progress import LANGUAGE_LABELS, LanguageChoice
from crm.letters.wording import languages
from crm.states.rules import Status

STATUS_LABELS: dict[Status, str] = {
    Status.SIGNATORY: "Signatories: asked to ratify",
    Status.NON_SIGNATORY: "Non-signatories: asked to accede",
    Status.WITHDRAWN: "Withdrawn: blocked for legal review",
}
"""States Parties are not offered: they are never urged."""


def printable(_form: Form, field: Field) -> None:
    """Refuse what could not be printed in a letter."""
    try:
        text.line(field.data or "")
    except text.Unprintable as problem:
        raise ValidationError(f"This cannot be printed in a letter: {problem}.") from None


def _line(label: str, hint: str, most: int, *checks: Any) -> StringField:
    return StringField(
        label,
        filters=[clean_text],
        description=hint,
        validators=[*checks, Length(max=most), plain_characters, printable],
    )


class CampaignForm(Form):
    """One letter to each of many States on one date."""

    name = _line(
        "Name of the campaign",
        "For yourselves; it does not stand in the letters. For example: Before the Second Meeting.",
        120,
        DataRequired("Give the campaign a name."),
    )
    letter_date = DateField(
        "Date of the letters",
        default=access.today,
        description="Status, names, figures, office-holders and signatories are those of this day.",
        validators=[InputRequired("Give the day, for example 2011-06-01."), not_in_future],
    )
    statuses = SelectMultipleField(
        "To which States",
        choices=options((one.value, label) for one, label in STATUS_LABELS.items()),
        default=[one.value for one in STATUS_LABELS],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[InputRequired("Choose at least one group of States.")],
    )
    languages = RadioField(
        "Language",
        choices=options((one.value, label) for one, label in LANGUAGE_LABELS.items()),
        default=LanguageChoice.OWN.value,
        validators=[InputRequired("Choose the language.")],
    )
    occasion_en = _line(
        "Occasion, in English",
        "Completes “On the occasion of …”. For example: the sixty-sixth session of the General Assembly.",
        200,
    )
    occasion_fr = _line(
        "Occasion, in French",
        "With its article, completes « À l’occasion de … ». For example: la soixante-sixième session de "
        "l’Assemblée générale.",
        200,
    )
    contact = _line(
        "Contact",
        "An address that answers may be sent to. When blank, the letters name the two permanent missions.",
        120,
    )
    handling = HandlingField("Who may see it", Handling.COORDINATION)

    def show_counts(self, addressed: Mapping[Status, int]) -> None:
        """Write beside the groups of States how many of each get a letter."""
        self.statuses.choices = options(
            (one.value, f"{label} ({addressed[one]})") for one, label in STATUS_LABELS.items()
        )

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["occasion"] = {code: values.pop(f"occasion_{code}") for code in languages()}
        values["statuses"] = [Status(one) for one in values["statuses"]]
        values["languages"] = LanguageChoice(values["languages"])
        values["handling"] = Handling(values["handling"])
        return values
