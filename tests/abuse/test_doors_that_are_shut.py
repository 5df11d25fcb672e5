"""S26, S28, S34: ways in that are none, and input that nobody would type."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts.queries import user_by_email
from crm.core.db import db
from crm.core.doors import local_path
from tests.followups.opening import opened, read
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]

DEEP = "[" * 50_000


@pytest.fixture(autouse=True)
def in_earnest(app: Flask) -> None:
    """Errors become pages, as they do outside of tests."""
    app.config["RAISE_ERRORS"] = False


@pytest.mark.parametrize("address", ["/sign-in", "/sign-in?include_auth_token"])
@pytest.mark.parametrize("body", ['"x"', "[1]", DEEP, '{"email": "officer@example.org"}'])
def test_s26_the_sign_in_takes_no_json(app: Flask, person: People, address: str, body: str) -> None:
    person("officer")
    db.session.remove()
    answer = app.test_client().post(address, data=body, content_type="application/json")
    assert answer.status_code == 415
    assert "authentication_token" not in answer.text


def test_s26_a_token_of_the_library_opens_nothing(app: Flask, person: People) -> None:
    user = user_by_email(person("officer").email)
    assert user is not None
    token = str(user.get_auth_token())
    db.session.remove()
    browser = app.test_client()
    header = {"Authentication-Token": token}
    assert browser.get("/account", headers=header).status_code == 303
    assert browser.get(f"/account?auth_token={token}").status_code == 303
    assert browser.get("/api/v1/activities", headers=header).status_code == 401


def test_s28_an_empty_header_is_no_token(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    answer = browser.post("/api/v1/account/sessions/end-others", json={}, headers={"Authorization": ""})
    assert answer.status_code == 403
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("target", ["//[", "http://[", "/\\["])
def test_s27_an_address_that_is_none(app: Flask, person: People, target: str) -> None:
    email = person("officer").email
    db.session.remove()
    browser = app.test_client()
    token = token_of(check_page(browser.get("/sign-in")))
    given = {"email": email, "password": PASSWORD, "csrf_token": token}
    answer = browser.post("/sign-in", query_string={"next": target}, data=given)
    assert answer.status_code in (302, 404)
    assert answer.headers.get("Location", "/") == "/"


def test_s28_nobody_is_signed_out_by_another_site(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    assert browser.post("/sign-out").status_code == 403
    page = check_page(browser.get("/"))
    assert browser.post("/sign-out", data={"csrf_token": token_of(page)}).status_code == 302
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_s34_deep_json_from_nobody(app: Flask, method: str) -> None:
    for address in ("/healthz", "/", "/nothing", "/api/v1/activities", "/sign-in"):
        answer = app.test_client().open(address, method=method, data=DEEP, content_type="application/json")
        assert answer.status_code < 500, address


def test_s34_deep_json_from_an_officer(signed_in: Clients) -> None:
    browser = signed_in("officer")
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}
    for body in (DEEP, '{"a":' * 50_000, '{"reply": ' + DEEP, '"x"', "", "\ud800"):
        sent = body.encode("utf-8", "surrogatepass")
        answer = browser.post("/api/v1/activities", data=sent, content_type="application/json", headers=header)
        assert answer.status_code in (400, 422), body[:20]


@pytest.mark.parametrize("email", ["officer@example.org", "nobody@example.org", "a\x00b@example.org", "x" * 5000])
def test_s34_odd_passwords_are_wrong_passwords(app: Flask, person: People, email: str) -> None:
    person("officer")
    db.session.remove()
    browser = app.test_client()
    token = token_of(check_page(browser.get("/sign-in")))
    for password in ("x" * 5000, "\x00", "é" * 4000):
        answer = browser.post("/sign-in", data={"email": email, "password": password, "csrf_token": token})
        assert "The address or the password is not right." in check_page(answer, 200), password[:5]


def _cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


KEY = "00000000-0000-4000-8000-000000000000"
CURSORS = [
    _cursor(0, "2026-01-01", 5),
    _cursor(0, "2026-01-01", True),
    _cursor(0, "2026-01-01T00:00:00", KEY),
    _cursor(0, "0001-01-01T00:00:00+14:00", KEY),
    _cursor(0, "9999-12-31T23:59:59-14:00", KEY),
    base64.urlsafe_b64encode(b"[" * 2500).decode(),
    "\x00",
    "é",
]


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("officer", "/activities"),
        ("officer", "/followups"),
        ("officer", "/letters"),
        ("officer", "/api/v1/activities"),
        ("administrator", "/administration/outbox"),
    ],
)
def test_s34_pages_that_never_were(signed_in: Clients, who: str, address: str) -> None:
    browser = signed_in(who)
    for cursor in CURSORS:
        assert browser.get(address, query_string={"after": cursor}).status_code in (200, 404), cursor


def test_s34_no_nul_reaches_the_database(signed_in: Clients) -> None:
    browser, nul = signed_in("officer"), "%00"
    for address in (
        f"/activities?q=a{nul}b", f"/api/v1/activities?q=a{nul}b", f"/letters/{KEY}/{nul}.{nul}", f"/meetings/{nul}",
        f"/states/L{nul}O",
    ):  # fmt: skip
        assert browser.get(address).status_code in (200, 404, 422), address


def test_s35_the_way_back_after_a_change_is_an_address(app: Flask, person: People, signed_in: Clients) -> None:
    followup_id = opened(person("officer").viewer)
    browser = signed_in("officer")
    token = token_of(check_page(browser.get(f"/followups/{followup_id}")))
    for back in ("/x\r\nSet-Cookie: a=b", "//[", "http://[", "/\\["):
        data = {"csrf_token": token, "version": "1", "back": back}
        answer = browser.post(f"/followups/{followup_id}/done", data=data)
        assert (answer.status_code, answer.location) == (303, "/"), back
    assert read(followup_id).status == "done"
    assert local_path("/followups?state=LAO") == "/followups?state=LAO"


ODD = {"zero width space": "\u200b", "mark": "\u200e", "soft hyphen": "\u00ad", "tag": "\U000e0041", "line": "\u2028",
    "filler": "\u3164", "braille blank": "\u2800", "variation": "\ufe0f"}  # fmt: skip


def test_s18_nothing_invisible_in_a_note(signed_in: Clients) -> None:
    browser = signed_in("officer")
    token = token_of(check_page(browser.get("/activities/new")))
    data = {"csrf_token": token, "state_iso3": "LAO", "kind": "capital_visit", "held_on": "2026-11-20"}
    for what, char in ODD.items():
        page = check_page(browser.post("/activities/new", data={**data, "person_name": "A", "reply": f"x{char}y"}), 422)
        assert "invisible or control character" in page, what


def test_s18_one_line_is_one_line_and_persian_keeps_its_joiners(signed_in: Clients) -> None:
    browser = signed_in("officer")
    token = token_of(check_page(browser.get("/activities/new")))
    data = {"csrf_token": token, "state_iso3": "LAO", "kind": "capital_visit", "held_on": "2026-11-20"}
    page = check_page(browser.post("/activities/new", data={**data, "person_name": "A\nB", "reply": "x"}), 422)
    assert "Write this on one line." in page
    kept = browser.post("/activities/new", data={**data, "person_name": "می\u200cخواهم", "reply": "x\ny"})
    assert kept.status_code == 303


def test_s18_joiners_alone_are_nothing_to_read(signed_in: Clients) -> None:
    browser = signed_in("officer")
    token = token_of(check_page(browser.get("/activities/new")))
    data = {"csrf_token": token, "state_iso3": "LAO", "kind": "capital_visit", "held_on": "2026-11-20"}
    page = check_page(browser.post("/activities/new", data={**data, "person_name": "A", "reply": "\u200d\u200c"}), 422)
    assert "There is nothing to read in this." in page


def test_s36_what_is_too_large_is_told_so(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    answer = browser.post("/states/import", data=b"x" * (17 * 1024 * 1024), content_type="text/plain")
    assert answer.status_code == 413
    page = check_page(answer, 413)
    assert "too large" in page.lower()
