"""What is noted of answers in a world, and of which of them the rule tells."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from crm.activities.models import Activity
from crm.core.access import Viewer
from crm.core.visibility import Attribution, Record, may_see
from crm.followups.waiting.models import AwaitedAnswer

if TYPE_CHECKING:
    from tests.support.worlds import World


def answers(world: World, number: int) -> None:
    """What is noted of the answer to an activity, told in another one or in none; to each activity one."""
    draw = Random(number)
    known = {one["activity_id"] for one in world.rows.get(AwaitedAnswer, [])}
    free = [one["id"] for one in world.rows[Activity] if one["id"] not in known]
    for activity in free and [draw.choice(free)]:
        answer = draw.choice([None, draw.choice(world.rows[Activity])["id"]])
        key = world.add(AwaitedAnswer, activity_id=activity, stands="answered", answer_id=answer)
        world.parents[key] = activity


def shows_answer(world: World, viewer: Viewer, record: Record, row: dict[str, Any]) -> bool:
    """Where the activity tells its State, and to those who see the one that tells of the answer."""
    told = viewer.party_id == record.originator_id or record.attribution in (
        Attribution.FULL, Attribution.STATE_NOT_PERSON,
    )  # fmt: skip
    return told and (row["answer_id"] is None or may_see(viewer, world.records[row["answer_id"]]))
