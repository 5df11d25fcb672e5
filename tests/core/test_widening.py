"""A record that stands is let travel further in one place alone; whoever tries elsewhere is refused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, insert, inspect, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from crm.activities.models import Activity, Attachment
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import Base, db, unit_of_work
from crm.core.visibility import Attribution
from crm.core.widening import widening
from crm.files.models import StoredFile
from crm.followups.models import FollowUp
from tests.support.worlds import World, generated

COPIES = {"AuditEntry", "AuditContent", "AuditRefusal"}
"""What never changes: the entries say how far their record travelled then."""


def handled() -> set[type[Any]]:
    """Every model whose rows say how far they travel, and may travel less or further."""
    found = {one.class_ for one in Base.registry.mappers if "handling" in one.columns}
    return {one for one in found if one.__name__ not in COPIES}


def filled() -> World:
    world = generated(1, activities=20, viewers=2)
    activity = next(rows[0]["id"] for model, rows in world.rows.items() if model.__name__ == "Activity")
    kept = {"activity_id": activity, "name": "a", "media_type": "text/plain", "size": 1, "sha256": "0"}
    world.add(Attachment, **kept, file_id=world.rows[StoredFile][0]["id"], added_by="A", handling="states")
    world.insert()
    return world


def test_no_record_becomes_wider_by_the_way(app: Flask) -> None:
    world, tried = filled(), set[type[Any]]()
    for model in handled() & set(world.rows):
        key = world.rows[model][0]["id"]
        with looking_as(SYSTEM):
            with unit_of_work() as session:
                session.scalars(select(model).where(model.id == key)).one().handling = Handling.ORIGINATOR.value
            with pytest.raises(RuntimeError, match="for more people"), unit_of_work() as session:
                session.scalars(select(model).where(model.id == key)).one().handling = Handling.COORDINATION.value
            with widening(), unit_of_work() as session:
                session.scalars(select(model).where(model.id == key)).one().handling = Handling.PUBLIC.value
            assert db.session.scalar(select(model.handling).where(model.id == key)) == "public"
        tried.add(model)
    assert tried == handled()


@pytest.mark.parametrize("steps", [1, 2])
@pytest.mark.parametrize(("after", "refused"), [("public", True), (None, True), ("originator", False)])
def test_what_is_taken_away_and_written_anew_in_one_becomes_no_wider(
    app: Flask, after: str | None, refused: bool, steps: int
) -> None:
    world = filled()
    key = world.rows[FollowUp][0]["id"]
    with looking_as(SYSTEM):
        with unit_of_work() as session:
            session.get_one(FollowUp, key).handling = Handling.ORIGINATOR.value
        with contextlib.ExitStack() as outcome:
            if refused:
                outcome.enter_context(pytest.raises(RuntimeError, match="for more people"))
            session = outcome.enter_context(unit_of_work())
            stood = session.get_one(FollowUp, key)
            columns = [one.key for one in inspect(FollowUp).column_attrs if one.key != "handling"]
            anew = FollowUp(**{one: getattr(stood, one) for one in columns})
            if after:
                anew.handling = after
            stood.handling = "originator"
            session.delete(stood)
            if steps == 2:
                session.flush()
            session.add(anew)
        db.session.expire_all()
        assert db.session.scalar(select(FollowUp.handling).where(FollowUp.id == key)) == "originator"


def test_what_was_taken_away_in_an_earlier_unit_of_work_stands_in_the_way_of_nothing(app: Flask) -> None:
    world = filled()
    key = world.rows[FollowUp][0]["id"]
    columns = [one.key for one in inspect(FollowUp).column_attrs if one.key != "handling"]
    with looking_as(SYSTEM):
        with unit_of_work() as session:
            stood = session.get_one(FollowUp, key)
            stood.handling = Handling.ORIGINATOR.value
            kept = {one: getattr(stood, one) for one in columns}
        with unit_of_work() as session:
            session.delete(session.get_one(FollowUp, key))
        with unit_of_work() as session:
            session.add(FollowUp(**kept, handling=Handling.PUBLIC.value))
        assert db.session.scalar(select(FollowUp.handling).where(FollowUp.id == key)) == "public"


def test_what_was_not_read_before_is_not_judged_and_so_refused(app: Flask) -> None:
    world = filled()
    with looking_as(SYSTEM):
        row = db.session.scalars(select(Attachment).where(Attachment.id == world.rows[Attachment][0]["id"])).one()
        db.session.expire(row, ["handling"])
        row.handling = Handling.ORIGINATOR.value
        assert not inspect(row).attrs.handling.history.deleted
        with pytest.raises(RuntimeError, match="for more people"):
            db.session.flush()


def _in_two_steps() -> None:
    wanted = update(Activity)
    db.session.execute(wanted.values(handling="public"))


def _unless_there(insert: Any, **written: Any) -> None:
    made = insert(Activity).values(id=UUID(int=0))
    db.session.execute(made.on_conflict_do_update(index_elements=["id"], set_=written))


def _as_given() -> None:
    made = sqlite.insert(Activity).values(id=UUID(int=0), handling="public")
    told = {"reply": "", Activity.handling: made.excluded.handling}
    db.session.execute(made.on_conflict_do_update(index_elements=["id"], set_=told))


def _after_a_question(**written: Any) -> None:
    """Something else is set first, from a question with a condition of its own."""
    other = aliased(Activity)
    asked = select(other.reply).where(other.id == UUID(int=0)).scalar_subquery()
    db.session.execute(update(Activity).values(reply=asked, **written))


CHANGES: dict[str, Callable[[], object]] = {
    "by word": lambda: db.session.execute(update(Activity).values(handling="public")),
    "in two steps": _in_two_steps,
    "by table": lambda: db.session.execute(update(Activity).values({"handling": "public"})),
    "by column": lambda: db.session.execute(update(Activity).values({Activity.attribution: "full"})),
    "after a question": partial(_after_a_question, handling="public"),
    "in an order": lambda: db.session.execute(
        update(Activity).ordered_values((Activity.reply, ""), (Activity.handling, "public"))
    ),
    "unless there, on PostgreSQL": partial(_unless_there, postgresql.insert, handling="public"),
    "unless there, on SQLite": partial(_unless_there, sqlite.insert, attribution="full"),
    "as given, unless there": _as_given,
    "by an older word": lambda: db.session.query(Activity).update({Activity.handling: "public"}),
    "by row": lambda: db.session.execute(update(Activity), [{"id": UUID(int=0), "handling": "public"}]),
}


def _kept(session: Any, key: UUID) -> dict[str, Any]:
    """What a record that its party keeps to itself holds, as it would be for everybody."""
    row = session.get_one(FollowUp, key)
    return {**{one.key: getattr(row, one.key) for one in inspect(FollowUp).column_attrs}, "handling": "public"}


def _by_statement_and_added(session: Any, key: UUID) -> None:
    values, row = _kept(session, key), session.get_one(FollowUp, key)
    session.execute(delete(FollowUp).where(FollowUp.id == key).execution_options(synchronize_session=False))
    session.expunge(row)
    session.add(FollowUp(**values))


def _taken_away_and_inserted(session: Any, key: UUID) -> None:
    values = _kept(session, key)
    session.delete(session.get_one(FollowUp, key))
    session.flush()
    session.execute(insert(FollowUp).values(**values))


def _inserted_over(session: Any, key: UUID) -> None:
    values = _kept(session, key)
    session.execute(insert(FollowUp).prefix_with("OR REPLACE").values(**values))


def _moved_to_its_key(session: Any, key: UUID) -> None:
    anew = FollowUp(**{**_kept(session, key), "id": uuid4()})
    session.add(anew)
    session.delete(session.get_one(FollowUp, key))
    session.flush()
    anew.id = key


def _moved_by_statement(session: Any, key: UUID) -> None:
    session.execute(update(FollowUp).where(FollowUp.id != key).values(id=key))


def _given_to_others(session: Any, key: UUID) -> None:
    session.get_one(FollowUp, key).originator_id = uuid4()


def _given_to_others_by_statement(session: Any, key: UUID) -> None:
    session.execute(update(FollowUp).where(FollowUp.id == key).values(originator_id=uuid4()))


WAYS_ROUND = (
    _by_statement_and_added, _taken_away_and_inserted, _inserted_over, _moved_to_its_key, _moved_by_statement,
    _given_to_others, _given_to_others_by_statement,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS_ROUND)
def test_s06_no_way_round_puts_a_wider_record_in_the_place_of_one(app: Flask, way: Callable[[Any, UUID], None]) -> None:
    world = filled()
    key, whose = (world.rows[FollowUp][0][one] for one in ("id", "originator_id"))
    with looking_as(SYSTEM):
        with unit_of_work() as session:
            session.get_one(FollowUp, key).handling = Handling.ORIGINATOR.value
        with (
            pytest.raises(RuntimeError, match=r"for more people|another record|who sees many"),
            unit_of_work() as session,
        ):
            way(session, key)
        db.session.expire_all()
        wanted = select(FollowUp.handling, FollowUp.originator_id).where(FollowUp.id == key)
        assert tuple(db.session.execute(wanted).one()) == ("originator", whose)


@pytest.mark.parametrize("how", CHANGES)
def test_no_statement_changes_who_sees_many_records(app: Flask, how: str) -> None:
    with looking_as(SYSTEM), pytest.raises(RuntimeError, match="read them and set each"), unit_of_work():
        CHANGES[how]()
    with looking_as(SYSTEM), unit_of_work():
        narrow = Activity.handling == "originator"
        db.session.execute(update(Activity).where(narrow).values(reply=""))
        _after_a_question(occasion="")


def test_a_part_that_follows_its_whole_may_become_narrower_alone(app: Flask) -> None:
    world = filled()
    wanted = select(Attachment).where(Attachment.id == world.rows[Attachment][0]["id"])
    with looking_as(SYSTEM):
        with pytest.raises(RuntimeError, match="for more people"), unit_of_work() as session:
            session.scalars(wanted).one().handling = None
        with widening(), unit_of_work() as session:
            session.scalars(wanted).one().handling = None
        with unit_of_work() as session:
            session.scalars(wanted).one().handling = Handling.COMMUNITY.value


def told_of() -> set[type[Any]]:
    """Every model whose rows say what others learn of where they come from."""
    return {one.class_ for one in Base.registry.mappers if "attribution" in one.columns}


@pytest.mark.parametrize("before", list(Attribution))
def test_no_record_tells_more_of_its_source_by_the_way(app: Flask, before: Attribution) -> None:
    key = filled().rows[Activity][0]["id"]
    wanted = select(Activity).where(Activity.id == key)
    with looking_as(SYSTEM):
        for after in Attribution:
            with widening(), unit_of_work() as session:
                session.scalars(wanted).one().attribution = before.value
            if after.rank >= before.rank:
                with unit_of_work() as session:
                    session.scalars(wanted).one().attribution = after.value
                continue
            with pytest.raises(RuntimeError, match="more of its source"), unit_of_work() as session:
                session.scalars(wanted).one().attribution = after.value
            with widening(), unit_of_work() as session:
                session.scalars(wanted).one().attribution = after.value
            assert db.session.scalar(select(Activity.attribution).where(Activity.id == key)) == after
    assert told_of() == {Activity}
