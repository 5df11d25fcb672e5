"""What waits for an answer of a State, at a glance on its page: beside its last contact and its silence."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for

from crm.core import access
from crm.core.access import Viewer
from crm.followups.waiting.queries import limits, waiting_of
from crm.followups.waiting.rules import AGE_LABELS, WAITS_LABELS, Age, age_of, days_waited, in_words
from crm.states.panels import Glance, Panel


def waits(state_iso3: str, viewer: Viewer) -> Iterator[Panel | Glance]:
    """How many answers are awaited, and how long the oldest has been; nothing where none is."""
    if not viewer.may("followups:read"):
        return
    today = access.today()
    found = waiting_of(state_iso3, viewer, today)
    if not found:
        return
    what, since = found[0]
    days = days_waited(since, today)
    age = age_of(days, limits()[what])
    tone = "bad" if age is Age.SILENT else "warn" if age is Age.OLD else ""
    number = "One answer" if len(found) == 1 else f"{len(found)} answers"
    longest = f"{AGE_LABELS[age]}, {in_words(days).lower()}: {WAITS_LABELS[what].lower()}"
    yield Glance("Waiting for", number, longest, url_for("waiting.index", state=state_iso3), tone, place=14)
