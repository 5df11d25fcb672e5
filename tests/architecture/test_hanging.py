"""Whatever points at an activity is known to the undo: it keeps the activity, or goes with it for a reason."""

from __future__ import annotations

import pytest
from flask import Flask

from crm.activities.withdrawing import what_hangs
from crm.core.db import Base
from crm.followups.models import FollowUp
from crm.sharing.models import HandlingRequest

A_PART = "a part of the activity: whatever changes it moves the version of the whole"
GOES_WITH = {
    "activity": {
        "activity_comment.activity_id": A_PART,
        "activity_person.activity_id": A_PART,
        "activity_state.activity_id": A_PART,
        "activity_step.activity_id": A_PART,
        "awaited_answer.activity_id": "whether its answer came, which says nothing without it",
        "awaited_answer.answer_id": "that it told of the answer to another, which is awaited again then",
        "attachment_text.activity_id": "what was read in a file, which itself keeps the activity",
        "plan_reply.activity_id": "that a plan heard of it, which waits on until somebody goes on",
        "plan_run_step.activity_id": "by what a step of a plan was done, which stays done",
        "search_text.activity_id": "what the search has read in it",
        "spreadsheet_row.activity_id": "the line it was made from, which says that it is gone",
        "timeline_pin.activity_id": "a bookmark, which says nothing of its own",
    },
    "follow_up": {
        "follow_up.previous_id": "the step after it, which itself keeps the activity",
        "follow_up_change.followup_id": "a change, for which the follow-up keeps the activity",
        "instruction_task.followup_id": "a task, which itself keeps its activity",
        "plan_run.asked_id": "whether a plan goes on, which came out of no activity",
        "plan_run_step.followup_id": "a step of a plan, which came out of no activity",
        "reminder.followup_id": "a reminder, for which the follow-up keeps the activity",
        "silence_task.followup_id": "the silence that raised it, which raises it anew",
        "search_text.follow_up_id": "what the search has read in it",
        "timeline_pin.follow_up_id": "a bookmark, which says nothing of its own",
    },
    "obstacle_claim": {"activity_obstacle.claim_id": "which record it came out of, and that one goes"},
    "talk_round": {"activity.round_id": "a talk that is kept from whoever undoes the round, and stands alone then"},
    "spreadsheet_import": {
        "spreadsheet_part.import_id": "a piece of the file",
        "spreadsheet_row.import_id": "a line of the file",
    },
    "waiting_mail": {"waiting_file.mail_id": "a file of the mail, which its entry has of its own"},
    "draft": {},
    "bulk_change": {},
}
"""By table whose rows go for good, undone or forgotten after a time, the keys that point there, and why each may go
along or point at nothing.
"""


def _pointing_at(table: str) -> set[str]:
    return {
        f"{one.name}.{key.parent.name}"
        for one in Base.metadata.sorted_tables
        for key in one.foreign_keys
        if key.column.table.name == table
    }


def _asked() -> set[str]:
    return {f"{one.column.class_.__tablename__}.{one.column.key}" for one in what_hangs()}


@pytest.mark.parametrize("table", sorted(GOES_WITH))
def test_whatever_points_at_what_goes_is_asked_or_has_a_reason_to_go(app: Flask, table: str) -> None:
    """A new one joins `HANGS_ON`, or this list with its reason; none stands in both."""
    with app.app_context():
        asked = _asked() if table == "activity" else set()
    found = _pointing_at(table)
    assert found == (asked & found) | set(GOES_WITH[table])
    assert not asked & set(GOES_WITH[table])


def test_what_is_asked_points_at_activities(app: Flask) -> None:
    """By a key of the database, or as requests do, which may be about any kind of record."""
    with app.app_context():
        beside = _asked() - _pointing_at("activity")
    assert beside == {f"{HandlingRequest.__tablename__}.subject_id"}
    assert FollowUp.activity_id.key == "activity_id"
