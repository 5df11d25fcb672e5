"""The filters of the list of activities, as they stand in the address, and its columns."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from crm.activities.queries import ActivityLine
from crm.activities.rules import STATUS_LABELS, Precision, Status
from crm.activities.types import ACTIVITY_TYPES
from crm.core.access import HANDLING_LABELS
from crm.core.forms import clean_text, options, plain_characters
from crm.core.listing import Column, ListForm
from crm.states.queries import register


def _day(line: ActivityLine) -> date | str:
    """As exactly as it is known."""
    if line.precision == Precision.DAY:
        return line.held_on
    return f"{line.held_on:%Y-%m}" if line.precision == Precision.MONTH else f"{line.held_on:%Y}"


def _states(line: ActivityLine) -> str:
    return ", ".join(register().name_today(iso3) for iso3 in line.states)


COLUMNS = (
    Column("date", "Date", _day),
    Column("state", "State", _states, always=True),
    Column("what", "What", lambda line: ACTIVITY_TYPES[line.kind].label, always=True),
    Column("people", "With whom", lambda line: ", ".join(line.people)),
    Column("reply", "Reply", lambda line: line.reply),
    Column("next", "Next action", lambda line: line.next_action),
    Column("due", "Due", lambda line: line.next_action_due, shown=False),
    Column("status", "How far", lambda line: STATUS_LABELS[Status(line.status)], shown=False),
    Column("party", "Whose", lambda line: line.party, shown=False),
    Column("handling", "Who may see it", lambda line: HANDLING_LABELS[line.handling], shown=False),
)


class ActivityFilter(ListForm):
    """State, kind, words and days; what cannot be read is left out and said beside the field."""

    sorts = ("date", "-date")
    known_columns = COLUMNS

    q = StringField("Words", filters=[clean_text], validators=[Length(max=100), plain_characters])
    state = SelectField("State", choices=[], default="")
    kind = SelectField(
        "Kind",
        choices=lambda: options(((key, one.label) for key, one in ACTIVITY_TYPES.items()), "Every kind"),
        default="",
    )
    status = SelectField(
        "How far",
        choices=options(((one.value, label) for one, label in STATUS_LABELS.items()), "However far"),
        default="",
    )
    since = DateField("From", validators=[Optional()])
    until = DateField("To", validators=[Optional()])

    def offer(self, states: list[tuple[str, str]]) -> None:
        """Fill in the States."""
        self.state.choices = options(states, "Every State")

    def wanted(self) -> dict[str, Any]:
        """The filters that could be read, for the query."""
        good = self.good()
        return {
            "text": good["q"] or "",
            "state_iso3": good["state"] or "",
            "kind": good["kind"] or "",
            "status": good["status"] or "",
            "since": good["since"] or None,
            "until": good["until"] or None,
            "oldest_first": good["sort"] == "date",
        }
