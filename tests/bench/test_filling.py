"""A house that is measured holds what the house itself would have written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from bench.filling import author, fill
from bench.wording import RARE, RARE_IN
from crm.activities.models import Activity, ActivityState
from crm.activities.types import ACTIVITY_TYPES
from crm.core import access
from crm.core.db import db
from crm.core.visibility import Attribution
from crm.search import keeping
from crm.search.models import SearchText
from tests.support.wall import as_owner

SignedIn = Callable[[str], FlaskClient]


@pytest.fixture
def filled(app: Flask) -> None:
    """So many activities in two goes, the second beside indexes that have been built."""
    writer = author()
    fill(writer, 0, 120, lambda _line: None)
    fill(writer, 120, 300, lambda _line: None)


def test_it_is_what_the_house_would_have_written(filled: None) -> None:
    assert keeping.rebuild(lambda _line: None) == 0
    with access.looking_as(access.SYSTEM):
        assert db.session.scalar(select(func.count()).select_from(Activity)) == 300
        assert set(db.session.scalars(select(Activity.kind))) == set(ACTIVITY_TYPES)
        assert {Attribution(one) for one in db.session.scalars(select(Activity.attribution))} == set(Attribution)
        assert len(set(db.session.scalars(select(Activity.originator_id)))) > 5
        days = select(Activity.id).join(ActivityState).where(Activity.held_on != ActivityState.held_on)
        assert db.session.scalars(days).all() == []


def test_a_rare_word_is_found_in_as_many_however_many_there_are(filled: None, signed_in: SignedIn) -> None:
    page = signed_in("coordinator").get(f"/search?q={RARE}").get_data(as_text=True)
    assert f"<mark>{RARE}</mark>" in page
    with access.looking_as(access.SYSTEM):
        rare = select(SearchText.activity_id).where(SearchText.body.contains(RARE)).distinct()
        assert len(db.session.scalars(rare).all()) == RARE_IN


def test_indexes_and_triggers_are_there_again(app: Flask) -> None:
    catalogue = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'sqlite_%'",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    }[db.engine.dialect.name]

    def known() -> set[tuple[str, str]]:
        with as_owner() as connection:
            return {(name, told) for name, told in connection.execute(text(catalogue))}

    before = known()
    fill(author(), 0, 20, lambda _line: None)
    assert known() == before
