"""The list of people met as its page, its file and its saved views know it."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.validators import Length

from crm.core import access
from crm.core.access import HANDLING_LABELS
from crm.core.forms import clean_text, options, plain_characters
from crm.core.listing import Column, ListForm, Listing
from crm.core.lists import Question
from crm.people.met.queries import PersonLine, people_asked, person_lines
from crm.people.met.rules import STANCE_LABELS, in_one_line
from crm.people.rules import LEVEL_LABELS, level_in_words
from crm.states.queries import register


def post_in_words(line: PersonLine) -> str:
    """Their posts today; where none is recorded, the title they were last known by."""
    return "; ".join(line.posts) or in_one_line((line.title, line.ministry))


COLUMNS = (
    Column("name", "Name", lambda line: line.name, always=True),
    Column("state", "State", lambda line: register().name_today(line.state_iso3)),
    Column("post", "Post", post_in_words),
    Column("level", "Level", lambda line: level_in_words(line.level), shown=False),
    Column("stance", "Stance", lambda line: STANCE_LABELS[line.stance] if line.stance else ""),
    Column("met", "Last met", lambda line: line.last_met),
    Column("party", "Recorded by", lambda line: line.party, shown=False),
    Column("handling", "Who may see it", lambda line: HANDLING_LABELS[line.handling], shown=False),
)


class PeopleFilter(ListForm):
    """Name, State, post and level, as they stand in the address."""

    sorts = ("name", "-name")
    known_columns = COLUMNS

    q = StringField("Name", filters=[clean_text], validators=[Length(max=100), plain_characters])
    state = SelectField("State", choices=[], default="")
    post = StringField("Post or ministry", filters=[clean_text], validators=[Length(max=100), plain_characters])
    level = SelectField(
        "Level", choices=options(((one.value, label) for one, label in LEVEL_LABELS.items()), "Every level"), default=""
    )

    def offer(self, states: list[tuple[str, str]]) -> None:
        """Fill in the States."""
        self.state.choices = options(states, "Every State")

    def wanted(self) -> dict[str, Any]:
        """The filters that could be read, for the query."""
        good = self.good()
        return {
            "name": good["q"] or "",
            "state_iso3": good["state"] or "",
            "post": good["post"] or "",
            "level": good["level"] or "",
            "sort": good["sort"] or "",
        }


def filters(given: MultiDict[str, str]) -> PeopleFilter:
    """The form of the list with its States offered, for what stands in an address."""
    form = PeopleFilter(given, meta={"csrf": False})
    form.offer(register().options(access.today()))
    return form


def _question(form: PeopleFilter, _whole: bool) -> Question:
    return people_asked(**form.wanted())


LISTING = Listing(
    key="people",
    label="People met",
    one="person",
    many="people",
    endpoint="met.index",
    permission="activities:read",
    filters=filters,
    question=_question,
    lines_of=person_lines,
    title=lambda line: in_one_line((line.name, line.title, register().name_today(line.state_iso3))),
    record_page="met.show",
    record_argument="person_id",
)
