"""Joint démarche."""

from __future__ import annotations

from crm.activities.details import AIM, AIMS_AT_ANSWER, INSTRUCTION, TALKING_POINTS, Detail
from crm.activities.types.registry import ActivityType, Asks

TYPE = ActivityType(
    key="joint_demarche",
    label="Joint démarche",
    icon="flag-2",
    order=25,
    purpose="One démarche that several missions make together.",
    words="joint demarche|demarche conjointe|demarche commune|gestion conjunta",
    whom_label="To whom was it delivered?",
    reply_label="How did they respond?",
    instructed=True,
    details=(
        Detail(
            "together_with",
            "Together with",
            "The other missions.",
            missing="Say which missions took part.",
            headings="together with|jointly with|avec|conjointement avec|junto con|con",
        ),
        AIM,
        INSTRUCTION,
        TALKING_POINTS,
    ),
    asks=Asks("demarche", AIM.key, AIMS_AT_ANSWER),
)
