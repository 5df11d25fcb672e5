"""Peer exchange."""

from __future__ import annotations

from crm.activities.details import SUBJECTS, Detail
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="peer_exchange",
    label="Peer exchange",
    icon="arrows-exchange",
    order=120,
    purpose="A State that has joined tells one that has not how it did so.",
    words="peer exchange|exchange between peers|echange entre pairs|intercambio entre pares",
    whom_label="Who took part for them?",
    reply_label="What came of it?",
    details=(
        Detail(
            "peer",
            "Who told of their experience?",
            "State and person.",
            missing="Say which State told of it.",
            names_people=True,
            headings="peer|peers|told by|experience of|experience shared by|pair|experience de|par|experiencia de",
        ),
        SUBJECTS,
    ),
)
