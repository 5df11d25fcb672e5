"""Questionnaire."""

from __future__ import annotations

from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="questionnaire",
    label="Questionnaire",
    icon="clipboard-list",
    order=70,
    purpose="Contact about the questionnaire on obstacles.",
    whom_label="Who answered, or was asked?",
    reply_label="What did they answer?",
)
