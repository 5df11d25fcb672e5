"""Two records of one person become one, and two again: everything together, and everything back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.visibility import Attribution
from crm.people.met import service
from crm.people.met.models import Interlocutor
from crm.people.met.rules import Stance
from tests.reach.test_restricted import restrict
from tests.support.met import filled, known, merged, of, person_of, sees, stated, undone
from tests.support.people import Person
from tests.support.records import anew, logged

People = Callable[[str], Person]

KEPT: dict[str, Any] = {
    "kind": "regional_workshop", "person_name": "Tashi C", "keep_person": True, "attribution": Attribution.FULL,
}  # fmt: skip


def test_merging_brings_everything_together_and_undoing_it_puts_everything_back(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    kept, gone = known(officer), known(officer, "Karma Dorjee", somebody_else=True)
    early = logged(officer, person_name="Karma Dorjee", held_on=date(2026, 1, 1))
    stated(officer, gone, Stance.FRIEND)
    filled(officer, gone)
    before = of(officer, gone)
    merged(officer, kept, gone)
    one = of(officer, kept)
    assert [met.activity_id for met in one.meetings] == [early]
    assert [line.stance for line in one.stances] == [Stance.FRIEND] and one.terms[0].person_id == kept
    assert [(line.name, line.undoable) for line in one.merged] == [("Karma Dorjee", True)]
    late = logged(officer, person_name="Karma Dorjee")
    assert person_of(late).interlocutor_id == kept, "who writes the former name means the person kept"
    undone(officer, gone)
    after, alone = of(officer, gone), of(officer, kept)
    assert (after.meetings, after.stances, after.terms) == (before.meetings, before.stances, before.terms)
    assert not alone.stances and not alone.terms and not alone.merged
    assert [met.activity_id for met in alone.meetings] == [late]
    undone(officer, gone)
    events = [one.event for one in db.session.scalars(select(AuditEntry).order_by(AuditEntry.at))]
    assert events.count("people_merged") == events.count("merge_undone") == 1


def test_who_had_been_merged_before_comes_along_and_goes_back(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    a, b, c = (known(officer, name, somebody_else=True) for name in ("Karma A", "Karma B", "Karma C"))
    merged(officer, b, c)
    merged(officer, a, b)
    assert {one.person_id for one in of(officer, a).merged} == {b, c}
    undone(officer, b)
    assert {one.person_id for one in of(officer, b).merged} == {c} and not of(officer, a).merged


def test_undoing_brings_back_those_alone_who_came_along_and_were_not_told_apart_since(
    app: Flask, person: People
) -> None:
    officer = person("officer").viewer
    a, b, c, d = (known(officer, f"Karma {name}", somebody_else=True) for name in "ABCD")
    merged(officer, b, a)
    merged(officer, c, b)
    undone(officer, a)
    merged(officer, c, a)
    undone(officer, b)
    assert {one.person_id for one in of(officer, c).merged} == {a} and not of(officer, b).merged
    merged(officer, d, c)
    undone(officer, c)
    assert {one.person_id for one in of(officer, c).merged} == {a} and not of(officer, d).merged


def test_whoever_may_not_see_those_who_came_along_moves_them_all_the_same(app: Flask, person: People) -> None:
    """Otherwise they would stand under somebody who is merged, or stay with another."""
    officer = person("officer").viewer
    kept, gone = known(officer, "Karma A"), known(officer, "Pema B")
    hidden = person_of(logged(officer, further_states=("BTN",), **KEPT)).interlocutor_id
    assert hidden
    merged(officer, gone, hidden)
    restrict(person("coordinator").viewer, "BTN")
    officer = anew(officer)
    assert not sees(officer, Interlocutor, hidden)
    merged(officer, kept, gone)
    assert {one.person_id for one in of(SYSTEM, kept).merged} == {gone, hidden}
    undone(officer, gone)
    assert {one.person_id for one in of(SYSTEM, gone).merged} == {hidden}


def test_a_merge_can_be_undone_for_thirty_days(
    app: Flask, person: People, steady_clock: time_machine.Traveller
) -> None:
    officer = person("officer").viewer
    kept, gone = known(officer), known(officer, "Karma Dorjee", somebody_else=True)
    merged(officer, kept, gone)
    steady_clock.shift(timedelta(days=31))
    assert not of(officer, kept).merged[0].undoable
    with pytest.raises(RuleViolation):
        undone(officer, gone)


def test_what_may_not_be_merged(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    mine = known(officer, handling=Handling.ORIGINATOR)
    wide = known(officer, "Karma Dorjee", handling=Handling.STATES, somebody_else=True)
    elsewhere = known(officer, "Karma Dorji", "BTN")
    theirs = known(other, "Karma Dorji", handling=Handling.STATES, somebody_else=True)
    for kept, gone in ((mine, wide), (mine, mine), (mine, elsewhere)):
        with pytest.raises(RuleViolation):
            merged(officer, kept, gone)
    with pytest.raises(NotAllowed):
        merged(officer, wide, theirs)
    with pytest.raises(NotFound):
        merged(other, theirs, mine)
    merged(officer, wide, mine)
    with pytest.raises(RuleViolation):
        merged(officer, known(officer, "Third", somebody_else=True), mine)


def test_who_was_merged_is_never_more_open_than_the_one_kept(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    kept, gone = known(officer, handling=Handling.STATES), known(officer, "Pema Lhamo", handling=Handling.STATES)
    merged(officer, kept, gone)
    with looking_as(officer), unit_of_work():
        service.correct_person(
            actor=officer, person_id=kept, version=1, name="Karma Dorji", handling=Handling.ORIGINATOR
        )
    assert not sees(other, Interlocutor, gone)
