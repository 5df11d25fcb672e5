"""Questionnaire."""

from __future__ import annotations

from types import MappingProxyType

from crm.activities.details import Detail
from crm.activities.types.registry import ActivityType, Asks

TYPE = ActivityType(
    key="questionnaire",
    label="Questionnaire",
    icon="clipboard-list",
    order=70,
    purpose="Contact about the questionnaire on obstacles.",
    words="questionnaire|survey|cuestionario|encuesta",
    whom_label="Who answered, or was asked?",
    reply_label="What did they answer?",
    details=(
        Detail(
            "contact",
            "What happened?",
            choices=MappingProxyType(
                {
                    "sent": "It was handed over or sent",
                    "reminded": "They were reminded",
                    "interview": "It was filled in together",
                    "answered": "Their answers came back",
                }
            ),
        ),
    ),
    asks=Asks("questionnaire", "contact", frozenset({"sent", "reminded"})),
    replied=lambda answers: answers.get("contact") in ("interview", "answered"),
)
