"""Expert mission."""

from __future__ import annotations

from crm.activities.details import SUBJECTS, Detail
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="expert_mission",
    label="Expert mission",
    icon="tool",
    order=100,
    purpose="Experts help in the capital: with the law, the ratification file, a report or stocks.",
    words="expert mission|mission d experts|mission d expert|mision de expertos",
    whom_label="With whom did they work?",
    reply_label="What came of it?",
    whom_required=False,
    details=(
        Detail("experts", "Who were the experts?", "Names and where they come from.", names_people=True),
        Detail("days", "How many days?", number=True),
        SUBJECTS,
    ),
)
