"""The shape of a change of handling, of a request, and of an answer, for both doors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.core.access import Handling
from crm.core.forms import Form, HandlingField, clean_text, options, plain_characters
from crm.core.visibility import ATTRIBUTION_LABELS, Attribution
from crm.sharing.kinds import Kind

_WORDS = [Length(max=2_000), plain_characters]


class HandlingForm(Form):
    """How far a record of one's own party travels, and what others learn of where it comes from."""

    handling = HandlingField("Who may see it", validators=[InputRequired("Choose who may see it.")])
    attribution = SelectField(
        "What others may know of the source",
        choices=options(ATTRIBUTION_LABELS.items()),
        default="",
        description="Your own party always sees everything.",
    )

    seen = HiddenField("What it was when you looked", default="")
    """Whoever was overtaken meanwhile is told, and takes nothing back unseen."""

    @classmethod
    def begins_with(cls, record: Any, kind: Kind) -> dict[str, str]:
        """What a record has already, by field."""
        return {
            "handling": record.handling, "attribution": kind.attribution(record), "seen": kind.standing(record)
        }  # fmt: skip

    def offer(self, record: Any, kind: Kind) -> None:
        """Offer what the record has already, whatever the ceiling, and everything for a mere reference; nothing wider
        than what it came out of. Where nothing is kept back of where it comes from, nothing of that is offered.
        """
        handling, reference, source = record.handling, kind.is_reference(record), kind.source(record)
        if not kind.attribution(record):
            self.attribution.choices = options([], "")
        offered = [*Handling] if reference else [*self.handling.offered(), handling]
        self.handling.offer([one for one in offered if one == handling or Handling(one).rank >= source.rank])

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        told = Attribution(values["attribution"]) if values["attribution"] else None
        return {**values, "handling": Handling(values["handling"]), "attribution": told}


class AskForm(Form):
    """What another party is asked for, and why."""

    wanted = SelectField("Who should see it", choices=[], validators=[InputRequired("Choose who should see it.")])
    reason = TextAreaField(
        "Why",
        filters=[clean_text],
        description="Its originator reads this. Write nothing that they may not see.",
        validators=[DataRequired("Say why."), *_WORDS],
    )

    def offer(self, wider: Sequence[tuple[str, str]]) -> None:
        """Fill in the handlings that reach further than the record's own."""
        self.wanted.choices = options(wider)

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "wanted": Handling(values["wanted"])}


class AnswerForm(Form):
    """Yes or no, with a word if wanted."""

    granted = RadioField(
        "Answer",
        choices=options([("yes", "Yes, let it travel that far"), ("no", "No")]),
        validators=[InputRequired("Answer yes or no.")],
    )
    answer = TextAreaField("A word to those who asked", filters=[clean_text], validators=[Optional(), *_WORDS])
    seen = HiddenField("How the record stood when you looked", default="")
    """Whoever says yes to what was narrowed meanwhile is told."""

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        return {**values, "granted": values["granted"] == "yes"}
