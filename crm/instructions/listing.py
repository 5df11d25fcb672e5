"""The list of instructions as its page, its file and its saved views know it: filters, columns, question."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from crm.activities.details import AIM
from crm.core import access
from crm.core.display import at
from crm.core.forms import clean_text, options, plain_characters
from crm.core.listing import Column, ListForm, Listing
from crm.core.lists import Question
from crm.instructions.queries import InstructionLine, instructions_asked
from crm.states.queries import register


def _stands(line: InstructionLine) -> str:
    found = line.counts
    if line.withdrawn:
        return "Withdrawn"
    if found.late:
        return f"{found.late} late"
    if found.unacknowledged:
        return f"{found.unacknowledged} not acknowledged"
    return "All reported" if found.meant and found.reported == found.meant else "On its way"


COLUMNS = (
    Column("name", "Instruction", lambda line: line.name, always=True),
    Column("aim", "What for", lambda line: AIM.choices[line.aim], shown=False),
    Column("deliver", "Deliver by", lambda line: line.deliver_by),
    Column("report", "Report by", lambda line: line.report_by, shown=False),
    Column("delivered", "Delivered", lambda line: f"{line.counts.delivered} of {line.counts.meant}"),
    Column("reported", "Reported", lambda line: f"{line.counts.reported} of {line.counts.meant}"),
    Column("stands", "How it stands", _stands),
    Column("sent", "Sent", lambda line: at(line.sent_at), moment=lambda line: line.sent_at),
    Column("by", "By whom", lambda line: line.sent_by, shown=False),
)


class InstructionFilter(ListForm):
    """Name, a State, the purpose, whether it stands and by when, as they stand in the address."""

    sorts = ("sent", "-sent", "deliver", "-deliver", "name", "-name")
    known_columns = COLUMNS

    q = StringField("Instruction", filters=[clean_text], validators=[Length(max=100), plain_characters])
    state = SelectField("State", choices=[], default="")
    stands = SelectField(
        "Which", choices=options([("open", "Not withdrawn"), ("withdrawn", "Withdrawn")], "All of them"), default=""
    )
    aim = SelectField("What for", choices=options(AIM.choices.items(), "Whatever for"), default="")
    since = DateField("Deliver by, from", validators=[Optional()])
    until = DateField("Deliver by, to", validators=[Optional()])

    def offer(self, states: list[tuple[str, str]]) -> None:
        """Fill in the States."""
        self.state.choices = options(states, "Every State")

    def wanted(self) -> dict[str, Any]:
        """The filters that could be read, for the query."""
        good = self.good()
        return {
            "name": good["q"] or "",
            "state_iso3": good["state"] or "",
            "withdrawn": {"open": False, "withdrawn": True}.get(good["stands"]),
            "aim": good["aim"] or "",
            "since": good["since"] or None,
            "until": good["until"] or None,
            "sort": good["sort"] or "",
        }


def filters(given: MultiDict[str, str]) -> InstructionFilter:
    """The form of the list with its States offered, for what stands in an address."""
    form = InstructionFilter(given, meta={"csrf": False})
    form.offer(register().options(access.today()))
    return form


def _question(form: InstructionFilter, _whole: bool) -> Question:
    return instructions_asked(access.today(), **form.wanted())


LISTING = Listing(
    key="instructions",
    label="Instructions",
    one="instruction",
    many="instructions",
    endpoint="instructions.index",
    permission="instructions:read",
    filters=filters,
    question=_question,
    title=lambda line: line.name,
    record_page="instructions.show",
    record_argument="instruction_id",
)
