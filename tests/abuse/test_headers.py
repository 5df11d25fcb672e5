"""What every answer says to the browser, whatever the address and whoever asks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm.core.routes import access_of
from tests.support.databases import opened, settings_for
from tests.support.people import browser_of
from tests.support.routes import addresses

Clients = Callable[[str], FlaskClient]
POLICY = {
    "default-src": "'none'",
    "style-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def check(answer: TestResponse, endpoint: str, *, secret: bool = False) -> None:
    """The headers of one answer; `secret`: its address is told to no other page, not even one of ours."""
    where = (endpoint, answer.status_code)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert {name: policy[name] for name in POLICY} == POLICY, where
    assert re.fullmatch(r"'self' 'nonce-[\w-]{22}'", policy["script-src"]), where
    assert "unsafe" not in answer.headers["Content-Security-Policy"], where
    assert "*" not in answer.headers["Content-Security-Policy"] and "http" not in str(policy), where
    assert answer.headers["Referrer-Policy"] == ("no-referrer" if secret else "same-origin"), where
    assert answer.headers["X-Content-Type-Options"] == "nosniff", where
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", where
    if endpoint == "static":
        assert answer.headers["Cache-Control"] in ("no-cache", "public, max-age=31536000, immutable"), where
    else:
        assert answer.headers["Cache-Control"] == "no-store", where
    assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers, where


@pytest.mark.parametrize("who", ["nobody", "coordinator", "administrator"])
def test_every_answer_of_every_route(app: Flask, signed_in: Clients, who: str) -> None:
    app.config["RAISE_ERRORS"] = False
    browser = app.test_client() if who == "nobody" else signed_in(who)
    seen = set()
    for endpoint, method, path in addresses(app):
        if endpoint == "security.logout" and who != "nobody":
            continue
        answer = browser.open(path, method=method)
        declared = access_of(app, endpoint)
        check(answer, endpoint, secret=bool(declared and declared.link))
        answer.close()
        seen.add(answer.status_code)
    assert {200, 404} <= seen and not {one for one in seen if one >= 500 and one != 503}, seen


def test_no_two_answers_share_a_nonce(app: Flask) -> None:
    browser = app.test_client()
    policies = {browser.get("/sign-in").headers["Content-Security-Policy"] for _ in range(5)}
    assert len(policies) == 5


def test_a_file_with_its_version_is_kept_and_nothing_else(app: Flask) -> None:
    browser = app.test_client()
    for query, kept in (("", "no-cache"), ("?v=1", "public, max-age=31536000, immutable")):
        with browser.get(f"/static/css/base.css{query}") as answer:
            assert answer.headers["Cache-Control"] == kept
    assert "immutable" not in browser.get("/sign-in?v=1").headers["Cache-Control"]


def test_tls_is_asked_for_where_there_is_tls(app: Flask, signed_in: Clients, tmp_path: Path) -> None:
    assert "Strict-Transport-Security" not in app.test_client().get("/sign-in").headers
    signed_in("officer")
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    with opened(settings_for(url, tmp_path, public_url="https://demarche.example.org")) as safe:
        browser = browser_of(safe, "officer@example.org")
        for path in ("/sign-in", "/", "/nothing", "/static/css/base.css", "/api/v1/states"):
            with browser.get(path, base_url="https://demarche.example.org") as answer:
                assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", path
        page = safe.test_client().get("/sign-in", base_url="https://demarche.example.org")
        cookies = page.headers.getlist("Set-Cookie")
    assert cookies and all("Secure" in one and "HttpOnly" in one and "SameSite=Lax" in one for one in cookies)
