"""What was written down before it was kept as narrow as it is today follows when a database is brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from crm.activities.models import ActivityStep
from crm.core import clock
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.visibility import Attribution
from crm.followups.models import FollowUp
from crm.imports.models import SpreadsheetImport, SpreadsheetRow
from crm.install import install
from crm.instructions.models import InstructionChange
from crm.people.met.models import Post
from crm.search.models import SearchText
from tests.instructions.world import activity, follow_up, house, instruction, sent
from tests.support.databases import KINDS, Postgres, Sqlite, opened, settings_for
from tests.support.records import logged
from tests.support.wall import as_owner

both = pytest.mark.parametrize("database", KINDS)


@contextmanager
def installed(database: str, folder: Path) -> Iterator[None]:
    server = Sqlite(folder) if database == "sqlite" else Postgres(folder)
    try:
        with opened(settings_for(server.template_url(), folder)) as app, app.app_context():
            install(sample=False, say=lambda _line: None)
            yield
    finally:
        server.stop()


def put(model: type[Any], key: Any, **values: Any) -> None:
    """Write into a row what stood there before, past every verb."""
    with as_owner() as connection:
        connection.execute(sa.update(model.__table__).where(model.id == key).values(values))


def again() -> None:
    """Take the last step of the migrations back and make it once more."""
    db.session.remove()
    downgrade(revision="0042")
    upgrade()


@contextmanager
def every_statement() -> Iterator[list[str]]:
    """What is asked inside the block through whatever engine: migrations bring their own."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        seen.append(sql)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


@both
def test_an_approach_repeats_nothing_of_its_instruction(database: str, tmp_path: Path) -> None:
    """Neither what it is to bring about, in the words of now or of before, nor its number, nor why it was amended; and
    what asks for it is for its party alone. What the mission wrote itself stays.
    """
    with installed(database, tmp_path):
        home = house()
        sent(home, {"BTN": "delhi", "LAO": "bangkok"}, reference="Vienna 114")
        with looking_as(SYSTEM):
            told, old, own = instruction(), activity("BTN"), activity("LAO")
            owed, key = follow_up("BTN"), told.id
        with looking_as(SYSTEM), unit_of_work() as session:
            session.add(
                InstructionChange(
                    instruction_id=key, version=2, why="An allowance", changes={"objective": ["Before", told.objective]}
                )
            )
            session.add_all(
                ActivityStep(activity_id=one, status=status, note=note)
                for one, status, note in (
                    (old.id, "amended", "An allowance"),
                    (own.id, "cancelled", "The instruction was withdrawn: In vain"),
                    (own.id, "amended", "Our own word"),
                )
            )  # fmt: skip
        put(type(old), old.id, objective="Before", extras={"aim": "action", "instruction_ref": "Vienna 114"})
        put(type(own), own.id, objective="Ours", extras={"aim": "action", "instruction_ref": "Ours 1"})
        put(type(owed), owed.id, handling="coordination")
        again()
        with looking_as(SYSTEM):
            assert (activity("BTN").objective, activity("BTN").extras) == ("", {"aim": "action"})
            assert (activity("LAO").objective, activity("LAO").extras["instruction_ref"]) == ("Ours", "Ours 1")
            assert (follow_up("BTN").handling, follow_up("BTN").chosen) == ("originator", Handling.COORDINATION)
            notes = set(db.session.scalars(sa.select(ActivityStep.note)))
            assert notes - {""} == {"The instruction was withdrawn.", "Our own word"}
            shown = {one.activity_id for one in db.session.scalars(sa.select(SearchText)) if one.activity_id}
            assert not shown & {old.id, own.id}


