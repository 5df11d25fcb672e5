"""A database that holds records keeps all of them when it is brought up to date, on SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
import uuid
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from crm.accounts.models import Party
from crm.core.db import Base, db
from crm.files.models import StoredFile
from crm.letters.models import Letter, LetterCampaign, LetterDocument
from crm.states.models import State
from tests.architecture.imports import ROOT
from tests.support.databases import Postgres, Sqlite, opened, settings_for
from tests.support.wall import as_owner

BEFORE = "0003"
DAY = "2026-11-01"


def _rows(table: str) -> list[sa.Row[tuple[object, ...]]]:
    kept = sa.Table(table, sa.MetaData(), autoload_with=db.engine)
    with as_owner() as connection:
        return list(connection.execute(sa.select(kept)))


def _fill() -> None:
    """A party, an account with a role, and an activity with a part and a comment, as they were before."""
    tables = sa.MetaData()
    tables.reflect(db.engine)
    party, user, activity = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    rows = {
        "party": {"id": party, "name": "Norway", "kind": "government", "sample": False},
        "user_account": {
            "id": user, "email": "a@example.org", "name": "A", "title": "", "active": True, "fs_uniquifier": "x",
            "time_zone": "UTC", "party_id": party, "created_at": sa.func.now(), "sample": False,
        },
        "user_role": {"id": uuid.uuid4(), "user_id": user, "name": "mission_officer"},
        "activity": {
            "id": activity, "kind": "demarche", "status": "reported", "held_on": sa.func.date(DAY), "precision": "day",
            "occasion": "", "place": "", "delivered_by": "", "delivered_by_title": "", "paper_left": "none",
            "reply": "r", "officer_comment": "He seemed tired.", "attribution": "full", "next_action": "",
            "extras": {}, "recorded_at": sa.func.now(), "originator_id": party, "handling": "states", "version": 1,
            "sample": False,
        },
        "activity_person": {
            "id": uuid.uuid4(), "activity_id": activity, "name": "P", "title": "", "ministry": "", "level": "other",
        },
    }  # fmt: skip
    with as_owner() as connection:
        for name, values in rows.items():
            known = tables.tables[name]
            typed = {key: _typed(known.c[key], value) for key, value in values.items()}
            connection.execute(sa.insert(known).values(typed))


def _typed(column: sa.Column[object], value: object) -> object:
    """SQLite reflects a UUID as text of 32 digits."""
    return value.hex if isinstance(value, uuid.UUID) and not isinstance(column.type, sa.Uuid) else value


def test_nothing_is_lost_on_the_way_up_and_down(database: str, tmp_path: Path) -> None:
    server = Sqlite(tmp_path) if database == "sqlite" else Postgres(tmp_path)
    try:
        with opened(settings_for(server.template_url(), tmp_path)) as app, app.app_context():
            upgrade(revision=BEFORE)
            _fill()
            upgrade()
            for table in ("user_account", "user_role", "activity", "activity_person"):
                assert len(_rows(table)) == 1, table
            (comment,) = _rows("activity_comment")
            assert comment.text == "He seemed tired."
            downgrade(revision=BEFORE)
            (activity,) = _rows("activity")
            assert activity.officer_comment == "He seemed tired."
            assert len(_rows("activity_person")) == 1
    finally:
        server.stop()


BREAKING = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", {head!r}, None, None


def upgrade():
    op.create_table("passing_by", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("DELETE FROM party")
"""


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_migration_that_breaks_references_leaves_nothing_behind(
    database: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Foreign keys are off meanwhile on SQLite: what they would have refused is found before the commit."""
    server = Sqlite(tmp_path)
    folder = shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    with opened(settings_for(server.template_url(), tmp_path)) as app, app.app_context():
        upgrade(revision=BEFORE)
        _fill()
        upgrade()
        head = _rows("alembic_version")[0].version_num
        (folder / "versions" / "9999_breaking.py").write_text(BREAKING.format(head=head), encoding="utf-8")
        with pytest.raises(SystemExit):
            upgrade(directory=str(folder))
        assert "rows that point at nothing" in caplog.text
        assert _rows("alembic_version")[0].version_num == head
        assert len(_rows("party")) == len(_rows("user_account")) == 1
        assert "passing_by" not in sa.inspect(db.engine).get_table_names()


def _whole(model: type[Base], **given: object) -> dict[str, object]:
    """Values for every column that must have one and has no default."""
    plain: dict[type, object] = {str: "x", int: 0, float: 0.0, bool: False, date: date.fromisoformat(DAY)}
    due = [one for one in model.__table__.columns if not one.nullable and one.default is None and one.key not in given]
    return {**{one.key: plain[one.type.python_type] for one in due}, **given}


def _keep_a_letter() -> None:
    """A letter and its file, as far as its campaign travels: that is how files were kept before."""
    party, campaign, letter, file = (uuid.uuid4() for _ in range(4))
    whose = {"originator_id": party, "handling": "states"}
    rows: list[tuple[type[Base], dict[str, object]]] = [
        (Party, {"id": party}),
        (State, {"iso3": "LAO"}),
        (LetterCampaign, {"id": campaign, **whose}),
        (Letter, {"id": letter, "campaign_id": campaign, "state_iso3": "LAO"}),
        (StoredFile, {"id": file, "content": b"x", **whose}),
        (LetterDocument, {"letter_id": letter, "file_id": file}),
    ]
    with as_owner() as connection:
        for model, given in rows:
            connection.execute(sa.insert(model).values(_whole(model, **given)))


def test_files_follow_what_they_belong_to(database: str, tmp_path: Path) -> None:
    server = Sqlite(tmp_path) if database == "sqlite" else Postgres(tmp_path)
    try:
        with opened(settings_for(server.template_url(), tmp_path)) as app, app.app_context():
            upgrade(revision="0009")
            _keep_a_letter()
            upgrade()
            assert [one.handling for one in _rows("stored_file")] == ["originator"]
            assert [one.handling for one in _rows("letter_campaign")] == ["states"]
            downgrade(revision="0009")
            assert [one.handling for one in _rows("stored_file")] == ["states"]
    finally:
        server.stop()
