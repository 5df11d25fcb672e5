"""Input about feeds."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from crm.calendar.rules import Detail
from crm.core.forms import Form, clean_text, options, plain_characters

DETAIL_LABELS = {
    Detail.NEUTRAL.value: "“Follow-up due” and the time, nothing else",
    Detail.STATE.value: "The State as well",
    Detail.FULL.value: "The State and what is to be done",
}


class FeedForm(Form):
    """A new feed: where it will be used, and how much it says."""

    label = StringField(
        "Where will you use it?",
        filters=[clean_text],
        description="For example: calendar on my telephone.",
        validators=[DataRequired("Say where you will use it."), Length(max=80), plain_characters],
    )
    detail = RadioField(
        "What an entry says",
        choices=options(DETAIL_LABELS.items()),
        default=Detail.NEUTRAL.value,
        description="A calendar program may copy its entries to the machines of whoever runs it. What your party "
        "keeps to itself, or is kept about a restricted State, stays neutral in any case.",
        validators=[InputRequired("Choose what an entry says.")],
    )

    def offer(self, ceiling: Detail) -> None:
        """Offer what this installation lets a feed say."""
        self.detail.choices = options(
            (key, text) for key, text in DETAIL_LABELS.items() if Detail(key).rank <= ceiling.rank
        )

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["detail"] = Detail(values["detail"])
        return values
