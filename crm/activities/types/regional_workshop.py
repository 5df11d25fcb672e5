"""Regional workshop."""

from __future__ import annotations

from crm.activities.details import HOST, PARTICIPANTS, SUBJECTS
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="regional_workshop",
    label="Regional workshop",
    icon="map",
    order=90,
    purpose="Officials of several States of a region work on ratification and on carrying out the Convention.",
    words="workshop|regional workshop|atelier|atelier regional|taller|taller regional",
    whom_label="Who spoke for them?",
    reply_label="What came of it?",
    several_states=True,
    whom_required=False,
    details=(HOST, PARTICIPANTS, SUBJECTS),
)
