"""What is made of a record while somebody narrows it travels no further than the record, whoever is first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from crm.activities import whom
from crm.activities.models import Activity
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.people.met.models import StanceClaim
from crm.people.met.rules import Stance
from crm.positions import service as positions
from crm.sharing import service as sharing
from tests.support.met import known, stated
from tests.support.people import Person
from tests.support.racing import between
from tests.support.records import logged

People = Callable[[str], Person]

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
"""On SQLite a unit of work holds the whole database from its beginning."""


@pytest.fixture
def boss(person: People) -> Viewer:
    return person("coordinator").viewer


@pytest.fixture
def source(boss: Viewer) -> UUID:
    """A record for all States, which its party is about to keep to itself."""
    return logged(boss, handling=Handling.STATES, attribution=Attribution.FULL)


def opened(boss: Viewer, source: UUID, handling: Handling = Handling.STATES) -> UUID:
    with looking_as(boss), unit_of_work():
        return followups.open_follow_up(
            actor=boss, what="Call back", state_iso3="LAO", due_on=clock.today("UTC") + timedelta(days=9),
            handling=handling, activity_id=source,
        ).id  # fmt: skip


def changed(boss: Viewer, kind: str, key: UUID, handling: Handling) -> None:
    with looking_as(boss), unit_of_work():
        sharing.change_handling(actor=boss, kind=kind, record_id=key, handling=handling)


def answered(boss: Viewer, request: UUID) -> None:
    with looking_as(boss), unit_of_work():
        sharing.answer(actor=boss, request_id=request, granted=True)


def carried_on(boss: Viewer, followed: UUID) -> None:
    with looking_as(boss), unit_of_work():
        followups.finish(
            actor=boss, followup_id=followed, next_what="Call again",
            next_due_on=clock.today("UTC") + timedelta(days=20),
        )  # fmt: skip


def hide(boss: Viewer, source: UUID) -> Callable[[], None]:
    """Others learn neither State nor person of it any more."""

    def hidden() -> None:
        with looking_as(boss), unit_of_work():
            sharing.change_attribution(actor=boss, kind="activity", record_id=source, attribution=Attribution.NONE)

    return hidden


def narrow(boss: Viewer, source: UUID) -> Callable[[], None]:
    return lambda: changed(boss, "activity", source, Handling.ORIGINATOR)


def reach(model: Any) -> set[str]:
    """How far these rows travel."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return set(db.session.scalars(select(model.handling)))


Race = Callable[[Any, str, Callable[[], object], Callable[[], object]], list[Exception | None]]


@pytest.fixture
def race(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Race:
    return lambda place, name, first, second: between(app, monkeypatch, place, name, first, second)


def test_a_follow_up(race: Race, boss: Viewer, source: UUID) -> None:
    assert race(followups, "source", lambda: opened(boss, source), narrow(boss, source)) == [None, None]
    assert reach(Activity) == reach(FollowUp) == {"originator"}


def test_its_next_step(race: Race, boss: Viewer, source: UUID) -> None:
    followed = opened(boss, source)
    assert race(followups, "_for_change", lambda: carried_on(boss, followed), narrow(boss, source)) == [None, None]
    assert reach(Activity) == reach(FollowUp) == {"originator"}


def test_one_that_is_to_travel_further(race: Race, boss: Viewer, source: UUID) -> None:
    followed = opened(boss, source, Handling.ORIGINATOR)
    widened = race(
        followups, "source", lambda: changed(boss, "follow_up", followed, Handling.STATES), narrow(boss, source)
    )
    assert widened == [None, None]
    assert reach(Activity) == reach(FollowUp) == {"originator"}


def test_one_that_others_asked_for(race: Race, boss: Viewer, person: People, source: UUID) -> None:
    followed, other = opened(boss, source, Handling.COORDINATION), person("presidency").viewer
    with looking_as(other), unit_of_work():
        asked = sharing.ask_wider(
            actor=other, kind="follow_up", record_id=followed, wanted=Handling.STATES, reason="For our own."
        ).id
    assert race(followups, "source", lambda: answered(boss, asked), narrow(boss, source)) == [None, None]
    assert reach(Activity) == reach(FollowUp) == {"originator"}


def test_what_is_thought_of_somebody(race: Race, boss: Viewer, source: UUID) -> None:
    whose = known(boss, handling=Handling.STATES)

    def said() -> None:
        stated(boss, whose, Stance.BLOCKER, source=str(source), handling=Handling.STATES)

    assert race(whom, "source", said, narrow(boss, source)) == [None, None]
    assert reach(Activity) == reach(StanceClaim) == {"originator"}


def test_who_is_later_than_the_narrowing_waits_for_it(race: Race, boss: Viewer, source: UUID) -> None:
    """Both hold the source first, so that neither waits for the other in turn."""
    followed = opened(boss, source, Handling.COORDINATION)
    first, later = race(
        positions,
        "narrow_claims",
        narrow(boss, source),
        lambda: changed(boss, "follow_up", followed, Handling.STATES),
    )
    assert first is None and isinstance(later, RuleViolation) and "my own party alone" in str(later)
    assert reach(Activity) == reach(FollowUp) == {"originator"}


def test_a_follow_up_of_what_comes_to_hide_its_state(race: Race, boss: Viewer, source: UUID) -> None:
    assert race(followups, "source", lambda: opened(boss, source), hide(boss, source)) == [None, None]
    assert (reach(Activity), reach(FollowUp)) == ({"states"}, {"originator"})


def test_the_next_step_of_what_comes_to_hide_its_state(race: Race, boss: Viewer, source: UUID) -> None:
    followed = opened(boss, source)
    assert race(followups, "_for_change", lambda: carried_on(boss, followed), hide(boss, source)) == [None, None]
    assert reach(FollowUp) == {"originator"}


def test_one_that_is_to_travel_further_while_its_source_comes_to_hide(race: Race, boss: Viewer, source: UUID) -> None:
    followed = opened(boss, source, Handling.ORIGINATOR)
    widened = race(
        followups, "source", lambda: changed(boss, "follow_up", followed, Handling.STATES), hide(boss, source)
    )
    assert widened == [None, None] and reach(FollowUp) == {"originator"}


def test_what_is_thought_of_somebody_because_of_what_comes_to_hide(race: Race, boss: Viewer, source: UUID) -> None:
    whose = known(boss, handling=Handling.STATES)

    def said() -> None:
        stated(boss, whose, Stance.BLOCKER, source=str(source), handling=Handling.STATES)

    assert race(whom, "source", said, hide(boss, source)) == [None, None]
    assert (reach(Activity), reach(StanceClaim)) == ({"states"}, {"originator"})


def test_who_is_later_than_the_hiding_waits_for_it(race: Race, boss: Viewer, source: UUID) -> None:
    followed = opened(boss, source, Handling.COORDINATION)
    first, later = race(
        positions, "narrow_claims", hide(boss, source), lambda: changed(boss, "follow_up", followed, Handling.STATES)
    )
    assert first is None and isinstance(later, RuleViolation) and "my own party alone" in str(later)
    assert reach(FollowUp) == {"originator"}


def test_who_hides_and_who_narrows_at_once_both_get_through(race: Race, boss: Viewer, source: UUID) -> None:
    opened(boss, source)
    assert race(positions, "narrow_claims", hide(boss, source), narrow(boss, source)) == [None, None]
    assert reach(Activity) == reach(FollowUp) == {"originator"}
