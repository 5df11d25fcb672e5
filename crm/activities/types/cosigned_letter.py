"""Co-signed letter."""

from __future__ import annotations

from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="cosigned_letter",
    label="Co-signed letter",
    icon="mail",
    order=60,
    purpose="A letter signed by the coordinator and the President Designate, handed over or sent.",
    whom_label="To whom was it addressed?",
    reply_label="What came back?",
)
