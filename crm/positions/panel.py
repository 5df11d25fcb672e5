"""What stands in the way of a State, for the side of its page."""

from __future__ import annotations

from collections import defaultdict

from flask import url_for

from crm.audit import reading
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
    by_type: dict[ObstacleType, list[str]] = defaultdict(list)
    shown = claims_about(state_iso3)[:SHOWN]
    reading.tells("obstacle_claim", [one for one in shown if one.other])
    for claim in shown:
        kind = ObstacleType(claim.type)
        closer = "; ".join(one for one in (OBSTACLES[kind].subtypes.get(claim.subtype, ""), claim.other) if one)
        known = f"{'said so' if claim.basis == Basis.STATED.value else 'concluded'}, {day(claim.claimed_on)}"
        by_type[kind].append(f"{closer} ({known})" if closer else known[0].upper() + known[1:])
    rows = [PanelRow(label=OBSTACLES[kind].label, text="; ".join(texts)) for kind, texts in by_type.items()]
    if not rows:
        return []
    return [Panel("Obstacles", tuple(rows), href=url_for("positions.index"), link_label="What answers them", place=20)]
