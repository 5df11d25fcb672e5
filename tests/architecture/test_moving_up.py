"""A database that holds records keeps all of them when it is brought up to date, on SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
import uuid
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from crm.accounts.models import Party, PartyKind, Role, User
from crm.accounts.service import open_account, open_party
from crm.activities.models import Activity, ActivityState
from crm.audit import chain
from crm.core.access import SYSTEM, looking_as
from crm.core.db import Base, db, unit_of_work
from crm.files.models import StoredFile
from crm.imports.models import SpreadsheetImport
from crm.install import install
from crm.letters.models import Letter, LetterCampaign, LetterDocument
from crm.people.met.models import Interlocutor, Post, PostTerm
from crm.states.models import State, StateName
from tests.architecture.imports import ROOT
from tests.instructions.world import activity, house, sent
from tests.search.test_finding import titles
from tests.support.databases import KINDS, Postgres, Sqlite, opened, settings_for
from tests.support.records import logged
from tests.support.wall import as_owner

BEFORE = "0003"
DAY = "2026-11-01"

both = pytest.mark.parametrize("database", KINDS)


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


@both
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


@both
def test_the_audit_holds_on_the_way_down_and_up(database: str, tmp_path: Path) -> None:
    """What was sealed goes on verifying, its values too, down to the first version that keeps values."""
    server = Sqlite(tmp_path) if database == "sqlite" else Postgres(tmp_path)
    try:
        with opened(settings_for(server.template_url(), tmp_path)) as app, app.app_context():
            upgrade()
            with looking_as(SYSTEM), unit_of_work():
                home = open_party(name="Norway", kind=PartyKind.GOVERNMENT)
                open_account(
                    actor=SYSTEM, email="a@example.org", name="A", party=home, roles=[Role.COORDINATOR], password=None
                )
            before = chain.verify()
            db.session.remove()
            downgrade(revision="0007")
            upgrade()
            assert (before.entries > 0, before.fault) == (True, None)
            assert chain.verify() == before
    finally:
        server.stop()


@both
def test_what_is_found_stays_found_on_the_way_down_and_up(database: str, tmp_path: Path) -> None:
    """The table of what can be searched is written anew on SQLite: its index goes on following it."""
    server = Sqlite(tmp_path) if database == "sqlite" else Postgres(tmp_path)
    try:
        with opened(settings_for(server.template_url(), tmp_path)) as app, app.app_context():
            install(sample=False, say=lambda _line: None)
            home = house()
            sent(home, {"BTN": "delhi"})
            logged(home.people["delhi"], "BTN", reply="Firstword")
            db.session.remove()
            downgrade(revision="0025")
            upgrade()
            assert titles(home.people["delhi"], "firstword") == ["Démarche, Bhutan"]
            logged(home.people["delhi"], "BTN", reply="Secondword")
            assert titles(home.people["delhi"], "secondword") == ["Démarche, Bhutan"]
            assert activity("BTN").mission_id == home.missions["delhi"]
            with pytest.raises(sa.exc.IntegrityError), as_owner() as connection:
                connection.execute(sa.text("UPDATE search_text SET part = 'nothing'"))
            with pytest.raises(sa.exc.IntegrityError), as_owner() as connection:
                connection.execute(sa.text("UPDATE search_text SET kind = 'nothing'"))
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


def put(connection: sa.Connection, model: type[Base], given: dict[str, object]) -> None:
    """A row with the columns that its table had then."""
    then = {one["name"] for one in sa.inspect(connection).get_columns(model.__tablename__)}
    kept = [one for one in model.__table__.columns if one.name in then]
    columns = (sa.Column(one.name, one.type, default=one.default and one.default.arg) for one in kept)
    table = sa.Table(model.__tablename__, sa.MetaData(), *columns)
    values = _whole(model, **given)
    connection.execute(sa.insert(table).values({name: values[name] for name in values if name in then}))


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
            put(connection, model, given)


@both
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


def _keep_imports() -> None:
    """An import that was undone, and one in the midst of its lines, of which some leave blank what stands above."""
    tables = sa.MetaData()
    tables.reflect(db.engine)
    party, undone, begun = (uuid.uuid4() for _ in range(3))
    plain = {
        "originator_id": party, "name": "x.csv", "kind": "csv", "size": 1, "sha256": "x", "sent_at": sa.func.now(),
        "head": {}, "problem": "", "sample": False,
        **dict.fromkeys(("read_to", "attempt", "tries", "ready", "problems", "duplicates", "left_out", "failed"), 0),
    }  # fmt: skip
    down = {"carry_down": True, "columns": {"state": 0, "held_on": 1}}
    lines = [["Fiji", "1 May 2026", "a"], ["", "", "b"], ["Total"], ["", "2 May 2026", "c"], ["Tonga", "", "d"]]
    with as_owner() as connection:

        def keep(table: str, **values: object) -> None:
            known = tables.tables[table]
            typed = {key: _typed(known.c[key], value) for key, value in values.items()}
            connection.execute(sa.insert(known).values(typed))

        keep("party", id=party, name="Norway", kind="government", sample=False)
        keep("spreadsheet_import", id=undone, phase="undone", choices={}, taken=3, **plain)
        keep("spreadsheet_import", id=begun, phase="taking", choices=down, taken=1, **plain)
        for line, cells in enumerate(lines, start=2):
            fate = "left_out" if cells == ["Total"] else "ready"
            keep(
                "spreadsheet_row", id=uuid.uuid4(), import_id=begun, line=line, cells=cells, fate=fate, problems=[],
                fingerprint="",
            )  # fmt: skip


@both
def test_lines_of_imports_keep_what_they_take_from_above(database: str, tmp_path: Path) -> None:
    server = Sqlite(tmp_path) if database == "sqlite" else Postgres(tmp_path)
    try:
        with opened(settings_for(server.template_url(), tmp_path)) as app, app.app_context():
            upgrade(revision="0025")
            _keep_imports()
            upgrade()
            assert {(one.phase, one.taken, one.undone) for one in _rows("spreadsheet_import")} == {
                ("undone", 0, 3), ("taking", 1, 0)
            }  # fmt: skip
            rows = sorted(_rows("spreadsheet_row"), key=lambda one: one.line)
            assert [one.carried for one in rows] == [
                None, {"state": "Fiji", "held_on": "1 May 2026"}, None, {"state": "Fiji"}, {"held_on": "2 May 2026"},
            ]  # fmt: skip
            downgrade(revision="0025")
            assert {(one.phase, one.taken) for one in _rows("spreadsheet_import")} == {("undone", 3), ("taking", 1)}
    finally:
        server.stop()


def _keep_lines() -> None:
    """Three lines of an import: a record, one that writes the name of a State, and one that names none."""
    party, made, record = (uuid.uuid4() for _ in range(3))
    rows: list[tuple[type[Base], dict[str, object]]] = [
        (Party, {"id": party}),
        (State, {"iso3": "FJI", "iso2": "FJ", "iso_numeric": "242"}),
        (State, {"iso3": "LAO", "iso2": "LA", "iso_numeric": "418"}),
        (StateName, {"id": uuid.uuid4(), "state_iso3": "FJI", "text": "Fiji"}),
        (Activity, {"id": record, "originator_id": party}),
        (ActivityState, {"id": uuid.uuid4(), "activity_id": record, "state_iso3": "LAO"}),
        (SpreadsheetImport, {"id": made, "originator_id": party, "choices": {"columns": {"state": 1}}}),
    ]
    lines = sa.Table("spreadsheet_row", sa.MetaData(), autoload_with=db.engine)
    with as_owner() as connection:
        for model, given in rows:
            put(connection, model, given)
        for number, (cells, became) in enumerate(((["x", "Laos"], record), (["x", " FIJI"], None), (["x"], None))):
            line = {
                "id": uuid.uuid4(), "import_id": made, "line": number, "cells": cells, "fate": "ready", "problems": [],
                "fingerprint": "", "activity_id": became,
            }  # fmt: skip
            connection.execute(sa.insert(lines).values({key: _typed(lines.c[key], one) for key, one in line.items()}))


@both
def test_lines_of_imports_name_their_states(database: str, tmp_path: Path) -> None:
    server = Sqlite(tmp_path) if database == "sqlite" else Postgres(tmp_path)
    try:
        with opened(settings_for(server.template_url(), tmp_path)) as app, app.app_context():
            upgrade(revision="0034")
            _keep_lines()
            upgrade()
            rows = sorted(_rows("spreadsheet_row"), key=lambda one: one.line)
            assert [(one.states, one.beyond) for one in rows] == [("LAO", False), ("FJI", False), ("", False)]
            downgrade(revision="0034")
            assert len(_rows("spreadsheet_row")) == 3
    finally:
        server.stop()


def _keep_a_post() -> None:
    """Somebody kept from an activity, for fewer people by now than the post that was written down with them."""
    party, activity, person, post = (uuid.uuid4() for _ in range(4))
    whose = {"originator_id": party, "state_iso3": "LAO"}
    rows: list[tuple[type[Base], dict[str, object]]] = [
        (Party, {"id": party}),
        (State, {"iso3": "LAO"}),
        (Activity, {"id": activity, "originator_id": party, "handling": "originator"}),
        (Interlocutor, {"id": person, "source_id": activity, "handling": "originator", **whose}),
        (Post, {"id": post, "handling": "states", **whose}),
        (PostTerm, {"post_id": post, "person_id": person}),
    ]
    with as_owner() as connection:
        for model, given in rows:
            put(connection, model, given)


@both
def test_posts_follow_whoever_was_first_in_them(database: str, tmp_path: Path) -> None:
    server = Sqlite(tmp_path) if database == "sqlite" else Postgres(tmp_path)
    try:
        with opened(settings_for(server.template_url(), tmp_path)) as app, app.app_context():
            upgrade(revision="0025")
            _keep_a_post()
            upgrade(revision="0026")
            [post], [person] = _rows("post"), _rows("interlocutor")
            assert (post.source_id, post.handling) == (person.source_id, "originator") and post.source_id
            downgrade(revision="0025")
            assert len(_rows("post")) == len(_rows("post_term")) == 1
    finally:
        server.stop()


def _keep_drafts() -> None:
    """Two drafts, of which one is about a record that is gone."""
    party, user = uuid.uuid4(), uuid.uuid4()
    rows: list[tuple[type[Base], dict[str, object]]] = [
        (Party, {"id": party}),
        (User, {"id": user, "party_id": party}),
        (State, {"iso3": "FJI", "iso2": "FJ", "iso_numeric": "242"}),
        (State, {"iso3": "LAO", "iso2": "LA", "iso_numeric": "418"}),
    ]
    drafts = sa.Table("draft", sa.MetaData(), autoload_with=db.engine)
    with as_owner() as connection:
        for model, given in rows:
            put(connection, model, given)
        for kind in ("activity", "correction"):
            draft = {
                "id": uuid.uuid4(), "user_id": user, "kind": kind, "typed": "{}", "revision": 1, "sample": False,
                "begun_at": sa.func.now(), "kept_at": sa.func.now(),
            }  # fmt: skip
            connection.execute(
                sa.insert(drafts).values({key: _typed(drafts.c[key], one) for key, one in draft.items()})
            )


@both
def test_a_draft_whose_record_is_gone_is_as_narrow_as_may_be(database: str, tmp_path: Path) -> None:
    server = Sqlite(tmp_path) if database == "sqlite" else Postgres(tmp_path)
    try:
        with opened(settings_for(server.template_url(), tmp_path)) as app, app.app_context():
            upgrade(revision="0040")
            _keep_drafts()
            upgrade()
            kept = {one.kind: (one.states, one.behind) for one in _rows("draft")}
            assert kept == {"activity": ("", ""), "correction": ("", "FJI LAO")}
            downgrade(revision="0040")
            assert len(_rows("draft")) == 2
    finally:
        server.stop()
