"""Both sides of a request for wider handling are told that something stands there, and not what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import User
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.mail.models import OutboxMail
from crm.reach.service import restricted
from crm.sharing import service as sharing
from tests.followups.opening import colleague_of
from tests.sharing.test_handling import answer, ask
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import anew, logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]


def mails() -> list[tuple[str, str]]:
    """To whom mails were written about requests, and their words."""
    with looking_as(SYSTEM):
        db.session.rollback()
        wanted = select(OutboxMail).where(OutboxMail.key.contains("email/wider_")).order_by(OutboxMail.recipient)
        return [(one.recipient, one.subject + one.text) for one in db.session.scalars(wanted)]


def test_those_who_answer_are_told_and_whoever_asked_hears_the_answer(
    app: Flask, person: People, signed_in: Clients
) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    key = logged(officer, handling=Handling.COORDINATION)
    asked = ask(coordinator, key, Handling.STATES)
    [(recipient, words)] = mails()
    assert recipient == officer.email and f"/sharing/requests/{asked}" in words and coordinator.name in words
    for content in ("Lao", "LAO", "Karma", "For the report", "States that take part"):
        assert content not in words, content
    assert "Your party has asked" in check_page(signed_in("coordinator").get("/"))
    assert "Your party has asked" not in check_page(signed_in("officer").get("/"))
    answer(officer, asked, False)
    told = dict(mails())
    assert set(told) == {officer.email, coordinator.email} and "/sharing" in told[coordinator.email]
    assert officer.name not in told[coordinator.email], "who answered may be for its party to know"
    assert "Your party has asked" not in check_page(signed_in("coordinator").get("/"))


def test_to_whom_the_record_is_closed_is_not_told(app: Flask, person: People) -> None:
    """A colleague without a mission does not read of the State; nor does whoever asked, once it is restricted."""
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    other = colleague_of(officer, "Other Colleague").user_id
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, other).mission_id = None
    asked = ask(coordinator, logged(officer, handling=Handling.COORDINATION), Handling.STATES)
    assert [one for one, _ in mails()] == [officer.email]
    with looking_as(SYSTEM), unit_of_work():
        restricted.restrict(actor=SYSTEM, state_iso3="LAO")
        restricted.name_reader(actor=SYSTEM, state_iso3="LAO", user_id=officer.user_id or UUID(int=0))
    answer(anew(officer), asked, True)
    assert coordinator.email not in [one for one, _ in mails()]


def test_who_asks_and_withdraws_in_turn_writes_once_a_day(
    app: Flask, person: People, steady_clock: time_machine.Traveller
) -> None:
    """Of each record and of each party that asks for it."""
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    keys = [logged(officer, handling=Handling.COORDINATION) for _ in range(2)]
    for _ in range(3):
        asked = ask(coordinator, keys[0], Handling.STATES)
        with looking_as(coordinator), unit_of_work():
            sharing.withdraw(actor=coordinator, request_id=asked)
    assert len(mails()) == 1
    ask(coordinator, keys[1], Handling.STATES)
    assert len(mails()) == 2
    ask(person("presidency").viewer, keys[0], Handling.STATES)
    assert len(mails()) == 3
    steady_clock.shift(timedelta(days=1))
    ask(coordinator, keys[0], Handling.STATES)
    assert [one for one, _ in mails()] == [officer.email] * 4
