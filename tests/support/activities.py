"""Many activities at once, for lists and for measuring."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from sqlalchemy import insert, select

from crm.accounts import service
from crm.accounts.models import PartyKind
from crm.activities.models import Activity, ActivityPerson, ActivityState
from crm.activities.types import ACTIVITY_TYPES
from crm.core import access, clock
from crm.core.db import db, unit_of_work
from crm.states.models import State

CHUNK = 5_000


def many_activities(count: int, start: int = 0, party: str = "Japan") -> None:
    """Insert `count` activities spread over States, kinds and fifteen years, all readable by States."""
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        originator = service.open_party(name=party, kind=PartyKind.GOVERNMENT, state_iso3="JPN").id
        states, kinds = list(db.session.scalars(select(State.iso3).order_by(State.iso3))), list(ACTIVITY_TYPES)
        for first in range(start, start + count, CHUNK):
            numbers = range(first, min(first + CHUNK, start + count))
            keys = [uuid.UUID(int=(number + 1) * 2654435761 % 2**128) for number in numbers]
            days = [date(2010, 8, 1) + timedelta(days=number * 7919 % 5500) for number in numbers]
            activities = [
                {
                    "id": key, "kind": kinds[number % len(kinds)], "status": "reported", "held_on": day,
                    "reply": f"Reply number {number}: supports the aims, studies the cost.", "next_action": "",
                    "originator_id": originator, "handling": "states", "recorded_at": clock.now(), "version": 1,
                    "precision": "day", "occasion": "", "objective": "", "place": "", "delivered_by": "",
                    "delivered_by_title": "", "paper_left": "none", "marks": "", "report_ref": "",
                    "attribution": "state_not_person", "extras": {}, "sample": False,
                }
                for number, key, day in zip(numbers, keys, days, strict=True)
            ]  # fmt: skip
            session.execute(insert(Activity), activities)
            session.execute(
                insert(ActivityState),
                [
                    {"id": uuid.uuid4(), "activity_id": key, "state_iso3": states[n % len(states)], "held_on": day}
                    for n, key, day in zip(numbers, keys, days, strict=True)
                ],
            )
            session.execute(
                insert(ActivityPerson),
                [
                    {"id": uuid.uuid4(), "activity_id": key, "name": f"Person {n}", "title": "Director",
                     "ministry": "", "level": "director"}
                    for n, key in zip(numbers, keys, strict=True)
                ],
            )  # fmt: skip
