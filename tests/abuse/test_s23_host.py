"""S23: a request that names another host is refused, and no link is ever built from what a request says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

import config
from crm.core import clock
from crm.core.access import SYSTEM, looking_as
from crm.followups.reminding.words import written
from tests.followups.opening import mails_of, opened, plan
from tests.support.databases import settings_for
from tests.support.pages import token_of
from tests.support.people import Person

People = Callable[[str], Person]
POISONED = ["evil.example", "evil.example:8000", "localhost.evil.example", "localhost@evil.example", "", "a b", "[::"]


ADDRESSES = ["/sign-in", "/healthz", "/api/v1/activities", "/nothing", "/static/css/base.css"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_s23_another_name_is_refused(app: Flask, address: str) -> None:
    app.config["RAISE_ERRORS"] = False
    for host in POISONED:
        answer = app.test_client().get(address, environ_overrides={"HTTP_HOST": host}, buffered=True)
        assert answer.status_code == 400, host
        assert not host or host not in answer.text
        assert "Location" not in answer.headers and "Set-Cookie" not in answer.headers, host
        assert answer.headers["Cache-Control"] in ("no-store", "no-cache"), host


def test_s23_our_own_name_is_known(app: Flask) -> None:
    for host in ("localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:8000"):
        assert app.test_client().get("/sign-in", environ_overrides={"HTTP_HOST": host}).status_code == 200, host


def test_s23_in_production_the_name_is_that_of_the_public_address(tmp_path: Path) -> None:
    url = "https://demarche.example.org"
    found = settings_for("sqlite://", tmp_path, environment="production", public_url=url)
    assert found.hosts == ("demarche.example.org",)
    more = config.load({"VAR_DIR": str(tmp_path), "PUBLIC_URL": url, "TRUSTED_HOSTS": " Two.example , .three.example,"})
    assert more.hosts[:3] == ("demarche.example.org", "two.example", ".three.example")


def test_s23_what_a_proxy_passes_on_is_asked_too(app: Flask) -> None:
    """Without a proxy that is trusted the header says nothing at all."""
    answer = app.test_client().get("/sign-in", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.status_code == 200 and "evil.example" not in answer.text


def test_s23_links_in_mails_begin_with_the_public_address(app: Flask, person: People) -> None:
    followup_id = opened(person("officer").viewer, due_on=clock.today())
    with app.test_request_context("/", base_url="http://evil.example"):
        plan()
        mails = mails_of(followup_id)
        with looking_as(SYSTEM):
            said = [written(one.id) for one in mails]
    assert said
    for mail in said:
        assert f"http://localhost:8000/followups/{followup_id}" in mail.text
        assert "evil.example" not in mail.text + mail.html


def test_s23_the_way_on_is_a_path(app: Flask, person: People) -> None:
    person("officer")
    browser = app.test_client()
    for answer in (browser.get("/activities"), browser.get("/states/lao")):
        assert answer.location.startswith("/"), answer.location
    assert token_of(browser.get("/sign-in").text)
