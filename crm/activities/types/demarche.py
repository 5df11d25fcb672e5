"""Démarche."""

from __future__ import annotations

from crm.activities.details import AIM, AIMS_AT_ANSWER, INSTRUCTION, TALKING_POINTS
from crm.activities.types.registry import ActivityType, Asks

TYPE = ActivityType(
    key="demarche",
    label="Démarche",
    icon="flag",
    order=20,
    purpose="An instruction from capital, delivered orally, with or without a paper left behind.",
    words=("demarche|demarches|gestion|gestion diplomatica|representation|note verbale|nv|verbal note|nota verbal"),
    whom_label="To whom was it delivered?",
    reply_label="How did they respond?",
    instructed=True,
    details=(AIM, INSTRUCTION, TALKING_POINTS),
    asks=Asks("demarche", AIM.key, AIMS_AT_ANSWER),
)