@both
def test_a_line_of_a_spreadsheet_names_every_state_in_its_cell(database: str, tmp_path: Path) -> None:
    cells = {
        "Fiji; Tonga": "FJI TON", "Fiji, Tonga & Laos": "FJI TON LAO", "FIJI*": "FJI", "the Fiji": "FJI",
        "Côte d’Ivoire / Fiji": "CIV FJI", "Korea, Republic of": "KOR", "Fiji and more": "", "": "", "*": "",
        "FJ": "FJI",
    }  # fmt: skip
    with installed(database, tmp_path):
        home = house().coordinator
        with looking_as(SYSTEM), unit_of_work() as session:
            made = SpreadsheetImport(
                originator_id=home.party_id, brought_by_id=home.user_id, name="x", kind="csv", size=1, sha256="x",
                choices={"columns": {"state": 1}},
            )  # fmt: skip
            session.add(made)
            session.flush()
            for line, text in enumerate(cells):
                session.add(SpreadsheetRow(import_id=made.id, line=line, cells=["x", text]))
            session.add(SpreadsheetRow(import_id=made.id, line=90, cells=["x"], carried={"state": "Fiji / Tonga"}))
            session.add(SpreadsheetRow(import_id=made.id, line=91, cells=["x", "Fiji; Tonga"], states="FJI"))
        again()
        with looking_as(SYSTEM):
            found = db.session.execute(sa.select(SpreadsheetRow.states).order_by(SpreadsheetRow.line)).scalars().all()
        assert found == [*cells.values(), "FJI TON", "FJI"]


@both
def test_what_was_narrowed_by_itself_keeps_what_was_chosen(database: str, tmp_path: Path) -> None:
    with installed(database, tmp_path):
        who = house().people["delhi"]
        hidden = logged(
            who, "BTN", handling=Handling.STATES, attribution=Attribution.NONE,
            next_action="Call", next_action_due=clock.today(),
        )  # fmt: skip
        again()
        with looking_as(SYSTEM):
            kept = db.session.scalars(sa.select(FollowUp).where(FollowUp.activity_id == hidden)).one()
            assert (kept.handling, kept.chosen) == ("originator", Handling.STATES)


@both
def test_two_posts_of_one_title_are_kept_on_the_way_down_and_up(database: str, tmp_path: Path) -> None:
    with installed(database, tmp_path):
        who = house().people["delhi"]
        sources = [logged(who, "BTN"), logged(who, "BTN"), None]
        with looking_as(SYSTEM), unit_of_work() as session:
            for source in sources:
                session.add(
                    Post(
                        state_iso3="BTN", title_en="Director", sought="director", source_id=source,
                        originator_id=who.party_id, handling="originator",
                    )
                )  # fmt: skip
        db.session.remove()
        downgrade(revision="0025")
        upgrade()
        with looking_as(SYSTEM):
            kept = db.session.execute(sa.select(Post.title_en, Post.sought).order_by(Post.sought)).all()
        assert [tuple(one) for one in kept] == [
            ("Director", "director"), ("Director", "director 2"), ("Director", "director 3")
        ]  # fmt: skip


@both
def test_lines_are_named_a_slice_at_a_time_and_none_is_left_out(database: str, tmp_path: Path) -> None:
    with installed(database, tmp_path):
        home = house().coordinator
        with looking_as(SYSTEM), unit_of_work() as session:
            made = SpreadsheetImport(
                originator_id=home.party_id, brought_by_id=home.user_id, name="x", kind="csv", size=1, sha256="x",
                choices={"columns": {"state": 0}},
            )  # fmt: skip
            session.add(made)
            session.flush()
            session.add_all(
                SpreadsheetRow(import_id=made.id, line=line, cells=["Nowhere" if line % 3 else "Fiji; Tonga"])
                for line in range(2_500)
            )
        with every_statement() as seen:
            again()
        read = [one for one in seen if one.startswith("SELECT spreadsheet_row")]
        assert len(read) == 3 and all("LIMIT" in one for one in read), "what is held does not grow with what there is"
        with looking_as(SYSTEM):
            found = db.session.execute(sa.select(SpreadsheetRow.states).order_by(SpreadsheetRow.line)).scalars().all()
        assert found == ["" if line % 3 else "FJI TON" for line in range(2_500)]
