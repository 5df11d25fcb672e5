"""Digests that wait for each other, fail, or are written by two at once, and what a save of wishes wakes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from crm.accounts.models import Role, UserRole
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.followups import queries
from crm.followups.models import FollowUp, Reminder
from crm.followups.reminding import planning, words
from crm.followups.reminding import wishes as verbs
from crm.mail.models import OutboxMail
from tests.followups.buttons import plain
from tests.followups.opening import as_system, colleague_of, mails_of, opened, plan, read
from tests.followups.test_reminding import say, wish
from tests.mail.posting import drain
from tests.mail.relays import Relay
from tests.reach.test_restricted import restrict
from tests.support.people import Person
from tests.support.racing import at_once, slowly
from tests.support.records import anew

People = Callable[[str], Person]
Later = Callable[[float], None]

TODAY = date(2026, 11, 23)
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


def _step(work: Callable[..., int], **given: Any) -> int:
    with looking_as(SYSTEM), unit_of_work():
        return work(**given)


def _looked_at_now() -> set[UUID]:
    """What the planner is to look at as soon as may be."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return set(db.session.scalars(select(FollowUp.id).where(FollowUp.remind_at <= clock.now())))


def test_a_digest_waits_for_what_belongs_into_it_and_for_no_other_party(
    app: Flask, person: People, later: Later
) -> None:
    officer, elsewhere = person("officer").viewer, person("other_officer").viewer
    theirs = opened(elsewhere, due_on=TODAY + timedelta(days=1))
    later(DAY)
    assert _step(planning.plan_due) == 1
    later(0)
    mine = [opened(officer, due_on=TODAY + timedelta(days=1)) for _ in range(2)]
    later(DAY)
    assert _step(planning.plan_due, limit=1) == 1
    assert _step(planning.gather) == 1
    assert [len(mails_of(one)) for one in (theirs, *mine)] == [1, 0, 0]
    plan()
    assert len({mail.id for one in mine for mail in mails_of(one)}) == 1


def _fails_for(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    post = planning._post

    def failing(to: str, *given: Any) -> UUID:
        if to == address:
            raise ZeroDivisionError
        return post(to, *given)

    monkeypatch.setattr(planning, "_post", failing)


def test_a_digest_that_fails_is_said_and_tried_anew_and_forgotten_once_it_is_written(
    app: Flask, relay: Relay, person: People, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = person("officer").viewer
    followup_id = opened(officer, due_on=TODAY + timedelta(days=1))
    later(DAY)
    with monkeypatch.context() as patch:
        _fails_for(patch, officer.email)
        plan()
        assert read(followup_id).remind_problem == "The reminder could not be written (ZeroDivisionError)."
        with looking_as(officer):
            assert [one.id for one in queries.not_reminded(officer)] == [followup_id]
    later(DAY + 14 * MINUTE)
    plan()
    assert drain() == {}
    later(DAY + 16 * MINUTE)
    plan()
    assert drain() == {"sent": 1}
    assert read(followup_id).remind_problem == ""
    with looking_as(officer):
        assert queries.not_reminded(officer) == []


def test_a_digest_that_goes_on_failing_is_tried_for_two_hours_and_then_day_by_day(
    app: Flask, person: People, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = person("officer").viewer
    opened(officer, due_on=TODAY + timedelta(days=1))
    later(DAY)
    _fails_for(monkeypatch, officer.email)
    tries = []
    for minutes in range(0, 36 * 60, 5):
        later(DAY + minutes * MINUTE)
        plan()
        with looking_as(SYSTEM):
            db.session.rollback()
            tries.append(db.session.scalars(select(Reminder.tries)).one())
    in_hours = [tries[hours * 12 - 1] for hours in (1, 2, 3, 25, 26, 28)]
    assert in_hours == [4, 8, 8, 8, 9, 16]


def test_who_cannot_be_written_to_keeps_nobody_else_waiting(
    app: Flask, relay: Relay, person: People, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, elsewhere = person("officer").viewer, person("other_officer").viewer
    for one in (officer, elsewhere):
        opened(one, due_on=TODAY + timedelta(days=1))
    later(DAY)
    _step(planning.plan_due)
    _fails_for(monkeypatch, officer.email)
    for _ in range(2):
        _step(planning.gather, limit=1)
    drain()
    assert [one.recipients for one in relay.taken] == [[elsewhere.email]]


def test_two_who_gather_at_once_write_one_digest_for_each_reader(
    app: Flask, relay: Relay, person: People, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in ("officer", "other_officer"):
        for _ in range(3):
            opened(person(who).viewer, due_on=TODAY + timedelta(days=1))
    later(DAY)
    _step(planning.plan_due)
    monkeypatch.setattr(planning, "_gather", slowly(planning._gather))

    def gather() -> None:
        with unit_of_work():
            planning.gather()

    assert at_once(app, [gather] * 3) == [None] * 3
    with looking_as(SYSTEM):
        assert len(db.session.scalars(select(OutboxMail)).all()) == 2
    assert drain() == {"sent": 2}


def test_two_first_wishes_at_once_are_both_kept(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = person("officer")
    monkeypatch.setattr(verbs, "wishes_of", slowly(verbs.wishes_of))
    assert at_once(app, [lambda: wish(officer, overdue_every=3)] * 2) == [None, None]
    with looking_as(officer.viewer):
        assert verbs.wishes_of(officer.viewer).version == 3


def test_a_save_has_looked_at_what_it_can_concern_and_nothing_else(app: Flask, person: People, later: Later) -> None:
    """Of others a coordinator hears sooner than before: what is overdue in their own party, and not what is ahead."""
    officer, elsewhere = person("officer"), person("other_officer")
    near = colleague_of(officer.viewer, "Near Coordinator")
    as_system(lambda: db.session.add(UserRole(user_id=near.user_id, name=Role.COORDINATOR.value)))
    coordinator = Person(near.email, anew(near))
    opened(elsewhere.viewer, due_on=TODAY)
    opened(officer.viewer, due_on=TODAY + timedelta(days=30))
    own_party = opened(officer.viewer, due_on=TODAY)
    own = opened(near, due_on=TODAY + timedelta(days=30))
    later(DAY)
    plan()
    assert _looked_at_now() == set()
    wish(coordinator, escalated_after=7)
    assert _looked_at_now() == {own}
    plan()
    wish(coordinator, escalated_after=2)
    assert _looked_at_now() == {own, own_party}


def test_one_mail_names_so_many_and_counts_the_others(
    app: Flask, relay: Relay, person: People, later: Later, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "MOST_ITEMS", 2)
    say(app, settings, relay, "full")
    for number in range(5):
        opened(person("officer").viewer, what=f"Step {number}", due_on=TODAY + timedelta(days=1))
    later(DAY)
    plan()
    drain()
    (taken,) = relay.taken
    text = plain(taken)
    assert sum(f"Step {number}" in text for number in range(5)) == 2
    assert "3 more" in text
    assert taken.message["Subject"] == "Demarche: 5 follow-ups: 5 due today"


def test_a_mail_says_nothing_of_a_restricted_state_however_much_mails_may_say(
    app: Flask, relay: Relay, person: People, later: Later, settings: Any
) -> None:
    coordinator = restrict(person("coordinator").viewer, "LAO")
    say(app, settings, relay, "full")
    opened(coordinator, what="Canary", due_on=TODAY, due_time=time(11))
    later(HOUR + 1)
    plan()
    drain()
    (taken,) = relay.taken
    whole = plain(taken) + str(taken.message.get_body(("html",)).get_content()) + str(taken.message["Subject"])
    assert "Canary" not in whole
    assert "Lao" not in whole
