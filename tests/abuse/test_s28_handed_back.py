"""S28: a form of another site is not saved because somebody signs in over it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask

from crm.activities.models import Activity
from crm.core import access
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person
from tests.support.records import logged

People = Callable[[str], Person]
GO_ON = "/sign-in/and-go-on"


def _form(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that goes there."""
    body = next(
        one for to, one in re.findall(r'<form method="post" action="([^"]*)">(.*?)</form>', page, re.S) if to == action
    )
    return {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', body)
    }


def test_a_handling_that_was_never_ours_is_seen_in_words_and_again_on_the_real_form(app: Flask, person: People) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    officer = person("officer")
    key = logged(officer.viewer, handling=Handling.ORIGINATOR)
    db.session.remove()
    browser, place = app.test_client(), f"/sharing/activity/{key}"

    def handling() -> str:
        db.session.remove()
        with looking_as(SYSTEM):
            found = db.session.get_one(Activity, key).handling
        access.look_as(SYSTEM)
        return found

    ended = check_page(browser.post(place, data={"handling": "public"}), 401)
    assert "Who may see it" in ended and "Everybody" in ended and "Sharing › activity" in ended
    entered = _form(ended, GO_ON) | {"email": officer.email, "password": PASSWORD}
    again = check_page(browser.post(GO_ON, data=entered))
    assert "Who may see it" in again and "Everybody" in again and "Sharing › activity" in again
    sent = _form(again, place)
    assert sent == {"handling": "public"}
    real = check_page(browser.post(place, data=sent), 422)
    assert handling() == "originator"
    assert re.search(r'<option selected value="public"|value="public"[^>]*(selected|checked)', real), "filled in"
    pressed = browser.post(place, data=sent | {"csrf_token": token_of(real)})
    assert pressed.status_code == 303 and handling() == "public", "the press on the form is meant"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://other.example"}, 403),
        ({"Origin": "http://[broken"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 401),
        ({"Sec-Fetch-Site": "none"}, 401),
        ({"Origin": "http://localhost"}, 401),
        ({"Origin": "null"}, 401),
        ({}, 401),
    ],
)
def test_what_a_browser_says_of_another_host_is_believed(app: Flask, headers: dict[str, str], status: int) -> None:
    """A host beside ours in the same domain is another site, and so is one that an older browser names alone."""
    answer = app.test_client().post("/activities/new", data={"reply": "forged"}, headers=headers)
    assert answer.status_code == status and (status == 401) == ("forged" in answer.text)
