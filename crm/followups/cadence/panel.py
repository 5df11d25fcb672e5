"""How far the silence of a State is, at a glance on its page."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from crm.core import access
from crm.core.access import Viewer
from crm.followups.cadence.queries import silences
from crm.states.panels import Glance, Panel


def silent(state_iso3: str, viewer: Viewer) -> Iterator[Panel | Glance]:
    """So many days of so many, as far as the viewer may see contacts; nothing where no cadence holds."""
    for one in silences(viewer, access.today(), {state_iso3}):
        tone = "bad" if one.over else "warn" if one.nearly or one.since is None else ""
        note = "Time to get in touch" if one.over else "Any contact begins it anew"
        yield Glance("Silence", one.in_words, note, url_for("cadence.index"), tone, place=12)
