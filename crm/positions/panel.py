"""What stands in the way of a State, for the side of its page."""

from __future__ import annotations

from flask import url_for

from crm.core.access import Viewer
from crm.core.display import day
from crm.positions.queries import claims_about
from crm.positions.rules import OBSTACLES, Basis, ObstacleType
from crm.states.panels import Panel, PanelRow

SHOWN = 6


def obstacles(state_iso3: str, viewer: Viewer) -> list[Panel]:
    """The latest claims about obstacles that the viewer may see; nothing when there is none."""
    if not viewer.may("positions:read"):
        return []
    rows = []
    for claim in claims_about(state_iso3)[:SHOWN]:
        obstacle = OBSTACLES[ObstacleType(claim.type)]
        closer = obstacle.subtypes.get(claim.subtype, "")
        said = "said so" if claim.basis == Basis.STATED.value else "concluded"
        text = f"{closer or obstacle.label} ({said}, {day(claim.claimed_on)})"
        rows.append(PanelRow(label=obstacle.label, text=text))
    if not rows:
        return []
    return [Panel("Obstacles", tuple(rows), href=url_for("positions.index"), link_label="What answers them", place=20)]
