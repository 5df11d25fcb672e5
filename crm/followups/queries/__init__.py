"""Reading follow-ups. What the viewer may not see is not there: the session filters every select."""

from crm.followups.queries.lists import (
    FollowUpLine,
    changed_by,
    follow_up_lines,
    follow_ups_asked,
    left_alone,
    not_reminded,
    owners_in_person,
    owners_of_follow_ups,
    page_of_follow_ups,
    unseen_by_owner,
)
from crm.followups.queries.missions import nobody_left, owed_by
from crm.followups.queries.one import Reminded, follow_ups_of, get_follow_up, may_change, reminders_of, surroundings
from crm.followups.queries.owners import no_longer_mine, states_behind

__all__ = [
    "FollowUpLine",
    "Reminded",
    "changed_by",
    "follow_up_lines",
    "follow_ups_asked",
    "follow_ups_of",
    "get_follow_up",
    "left_alone",
    "may_change",
    "no_longer_mine",
    "nobody_left",
    "not_reminded",
    "owed_by",
    "owners_in_person",
    "owners_of_follow_ups",
    "page_of_follow_ups",
    "reminders_of",
    "states_behind",
    "surroundings",
    "unseen_by_owner",
]
