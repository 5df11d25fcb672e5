"""A list as a file: what is shown, in its order and its columns, and all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import IO, Any
from uuid import UUID

from flask import Blueprint, request

from crm.activities.listing import LISTING as ACTIVITIES
from crm.core import access
from crm.core.errors import RuleViolation
from crm.core.listing import Listing
from crm.core.lists import Question, every_line
from crm.core.routes import requires
from crm.core.sheets import write_csv
from crm.core.taken import Taken, taken
from crm.core.workbooks import Sheet, write_xlsx
from crm.followups.listing import LISTING as FOLLOW_UPS
from crm.people.met.listing import LISTING as PEOPLE

pages = Blueprint("list_files", __name__)

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_of(listing: Listing, suffix: str) -> Taken:
    """The list that the address asks for as a file, without restricted States, whoever asks; raises RuleViolation for
    a filter that it cannot read.
    """
    form = listing.filters(request.args)
    if not form.validate():
        violation = RuleViolation("", "Some filters need attention.")
        violation.errors = {str(name): [str(one) for one in errors] for name, errors in form.errors.items()}
        raise violation
    columns = form.shown_columns()
    headings = [one.label for one in columns]
    whose: Counter[UUID] = Counter()
    ways: dict[str, tuple[str, Callable[[IO[bytes]], None]]] = {
        "csv": (CSV, lambda target: write_csv(target, headings, rows)),
        "xlsx": (XLSX, lambda target: write_xlsx(target, Sheet(listing.label, headings, rows))),
    }
    media_type, write = ways[suffix]
    with access.looking_as(access.viewer().not_named()):
        lines = every_line(_counting(listing.question(form, True), whose))
        rows = ([one.value(line) for one in columns] for line in lines)
        answer = taken(write, name=f"{listing.key}-{access.today().isoformat()}.{suffix}", media_type=media_type)
    answer.rows_of, answer.asked_for = whose, listing.asked_for(form)
    answer.about_states = form["state"].data or ""
    return answer


def _counting(question: Question, whose: Counter[UUID]) -> Question:
    """The same question, of which is counted how many rows of each party are read."""
    originator = question.key.class_.originator_id.label("whose")

    def lines(rows: Sequence[Any]) -> list[Any]:
        whose.update(row.whose for row in rows)
        return question.lines(rows)

    return replace(question, statement=question.statement.add_columns(originator), lines=lines)


@pages.get("/activities/export.csv")
@requires("activities:read", exports="activities")
def activities_csv() -> Taken:
    """The activities as CSV."""
    return file_of(ACTIVITIES, "csv")


@pages.get("/activities/export.xlsx")
@requires("activities:read", exports="activities")
def activities_xlsx() -> Taken:
    """The activities as XLSX."""
    return file_of(ACTIVITIES, "xlsx")


@pages.get("/followups/export.csv")
@requires("followups:read", exports="follow_ups")
def followups_csv() -> Taken:
    """The follow-ups as CSV."""
    return file_of(FOLLOW_UPS, "csv")


@pages.get("/followups/export.xlsx")
@requires("followups:read", exports="follow_ups")
def followups_xlsx() -> Taken:
    """The follow-ups as XLSX."""
    return file_of(FOLLOW_UPS, "xlsx")


@pages.get("/people/met/export.csv")
@requires("activities:read", exports="people")
def people_csv() -> Taken:
    """The people met as CSV."""
    return file_of(PEOPLE, "csv")


@pages.get("/people/met/export.xlsx")
@requires("activities:read", exports="people")
def people_xlsx() -> Taken:
    """The people met as XLSX."""
    return file_of(PEOPLE, "xlsx")
