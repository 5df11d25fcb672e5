"""Bilateral talks."""

from __future__ import annotations

from crm.activities.details import ALSO_PRESENT, RAISED_BY
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="bilateral_talks",
    label="Bilateral talks",
    icon="messages",
    order=30,
    purpose="Disarmament is one item among many: was the Convention raised, by whom, what was the reply?",
    whom_label="Who led their side?",
    reply_label="What did they reply?",
    details=(RAISED_BY, ALSO_PRESENT),
)
