"""A plan goes on step by step in a State, stops at a reply, and goes on with what was left of the delay."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db
from crm.core.errors import RuleViolation
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.followups.plans import service
from crm.followups.plans.rules import Stands, Why
from crm.followups.rules import Status
from tests.followups.opening import change
from tests.followups.plans.running import advance, begun, did, in_days, kept, replied, run, task
from tests.support.people import Person

People = Callable[[str], Person]
Later = Callable[[float], None]
DAY = 86_400.0


def _all_tasks() -> list[FollowUp]:
    with looking_as(SYSTEM):
        db.session.rollback()
        return list(db.session.scalars(select(FollowUp)))


def test_the_first_step_is_a_follow_up_at_once(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    first = task()
    assert (first.what, first.owner_id, first.due_on) == ("Send the letter", coordinator.user_id, in_days(0))
    assert (first.originator_id, first.handling) == (coordinator.party_id, Handling.ORIGINATOR.value)
    assert run().status == Stands.RUNNING
    advance()
    assert len(_all_tasks()) == 1, "once, however often it is looked at"


def test_what_is_done_is_followed_by_the_next_step_after_its_interval(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    change(coordinator, followups.finish, task().id)
    assert (run().step, task().what, task().due_on) == (2, "Make a démarche", in_days(14))
    advance()
    assert len(_all_tasks()) == 2


def test_the_last_step_done_it_is_through(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    for _ in range(3):
        change(coordinator, followups.finish, task().id)
    assert (run().status, run().ended_on) == (Stands.FINISHED, in_days(0))


def test_a_reply_of_any_party_stops_it_and_it_goes_on_with_what_was_left(
    app: Flask, person: People, later: Later
) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    begun(coordinator, kept(coordinator))
    change(coordinator, followups.finish, task().id)
    later(4 * DAY)
    replied(other)
    advance()
    assert (run().status, run().why, run().days_left) == (Stands.WAITING, Why.REPLY, 10)
    asleep = task()
    assert asleep.status == Status.OPEN and asleep.again_at is not None, "not lost, and nobody is reminded"
    later(24 * DAY)
    advance()
    assert task().due_on == in_days(10), "its day stays as far away as it was"
    did(coordinator, service.go_on, run().id)
    assert (run().status, run().days_left, run().due_on) == (Stands.RUNNING, None, in_days(10))
    assert (task().due_on, task().again_at) == (in_days(10), None)
    advance()
    assert run().status == Stands.RUNNING, "a reply stops it once"


def test_twice_in_one_state_it_does_not_run(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    plan = kept(coordinator)
    begun(coordinator, plan)
    with pytest.raises(RuleViolation):
        begun(coordinator, plan)
    assert len(_all_tasks()) == 1
