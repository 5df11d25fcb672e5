"""Talk in the margins."""

from __future__ import annotations

from crm.activities.details import OUTCOME
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="margin_meeting",
    label="Talk in the margins",
    icon="calendar",
    order=50,
    purpose="A short talk at the General Assembly, the OSCE, NATO or another meeting.",
    words=(
        "margins|margin meeting|in the margins|corridor|corridor talk|pull aside|side meeting|en marge|"
        "entretien en marge|al margen|reunion al margen|conversacion de pasillo"
    ),
    whom_label="With whom did you speak?",
    reply_label="What did they say?",
    details=(OUTCOME,),
    replied=lambda answers: answers.get(OUTCOME.key) != "silent",
)
