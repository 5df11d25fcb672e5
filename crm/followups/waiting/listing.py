"""The list of what waits for an answer as its page, its file and its saved views know it."""

from __future__ import annotations

from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from crm.core import access
from crm.core.access import HANDLING_LABELS
from crm.core.days import Precision
from crm.core.forms import options
from crm.core.listing import Column, ListForm, Listing
from crm.core.lists import Question
from crm.followups.waiting.lines import WaitingLine
from crm.followups.waiting.queries import OVER, WAITING, waiting_asked
from crm.followups.waiting.rules import AGE_LABELS, END_LABELS, WAITS_LABELS, Age, Waits
from crm.states.columns import REGION_NAMES
from crm.states.queries import register
from crm.states.rules import REGION_LABELS


def _since(line: WaitingLine) -> date | str:
    """As exactly as it is known."""
    if line.precision == Precision.DAY:
        return line.since
    return f"{line.since:%Y-%m}" if line.precision == Precision.MONTH else f"{line.since:%Y}"


def _ended(line: WaitingLine) -> str:
    return END_LABELS[line.ended.how] if line.ended else ""


COLUMNS = (
    Column("what", "What went out", lambda line: line.what, always=True),
    Column("state", "State", lambda line: register().name_today(line.state_iso3)),
    Column("kind", "Kind", lambda line: WAITS_LABELS[line.waits], shown=False),
    Column("since", "Since", _since),
    Column("days", "Days", lambda line: line.days),
    Column("age", "Age", lambda line: AGE_LABELS[line.age] if line.age else ""),
    Column("receipt", "Receipt acknowledged", lambda line: line.received_on, shown=False),
    Column("ended", "What ended it", _ended),
    Column("on", "Ended on", lambda line: line.ended.on if line.ended else None, shown=False),
    Column("by", "Noted by", lambda line: line.ended.by if line.ended else "", shown=False),
    Column("note", "Note", lambda line: line.ended.note if line.ended else "", shown=False),
    Column("party", "Whose", lambda line: line.party, shown=False),
    Column("handling", "Who may see it", lambda line: HANDLING_LABELS[line.handling], shown=False),
)


class WaitingFilter(ListForm):
    """What waits, about which State, how old, whose; as it stands in the address."""

    sorts = ("since", "-since")
    known_columns = COLUMNS

    state = SelectField("State", choices=[], default="")
    age = SelectField(
        "Age", choices=options(((one.value, label) for one, label in AGE_LABELS.items()), "However old"), default=""
    )
    kind = SelectField(
        "Kind", choices=options(((one.value, label) for one, label in WAITS_LABELS.items()), "Every kind"), default=""
    )
    region = SelectField(
        "Region", choices=options(((one, REGION_NAMES.get(one, one)) for one in REGION_LABELS), "Every region"),
        default="",
    )  # fmt: skip
    whose = SelectField(
        "Whose", choices=options([("ours", "My party’s"), ("others", "Other parties’")], "Everybody’s"), default=""
    )
    which = SelectField(
        "Which", choices=options([(WAITING, "Waiting"), (OVER, "Over"), ("all", "All")]), default=WAITING
    )

    def offer(self, states: list[tuple[str, str]]) -> None:
        """Fill in the States."""
        self.state.choices = options(states, "Every State")

    def shown_columns(self) -> list[Column]:
        """Unless somebody chose them: what is over has no age, and what waits has no end."""
        found, which = super().shown_columns(), self.good()["which"]
        idle = {WAITING: {"ended"}, OVER: {"age"}}.get(which, set())
        return found if self.columns.data else [one for one in found if one.key not in idle]

    def wanted(self) -> dict[str, Any]:
        """The filters for the query; what cannot be read takes its default."""
        good, known = self.good(), register()
        region = good["region"]
        return {
            "which": "" if good["which"] == "all" else good["which"],
            "state_iso3": good["state"] or "",
            "states": {iso3 for iso3, one in known.states.items() if one.region == region} if region else None,
            "waits": Waits(good["kind"]) if good["kind"] else None,
            "ages": (Age(good["age"]),) if good["age"] else (),
            "ours": {"ours": True, "others": False}.get(good["whose"]),
            "newest_first": good["sort"] == "-since",
        }


def filters(given: MultiDict[str, str]) -> WaitingFilter:
    """The form of the list with its States offered, for what stands in an address."""
    form = WaitingFilter(given, meta={"csrf": False})
    form.offer(register().options(access.today()))
    return form


def _question(form: WaitingFilter, _whole: bool) -> Question:
    return waiting_asked(viewer=access.viewer(), today=access.today(), **form.wanted())


LISTING = Listing(
    key="waiting",
    label="Waiting for an answer",
    one="entry",
    many="entries",
    endpoint="waiting.index",
    permission="followups:read",
    filters=filters,
    question=_question,
    title=lambda line: f"{line.what} ({register().name_today(line.state_iso3)})",
)
