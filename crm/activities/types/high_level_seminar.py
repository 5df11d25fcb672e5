"""High-level seminar."""

from __future__ import annotations

from crm.activities.details import HOST, PARTICIPANTS, SUBJECTS
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="high_level_seminar",
    label="High-level seminar",
    icon="podium",
    order=80,
    purpose="Ministers and senior officials of one or several States, brought together on the Convention.",
    words="seminar|high level seminar|seminaire|seminaire de haut niveau|seminario|seminario de alto nivel",
    whom_label="Who spoke for them?",
    reply_label="What came of it?",
    several_states=True,
    whom_required=False,
    details=(HOST, PARTICIPANTS, SUBJECTS),
)
