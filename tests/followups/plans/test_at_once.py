"""Plans that several people and workers move at the same time, and steps that were done by mistake."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import Flask
from sqlalchemy import delete, func, select

from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.followups.plans import advancing, service
from crm.followups.plans.models import PlanReply, PlanRun, PlanRunStep
from crm.followups.plans.rules import Stands
from crm.followups.rules import Status
from tests.followups.opening import as_system, change
from tests.followups.plans.running import advance, begun, did, in_days, kept, replied, run, task
from tests.support.people import Person
from tests.support.racing import at_once
from tests.support.statements import recorded

People = Callable[[str], Person]
Later = Callable[[float], None]
SEVERAL = ("HTI", "IDN", "JAM", "KEN", "KHM", "LBR", "NPL", "TZA")


def _number(model: type[FollowUp | PlanRun | PlanRunStep | PlanReply]) -> int:
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def _worker() -> None:
    with looking_as(SYSTEM), unit_of_work():
        advancing.advance_all()


def _forget_the_steps() -> None:
    db.session.execute(delete(PlanRunStep))
    db.session.execute(delete(FollowUp))


def _start(actor: Viewer, plan: UUID) -> None:
    with looking_as(actor), unit_of_work():
        service.start(actor=actor, plan_id=plan, states=["KHM"])


def test_begun_twice_at_once_it_runs_once(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    plan = kept(coordinator)
    outcomes = at_once(app, [partial(_start, coordinator, plan)] * 4)
    assert sum(one is None for one in outcomes) == 1
    assert all(one is None or isinstance(one, RuleViolation) for one in outcomes)
    assert (_number(PlanRun), _number(FollowUp)) == (1, 1)


def test_two_workers_begin_no_step_twice(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator), *SEVERAL)
    as_system(_forget_the_steps)
    assert at_once(app, [_worker] * 4) == [None] * 4
    assert (_number(PlanRunStep), _number(FollowUp)) == (len(SEVERAL), len(SEVERAL))


def test_a_reply_stops_it_once_however_many_look(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    replied(person("presidency").viewer)
    assert at_once(app, [_worker] * 4) == [None] * 4
    assert (run().status, _number(PlanReply)) == (Stands.WAITING, 1)


def test_done_while_a_worker_looks_the_next_step_begins_once(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator), *SEVERAL)
    keys = [task(one).id for one in SEVERAL]

    def finish() -> None:
        for key in reversed(keys):
            change(coordinator, followups.finish, key)

    assert at_once(app, [finish, _worker, _worker]) == [None] * 3
    advance()
    assert {run(one).step for one in SEVERAL} == {2}
    assert _number(PlanRunStep) == 2 * len(SEVERAL)


def test_a_reply_while_its_step_is_done_stops_it_before_or_after_the_next_began(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    begun(coordinator, kept(coordinator))
    key = task().id
    outcomes = at_once(app, [partial(change, coordinator, followups.finish, key), partial(replied, other), _worker])
    assert outcomes == [None] * 3
    advance()
    assert (run().status, run().step, run().days_left) == (Stands.WAITING, 2, 14)


def test_going_on_at_once_leaves_one_open_step(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    replied(coordinator)
    advance()
    change(coordinator, followups.finish, task().id)
    assert (run().status, run().step, _number(FollowUp)) == (Stands.WAITING, 2, 1), (
        "the next one begins when it goes on"
    )
    outcomes = at_once(app, [partial(did, coordinator, service.go_on, run().id)] * 3)
    assert outcomes == [None] * 3
    assert (run().status, task().due_on, _number(FollowUp)) == (Stands.RUNNING, in_days(14), 2)


def test_a_step_opened_again_takes_back_the_one_that_began_after_it(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    first = task().id
    change(coordinator, followups.finish, first)
    second = task().id
    change(coordinator, followups.reopen, first)
    assert (run().step, run().status, task().id, task().status) == (1, Stands.RUNNING, first, Status.OPEN)
    with looking_as(SYSTEM):
        assert db.session.get_one(FollowUp, second).status == Status.CANCELLED
    advance()
    assert (run().step, run().status) == (1, Stands.RUNNING)
    change(coordinator, followups.finish, first)
    assert (run().step, task().id, task().status, task().due_on) == (2, second, Status.OPEN, in_days(14))


def test_a_step_opened_again_long_after_changes_nothing(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    first = task().id
    for _ in range(2):
        change(coordinator, followups.finish, task().id)
    change(coordinator, followups.reopen, first)
    assert (run().step, task().status) == (3, Status.OPEN)
    change(coordinator, followups.finish, first)
    assert (run().step, _number(FollowUp)) == (3, 3)


def test_the_last_step_opened_again_it_runs_again(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    for _ in range(3):
        last = task().id
        change(coordinator, followups.finish, last)
    change(coordinator, followups.reopen, last)
    assert (run().status, run().ended_on, run().step) == (Stands.RUNNING, None, 3)


def test_what_is_looked_at_does_not_grow_with_the_states(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    plan = kept(coordinator)
    begun(coordinator, plan, *SEVERAL[:2])
    with recorded() as few:
        advance()
    begun(coordinator, plan, *SEVERAL[2:])
    with recorded() as many:
        advance()
    assert len(few) == len(many)
