"""Parliamentary outreach."""

from __future__ import annotations

from crm.activities.details import PARTICIPANTS, Detail
from crm.activities.types.registry import ActivityType

TYPE = ActivityType(
    key="parliamentary_outreach",
    label="Parliamentary outreach",
    icon="building-monument",
    order=110,
    purpose="Work with members of a parliament: a hearing, a committee, a talk, the Inter-Parliamentary Union.",
    words=("parliament|parliamentary outreach|parliamentarians|parlement|parlementaires|parlamento|parlamentarios"),
    whom_label="With whom did you speak?",
    reply_label="What did they say?",
    several_states=True,
    details=(
        Detail("body", "Chamber or committee", "For example: Foreign Affairs Committee of the lower house."),
        PARTICIPANTS,
    ),
)
