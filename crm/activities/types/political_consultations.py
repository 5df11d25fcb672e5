"""Political consultations."""

from __future__ import annotations

from crm.activities.details import ALSO_PRESENT, RAISED_BY, Detail
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="political_consultations",
    label="Political consultations",
    icon="users",
    order=40,
    purpose="Regular consultations between ministries in which the Convention was raised.",
    words="political consultations|consultations politiques|consultas politicas",
    whom_label="Who led their side?",
    reply_label="What did they reply?",
    details=(Detail("round", "Which round?", "For example: the 12th, in Tokyo."), RAISED_BY, ALSO_PRESENT),
)
