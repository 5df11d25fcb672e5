"""The list of follow-ups as its page, its file and its saved views know it: filters, columns, question."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from crm.core import access
from crm.core.access import HANDLING_LABELS
from crm.core.forms import options
from crm.core.listing import Column, ListForm, Listing
from crm.core.lists import Question
from crm.followups.forms import STATUS_LABELS, Choices
from crm.followups.queries import FollowUpLine, changed_by, follow_up_lines, follow_ups_asked
from crm.followups.rules import Status
from crm.reach.doers import MISSIONS, own_missions
from crm.states.queries import register


def _own_day(moment: datetime | None) -> date | None:
    """The day of a moment where the reader is."""
    return moment.astimezone(ZoneInfo(access.viewer().time_zone)).date() if moment else None


COLUMNS = (
    Column("what", "What", lambda line: line.what, always=True),
    Column("state", "State", lambda line: register().name_today(line.state_iso3)),
    Column("due", "Due", lambda line: line.due_on),
    Column("owner", "Who does it", lambda line: line.owner),
    Column("side", "Whose promise", lambda line: "Theirs" if line.promised else "Ours", shown=False),
    Column("status", "Stands", lambda line: STATUS_LABELS[line.status.value], shown=False),
    Column("closed", "Closed on", lambda line: _own_day(line.done_at), shown=False),
    Column("handling", "Who may see it", lambda line: HANDLING_LABELS[line.handling], shown=False),
)


MINE = "me"
WHOSE = [(MINE, "Mine"), ("all", "Everybody’s")]


class FollowUpFilter(ListForm):
    """Whose, about which State, open or closed; as it stands in the address."""

    sorts = ("due", "-due")
    known_columns = COLUMNS

    owner = SelectField("Whose", choices=options(WHOSE), default=MINE)
    state = SelectField("State", choices=[], default="")
    status = SelectField("Which", choices=options([*STATUS_LABELS.items(), ("all", "All")]), default=Status.OPEN.value)

    def offer(self, states: Choices, missions: Choices) -> None:
        """Fill in the States and the missions of the viewer's party."""
        self.state.choices = options(states, "Every State")
        self.owner.choices = options([*WHOSE, *((key, name, MISSIONS) for key, name in missions)])

    def wanted(self) -> dict[str, Any]:
        """The filters for the query; what cannot be read takes its default."""
        good = self.good()
        return {
            "mine": good["owner"] == MINE,
            "mission_id": UUID(good["owner"]) if good["owner"] not in dict(WHOSE) else None,
            "state_iso3": good["state"],
            "status": None if good["status"] == "all" else Status(good["status"]),
            "latest_first": {"due": False, "-due": True}.get(good["sort"]),
        }


def filters(given: MultiDict[str, str]) -> FollowUpFilter:
    """The form of the list with its States offered, for what stands in an address."""
    form = FollowUpFilter(given, meta={"csrf": False})
    form.offer(register().options(access.today()), own_missions(access.viewer(), all_of_them=True))
    return form


def _question(form: FollowUpFilter, _whole: bool) -> Question:
    return follow_ups_asked(viewer=access.viewer(), **form.wanted())


def _lines_of(keys: Collection[UUID]) -> list[FollowUpLine]:
    return follow_up_lines(keys, access.viewer())


LISTING = Listing(
    key="followups",
    label="Follow-ups",
    one="follow-up",
    many="follow-ups",
    endpoint="followups.index",
    permission="followups:read",
    filters=filters,
    question=_question,
    lines_of=_lines_of,
    own=changed_by,
    title=lambda line: f"{line.what} ({register().name_today(line.state_iso3)})",
    record_page="followups.show",
    record_argument="followup_id",
)
