"""Mission visit in the capital."""

from __future__ import annotations

from crm.activities.details import ALSO_PRESENT, INSTRUCTION
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="capital_visit",
    label="Mission visit in the capital",
    icon="building-bank",
    order=10,
    purpose="An overseas mission calls on a ministry of the State it is accredited to.",
    words=(
        "visit|capital visit|call|courtesy call|meeting at mfa|visite|visite dans la capitale|"
        "entretien au ministere|visita|visita a la capital|visita al ministerio"
    ),
    whom_label="Whom did you see?",
    reply_label="What did they reply?",
    instructed=True,
    details=(INSTRUCTION, ALSO_PRESENT),
)
