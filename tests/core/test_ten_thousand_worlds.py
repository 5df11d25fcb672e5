"""Who sees what, in three forms that were written apart: they must answer alike in 10,000 worlds.

A world is drawn by itself, from the seed of the day and its own number: one viewer (roles, clearance, party, the
States of the accreditations, those closed and those opened) and one record (kind, party, handling, attribution,
States), of which one part is asked for. All that worlds share is the database: the rule on values, the condition
that the session adds and, on PostgreSQL, the policies alone answer for each viewer about the record of their world.
There the condition, which SQLite answers in every world, is asked in every fourth.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import insert, select

from crm.accounts.models import Party, User
from crm.activities.appointments.models import Appointment, AppointmentGuest
from crm.activities.models import Activity, ActivityComment, ActivityPerson, ActivityState
from crm.core import access
from crm.core.access import Viewer, looking_as
from crm.core.db import Base, db, unit_of_work
from crm.core.visibility import HIDES_STATE
from crm.followups.models import FollowUp
from crm.letters.models import Letter, LetterCampaign
from tests.support.worlds import World, drawn

WORLDS = 10_000
SEED = os.environ.get("WORLDS_SEED") or datetime.now(UTC).date().isoformat()
"""Others every day; `WORLDS_SEED` brings those of another day back."""

KINDS = (
    Activity, ActivityState, ActivityPerson, ActivityComment, Appointment, AppointmentGuest, FollowUp, LetterCampaign,
    Letter,
)  # fmt: skip


def worlds(seed: str, number: int) -> tuple[World, list[World]]:
    """Some parties and users, and so many worlds in which they meet."""
    home = World()
    parties = [home.add(Party, name=f"Party {one}", kind="government", sample=False) for one in range(4)]
    users = [home.add(User, email=f"u{one}@example.org", name="User", party_id=parties[one]) for one in range(4)]
    return home, [drawn(Random(f"{seed}/{one}"), parties, users, str(one)) for one in range(number)]


def keep(all_of_them: list[World]) -> None:
    """Put them into the present database, a statement for each table."""
    rows: dict[type[Any], list[dict[str, Any]]] = {}
    for world in all_of_them:
        for model, more in world.rows.items():
            rows.setdefault(model, []).extend(more)
    with looking_as(access.SYSTEM), unit_of_work() as session:
        order = {table: place for place, table in enumerate(Base.metadata.sorted_tables)}
        for model in sorted(rows, key=lambda one: order[one.__table__]):
            session.execute(insert(model), rows[model])


def by_condition(model: type[Any], key: UUID, viewer: Viewer) -> bool:
    """Whether the condition that the session adds finds the row."""
    wanted = select(model.id).where(model.id == key, model.visible_to(viewer))
    return db.session.connection().scalar(wanted) is not None


def by_database(model: type[Any], key: UUID) -> bool:
    """Whether the table itself shows the row, which no rule of ours reaches."""
    table = model.__table__
    return db.session.connection().scalar(select(table.c.id).where(table.c.id == key)) is not None


def traits(world: World, model: type[Any], viewer: Viewer, shown: bool) -> list[str]:
    """What kind of world this is, to see that all kinds are met."""
    record = world.records[next(iter(world.records))]
    states = record.states or frozenset()
    own = record.originator_id == viewer.party_id
    found = {
        "shown": shown,
        "hidden": not shown,
        "own": own,
        "own hidden": own and not shown,
        "closed": states & viewer.closed,
        "closed and opened": states & viewer.closed & viewer.opened,
        "opened": shown and states & viewer.opened and record.handling not in viewer.clearance,
        "accredited": shown and viewer.states and states & viewer.states,
        "not accredited": not shown and viewer.states is not None and not states & viewer.states,
        "over-marked": not own and record.handling not in viewer.clearance,
        "unattributed": shown and not own and record.attribution in HIDES_STATE,
        f"{model.__name__} shown": shown,
        f"{model.__name__} hidden": not shown,
    }
    return [name for name, holds in found.items() if holds]


def test_the_three_forms_agree_in_ten_thousand_worlds(app: Flask, database: str) -> None:
    home, all_of_them = worlds(SEED, WORLDS)
    keep([home, *all_of_them])
    walled = database == "postgresql"
    met: Counter[str] = Counter()
    for number, world in enumerate(all_of_them):
        (viewer,) = world.viewers
        model = Random(f"{SEED}/{number}").choice(list(world.rows))
        key = world.rows[model][0]["id"]
        allowed = key in world.seen(viewer)[model]
        with looking_as(viewer):
            forms = [by_database(model, key)] if walled else []
            if not walled or number % 4 == 0:
                forms.append(by_condition(model, key, viewer))
        assert forms == [allowed] * len(forms), (
            f"world {number} of WORLDS_SEED={SEED}: {model} {world.records} {viewer}"
        )
        met.update(traits(world, model, viewer, allowed))
    assert len(met) == 11 + 2 * len(KINDS) and min(met.values()) > WORLDS / 250, met
