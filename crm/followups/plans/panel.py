"""Where a State stands in plans, for the side of its page."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from crm.core.access import Viewer
from crm.core.display import day
from crm.followups.plans.queries import Line, lines_in, open_plans
from crm.followups.plans.rules import STANDS_LABELS, Stands
from crm.states.panels import Glance, Panel, PanelRow


def plans(state_iso3: str, viewer: Viewer) -> Iterator[Panel | Glance]:
    """Each plan that is under way in the State, and the way to begin with another."""
    if not viewer.may("followups:read") or not viewer.works_on(state_iso3):
        return
    found = lines_in(state_iso3=state_iso3)
    rows = tuple(
        PanelRow(one.plan, told(one), url_for("plans.run", run_id=one.id), one.stands is Stands.WAITING)
        for one in found
    )
    may_begin = viewer.may("followups:write") and (found or open_plans())
    if rows or may_begin:
        begin = url_for("plans.begin", state=state_iso3)
        none = (PanelRow("None", "No plan is under way here."),)
        href, label = (begin, "Begin a plan") if may_begin else (url_for("plans.index"), "All plans")
        yield Panel("Plan", rows or none, href=href, link_label=label, place=14)


def told(line: Line) -> str:
    """For example: step 2 of 4, Make a démarche, due 3 December 2026."""
    step = f"step {line.step} of {line.steps}, {line.what}"
    if line.stands is Stands.RUNNING:
        return f"{step}, due {day(line.due_on)}"
    return f"{step}: {STANDS_LABELS[line.stands][:1].lower()}{STANDS_LABELS[line.stands][1:]}"
