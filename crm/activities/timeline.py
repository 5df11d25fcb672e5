"""What the activities add to a State's timeline."""

from __future__ import annotations

from datetime import date

from flask import url_for

from crm.activities.queries import ActivityLine, activities_with
from crm.activities.types import ACTIVITY_TYPES
from crm.core.access import Viewer
from crm.core.display import day
from crm.states.timeline import Entry


def entries(state_iso3: str, viewer: Viewer, before: date | None = None) -> list[Entry]:
    """Everything that happened with a State and that the viewer may see, newest first."""
    if not viewer.may("activities:read"):
        return []
    return [_entry(line) for line in activities_with(state_iso3, before=before)]


def _entry(line: ActivityLine) -> Entry:
    kind = ACTIVITY_TYPES[line.kind]
    return Entry(
        date=line.held_on,
        date_text=day(line.held_on, line.precision),
        title=f"{kind.label}: {', '.join(line.people)}" if line.people else kind.label,
        href=url_for("activities.show", activity_id=line.id),
        body=line.summary,
        meta=line.party,
        icon=kind.icon,
        tone="past",
        anchor=f"activity-{line.id}",
        sample=line.sample,
    )
