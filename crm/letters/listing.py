"""The list of letter campaigns as its page, its file and its saved views know it: filters, columns, question."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import DateField, SelectField, StringField
from wtforms.validators import Length, Optional

from crm.core import access
from crm.core.access import HANDLING_LABELS
from crm.core.display import moment
from crm.core.forms import clean_text, options, plain_characters
from crm.core.listing import Column, ListForm, Listing
from crm.core.lists import Question
from crm.letters.progress import HOW_FAR_LABELS, HowFar
from crm.letters.queries import CampaignLine, campaigns_asked
from crm.states.queries import register


def _progress(line: CampaignLine) -> str:
    found = line.progress
    if not found.total:
        return "None to a State of yours"
    told = [f"{found.drafted} drafted"]
    told += [f"{found.not_done} to be looked at"] if found.not_done else []
    told += ["Stopped"] if found.stopped else [f"{found.under_way} under way"] if found.under_way else []
    return ", ".join(told)


COLUMNS = (
    Column("name", "Campaign", lambda line: line.name, always=True),
    Column("date", "Date of the letters", lambda line: line.letter_date),
    Column("letters", "Letters", lambda line: line.progress.total),
    Column("progress", "Progress", _progress),
    Column("planned", "Planned", lambda line: moment(line.planned_at), moment=lambda line: line.planned_at),
    Column("by", "By whom", lambda line: line.planned_by),
    Column("party", "Whose", lambda line: line.party, shown=False),
    Column("handling", "Who may see it", lambda line: HANDLING_LABELS[line.handling], shown=False),
)


class CampaignFilter(ListForm):
    """Name, a State that is written to, how far it is and the day of the letters, as they stand in the address."""

    sorts = ("planned", "-planned", "date", "-date", "name", "-name")
    known_columns = COLUMNS

    q = StringField("Campaign", filters=[clean_text], validators=[Length(max=100), plain_characters])
    state = SelectField("Writes to", choices=[], default="")
    progress = SelectField(
        "How far", choices=options(((one.value, label) for one, label in HOW_FAR_LABELS.items()), "However far"),
        default="",
    )  # fmt: skip
    since = DateField("Letters from", validators=[Optional()])
    until = DateField("Letters to", validators=[Optional()])

    def offer(self, states: list[tuple[str, str]]) -> None:
        """Fill in the States."""
        self.state.choices = options(states, "Any State")

    def wanted(self) -> dict[str, Any]:
        """The filters that could be read, for the query."""
        good = self.good()
        return {
            "name": good["q"] or "",
            "state_iso3": good["state"] or "",
            "how_far": HowFar(good["progress"]) if good["progress"] else None,
            "since": good["since"] or None,
            "until": good["until"] or None,
            "sort": good["sort"] or "",
        }


def filters(given: MultiDict[str, str]) -> CampaignFilter:
    """The form of the list with its States offered, for what stands in an address."""
    form = CampaignFilter(given, meta={"csrf": False})
    form.offer(register().options(access.today()))
    return form


def _question(form: CampaignFilter, _whole: bool) -> Question:
    return campaigns_asked(**form.wanted())


LISTING = Listing(
    key="campaigns",
    label="Letters",
    one="campaign",
    many="campaigns",
    endpoint="letters.index",
    permission="letters:read",
    filters=filters,
    question=_question,
    title=lambda line: line.name,
    record_page="letters.campaign",
    record_argument="campaign_id",
)
