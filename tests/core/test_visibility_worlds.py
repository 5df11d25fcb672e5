"""Who sees what, in three forms that were written apart: they must answer alike in a world with records of every kind.

Forty viewers look at 260 activities and fewer records of the other kinds; 10,000 worlds drawn one by one stand in
`test_ten_thousand_worlds.py`. For each viewer and model the keys that are selected must
be those that the rule on values allows: through the session on SQLite and PostgreSQL, and on PostgreSQL also
past the session's rule, by the policies of the database alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from crm.activities.models import Activity, ActivityComment, ActivityPerson
from crm.core.access import SYSTEM, SystemOnly, Viewer, looking_as
from crm.core.db import Base, db
from crm.core.visibility import Handled
from crm.core.wall import guarded_tables
from tests.support.filling import ONE_ROW, fill
from tests.support.viewers import STATES
from tests.support.worlds import World, generated

ACTIVITIES, VIEWERS = 260, 40


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


def keys_of(columns: Iterable[Any]) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in db.session.execute(select(*columns))}


def by_rule(model: type[Any], columns: Iterable[Any], viewer: Viewer) -> set[tuple[Any, ...]]:
    """What the rule alone shows, without the policies in the way, which would hide that it shows too much. The
    software is asked no rule.
    """
    if viewer.is_system:
        return keys_of(columns)
    with looking_as(SYSTEM):
        found = db.session.connection().execute(select(*columns).where(model.visible_to(viewer)))
        return {tuple(row) for row in found}


@pytest.fixture
def filled(app: Flask) -> World:
    """A world with rows of every guarded table, whatever its rule is."""
    world = generated(2011, activities=30, viewers=30)
    fill(Random(2011), world, STATES)
    world.insert()
    return world


def test_every_rule_and_its_policy_agree(filled: World, database: str) -> None:
    """Also where neither handling nor State decides: accounts, links, queues, what a party is told."""
    split = dict.fromkeys(filled.rows, False)
    for viewer in filled.viewers:
        with looking_as(viewer):
            for model in filled.rows:
                key = inspect(model).primary_key
                shown = keys_of(inspect(model).get_property_by_column(one).class_attribute for one in key)
                split[model] |= 0 < len(shown) < len(filled.rows[model])
                if issubclass(model, SystemOnly) and not viewer.is_system:
                    assert not shown, model
                if database == "postgresql":
                    assert keys_of(key) == shown == by_rule(model, key, viewer), (model.__name__, viewer)
    alike = {model.__name__ for model, parted in split.items() if not parted and not issubclass(model, SystemOnly)}
    assert alike <= FOR_ALL_OR_NONE


FOR_ALL_OR_NONE = {"Party", "UserRole", "Mission", "Accreditation", "ActImport", "ActImportChange"}
"""Everybody with an account sees all of it, or everybody with one permission."""


def test_every_guarded_table_is_in_the_worlds(filled: World) -> None:
    assert {model.__tablename__ for model in filled.rows} >= set(guarded_tables()) - ONE_ROW


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
