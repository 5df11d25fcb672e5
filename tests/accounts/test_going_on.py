"""A form that was sent after the session had ended: sign in over it, and send it again."""

from __future__ import annotations

import html as escaping
import logging
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.activities.models import Activity
from crm.core import access
from crm.core.db import db
from crm.drafts.models import Draft
from tests.support.met import known
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person

People = Callable[[str], Person]
VISIT = {
    "kind": "capital_visit",
    "state_iso3": "BTN",
    "held_on": "2026-11-20",
    "person_name": "A",
    "reply": "Zwielicht",
}
GO_ON = "/sign-in/and-go-on"


def _hidden(html: str, action: str) -> dict[str, str]:
    form = html[html.index(f'<form method="post" action="{action}">') :]
    form = form[: form.index("</form>")]
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', form)
    return {name: escaping.unescape(value) for name, value in pairs}


def _count(model: type[Activity] | type[Draft]) -> int:
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_one_signs_in_in_place_and_sends_it_again(
    app: Flask, person: People, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    email = person("officer").email
    db.session.remove()
    browser = app.test_client()
    ended = check_page(browser.post("/activities/new", data=VISIT | {"request_key": "k"}), 401)
    assert "Nothing you typed is lost" in ended
    carried = _hidden(ended, GO_ON)
    assert carried["echo-reply"] == "Zwielicht" and carried["echo_to"] == "/activities/new"
    wrong = browser.post(GO_ON, data=carried | {"email": email, "password": "not this one, no"})
    html = check_page(wrong, 422)
    assert "not right" in html and _hidden(html, GO_ON)["echo-reply"] == "Zwielicht"
    html = check_page(browser.post(GO_ON, data=carried | {"email": email, "password": PASSWORD}))
    assert "You are signed in again" in html and "What you typed" in html
    assert _count(Activity) == _count(Draft) == 0, "nothing is stored before it is sent again"
    sent = _hidden(html, "/activities/new")
    assert sent["request_key"] == "k" and "password" not in sent and "csrf_token" not in sent
    form = check_page(browser.post("/activities/new", data=sent), 422)
    assert "press the button again" in form and "Zwielicht" in form
    assert _count(Activity) == 0, "the form itself is shown first"
    pressed = sent | {"csrf_token": token_of(form)}
    for _ in range(2):
        assert browser.post("/activities/new", data=pressed).status_code == 303
    assert _count(Activity) == 1
    told = caplog.text + "".join(capsys.readouterr())
    assert "Zwielicht" not in told and PASSWORD not in told


def test_all_that_is_going_to_be_sent_is_said_in_words(app: Flask, person: People) -> None:
    """What changes who may see it comes first."""
    email = person("officer").email
    db.session.remove()
    browser = app.test_client()
    sent = VISIT | {"handling": "states", "attribution": "full", "owner_id": str(uuid4()), "draft": str(uuid4())}
    carried = _hidden(check_page(browser.post("/activities/new", data=sent), 401), GO_ON)
    html = check_page(browser.post(GO_ON, data=carried | {"email": email, "password": PASSWORD}))
    plain = re.sub(r"<[^>]+>", "", html[html.index("<summary>What you typed") : html.index("</details>")])
    assert [one.strip() for one in plain.split("\n") if one.strip()] == [
        "What you typed", "PageActivities › new", "Who may see itAll States that take part",
        "What others learn of its sourceThe State and the person", "KindCapital visit", "StateBTN",
        "Held on2026-11-20", "Person nameA", "ReplyZwielicht", "OwnerChosen from a list; the form says what",
    ]  # fmt: skip


def test_whoever_owes_a_second_factor_is_led_on(app: Flask, person: People) -> None:
    email = person("coordinator").email
    db.session.remove()
    browser = app.test_client()
    carried = _hidden(check_page(browser.post("/activities/new", data=VISIT), 401), GO_ON)
    html = check_page(browser.post(GO_ON, data=carried | {"email": email, "password": PASSWORD}))
    assert "One more step first" in html and "/sign-in/second-step" in html
    assert _hidden(html, "/activities/new")["reply"] == "Zwielicht"


LINES = [
    "/meetings/new",
    "/meetings/13MSP/edit",
    "/meetings/presidencies/new",
    "/meetings/coordinators/new",
    "/people/offices/BTN/foreign_minister",
    "/people/offices/BTN/foreign_minister/titles",
    "/people/met/PERSON/post",
]
"""Pages with forms of single lines, which keep no drafts."""


@pytest.mark.parametrize("address", LINES)
def test_forms_of_single_lines_lose_nothing_either(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient], address: str
) -> None:
    address = address.replace("PERSON", str(known(person("coordinator").viewer)))
    browser = signed_in("coordinator")
    shown = check_page(browser.get(address))
    names = re.findall(r'<input[^>]*name="([a-z_]+)"[^>]*type="text"', shown.partition("<main")[2])
    typed = {name: f"Typed into {name}" for name in names}
    assert typed
    ended = check_page(app.test_client().post(address, data=typed), 401)
    assert {name: words for name, words in _hidden(ended, address).items() if name in typed} == typed
    assert {name: _hidden(ended, GO_ON)[f"echo-{name}"] for name in typed} == typed
    again = check_page(browser.post(address, data=_hidden(ended, address)), 422)
    assert all(f'value="{words}"' in again for words in typed.values())


def test_guesses_are_counted_and_lose_nothing(app: Flask, person: People) -> None:
    email = person("officer").email
    db.session.remove()
    browser = app.test_client()
    carried = _hidden(check_page(browser.post("/activities/new", data=VISIT), 401), GO_ON)
    for _ in range(12):
        answer = browser.post(GO_ON, data=carried | {"email": email, "password": "a guess that is wrong"})
    html = check_page(answer, 422)
    assert "Try again in" in html and _hidden(html, GO_ON)["echo-reply"] == "Zwielicht"
    assert browser.post(GO_ON, data=carried | {"email": email, "password": PASSWORD}).status_code == 422


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:1"])
def test_it_leads_nowhere_else(app: Flask, person: People, target: str) -> None:
    email = person("officer").email
    db.session.remove()
    browser = app.test_client()
    carried = _hidden(check_page(browser.post("/activities/new", data=VISIT), 401), GO_ON) | {"echo_to": target}
    html = check_page(browser.post(GO_ON, data=carried | {"email": email, "password": PASSWORD}))
    assert "evil" not in html and '<form method="post" action="/">' in html


def test_only_with_the_token_of_our_page_and_not_from_elsewhere(app: Flask, person: People) -> None:
    email = person("officer").email
    db.session.remove()
    browser = app.test_client()
    sent = {"email": email, "password": PASSWORD, "echo-reply": "forged", "echo_to": "/activities/new"}
    assert browser.post(GO_ON, data=sent).status_code == 422
    assert browser.post(GO_ON, data=sent, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.get("/account").status_code == 303
