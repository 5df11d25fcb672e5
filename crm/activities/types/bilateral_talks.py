"""Bilateral talks."""

from __future__ import annotations

from crm.activities.details import ALSO_PRESENT, RAISED_BY
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="bilateral_talks",
    label="Bilateral talks",
    icon="messages",
    order=30,
    purpose="Disarmament is one item among many: was the Convention raised, by whom, what was the reply?",
    words=(
        "bilateral|bilaterals|bilateral talks|talks|meeting|bilateral meeting|bilateral consultations|"
        "entretien|entretiens|entretien bilateral|rencontre|reunion|reunion bilaterale|encuentro|"
        "conversaciones|entretiens bilateraux|reunion bilateral|conversaciones bilaterales"
    ),
    whom_label="Who led their side?",
    reply_label="What did they reply?",
    details=(RAISED_BY, ALSO_PRESENT),
)
