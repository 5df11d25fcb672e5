"""What is delicate asks again who is there, of people and of programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts import service as accounts
from crm.core.access import SYSTEM, looking_as
from crm.core.db import unit_of_work
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person, code_of

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


def test_what_is_delicate_asks_again_and_then_does_it(
    app: Flask, signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/account")))
    steady_clock.shift(timedelta(minutes=6))
    came = {"Referer": "http://localhost/account"}
    asked = browser.post("/account", data={"csrf_token": token, "label": "script of the embassy"}, headers=came)
    page = check_page(asked, 401)
    way_back = re.compile(r'<a [^>]*href="/account"[^>]*>Cancel')
    assert way_back.search(page)
    assert 'name="label" value="script of the embassy"' in page
    given = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)" value="([^"]*)"', page))
    given["proof-csrf_token"] = given["csrf_token"] = token
    wrong = check_page(browser.post("/account/confirm", data={**given, "proof-password": "not it at all"}), 422)
    assert "script of the embassy" in wrong and "This is not right" in wrong and way_back.search(wrong)
    with browser.session_transaction() as kept:
        before = kept["key"]
    on = browser.post("/account/confirm", data={**given, "proof-password": PASSWORD})
    assert (on.status_code, on.location) == (307, "/account")
    with browser.session_transaction() as kept:
        assert kept["key"] != before
    done = browser.post("/account", data={**given, "proof-password": PASSWORD})
    assert "Copy this token now" in check_page(done)
    steady_clock.shift(timedelta(minutes=6))
    check_page(browser.post("/account", data={"csrf_token": token, "label": "another"}), 401)
    code = browser.post("/account/confirm", data={"proof-csrf_token": token, "proof-code": code_of()})
    assert (code.status_code, code.location) == (303, "/account/factors")
    assert "Copy this token now" in check_page(browser.post("/account", data={"csrf_token": token, "label": "another"}))


def test_whoever_would_rather_not_is_led_back(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    for asked, back in (
        ({"next": "/missions"}, "/missions"),
        ({}, "/account/factors"),
        ({"next": "//evil.example"}, "/"),
    ):
        page = check_page(browser.get("/account/confirm", query_string=asked))
        assert re.search(rf'<a [^>]*href="{back}"[^>]*>Cancel', page), asked


def test_reading_is_not_delicate(signed_in: Clients, steady_clock: time_machine.Traveller) -> None:
    browser = signed_in("coordinator")
    steady_clock.shift(timedelta(minutes=6))
    for address in (
        "/account",
        "/account/factors",
        "/account/factors/app",
        "/account/factors/passkey",
        "/account/confirm",
    ):
        check_page(browser.get(address))


def test_a_program_is_told_to_step_up(
    app: Flask, signed_in: Clients, person: People, steady_clock: time_machine.Traveller
) -> None:
    keeper, officer = signed_in("administrator"), person("officer")
    with looking_as(SYSTEM), unit_of_work():
        _, text = accounts.issue_token(actor=person("administrator").viewer, label="script")
    address, bearer = f"/api/v1/accounts/{officer.viewer.user_id}/close", {"Authorization": f"Bearer {text}"}
    refused = app.test_client().post(address, json={}, headers=bearer)
    assert (refused.status_code, refused.get_json()["step"]) == (401, "confirm")
    assert refused.content_type == "application/problem+json"
    tried = app.test_client().post("/api/v1/account/confirm", json={"password": PASSWORD}, headers=bearer)
    assert tried.status_code == 401
    header = {"X-CSRFToken": token_of(check_page(keeper.get("/account")))}
    steady_clock.shift(timedelta(minutes=6))
    assert keeper.post(address, json={}, headers=header).get_json()["step"] == "confirm"
    assert keeper.post("/api/v1/account/confirm", json={"password": "no"}, headers=header).status_code == 422
    assert keeper.post("/api/v1/account/confirm", json={"password": PASSWORD}, headers=header).get_json()["fresh"]
    assert keeper.post(address, json={}, headers=header).status_code == 200
    assert keeper.post(address, json={}, headers={**header, **bearer}).get_json()["step"] == "confirm"
