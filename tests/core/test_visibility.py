"""The rule of visibility reaches every query by itself, and nothing is visible by default."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Column, delete, exists, func, insert, inspect, select, true, union, update
from sqlalchemy.orm import aliased, immediateload, joinedload, lazyload, selectinload, subqueryload
from sqlalchemy.sql import visitors

import config
from crm.accounts.models import Invitation, Party, Role
from crm.accounts.policy import CLEARANCE, PERMISSIONS
from crm.activities.models import Activity, ActivityComment, ActivityPerson, ActivityState
from crm.activities.service import record_activity
from crm.core import access
from crm.core.access import ANONYMOUS, Handling, PublicFact, Viewer, looking_as
from crm.core.criteria import criteria_for
from crm.core.db import Base, db, unit_of_work
from crm.core.visibility import Attribution
from crm.drafts.models import Draft
from crm.sharing.models import HandlingRequest
from crm.states.models import State
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]


@pytest.fixture
def secret(app: Flask, person: People) -> Activity:
    """An activity that its party keeps to itself."""
    actor = person("officer").viewer
    with unit_of_work():
        return record_activity(
            actor=actor, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1), person_name="Canary",
            reply="A secret reply.", handling=Handling.ORIGINATOR,
        )  # fmt: skip


def _ways(key: object) -> dict[str, Callable[[], object]]:
    """Every way of reading an activity and its parts that feature code may use."""
    twin = aliased(Activity)
    return {
        "select": lambda: db.session.scalars(select(Activity)).all(),
        "columns": lambda: db.session.execute(select(Activity.reply)).all(),
        "count": lambda: db.session.scalar(select(func.count()).select_from(Activity)),
        "alias": lambda: db.session.execute(select(twin.reply)).all(),
        "get": lambda: db.session.get(Activity, key),
        "parts": lambda: db.session.scalars(select(ActivityPerson)).all(),
        "joined": lambda: db.session.execute(
            select(ActivityState.state_iso3).join(Activity, Activity.id == ActivityState.activity_id)
        ).all(),
        "subquery": lambda: db.session.scalars(
            select(ActivityState).where(ActivityState.activity_id.in_(select(Activity.id)))
        ).all(),
        "beside a public fact": lambda: db.session.execute(
            select(State.iso3, ActivityPerson.name).join(ActivityPerson, true())
        ).all(),
        "along a relationship": lambda: db.session.execute(
            select(Activity.reply, ActivityState.state_iso3).join(Activity.states)
        ).all(),
        "in a column": lambda: db.session.scalar(select(select(Activity.reply).scalar_subquery())),
        "exists": lambda: db.session.scalar(select(exists().where(ActivityPerson.activity_id == key))),
        "with": lambda: db.session.execute(select(select(Activity.reply).cte())).all(),
        "union": lambda: db.session.execute(union(select(Activity.reply), select(ActivityPerson.name))).all(),
        "of a subquery": lambda: db.session.execute(select(select(ActivityPerson.name).subquery().c.name)).all(),
    }


@pytest.mark.parametrize(
    "who", ["other_officer", "coordinator", "presidency", "secretariat", "observer", "administrator"]
)
def test_what_a_party_keeps_is_hidden_from_every_other(app: Flask, person: People, secret: Activity, who: str) -> None:
    key, viewer = secret.id, person(who).viewer
    db.session.remove()
    with looking_as(viewer):
        for name, read in _ways(key).items():
            assert not read(), name


@pytest.mark.parametrize("load", [joinedload, selectinload, subqueryload, immediateload, lazyload])
def test_parts_come_along_by_their_own_rule(app: Flask, person: People, load: Callable[..., Any]) -> None:
    """The comment is for its own party, the rest is hidden by the attribution, whatever brings them along."""
    officer = person("officer").viewer
    with unit_of_work():
        key = record_activity(
            actor=officer, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1), person_name="Canary",
            reply="A reply.", handling=Handling.STATES, attribution=Attribution.NONE, officer_comment="Canary",
        ).id  # fmt: skip
    whole = select(Activity).options(load(Activity.comment), load(Activity.people), load(Activity.states))
    for viewer, found in ((person("presidency").viewer, False), (officer, True)):
        db.session.remove()
        with looking_as(viewer):
            read = db.session.scalars(whole.where(Activity.id == key)).unique().one()
            assert [bool(read.comment), bool(read.people), bool(read.states)] == [found] * 3


def test_what_somebody_else_loaded_is_loaded_on_by_the_rule_of_who_looks_now(
    app: Flask, person: People, secret: Activity
) -> None:
    key, presidency = secret.id, person("presidency").viewer
    db.session.remove()
    with looking_as(access.SYSTEM):
        read = db.session.get_one(Activity, key)
    with looking_as(presidency):
        assert read.people == [] and read.states == []


def test_what_the_software_loaded_is_asked_for_again_by_its_key(app: Flask, person: People, secret: Activity) -> None:
    key = secret.id
    db.session.remove()
    with looking_as(access.SYSTEM):
        held = db.session.get_one(Activity, key)
    with looking_as(person("presidency").viewer):
        assert held in db.session and db.session.get(Activity, key) is None


def _parts(shown: Activity) -> tuple[list[str], list[str], bool]:
    """What somebody who holds an activity finds beside it."""
    states, people = [one.state_iso3 for one in shown.states], [one.name for one in shown.people]
    return states, people, shown.comment is not None


def _loaded_whole(key: object) -> Activity:
    parts = (Activity.states, Activity.people, Activity.comment)
    return db.session.scalars(select(Activity).options(*(selectinload(one) for one in parts))).one()


def _lazily(key: object) -> Activity:
    found = db.session.get_one(Activity, key)
    assert all(_parts(found))
    return found


def _joined(key: object) -> Activity:
    parts = (Activity.states, Activity.people, Activity.comment)
    return db.session.scalars(select(Activity).options(*(joinedload(one) for one in parts))).unique().one()


WHOLE = (["LAO"], ["Canary"], True)


@pytest.mark.parametrize("load", [_loaded_whole, _lazily, _joined])
@pytest.mark.parametrize("before", ["system", "officer"])
def test_what_somebody_else_loaded_beside_a_row_is_not_handed_on(
    app: Flask, person: People, load: Callable[[object], Activity], before: str
) -> None:
    """Whoever finds the row by a question of their own gets the same object, with what they see beside it."""
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = logged(
        officer, person_name="Canary", officer_comment="Tired.", handling=Handling.STATES, attribution=Attribution.NONE
    )
    with looking_as(other):
        with looking_as(access.SYSTEM if before == "system" else officer):
            known = load(key)
            assert _parts(known) == WHOLE
        assert db.session.scalars(select(Activity)).one() is known
        assert _parts(known) == ([], [], False)
        with looking_as(officer):
            assert _parts(known) == WHOLE
    db.session.expunge_all()
    with looking_as(officer):
        db.session.scalars(select(Activity)).one()


def test_what_a_viewer_loaded_stays_while_the_software_looks_elsewhere(app: Flask, person: People) -> None:
    """Nothing is asked twice because a verb counts something for itself, or loads along with other rows."""
    officer = person("officer").viewer
    keys = [logged(officer, held_on=date(2026, 11, day), officer_comment="Tired.") for day in (1, 2)]
    db.session.expunge_all()
    with looking_as(officer):
        shown = db.session.scalars(select(Activity).options(selectinload(Activity.states))).all()
        first, second = sorted(shown, key=lambda one: keys.index(one.id))
        with looking_as(access.SYSTEM):
            assert second.comment is not None and second.people
        for known, names in ((first, {"states"}), (second, {"states"})):
            assert {one.key for one in inspect(Activity).relationships} & set(inspect(known).dict) == names


def test_what_is_being_changed_is_not_let_go(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = logged(officer, kind="regional_workshop", handling=Handling.STATES)
    with looking_as(officer), unit_of_work():
        with looking_as(access.SYSTEM), db.session.no_autoflush:
            known = db.session.get_one(Activity, key)
            known.states.append(ActivityState(state_iso3="BTN", held_on=known.held_on))
            known.comment = ActivityComment(text="Tired.")
            with looking_as(other):
                pass
        assert [one.state_iso3 for one in known.states] == ["LAO", "BTN"]
    with looking_as(officer):
        assert db.session.scalars(select(ActivityState.state_iso3).order_by(ActivityState.state_iso3)).all() == [
            "BTN",
            "LAO",
        ]
        assert db.session.scalar(select(ActivityComment.text)) == "Tired."


def test_nothing_is_copied_past_the_rule(app: Flask, person: People, secret: Activity) -> None:
    copied = insert(ActivityComment).from_select(
        ["id", "activity_id", "text"], select(Activity.id, Activity.id, Activity.reply)
    )
    with looking_as(person("presidency").viewer), unit_of_work(), pytest.raises(RuntimeError, match="read it first"):
        db.session.execute(copied)


def test_its_own_party_sees_it(app: Flask, person: People, secret: Activity) -> None:
    key, viewer = secret.id, person("officer").viewer
    db.session.remove()
    with looking_as(viewer):
        for name, read in _ways(key).items():
            assert read(), name


def test_without_a_viewer_only_public_facts_are_visible(app: Flask, secret: Activity) -> None:
    db.session.remove()
    with looking_as(ANONYMOUS):
        for mapper in Base.registry.mappers:
            if not issubclass(mapper.class_, PublicFact):
                assert not db.session.scalar(select(func.count()).select_from(mapper.class_)), mapper


def test_a_rule_is_made_once_for_whoever_is_equal_in_everything(app: Flask) -> None:
    """The same person at their next request; nobody who reads less or more."""
    whoever = ASKING[1]
    (known, *_), (again, *_) = (criteria_for(select(Activity), one) for one in (whoever, replace(whoever)))
    assert known is again
    for change in ({"party_id": uuid4()}, {"closed": frozenset({"KEN"})}, {"clearance": frozenset[Handling]()}):
        other = criteria_for(select(Activity), replace(whoever, **change))  # type: ignore[arg-type]
        assert known not in other, change


def test_no_rule_follows_the_clock(app: Flask, steady_clock: time_machine.Traveller) -> None:
    """What is kept for a viewer would go on saying what was right yesterday."""
    rules = [one.class_.visible_to for one in Base.registry.mappers]

    def written() -> list[str]:
        compiled = [rule(one).compile() for rule in rules for one in ASKING]
        return [f"{one} {one.params}" for one in compiled]

    before = written()
    steady_clock.shift(timedelta(days=400))
    assert written() == before


def test_our_own_words_are_no_parameters_of_a_rule(app: Flask) -> None:
    """Each parameter of a rule is matched and written out at every statement; what changes is the party alone."""
    asked = select(Activity.id).where(Activity.visible_to(ASKING[1]))
    assert list(asked.compile().params.values()) == [ASKING[1].party_id]


def test_what_is_loaded_along_brings_its_rule(app: Flask) -> None:
    """The other end of a relationship stands in no statement before it is compiled."""
    options = criteria_for(select(Invitation).options(joinedload(Invitation.party)), ANONYMOUS)
    assert {inspect(Invitation), inspect(Party)} <= {one.entity for one in options}


ASKING = [
    ANONYMOUS,
    Viewer(user_id=uuid4(), party_id=uuid4(), permissions=PERMISSIONS[Role.COORDINATOR], clearance=frozenset(Handling)),
    Viewer(
        user_id=uuid4(), party_id=uuid4(), permissions=PERMISSIONS[Role.ADMINISTRATOR], clearance=frozenset(Handling),
        states=frozenset({"LAO"}), named=frozenset({"CAN"}), closed=frozenset({"KEN"}), opened=frozenset({"PER"}),
    ),
]  # fmt: skip


@pytest.mark.parametrize("viewer", ASKING, ids=["nobody", "coordinator", "bound"])
def test_a_rule_asks_no_model_but_its_own(app: Flask, viewer: Viewer) -> None:
    """It asks others as bare tables: a statement is not given the rules that its rules would need.

    A request asks for its record together with that record's own rule, and so does the draft of an answer to one.
    """
    for mapper in Base.registry.mappers:
        if mapper.class_ in (HandlingRequest, Draft):
            continue
        for element in visitors.iterate(mapper.class_.visible_to(viewer)):
            assert element._annotations.get("parententity") in (None, mapper), mapper


def test_no_model_asks_another_behind_a_column() -> None:
    """A property that is an expression would bring in tables that the statement does not name."""
    for mapper in Base.registry.mappers:
        assert all(isinstance(part, Column) for one in mapper.column_attrs for part in one.columns), mapper


def test_bulk_changes_stop_at_what_is_visible(app: Flask, person: People, secret: Activity) -> None:
    viewer = person("other_officer").viewer
    db.session.remove()
    with looking_as(viewer), unit_of_work():
        db.session.execute(update(Activity).values(reply="changed"))
        db.session.execute(delete(ActivityPerson))
    access.look_as(access.SYSTEM)
    assert db.session.scalars(select(Activity.reply)).all() == ["A secret reply."]
    assert db.session.scalar(select(func.count()).select_from(ActivityPerson)) == 1


def test_a_forgotten_rule_stops_the_start(tmp_path: Path) -> None:
    """In a process of its own, because a model is there for good."""
    start = """
from sqlalchemy.orm import Mapped, mapped_column
from crm import create_app
from crm.core.db import Base
class Forgotten(Base):
    id: Mapped[int] = mapped_column(primary_key=True)
create_app()
"""
    ended = subprocess.run(
        [sys.executable, "-c", start],
        cwd=config.ROOT,
        env={**os.environ, "DEMARCHE_ENV": "testing", "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.strip().endswith("RuntimeError: no rule says who may see: Forgotten")


def test_nobody_reads_what_a_party_keeps_to_itself() -> None:
    assert not [role for role, handlings in CLEARANCE.items() if Handling.ORIGINATOR in handlings]


def test_every_role_has_its_line_in_the_policy() -> None:
    assert set(PERMISSIONS) == set(CLEARANCE)
    assert "own:read" not in PERMISSIONS[next(role for role in PERMISSIONS if role.value == "administrator")]
    assert Viewer().permissions == frozenset()
