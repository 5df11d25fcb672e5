"""S21: links that were guessed, forwarded, pre-fetched, replayed, aimed at something else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from structlog.testing import capture_logs

from crm.accounts import invitations, resets
from crm.accounts.models import Party, User
from crm.audit.models import AuditEntry
from crm.core import access, links
from crm.core.access import SYSTEM
from crm.core.db import Base, db, unit_of_work
from crm.core.errors import NotFound
from crm.core.links import HeldLink
from tests.support.links import link_in, mails_to
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.racing import at_once, slowly
from tests.support.statements import recorded

People = Callable[[str], Person]
GUEST = "guest@example.net"
GOOD = "correct lantern violin marmalade"


@pytest.fixture(params=["invitation", "new-password"])
def link(app: Flask, person: People, request: pytest.FixtureRequest) -> str:
    """A link that opens something, of each kind."""
    app.config["RAISE_ERRORS"] = False
    keeper, officer = person("administrator").viewer, person("officer")
    with access.looking_as(SYSTEM), unit_of_work():
        if request.param == "invitation":
            party = db.session.scalars(select(Party.id).where(Party.name == "Embassy of Japan")).one()
            given = {"email": GUEST, "name": "Guest", "roles": ["mission_officer"], "party_id": party}
            invitations.invite(actor=keeper, **given)
        else:
            resets.ask(email=officer.email, network="192.0.2.0/24")
    [mail] = mails_to(GUEST if request.param == "invitation" else officer.email)
    db.session.remove()
    access.look_as(SYSTEM)
    return link_in(mail)


def press(browser: FlaskClient, link: str, token: str) -> Any:
    data = {"csrf_token": token, "password": GOOD, "time_zone": "UTC"}
    return browser.post(link, data=data)


def bare(answer: Any) -> tuple[int, str, dict[str, str]]:
    """An answer without what is different in every one: the nonce, and the name of the request."""
    nonce = answer.headers["Content-Security-Policy"].split("'nonce-")[1].split("'")[0]
    headers = {
        name: value.replace(nonce, "")
        for name, value in answer.headers.items()
        if name not in ("Set-Cookie", "X-Request-ID")
    }
    return answer.status_code, answer.get_data(as_text=True).replace(nonce, ""), headers


def test_s21_the_address_holds_256_bits_of_which_only_the_hash_is_kept(app: Flask, link: str) -> None:
    secret = link.rpartition("/")[2]
    assert len(secret) == 43
    with access.looking_as(SYSTEM):
        for model in [one.class_ for one in Base.registry.mappers if one.class_.__tablename__ != "outbox_mail"]:
            for row in db.session.execute(select(model.__table__)):
                assert secret not in str(row), model
        kept = db.session.scalar(select(HeldLink.sha256))
    assert kept is not None and len(kept) == 64


def test_s21_reading_it_changes_nothing(app: Flask, link: str) -> None:
    for _ in range(3):
        for method in ("GET", "HEAD", "OPTIONS"):
            with recorded() as seen:
                assert app.test_client().open(link, method=method).status_code == 200
            assert not [one.sql for one in seen if one.changes], "a scanner of mail follows links"
    browser = app.test_client()
    assert press(browser, link, token_of(check_page(browser.get(link)))).status_code == 303


def test_s21_it_opens_once(app: Flask, link: str) -> None:
    first, second = app.test_client(), app.test_client()
    tokens = [token_of(check_page(one.get(link))) for one in (first, second)]
    assert press(first, link, tokens[0]).status_code == 303
    assert press(second, link, tokens[1]).status_code == 404
    assert press(first, link, tokens[0]).status_code == 404


def test_s21_without_the_token_of_its_page_it_stays(app: Flask, link: str) -> None:
    browser = app.test_client()
    assert browser.post(link, data={"password": GOOD}).status_code == 422
    assert browser.post(link, json={"password": GOOD}).status_code == 415
    assert browser.get(link).status_code == 200


def test_s21_guessed_used_and_aimed_elsewhere_answer_alike(app: Flask, link: str) -> None:
    browser = app.test_client()
    kind, secret = link[1:].split("/")
    other = "new-password" if kind == "invitation" else "invitation"
    aimed = bare(app.test_client().get(f"/{other}/{secret}"))
    token = token_of(check_page(browser.get(link)))
    assert press(app.test_client(), f"/{other}/{secret}", token).status_code == 404
    assert press(browser, link, token).status_code == 303
    used = bare(app.test_client().get(link))
    guesses = [secrets.token_urlsafe(32), "x", "é" * 43, "A" * 43 + "=", "a" * 5000]
    guessed = [bare(app.test_client().get(f"/{kind}/{one}")) for one in guesses]
    for one in guessed:
        assert one == used
    assert used[0] == 404
    assert aimed == bare(app.test_client().get(f"/{other}/{secrets.token_urlsafe(32)}"))


def test_s21_its_address_is_told_to_no_other_site_and_kept_by_nobody(app: Flask, link: str) -> None:
    for address in (link, link + "x"):
        answer = app.test_client().get(address)
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"


def test_s21_its_address_stands_in_no_log_subject_or_audit(app: Flask, link: str) -> None:
    secret = link.rpartition("/")[2]
    with capture_logs() as logs:
        browser = app.test_client()
        token = token_of(check_page(browser.get(link)))
        browser.get(link + "x")
        assert press(browser, link, token).status_code == 303
        assert press(browser, link, token).status_code == 404
    assert secret not in str(logs)
    db.session.rollback()
    with access.looking_as(SYSTEM):
        entries = db.session.scalars(select(AuditEntry)).all()
        assert entries and not any(secret in str(one.details) + one.subject_id for one in entries)
        owner = db.session.scalars(select(User.email)).all()
    for address in (GUEST, *owner):
        assert not any(secret in mail.subject for mail in mails_to(address))


def test_s21_links_of_another_purpose_and_revoked_ones_open_nothing(app: Flask) -> None:
    key = secrets.randbits(128).to_bytes(16, "big")
    subject = UUID(bytes=key)
    with unit_of_work():
        _, secret = links.make(purpose="a form", subject_id=subject, lasts=resets.LASTS)
        _, other = links.make(purpose="another", subject_id=subject, lasts=resets.LASTS)
    assert links.subject(secret, "a form") == subject
    for verb in (links.subject, links.use):
        with pytest.raises(NotFound):
            verb(secret, "another")
    with unit_of_work():
        links.revoke(purpose="a form", subject_id=subject)
    for verb in (links.subject, links.use):
        with pytest.raises(NotFound):
            verb(secret, "a form")
    assert links.subject(other, "another") == subject, "the other purpose is not touched"


def _two_hour_link() -> tuple[UUID, str]:
    subject = UUID(int=secrets.randbits(128))
    with unit_of_work():
        _, secret = links.make(purpose="a form", subject_id=subject, lasts=timedelta(hours=2))
    return subject, secret


def test_s21_it_opens_for_as_long_as_was_said(app: Flask, steady_clock: time_machine.Traveller) -> None:
    subject, secret = _two_hour_link()
    steady_clock.shift(timedelta(hours=1, minutes=59))
    assert links.subject(secret, "a form") == subject
    steady_clock.shift(timedelta(minutes=2))
    for verb in (links.subject, links.use):
        with pytest.raises(NotFound):
            verb(secret, "a form")


def test_s21_of_two_at_once_one_uses_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    _, secret = _two_hour_link()
    monkeypatch.setattr(links, "_found", slowly(links._found))

    def use() -> None:
        with unit_of_work():
            links.use(secret, "a form")

    outcomes = at_once(app, [use, use])
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType", "NotFound"]
