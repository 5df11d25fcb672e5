"""Signing in, staying in, tokens for the JSON door."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from crm.accounts.models import ApiToken, PartyKind, Role, User
from crm.accounts.service import open_account, open_party
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person

Clients = Callable[[str], FlaskClient]


def _sign_in(browser: FlaskClient, email: str, password: str, target: str = "") -> TestResponse:
    page = check_page(browser.get("/sign-in"))
    given = {"email": email, "password": password, "csrf_token": token_of(page)}
    return browser.post("/sign-in" + (f"?next={target}" if target else ""), data=given)


def test_the_right_password_opens_and_sign_out_closes(app: Flask, person: Callable[[str], Person]) -> None:
    email = person("officer").email
    db.session.remove()
    browser = app.test_client()
    assert browser.get("/").status_code == 303
    assert _sign_in(browser, email.upper(), PASSWORD).status_code == 302
    page = check_page(browser.get("/"))
    assert browser.post("/sign-out", data={"csrf_token": token_of(page)}).status_code == 302
    assert browser.get("/").status_code == 303


def test_whoever_was_to_be_led_elsewhere_is_led_to_the_start_page(app: Flask, person: Callable[[str], Person]) -> None:
    email = person("officer").email
    db.session.remove()
    for target, led in (("https://elsewhere.example/", "/"), ("//elsewhere.example", "/"), ("/states", "/states")):
        answer = _sign_in(app.test_client(), email, PASSWORD, target)
        assert (answer.status_code, answer.location) == (302, led)


@pytest.mark.parametrize("email", ["officer@example.org", "nobody@example.org", "not an address"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    app: Flask, person: Callable[[str], Person], email: str
) -> None:
    person("officer")
    db.session.remove()
    answer = _sign_in(app.test_client(), email, "another password entirely")
    page = answer.get_data(as_text=True)
    assert "The address or the password is not right." in page
    assert "does not exist" not in page


def test_a_closed_account_is_out_at_the_next_request(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    assert browser.get("/").status_code == 200
    with unit_of_work():
        db.session.scalars(select(User)).one().active = False
    assert browser.get("/").status_code == 303


def test_nobody_is_led_to_another_site(app: Flask, person: Callable[[str], Person]) -> None:
    email = person("officer").email
    db.session.remove()
    for target in ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        answer = _sign_in(app.test_client(), email, PASSWORD, target)
        where = urlsplit(answer.headers.get("Location", "/"))
        assert where.netloc in ("", "localhost") and where.scheme in ("", "http"), target
        assert where.path.startswith("/") and not where.path.startswith(("//", "/\\")), target


def test_a_token_opens_the_json_door_until_it_is_revoked(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    page = check_page(browser.get("/account"))
    page = check_page(browser.post("/account", data={"label": "script", "csrf_token": token_of(page)}))
    token = page.split('id="fresh-token">')[1].split("<")[0]
    header = {"Authorization": f"Bearer {token}"}
    stranger = app.test_client()
    assert stranger.get("/api/v1/activities", headers=header).status_code == 200
    assert stranger.get("/activities", headers=header).status_code == 303
    access.look_as(access.SYSTEM)
    kept = db.session.scalars(select(ApiToken)).one()
    assert token not in kept.sha256 and len(kept.sha256) == 64
    address = f"/account/tokens/{kept.id}/revoke"
    assert browser.post(address, data={"csrf_token": token_of(page)}).status_code == 303
    assert stranger.get("/api/v1/activities", headers=header).status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer dmr_wrong", "Basic eDp5", "\x80", "Bearer " + "x" * 9000]
)
def test_a_wrong_token_is_nobody(app: Flask, header: str) -> None:
    assert app.test_client().get("/api/v1/activities", headers={"Authorization": header}).status_code == 401


def test_an_account_needs_a_good_password_and_a_free_address(app: Flask) -> None:
    with unit_of_work():
        party = open_party(name="Norway", kind=PartyKind.GOVERNMENT, state_iso3="NOR")
    common = {"actor": access.SYSTEM, "name": "Somebody", "party": party, "roles": [Role.OBSERVER]}
    with pytest.raises(RuleViolation, match="at least 15"), unit_of_work():
        open_account(email="a@example.org", password="short", **common)
    with unit_of_work():
        open_account(email="a@example.org", password=PASSWORD, **common)
    with pytest.raises(RuleViolation, match="already"), unit_of_work():
        open_account(email="A@Example.org", password=PASSWORD, **common)
    with pytest.raises(RuleViolation), unit_of_work():
        open_account(email="nonsense", password=PASSWORD, **common)


def test_the_administrator_sees_who_may_sign_in(
    app: Flask, signed_in: Clients, person: Callable[[str], Person]
) -> None:
    person("officer")
    assert "officer@example.org" in check_page(signed_in("administrator").get("/administration/accounts"))
    assert signed_in("officer").get("/administration/accounts").status_code == 403
