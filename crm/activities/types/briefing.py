"""Briefing."""

from __future__ import annotations

from crm.activities.details import HOST, PARTICIPANTS, SUBJECTS
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="briefing",
    label="Briefing",
    icon="presentation",
    order=140,
    purpose="The Convention explained to those who do not know it well: delegations, ministries, the press.",
    words="briefing|information session|seance d information|sesion informativa",
    whom_label="Who listened for them?",
    reply_label="What did they ask or say?",
    several_states=True,
    whom_required=False,
    details=(HOST, PARTICIPANTS, SUBJECTS),
)
