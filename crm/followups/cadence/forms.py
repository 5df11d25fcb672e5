"""The shape of a cadence, for both doors."""

from __future__ import annotations

from typing import Any

from wtforms import IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from crm.core import access
from crm.core.forms import Form, options
from crm.followups.cadence.rules import LONGEST, SHORTEST, Scope
from crm.states.columns import REGION_NAMES, STATUS_LABELS
from crm.states.queries import register
from crm.states.rules import REGION_LABELS

EVERY = "Every State not party"


def about_in_words(scope: str, subject: str) -> str:
    """What a cadence is about."""
    match Scope(scope):
        case Scope.STATE:
            return register().name_today(subject)
        case Scope.REGION:
            return f"{REGION_NAMES.get(subject, subject)}: States not party"
        case Scope.STATUS:
            return f"{STATUS_LABELS[subject]}: every one"
    return EVERY


def _choices() -> list[tuple[str, str]]:
    wide = [(Scope.EVERY, ""), *((Scope.REGION, one) for one in REGION_LABELS)]
    wide += [(Scope.STATUS, one) for one in STATUS_LABELS]
    states = register().options(access.today())
    return [
        *((as_key(scope, subject), about_in_words(scope, subject)) for scope, subject in wide),
        *((as_key(Scope.STATE, iso3), name) for iso3, name in states),
    ]


def as_key(scope: str, subject: str) -> str:
    """A cadence's States in one word, as the form and the JSON door write them: `every`, `state:LAO`."""
    return f"{Scope(scope).value}:{subject}" if subject else Scope(scope).value


class CadenceForm(Form):
    """After how many days of silence somebody gets in touch, with which States."""

    about = SelectField(
        "States",
        choices=[],
        default="",
        validators=[DataRequired("Choose States.")],
        description="The most specific one holds: a State, then its region, then how it stands, then every State.",
    )
    days = IntegerField(
        "Days of silence",
        description=f"From {SHORTEST} to {LONGEST}. Any contact that you may see begins it anew, whoever was in touch.",
        validators=[InputRequired("Give a number of days."), NumberRange(SHORTEST, LONGEST)],
    )

    def offer(self) -> None:
        """Fill in the States."""
        self.about.choices = options(_choices(), "Choose")

    def command(self) -> dict[str, Any]:
        """As the verb wants it."""
        values = super().command()
        scope, _, subject = values.pop("about").partition(":")
        return {**values, "scope": Scope(scope), "subject": subject}


class EndForm(Form):
    """No longer: no field."""
