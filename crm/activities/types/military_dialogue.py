"""Military dialogue."""

from __future__ import annotations

from crm.activities.details import SUBJECTS, Detail
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="military_dialogue",
    label="Military dialogue",
    icon="shield",
    order=130,
    purpose="Armed forces speak with each other: doctrine, alternatives, joint operations under Article 21.",
    words="military dialogue|dialogue militaire|dialogo militar",
    whom_label="Who led their side?",
    reply_label="What did they say?",
    details=(Detail("services", "Which services took part?", "On both sides."), SUBJECTS),
)
