"""Who sees what, in three forms that were written apart: they must answer alike in 10,000 generated worlds.

A world is one viewer and one activity with its States, its person met and its comment. Of the other kinds of
record there are as many viewers, and fewer records. For each viewer and model the keys that are selected must
be those that the rule on values allows: through the session on SQLite and PostgreSQL, and on PostgreSQL also
past the session's rule, by the policies of the database alone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from crm.activities.models import Activity, ActivityComment, ActivityPerson
from crm.core.access import Viewer, looking_as
from crm.core.db import Base, db
from crm.core.visibility import Handled
from tests.support.worlds import World, generated

ACTIVITIES, VIEWERS = 260, 40


def test_there_are_ten_thousand_worlds() -> None:
    assert ACTIVITIES * VIEWERS >= 10_000


def by_session(model: type[Any]) -> set[UUID]:
    return set(db.session.scalars(select(model.id)))


def by_database(model: type[Any]) -> set[UUID]:
    """The table itself, which the rule of the session does not reach."""
    return set(db.session.scalars(select(model.__table__.c.id)))


def differences(world: World, viewer: Viewer, postgresql: bool) -> list[str]:
    """Each model of which the forms do not show the same to a viewer, with what is amiss."""
    found = []
    for model, allowed in world.seen(viewer).items():
        ours = {row["id"] for row in world.rows[model]}
        forms = {"session": by_session(model)} | ({"database": by_database(model)} if postgresql else {})
        for form, keys in forms.items():
            more, fewer = (keys & ours) - allowed, allowed - keys
            if more or fewer:
                found.append(f"{form} of {model.__name__}: {len(more)} too many, {len(fewer)} too few for {viewer}")
    return found


@pytest.mark.parametrize("seed", [2010])
def test_rule_predicate_and_policies_agree(app: Flask, database: str, seed: int) -> None:
    world = generated(seed, activities=ACTIVITIES, viewers=VIEWERS)
    world.insert()
    for viewer in world.viewers:
        with looking_as(viewer):
            assert differences(world, viewer, database == "postgresql") == []


def test_the_worlds_are_worth_it() -> None:
    """Every kind that carries a handling is among them, and most viewers see some records and not others."""
    world = generated(2010, activities=ACTIVITIES, viewers=VIEWERS)
    kinds = {mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Handled)}
    assert kinds <= set(world.rows)
    for model in (*kinds, ActivityPerson, ActivityComment):
        shares = [len(world.seen(viewer)[model]) / len(world.rows[model]) for viewer in world.viewers]
        assert sum(0 < share < 1 for share in shares) > VIEWERS / 3, model
    assert sum(bool(viewer.closed & viewer.opened) for viewer in world.viewers) > VIEWERS / 10
    assert len({len(world.seen(viewer)[Activity]) for viewer in world.viewers}) > VIEWERS / 3
