"""S28: no address of the whole application changes anything for a request that another site could have sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.abuse.world import digest
from tests.followups.opening import opened
from tests.support.people import Person
from tests.support.routes import addresses

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
SAFE = {"GET", "HEAD", "OPTIONS"}
SENT: list[dict[str, Any]] = [{"data": {"csrf_token": "forged"}}, {"json": {}}, {"data": {}}]
LEADS_IN = {"security.login", "factors.second_step", "factors.passkey"}
"""Steps of the sign-in: whoever is in already is led on, whatever they send."""

REFUSED = {400, 401, 403, 404, 405, 413, 415, 422, 429}


@pytest.mark.parametrize("who", ["coordinator", "administrator"])
def test_s28_nothing_changes_without_a_token(app: Flask, person: People, signed_in: Clients, who: str) -> None:
    app.config["RAISE_ERRORS"] = False
    key = str(opened(person("coordinator").viewer))
    browser = signed_in(who)
    before, asked = digest(), 0
    for endpoint, method, path in addresses(app):
        if method in SAFE or endpoint in LEADS_IN:
            continue
        path = path.replace("00000000-0000-4000-8000-000000000000", key)
        for sent in SENT:
            answer = browser.open(path, method=method, **sent)
            assert answer.status_code in REFUSED, (method, path, sent, answer.status_code)
            asked += 1
    assert asked > 60
    assert digest() == before
    assert browser.get("/").status_code == 200, "still signed in"


def test_s28_another_site_is_refused_even_with_the_token(app: Flask, person: People, signed_in: Clients) -> None:
    browser = signed_in("officer")
    key = opened(person("officer").viewer)
    page = browser.get(f"/followups/{key}").text
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    before = digest()
    answer = browser.post(
        f"/followups/{key}/done", data={"csrf_token": token, "version": 1}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403 and digest() == before
    assert browser.post(f"/followups/{key}/done", data={"csrf_token": token, "version": 1}).status_code == 303
    assert digest() != before, "the digest sees a change"
