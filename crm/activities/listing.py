"""The list of activities as its page, its file and its saved views know it."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from crm.activities.filters import ActivityFilter
from crm.activities.models import Activity
from crm.activities.queries import ActivityLine, activities_asked, activity_lines
from crm.activities.types import ACTIVITY_TYPES
from crm.core import access
from crm.core.display import day
from crm.core.listing import Listing
from crm.core.lists import Question
from crm.states.queries import register


def filters(given: MultiDict[str, str]) -> ActivityFilter:
    """The form of the list with its States offered, for what stands in an address."""
    form = ActivityFilter(given, meta={"csrf": False})
    form.offer(register().options(access.today()))
    return form


def _question(form: ActivityFilter, whole: bool) -> Question:
    return activities_asked(**form.wanted(), whole=whole)


def _title(line: ActivityLine) -> str:
    states = [register().name_today(iso3) for iso3 in line.states]
    return ", ".join([ACTIVITY_TYPES[line.kind].label, *states, day(line.held_on, line.precision)])


LISTING = Listing(
    key="activities",
    label="Activities",
    one="activity",
    many="activities",
    endpoint="activities.index",
    permission="activities:read",
    filters=filters,
    question=_question,
    lines_of=activity_lines,
    title=_title,
    own=lambda viewer: Activity.originator_id == viewer.party_id,
    record_page="activities.show",
    record_argument="activity_id",
)
