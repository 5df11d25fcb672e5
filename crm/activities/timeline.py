"""What the activities add to a State's timeline."""

from __future__ import annotations

from datetime import date

from flask import url_for

from crm.activities.queries import ActivityLine
from crm.activities.types import ACTIVITY_TYPES
from crm.activities.with_state import activities_with
from crm.core import access
from crm.core.access import Viewer
from crm.core.days import Precision
from crm.core.display import day
from crm.states.timeline import Entry, Source, Wanted


def entries(state_iso3: str, viewer: Viewer, wanted: Wanted) -> list[Entry]:
    """Everything that happened with a State and that the viewer may see, newest first."""
    if not viewer.may("activities:read"):
        return []
    ahead, past = activities_with(state_iso3, wanted)
    today = access.today()
    planned = [_entry(line, "overdue" if _is_over(line, today) else "upcoming") for line in ahead]
    return planned + [_entry(line, "past") for line in past]


def _is_over(line: ActivityLine, today: date) -> bool:
    return Precision(line.precision).is_over(line.held_on, today)


def _entry(line: ActivityLine, tone: str) -> Entry:
    kind = ACTIVITY_TYPES[line.kind]
    return Entry(
        date=line.held_on,
        date_text=day(line.held_on, line.precision),
        title=f"{kind.label}: {', '.join(line.people)}" if line.people else kind.label,
        href=url_for("activities.show", activity_id=line.id),
        body=line.summary,
        meta=line.party,
        icon=kind.icon,
        tone=tone,
        anchor=f"activity-{line.id}",
        sample=line.sample,
        datetime=line.held_on.isoformat() if line.precision == "day" else "",
        key=line.id,
    )


def _listed(state_iso3: str) -> str:
    return url_for("activities.index", state=state_iso3)


SOURCE = Source("activity", "Contacts", entries, _listed)
