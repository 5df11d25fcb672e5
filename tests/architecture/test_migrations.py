"""The migrations lead, in one line, to exactly the tables of the models."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from crm.core.db import Base, db
from crm.core.fulltext import known_to_models
from tests.architecture.imports import ROOT
from tests.support.databases import KINDS


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(ROOT / "migrations")).get_heads()) == 1


@pytest.mark.parametrize("database", KINDS, indirect=True)
def test_the_tables_are_those_of_the_models(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": True, "include_name": known_to_models},
        )
        assert compare_metadata(context, Base.metadata) == []


def test_handling_and_originator_stand_from_the_first_table_on() -> None:
    first = next((ROOT / "migrations" / "versions").glob("0001_*.py")).read_text(encoding="utf-8")
    for table in ("activity", "follow_up", "letter_campaign", "stored_file", "obstacle_claim"):
        body = first.split(f'"{table}"', 1)[1].split("create_table", 1)[0]
        assert '"originator_id"' in body and '"handling"' in body, table
