"""The shape of input about one's own reminders."""

from __future__ import annotations

from datetime import time
from typing import Any

from wtforms import BooleanField, Field, IntegerField, RadioField, SelectField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from crm.core.forms import Form, ListField, options
from crm.followups.forms import as_time, clock_time
from crm.followups.reminding.rules import FURTHEST_BEFORE, MOST_BEFORE, SELDOMEST, Way

WAY_LABELS = {
    Way.DAILY.value: "In one mail each day",
    Way.WEEKLY.value: "In one mail each week",
    Way.AT_ONCE.value: "Each in a mail of its own, at its time",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class DaysField(ListField):
    """Several numbers of days, typed on one line with commas between them; `data` holds them as numbers."""

    def pre_validate(self, form: Any) -> None:
        """Refuse what is no number of days, or too many of them."""
        if len(self.data or ()) > MOST_BEFORE:
            raise ValidationError(f"Choose at most {MOST_BEFORE}.")
        for text in self.data or ():
            if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= FURTHEST_BEFORE):
                raise ValidationError(f"Give whole days from 1 to {FURTHEST_BEFORE}, for example 14, 3, 1.")


class WishesForm(Form):
    """Which reminders somebody wants, and how they come."""

    when_given = BooleanField("When somebody gives me a follow-up")
    before = DaysField(
        "Days before it is due",
        description="As many as you like up to five, for example 14, 3, 1. Empty for none.",
    )
    when_due = BooleanField("On the day")
    overdue_every = IntegerField(
        "Again every so many days while it is overdue",
        description="0 for never.",
        validators=[InputRequired("Give a number of days."), NumberRange(0, SELDOMEST)],
    )
    escalated_after = IntegerField(
        "Of what others owe, when it is overdue by so many days",
        description="For coordinators. 0 for never.",
        validators=[InputRequired("Give a number of days."), NumberRange(0, SELDOMEST)],
    )
    way = RadioField("How they come", choices=options(WAY_LABELS.items()), validators=[InputRequired("Choose how.")])
    at = clock_time("At", description="In your own time zone. What has a time of its own comes at that time.")
    weekday = SelectField("On", choices=options((str(day), name) for day, name in enumerate(WEEKDAYS)))
    to_working_days = BooleanField(
        "Move what falls due on a day off to the next working day, when it is given to me",
        description="Days off where I work, by my time zone, and in the State concerned. Its page says that it moved.",
    )
    version = IntegerField("Version", widget=HiddenInput(), validators=[Optional()])

    def validate_at(self, field: Field) -> None:
        """A digest needs a time."""
        if not field.data:
            raise ValidationError("Give the time at which the mail is to come.")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        values["before"] = tuple(int(one) for one in values["before"])
        values["at"] = as_time(values["at"]) or time(8)
        values["way"], values["weekday"] = Way(values["way"]), int(values["weekday"])
        return values
