"""A forgotten password and the link for another one."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.accounts import resets, service
from crm.accounts.models import ApiToken, PasswordRequest
from crm.calendar.models import CalendarFeed
from crm.calendar.service import make_feed
from crm.core import access, links
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.core.links import HeldLink
from crm.mail import service as outbox
from tests.support.links import link_in, mails_to
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = "correct lantern violin marmalade"


@pytest.fixture
def email(person: People) -> str:
    """The officer's address."""
    found = person("officer").email
    db.session.remove()
    access.look_as(SYSTEM)
    return found


def ask(app: Flask, email: str, address: str = "192.0.2.1") -> Any:
    browser = app.test_client()
    token = token_of(check_page(browser.get("/forgotten-password")))
    given = {"csrf_token": token, "email": email}
    return browser.post("/forgotten-password", data=given, environ_overrides={"REMOTE_ADDR": address})


def sign_in(app: Flask, email: str, password: str) -> int:
    browser = app.test_client()
    token = token_of(check_page(browser.get("/sign-in")))
    return browser.post("/sign-in", data={"email": email, "password": password, "csrf_token": token}).status_code


def choose(app: Flask, link: str, password: str) -> Any:
    browser = app.test_client()
    token = token_of(check_page(browser.get(link)))
    given = {"csrf_token": token, "password": password}
    return browser.post(link, data=given, headers={"User-Agent": WINDOWS})


def test_another_password_by_the_link(app: Flask, email: str, signed_in: Clients) -> None:
    elsewhere = signed_in("officer")
    assert 'href="/forgotten-password"' in check_page(app.test_client().get("/sign-in"))
    answer = ask(app, email)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    link = link_in(mails_to(email)[0])
    assert "easy to guess" in check_page(choose(app, link, "passwordpassword"), 422)
    assert "your present password" in check_page(choose(app, link, PASSWORD), 422)
    assert elsewhere.get("/account").status_code == 200
    done = choose(app, link, NEW)
    assert (done.status_code, done.location) == (303, "/sign-in")
    assert elsewhere.get("/account").status_code == 303, "every session ends"
    assert app.test_client().get(link).status_code == 404
    assert sign_in(app, email, PASSWORD) == 200
    assert sign_in(app, email, NEW) == 302
    told = mails_to(email)[0]
    assert told.subject == "Demarche: your password was changed" and "http" in told.text
    assert re.search(r"^When: 23 November 2026, \d\d:\d\d \(UTC\)$", told.text, re.MULTILINE)
    assert "With: Firefox on Windows\n" in told.text and "192.0.2" not in told.text and "127.0" not in told.text


@pytest.mark.parametrize("way", ["by its owner", "by an administrator", "by a link"])
def test_with_the_password_every_other_key_ends(app: Flask, email: str, person: People, way: str) -> None:
    owner = person("officer").viewer
    with looking_as(owner), unit_of_work():
        service.issue_token(actor=owner, label="stolen")
        make_feed(actor=owner, label="stolen")
    with looking_as(SYSTEM), unit_of_work():
        if way == "by its owner":
            service.change_password(actor=owner, password=NEW)
        elif way == "by an administrator":
            service.set_password(actor=SYSTEM, user_id=owner.user_id, password=NEW)
        else:
            _, secret = links.make(purpose=resets.PURPOSE, subject_id=owner.user_id, lasts=resets.LASTS)
            resets.choose(secret=secret, password=NEW)
    with looking_as(SYSTEM):
        assert db.session.scalars(select(ApiToken.revoked_at)).one()
        assert db.session.scalars(select(CalendarFeed.ended_at)).one()


def test_one_mail_at_a_time_and_few_of_them(app: Flask, email: str, steady_clock: time_machine.Traveller) -> None:
    for _ in range(2):
        assert ask(app, email).status_code == 303
    assert len(mails_to(email)) == 1, "the first has time to arrive"
    for _ in range(3):
        steady_clock.shift(timedelta(minutes=6))
        assert ask(app, email).status_code == 303
    assert len(mails_to(email)) == 2, "three requests an hour count"
    steady_clock.shift(timedelta(minutes=61))
    assert ask(app, email).status_code == 303
    assert len(mails_to(email)) == 3


def test_every_link_ends_with_the_first_that_is_used(
    app: Flask, email: str, steady_clock: time_machine.Traveller
) -> None:
    ask(app, email)
    steady_clock.shift(timedelta(minutes=6))
    ask(app, email)
    newest, first = mails_to(email)
    assert choose(app, link_in(first), NEW).status_code == 303
    assert app.test_client().get(link_in(newest)).status_code == 404
    access.look_as(SYSTEM)
    with unit_of_work():
        outbox.claim_batch("a worker")
    with unit_of_work():
        assert outbox.begin(newest.id, "a worker") is None, "a link that opens nothing is not sent"
    assert mails_to(email)[1].state == "withdrawn"


def test_a_link_lives_for_an_hour(app: Flask, email: str, steady_clock: time_machine.Traveller) -> None:
    ask(app, email)
    link = link_in(mails_to(email)[0])
    steady_clock.shift(timedelta(minutes=59))
    assert app.test_client().get(link).status_code == 200
    steady_clock.shift(timedelta(minutes=2))
    assert app.test_client().get(link).status_code == 404


def test_a_closed_account_gets_none(app: Flask, person: People, email: str) -> None:
    ask(app, email)
    link = link_in(mails_to(email)[0])
    with unit_of_work():
        service.close_account(actor=SYSTEM, user_id=person("officer").viewer.user_id)
    assert app.test_client().get(link).status_code == 404
    db.session.rollback()
    before = len(mails_to(email))
    assert ask(app, email).status_code == 303
    assert len(mails_to(email)) == before


def test_a_network_asks_no_more_than_so_often(app: Flask, email: str) -> None:
    for number in range(20):
        assert ask(app, f"somebody{number}@example.org").status_code == 303
    refused = ask(app, email)
    assert refused.status_code == 429 and refused.headers["Retry-After"] == "3600"
    assert mails_to(email) == []
    assert ask(app, email, "198.51.100.1").status_code == 303


def test_what_is_over_is_put_away(app: Flask, email: str, steady_clock: time_machine.Traveller) -> None:
    ask(app, email)
    access.look_as(SYSTEM)
    for days, left in ((30, 1), (10, 0)):
        steady_clock.shift(timedelta(days=days))
        db.session.rollback()
        with unit_of_work():
            resets.tidy()
            links.tidy()
        for model in (PasswordRequest, HeldLink):
            assert db.session.scalar(select(func.count()).select_from(model)) == left
