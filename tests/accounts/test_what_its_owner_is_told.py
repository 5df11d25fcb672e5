"""What a mail about somebody's account tells: what happened, when in their own zone, and roughly with what."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts import changing, service
from crm.accounts.factors import service as factors
from crm.accounts.models import Role, User
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from crm.core.errors import RuleViolation
from tests.support.links import Mail, mails_to
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person, code_of

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]

PHONE = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
WHEN = re.compile(r"^When: 23 November 2026, 19:0\d \(Asia/Tokyo\)$", re.MULTILINE)


def live_in_tokyo(user_id: UUID | None) -> None:
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, user_id).time_zone = "Asia/Tokyo"


def told(address: str) -> Mail:
    """The newest mail about an account."""
    return next(one for one in mails_to(address) if one.subject == "Demarche: your account")


def test_a_mail_says_when_and_with_what_a_factor_was_added(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer")
    live_in_tokyo(officer.viewer.user_id)
    browser = signed_in("officer")
    page = check_page(browser.get("/account/factors/app"))
    [setup] = re.findall(r'name="setup"[^>]*value="([^"]*)"', page)
    [secret] = re.findall(r"secret=([A-Z2-7]{32})|>([A-Z2-7 ]{32,})<", page)
    given = {
        "csrf_token": token_of(page), "setup": setup, "name": "Phone",
        "code": code_of("".join(secret).replace(" ", "")),
    }  # fmt: skip
    assert browser.post("/account/factors/app", data=given, headers={"User-Agent": PHONE}).status_code == 200
    mail = told(officer.email)
    assert "was added" in mail.text and WHEN.search(mail.text) and "With: Firefox on Android\n" in mail.text
    assert "127.0" not in mail.text, "no address"


def test_of_what_an_administrator_did_the_owner_learns_no_device(
    app: Flask, person: People, signed_in: Clients
) -> None:
    coordinator, administrator = person("coordinator"), person("administrator").viewer
    live_in_tokyo(coordinator.viewer.user_id)
    with app.test_request_context(headers={"User-Agent": PHONE}), looking_as(administrator), unit_of_work():
        factors.reset(actor=administrator, user_id=coordinator.viewer.user_id or UUID(int=0))
    mail = told(coordinator.email)
    assert "administrator has reset" in mail.text and WHEN.search(mail.text) and "With:" not in mail.text


def test_a_pause_leads_whoever_is_not_signed_in_to_the_sign_in(app: Flask, person: People) -> None:
    browser = app.test_client()
    address = person("officer").email
    for _ in range(6):
        token = token_of(browser.get("/sign-in").get_data(as_text=True))
        answer = browser.post("/sign-in", data={"email": address, "password": "wrong wrong", "csrf_token": token})
    page = check_page(answer, 429)
    assert "Go to the sign-in page" in page and 'href="/sign-in"' in page and "Today" not in page


NEW = "correct lantern violin marmalade"
CHANGED = "Demarche: your password was changed"
MAY_DO = "Demarche: what you may do was changed"


def test_whoever_changes_their_password_on_their_page_is_told(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer")
    live_in_tokyo(officer.viewer.user_id)
    browser = signed_in("officer")
    page = check_page(browser.get("/account"))
    given = {"csrf_token": token_of(page), "current": "wrong", "password": NEW}
    browser.post("/account/password", data=given, headers={"User-Agent": PHONE})
    assert not mails_to(officer.email), "nothing was changed"
    browser.post("/account/password", data={**given, "current": PASSWORD}, headers={"User-Agent": PHONE})
    [mail] = mails_to(officer.email)
    assert mail.subject == CHANGED and "on the page of the account" in mail.text and "by a link" not in mail.text
    assert WHEN.search(mail.text) and "With: Firefox on Android\n" in mail.text and "/forgotten-password" in mail.text
    assert NEW not in mail.text and "127.0" not in mail.text


def test_a_password_by_an_administrator_is_told_without_a_device(app: Flask, person: People) -> None:
    officer = person("officer")
    with app.test_request_context(headers={"User-Agent": PHONE}), looking_as(SYSTEM), unit_of_work():
        service.set_password(actor=SYSTEM, user_id=officer.viewer.user_id or UUID(int=0), password=NEW)
    [mail] = mails_to(officer.email)
    assert mail.subject == CHANGED and "by whoever runs the machine" in mail.text and "With:" not in mail.text


def test_whoever_is_given_another_role_and_loses_one_is_told_who_did_it(app: Flask, person: People) -> None:
    officer, administrator = person("officer"), person("administrator").viewer
    live_in_tokyo(officer.viewer.user_id)
    known = {"actor": administrator, "user_id": officer.viewer.user_id or UUID(int=0), "title": ""}
    with looking_as(administrator), unit_of_work():
        changing.change_account(**known, name="Another", roles=["mission_officer"])
    assert not mails_to(officer.email), "another name is no other role"
    with looking_as(administrator), unit_of_work():
        changing.change_account(**known, name="Another", roles=[Role.COORDINATOR.value])
    [mail] = mails_to(officer.email)
    assert mail.subject == MAY_DO and WHEN.search(mail.text)
    assert "You are from now on: Coordinator\n" in mail.text and "You are no longer: Mission officer\n" in mail.text
    assert f"By: {administrator.name} ({administrator.party_name})\n" in mail.text


def test_whoever_is_given_the_administration_of_their_party_and_loses_it_is_told(app: Flask, person: People) -> None:
    officer, administrator = person("officer"), person("administrator").viewer
    live_in_tokyo(officer.viewer.user_id)
    user_id = officer.viewer.user_id or UUID(int=0)
    for verb, words in (
        (service.give_party_administration, "You are from now on: Party administrator\n"),
        (service.take_party_administration, "You are no longer: Party administrator\n"),
    ):
        before = len(mails_to(officer.email))
        for _ in range(2):
            with looking_as(administrator), unit_of_work():
                verb(actor=administrator, user_id=user_id)
        mails = mails_to(officer.email)
        assert len(mails) == before + 1, "the second time changes nothing"
        [mail] = [one for one in mails if words in one.text]
        assert mail.subject == MAY_DO and WHEN.search(mail.text) and f"By: {administrator.name} (" in mail.text


def test_of_what_was_refused_nobody_is_told(app: Flask, person: People) -> None:
    officer, administrator = person("officer"), person("administrator").viewer
    given = {"name": "Officer", "title": "", "roles": []}
    with pytest.raises(RuleViolation), looking_as(administrator), unit_of_work():
        changing.change_account(actor=administrator, user_id=officer.viewer.user_id or UUID(int=0), **given)
    assert not mails_to(officer.email)
