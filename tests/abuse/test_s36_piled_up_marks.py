"""Marks piled upon one letter take time that grows with the square of their number: nobody brings them into order."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts.rules import LONGEST_PASSWORD
from crm.core.text import MOST_MARKS, composed, is_piled_up
from tests.support.pages import check_page, token_of

Clients = Callable[[str], FlaskClient]
PILE = "a" + "\u0315" * 600 + "\u0300" * 600


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may normalise a large pile, our code or a library."""
    real = unicodedata.normalize

    def normalize(form: str, text: str) -> str:
        assert len(text) <= LONGEST_PASSWORD or not is_piled_up(text)
        return real(form, text)

    monkeypatch.setattr(unicodedata, "normalize", normalize)


@pytest.mark.parametrize("address", ["/sign-in", "/forgotten-password"])
@pytest.mark.parametrize("with_token", [True, False])
def test_s36_before_the_door(app: Flask, watched: None, address: str, with_token: bool) -> None:
    browser = app.test_client()
    token = token_of(check_page(browser.get(address))) if with_token else ""
    data = {"csrf_token": token, "email": f"{PILE}@example.org", "password": PILE * 2}
    assert browser.post(address, data=data).status_code < 500


def test_s36_a_text_is_refused_beside_its_field(signed_in: Clients, watched: None) -> None:
    browser = signed_in("officer")
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}
    given = {"kind": "demarche", "state_iso3": "LAO", "held_on": "2026-11-20", "person_name": "A", "reply": PILE}
    answer = browser.post("/api/v1/activities", json=given, headers=header)
    assert answer.status_code == 422
    assert "accents" in answer.get_json()["errors"]["reply"][0]


def test_s36_an_address_that_is_asked_for_is_refused_beside_its_field(signed_in: Clients, watched: None) -> None:
    browser = signed_in("administrator")
    data = {
        "csrf_token": token_of(check_page(browser.get("/administration/accounts/invite"))),
        "email": PILE + "@a.org",
    }
    check_page(browser.post("/administration/accounts/invite", data=data), 422)


def test_what_scripts_need_is_composed() -> None:
    assert composed("e\u0301") == "é" and composed("é", "NFKD") == "e\u0301"
    assert not is_piled_up("a" + "\u0300" * MOST_MARKS) and is_piled_up("a" + "\u0300" * (MOST_MARKS + 1))
    assert not is_piled_up(("a" + "\u0300" * MOST_MARKS) * 3)
