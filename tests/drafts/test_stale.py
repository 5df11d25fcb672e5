"""Two people change the same record: original, theirs and mine, field by field."""

from __future__ import annotations

import html as escaping
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.models import Activity
from crm.core import access
from crm.core.db import db
from tests.support.pages import check_page, token_of

Clients = Callable[[str], FlaskClient]
VISIT = {"kind": "capital_visit", "state_iso3": "BTN", "held_on": "2026-11-20", "person_name": "Karma", "reply": "Yes."}


def _hidden(html: str) -> dict[str, str]:
    main = html[html.index("<main") :]
    wanted = ("csrf_token", "request_key", "draft", "version", "original")
    found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', main) for name in wanted}
    return {name: escaping.unescape(one[1]) for name, one in found.items() if one}


@pytest.fixture
def record(app: Flask, signed_in: Clients) -> str:
    """The page of a visit that was logged, to be corrected."""
    browser = signed_in("officer")
    token = token_of(browser.get("/account").get_data(as_text=True))
    made = browser.post("/api/v1/activities", json=VISIT, headers={"X-CSRFToken": token}).json["id"]
    return f"/activities/{made}/correct"


def _outrun(browser: FlaskClient, page: str, mine: dict[str, str], theirs: dict[str, str]) -> str:
    """I open the form, somebody else saves theirs, and I send mine."""
    opened = _hidden(browser.get(page).get_data(as_text=True))
    other = _hidden(browser.get(page).get_data(as_text=True))
    assert browser.post(page, data=VISIT | theirs | other).status_code == 303
    return check_page(browser.post(page, data=VISIT | mine | opened), 409)


def _saved() -> Activity:
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(Activity)).one()


def _cells(html: str, label: str) -> list[str]:
    part = html[html.index(f"<legend>{label}</legend>") :]
    return [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r'class="prose">(.*?)</', part, re.S)[:3]]


def _chosen(html: str, name: str) -> str:
    found = re.search(rf'name="take-{name}" value="(\w+)" checked', html)
    assert found
    return found[1]


def test_each_field_that_differs_shows_all_three(app: Flask, signed_in: Clients, record: str) -> None:
    browser = signed_in("officer")
    html = _outrun(browser, record, {"reply": "No."}, {"reply": "Perhaps.", "person_name": "Dorji"})
    assert "Somebody else changed this record while you were writing" in html
    assert _cells(html, "What did they reply") == ["Yes.", "Perhaps.", "No."]
    assert _cells(html, "Whom did you see") == ["Karma", "Dorji", "Karma"]
    assert "<legend>State</legend>" not in html
    assert _chosen(html, "reply") == "mine" and _chosen(html, "person_name") == "theirs"
    assert "No.</textarea>" in html
    assert _saved().reply == "Perhaps."


def test_the_choice_is_saved_without_a_script(app: Flask, signed_in: Clients, record: str) -> None:
    browser = signed_in("officer")
    html = _outrun(browser, record, {"reply": "No."}, {"reply": "Perhaps.", "person_name": "Dorji"})
    choice = {"take-reply": "mine", "take-person_name": "theirs"}
    assert browser.post(record, data=VISIT | {"reply": "No."} | choice | _hidden(html)).status_code == 303
    saved = _saved()
    assert (saved.reply, saved.people[0].name) == ("No.", "Dorji")


def test_theirs_may_be_taken_for_everything(app: Flask, signed_in: Clients, record: str) -> None:
    browser = signed_in("officer")
    theirs = {"reply": "Perhaps.", "held_on": "2026-11-19"}
    html = _outrun(browser, record, {"reply": "No.", "held_on": "2026-11-18"}, theirs)
    assert _cells(html, "Date") == ["20 November 2026", "19 November 2026", "18 November 2026"]
    names = set(re.findall(r'name="take-(\w+)"', html))
    assert {"reply", "held_on"} <= names
    choice = {f"take-{name}": "theirs" for name in names}
    assert browser.post(record, data=VISIT | {"reply": "No."} | choice | _hidden(html)).status_code == 303
    saved = _saved()
    assert (saved.reply, saved.held_on.isoformat()) == ("Perhaps.", "2026-11-19")


def test_who_is_outrun_twice_is_asked_twice(app: Flask, signed_in: Clients, record: str) -> None:
    browser = signed_in("officer")
    html = _outrun(browser, record, {"reply": "No."}, {"reply": "Perhaps."})
    other = _hidden(browser.get(record).get_data(as_text=True))
    assert browser.post(record, data=VISIT | {"reply": "Later."} | other).status_code == 303
    sent = VISIT | {"reply": "No.", "take-reply": "mine"} | _hidden(html)
    again = check_page(browser.post(record, data=sent), 409)
    assert _cells(again, "What did they reply") == ["Yes.", "Later.", "No."]
    assert _saved().reply == "Later."


def test_a_draft_that_was_outrun_says_so_when_it_is_saved(app: Flask, signed_in: Clients, record: str) -> None:
    """The version and the original travel with the draft."""
    browser = signed_in("officer")
    opened = _hidden(browser.get(record).get_data(as_text=True))
    browser.post(record, data=VISIT | {"reply": "No.", "keep_draft": "1"} | opened)
    other = _hidden(browser.get(f"{record}?afresh=1").get_data(as_text=True))
    assert browser.post(record, data=VISIT | {"reply": "Perhaps."} | other).status_code == 303
    html = check_page(browser.get(record))
    assert "No.</textarea>" in html
    stale = check_page(browser.post(record, data=VISIT | {"reply": "No."} | _hidden(html)), 409)
    assert _cells(stale, "What did they reply") == ["Yes.", "Perhaps.", "No."]


def test_the_other_records_do_the_same(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    page = "/people/offices/BTN/foreign_minister/titles"
    opened = _hidden(browser.get(page).get_data(as_text=True))
    assert browser.post(page, data={"title_en_masculine": "Minister A"} | opened).status_code == 303
    html = check_page(
        browser.post(page, data={"title_en_masculine": "Minister B"} | opened | {"request_key": "k"}), 409
    )
    assert _cells(html, "English, of a man")[1:] == ["Minister A", "Minister B"]


@pytest.mark.parametrize("original", ["", "[]", "{", '{"reply": "text"}', "[" * 50_000])
def test_an_original_that_nobody_wrote_breaks_nothing(
    app: Flask, signed_in: Clients, record: str, original: str
) -> None:
    browser = signed_in("officer")
    opened = _hidden(browser.get(record).get_data(as_text=True)) | {"original": original}
    other = _hidden(browser.get(record).get_data(as_text=True))
    browser.post(record, data=VISIT | {"reply": "Perhaps."} | other)
    html = check_page(browser.post(record, data=VISIT | {"reply": "No."} | opened), 409)
    assert _cells(html, "What did they reply")[1:] == ["Perhaps.", "No."]
