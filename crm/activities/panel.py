"""Last contact and what is to be done next, for the side of a State's page."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import select

from crm.activities.models import Activity, ActivityState
from crm.activities.types import ACTIVITY_TYPES
from crm.core.access import Viewer
from crm.core.db import db
from crm.core.display import day
from crm.states.panels import Panel, PanelRow


def last_contact(state_iso3: str, viewer: Viewer) -> list[Panel]:
    """The newest contact of any party, as far as the viewer may see; says so when there is none."""
    if not viewer.may("activities:read"):
        return []
    latest = db.session.execute(
        select(Activity.id, Activity.kind, Activity.held_on, Activity.precision)
        .join(ActivityState, ActivityState.activity_id == Activity.id)
        .where(ActivityState.state_iso3 == state_iso3)
        .order_by(ActivityState.held_on.desc(), ActivityState.activity_id)
        .limit(1)
    ).one_or_none()
    if latest is None:
        row = PanelRow("Last contact", "None that you may see")
    else:
        href = url_for("activities.show", activity_id=latest.id)
        text = f"{day(latest.held_on, latest.precision)}: {ACTIVITY_TYPES[latest.kind].label.lower()}"
        row = PanelRow("Last contact", text, href)
    every = url_for("activities.index", state=state_iso3)
    return [Panel("Contact", (row,), href=every, link_label="All activities", place=10)]
