"""What missions are instructed to do in a State, for the side of its page."""

from __future__ import annotations

from flask import url_for

from crm.core import access
from crm.core.access import Viewer
from crm.core.display import day
from crm.instructions.queries import asked_of_state
from crm.states.panels import Panel, PanelRow

MOST = 5


def instructed(state_iso3: str, viewer: Viewer) -> list[Panel]:
    """Instructions that are not reported yet, as far as the viewer may see; no panel where there is none."""
    if not viewer.may("instructions:read"):
        return []
    found = asked_of_state(state_iso3, access.today())
    if not found:
        return []
    rows = tuple(
        PanelRow(
            "Instructed to you" if one.mission_id == viewer.mission_id else one.mission,
            f"{one.name}: {one.in_words.lower()}, by {day(one.due)}",
            url_for("instruction_tasks.show", task_id=one.id),
        )
        for one in found[:MOST]
    )
    return [Panel("Instructions", rows, href=url_for("instructions.index"), link_label="All instructions", place=5)]
