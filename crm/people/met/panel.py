"""Holders of offices and people met, for the side of a State's page."""

from __future__ import annotations

from flask import url_for

from crm.core import access
from crm.core.access import Viewer
from crm.people.forms import KIND_LABELS
from crm.people.met.known import holders_today
from crm.people.met.queries import filled, people_of_state, posts_of_state
from crm.people.met.rules import STANCE_LABELS, in_one_line
from crm.people.rules import OfficeKind
from crm.states.panels import Panel, PanelRow

MOST = 8
OFFICES = (OfficeKind.FOREIGN_MINISTER,)
"""Offices of which it is said that they are vacant: a letter has no addressee then."""


def people(state_iso3: str, viewer: Viewer) -> list[Panel]:
    """Who holds its offices, the vacant posts, and whom we know there, as far as the viewer may see."""
    if not viewer.may("people:read"):
        return []
    rows = _offices(state_iso3)
    if not viewer.may("activities:read"):
        return [Panel("People", tuple(rows), place=30)]
    rows += _vacancies(state_iso3)
    for line in people_of_state(state_iso3, MOST):
        stance = STANCE_LABELS[line.stance].lower() if line.stance else ""
        text = in_one_line((line.name, stance))
        rows.append(
            PanelRow("; ".join(line.posts) or line.title or "Met", text, url_for("met.show", person_id=line.id))
        )
    return [Panel("People", tuple(rows), url_for("met.index", state=state_iso3), "Everybody met", place=30)]


def _offices(state_iso3: str) -> list[PanelRow]:
    held = {one.kind: one for one in holders_today(state_iso3)}
    rows = []
    for kind in OfficeKind:
        if kind in held or kind in OFFICES:
            name = held[kind].name + (" (acting)" if held[kind].acting else "") if kind in held else "Nobody recorded"
            rows.append(PanelRow(KIND_LABELS[kind], name, url_for("people.office", iso3=state_iso3, kind=kind.value)))
    return rows


def _vacancies(state_iso3: str) -> list[PanelRow]:
    posts = posts_of_state(state_iso3)
    held_by_somebody = filled([one.id for one in posts], access.today()) if posts else set()
    return [
        PanelRow(post.title_en, "Vacant", url_for("met.post", post_id=post.id))
        for post in posts
        if post.id not in held_by_somebody
    ]
