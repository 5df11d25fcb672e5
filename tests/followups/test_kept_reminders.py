"""What was to be told and was not, because of other wishes, a sleep or a follow-up that was closed for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import literal, select

from crm.core import clock
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.followups import service
from crm.followups.models import FollowUp
from crm.followups.reminding import planning
from crm.followups.reminding.rules import Way
from crm.followups.withdrawal import HANGINGS
from tests.followups.buttons import plain
from tests.followups.opening import change, opened, plan
from tests.followups.test_reminding import say, wish
from tests.mail.posting import drain
from tests.mail.relays import Relay
from tests.support.people import Person
from tests.support.records import logged
from tests.support.statements import recorded

People = Callable[[str], Person]
Later = Callable[[float], None]

TODAY = date(2026, 11, 23)
HOUR, DAY = 3_600.0, 86_400.0


def _days(later: Later, first: int, last: int, hour: float = 0) -> None:
    for day in range(first, last + 1):
        later(day * DAY + hour * HOUR)
        plan()
        drain()


def test_later_until_the_due_day_reminds_on_that_day_though_the_week_had_told_it(
    app: Flask, relay: Relay, person: People, later: Later
) -> None:
    officer = person("officer")
    wish(officer, way=Way.WEEKLY, before=(), overdue_every=0)
    thursday = TODAY + timedelta(days=10)
    followup_id = opened(officer.viewer, due_on=thursday)
    _days(later, 1, 8)
    assert len(relay.taken) == 1
    change(officer.viewer, service.remind_later, followup_id, until=thursday)
    _days(later, 9, 30)
    assert [one.message["Subject"] for one in relay.taken[1:]] == [
        "Demarche: you asked to be reminded (3 December 2026)"
    ]


def test_what_waits_for_the_week_is_told_though_the_wishes_are_saved_anew(
    app: Flask, relay: Relay, person: People, later: Later
) -> None:
    officer, coordinator = person("officer"), person("coordinator")
    wish(officer, when_given=False, when_due=False, before=(), overdue_every=0)
    wish(coordinator, way=Way.WEEKLY)
    opened(
        coordinator.viewer, owner_id=officer.viewer.user_id, due_on=TODAY + timedelta(days=1), handling=Handling.STATES
    )
    _days(later, 0, 9)
    wish(coordinator, way=Way.WEEKLY)
    assert relay.taken == []
    _days(later, 10, 30)
    assert [one.recipients for one in relay.taken] == [["coordinator@example.org"]]


@pytest.mark.parametrize("planned_meanwhile", [True, False])
def test_what_was_given_is_told_though_the_wishes_are_saved_before_the_digest(
    app: Flask, relay: Relay, person: People, later: Later, planned_meanwhile: bool
) -> None:
    officer, coordinator = person("officer"), person("coordinator")
    wish(coordinator)
    later(HOUR)
    opened(officer.viewer, owner_id=coordinator.viewer.user_id, due_on=TODAY + timedelta(days=40))
    later(2 * HOUR)
    if planned_meanwhile:
        plan()
    wish(coordinator)
    assert drain() == {}
    _days(later, 1, 2)
    assert [one.recipients for one in relay.taken] == [["coordinator@example.org"]]


def test_fewer_days_tell_of_what_is_long_overdue_once(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer, coordinator = person("officer"), person("coordinator")
    wish(officer, when_given=False, when_due=False, before=(), overdue_every=0)
    wish(coordinator, escalated_after=14)
    opened(coordinator.viewer, owner_id=officer.viewer.user_id, due_on=TODAY, handling=Handling.STATES)
    _days(later, 0, 10)
    wish(coordinator, escalated_after=7)
    assert relay.taken == []
    _days(later, 11, 12)
    wish(coordinator, escalated_after=20)
    _days(later, 13, 30)
    assert [one.recipients for one in relay.taken] == [["coordinator@example.org"]]


def test_what_was_closed_while_its_digest_went_out_is_told_once_it_is_open_again(
    app: Flask, relay: Relay, person: People, later: Later, settings: Any
) -> None:
    officer = person("officer").viewer
    say(app, settings, relay, "full")
    first, _second = (opened(officer, what=f"Step {number}", due_on=TODAY + timedelta(days=1)) for number in range(2))
    later(DAY)
    plan()
    change(officer, service.finish, first)
    drain()
    later(DAY + HOUR)
    change(officer, service.reopen, first)
    plan()
    drain()
    assert ["Step 0" in plain(one) for one in relay.taken] == [False, True]
    assert "Step 1" not in plain(relay.taken[1])


def test_whoever_sleeps_hears_nothing_of_it_by_a_mail_under_way_either(
    app: Flask, relay: Relay, person: People, later: Later
) -> None:
    officer = person("officer")
    wish(officer, way=Way.WEEKLY, before=(), overdue_every=0)
    followup_id = opened(officer.viewer, due_on=TODAY + timedelta(days=10))
    later(7 * DAY)
    plan()
    change(officer.viewer, service.remind_later, followup_id, until=TODAY + timedelta(days=9))
    assert drain() == {}
    _days(later, 8, 30)
    assert [one.message["Subject"] for one in relay.taken] == [
        "Demarche: you asked to be reminded (3 December 2026)",
        "Demarche: a follow-up is due (3 December 2026)",
    ]


def test_who_only_will_be_reminded_does_not_keep_an_activity_from_being_undone(
    app: Flask, person: People, later: Later
) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    activity_id = logged(officer)
    later(HOUR)
    opened(officer, owner_id=coordinator.user_id, activity_id=activity_id, due_on=TODAY + timedelta(days=30))
    plan()
    gone_on = HANGINGS[0].on(select(literal(activity_id)))
    with looking_as(SYSTEM):
        assert db.session.scalars(gone_on).all() == []
    later(31 * DAY)
    plan()
    with looking_as(SYSTEM):
        assert db.session.scalars(gone_on).all() == [activity_id]


@pytest.mark.parametrize("look", ["first", "again"])
def test_what_planning_asks_does_not_grow_with_the_follow_ups(
    app: Flask, person: People, later: Later, look: str
) -> None:
    officer = person("officer").viewer
    person("coordinator")
    counts: list[int] = []
    for number in (2, 20):
        for _ in range(number):
            opened(officer, due_on=clock.today() + timedelta(days=1), due_time=time(9))
        with looking_as(SYSTEM), unit_of_work() as session:
            session.query(FollowUp).update({"remind_at": None})
        later(20 * DAY * len(counts) + 20 * DAY)
        if look == "again":
            _look()
        counts.append(_look())
    assert counts[0] == counts[1] < 20


def _look() -> int:
    with looking_as(SYSTEM), unit_of_work() as session:
        session.query(FollowUp).update({"remind_at": clock.now()})
    with looking_as(SYSTEM), unit_of_work(), recorded() as statements:
        planning.plan_due()
    return len(statements)
