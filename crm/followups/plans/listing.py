"""The list of States in plans as its page, its file and its saved views know it: filters, columns, question."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict
from wtforms import SelectField

from crm.core import access
from crm.core.forms import options
from crm.core.listing import Column, ListForm, Listing
from crm.core.lists import Key, Question, date_key, uuid_key
from crm.followups.plans import queries
from crm.followups.plans.models import PlanRun
from crm.followups.plans.queries import Line
from crm.followups.plans.rules import STANDS_LABELS, WHY_LABELS, Stands
from crm.states.queries import register

COLUMNS = (
    Column("state", "State", lambda line: register().name_today(line.state_iso3), always=True),
    Column("plan", "Plan", lambda line: line.plan),
    Column("step", "Step", lambda line: f"{line.step} of {line.steps}: {line.what}"),
    Column("due", "Due", lambda line: None if line.over else line.due_on),
    Column("stands", "How it stands", lambda line: STANDS_LABELS[line.stands]),
    Column("why", "Why", lambda line: WHY_LABELS[line.why], shown=False),
    Column("owner", "Who does it", lambda line: line.owner),
    Column("began", "Began", lambda line: line.began_on, shown=False),
    Column("by", "Run by", lambda line: line.run_by, shown=False),
)


class RunFilter(ListForm):
    """Which plan, which State, how it stands, as it stands in the address."""

    sorts = ("due", "-due", "began", "-began", "state", "-state")
    known_columns = COLUMNS

    plan = SelectField("Plan", choices=[], default="")
    state = SelectField("State", choices=[], default="")
    stands = SelectField(
        "How it stands",
        choices=options([("on", "Under way"), *((one.value, label) for one, label in STANDS_LABELS.items())], "All"),
        default="on",
    )

    def offer(self, plans: list[tuple[str, str]], states: list[tuple[str, str]]) -> None:
        """Fill in the plans and the States."""
        self.plan.choices = options(plans, "Every plan")
        self.state.choices = options(states, "Every State")

    def wanted(self) -> dict[str, Any]:
        """The filters that could be read, for the query."""
        good = self.good()
        return {
            "plan_id": UUID(good["plan"]) if good["plan"] else None,
            "state_iso3": good["state"] or "",
            "stands": good["stands"] or "",
            "sort": good["sort"] or "",
        }


def filters(given: MultiDict[str, str]) -> RunFilter:
    """The form of the list with its plans and States offered, for what stands in an address."""
    form = RunFilter(given, meta={"csrf": False})
    plans = [(str(one.id), one.name) for one in queries.plans()]
    form.offer(plans, register().options(access.today()))
    return form


def _question(form: RunFilter, _whole: bool) -> Question:
    return runs_asked(**form.wanted())


def runs_asked(*, plan_id: UUID | None, state_iso3: str, stands: str, sort: str) -> Question:
    """What the list asks, what is due first before the others unless told otherwise."""
    wanted = queries.lines_select()
    if plan_id:
        wanted = wanted.where(PlanRun.plan_id == plan_id)
    if state_iso3:
        wanted = wanted.where(PlanRun.state_iso3 == state_iso3)
    if stands == "on":
        wanted = wanted.where(PlanRun.ended_on.is_(None))
    elif stands:
        wanted = wanted.where(queries.stands() == Stands(stands).value)
    down = sort.startswith("-")
    orders = {
        "began": date_key(PlanRun.began_on, lambda row: row[0].began_on, descending=down),
        "state": Key(PlanRun.state_iso3, lambda row: row[0].state_iso3, str, down),
    }
    due = date_key(PlanRun.due_on, lambda row: row[0].due_on, descending=down)
    last = uuid_key(PlanRun.id, lambda row: row[0].id, descending=down)
    return Question(wanted, (orders.get(sort.lstrip("-"), due), last), queries.lines_of, whose=PlanRun.party_id)


def _title(line: Line) -> str:
    return f"{register().name_today(line.state_iso3)}: {line.plan}"


LISTING = Listing(
    key="plans",
    label="Plans",
    one="State in a plan",
    many="States in plans",
    endpoint="plans.index",
    permission="followups:read",
    filters=filters,
    question=_question,
    title=_title,
    record_page="plans.run",
    record_argument="run_id",
)
