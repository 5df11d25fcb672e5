"""One draft in two windows, on two machines: what somebody was told is kept stays, whoever comes later."""

from __future__ import annotations

import html as escaping
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.core.unfinished import Seen
from crm.drafts import rules
from crm.drafts.models import Draft
from tests.support.pages import check_page, token_of

Clients = Callable[[str], FlaskClient]
FIRST, SECOND = uuid.uuid4(), uuid.uuid4()


class Window:
    """A form on some machine, with what it has seen of the draft."""

    def __init__(self, browser: FlaskClient, draft: str, revision: int = 0) -> None:
        self.browser, self.draft, self.revision, self.own = browser, draft, revision, str(uuid.uuid4())

    def keep(self, words: str, *, arrives: bool = True, **more: Any) -> Any:
        """What the script sends; `arrives`: whether the answer does."""
        token = token_of(self.browser.get("/account").get_data(as_text=True))
        sent = {"kind": "activity", "revision": self.revision, "window": self.own} | more
        sent["typed"] = json.dumps({"reply": [words]})
        answer = self.browser.put(f"/api/v1/drafts/{self.draft}", json=sent, headers={"X-CSRFToken": token})
        if answer.status_code == 200 and arrives:
            self.draft, self.revision = answer.json["id"], answer.json["revision"]
            self.own = str(uuid.uuid4()) if answer.json["elsewhere"] else self.own
        return answer


def _kept() -> dict[str, str]:
    """Words by key, of the drafts that are open."""
    with looking_as(SYSTEM):
        db.session.rollback()
        rows = db.session.scalars(select(Draft).where(Draft.ended.is_(None)))
        return {str(one.id): (rules.read(one.typed) or {})["reply"][0] for one in rows}


@pytest.fixture
def pair(app: Flask, signed_in: Clients) -> tuple[Window, Window]:
    """Two windows of one officer, both opened on the same first words."""
    browser = signed_in("officer")
    one = Window(browser, str(uuid.uuid4()))
    assert one.keep("First words").json["elsewhere"] is False
    return one, Window(browser, one.draft, one.revision)


def test_whoever_wakes_up_later_overwrites_nothing(pair: tuple[Window, Window]) -> None:
    here, there = pair
    here.keep("First words, and two pages more")
    late = there.keep("First words.").json
    assert late["elsewhere"] is True and late["id"] == there.draft != here.draft
    assert sorted(_kept().values()) == ["First words, and two pages more", "First words."]
    assert there.keep("First words. And").json["elsewhere"] is False
    assert here.keep("Two pages and a line").json["elsewhere"] is False
    assert _kept() == {here.draft: "Two pages and a line", there.draft: "First words. And"}
    page = check_page(here.browser.get("/drafts"))
    assert "Two pages and a line" in page and "First words. And" in page


def test_words_whose_answer_was_lost_are_kept_once(pair: tuple[Window, Window]) -> None:
    here, there = pair
    here.keep("One", arrives=False)
    assert here.keep("One, two").json["elsewhere"] is False, "by itself nobody is outrun"
    there.keep("Three", arrives=False)
    assert there.keep("Three, four").json["elsewhere"] is True
    assert sorted(_kept().values()) == ["One, two", "Three, four"]


def test_three_windows_have_three_drafts(pair: tuple[Window, Window]) -> None:
    here, there = pair
    third = Window(here.browser, here.draft, here.revision)
    for window, words in ((here, "One"), (there, "Two"), (third, "Three")):
        window.keep(words)
    assert sorted(_kept().values()) == ["One", "Three", "Two"]


def test_the_same_words_are_no_second_draft(pair: tuple[Window, Window]) -> None:
    here, there = pair
    here.keep("The same")
    assert there.keep("The same").json["elsewhere"] is False
    assert list(_kept().values()) == ["The same"]


def test_a_program_that_names_no_window_is_told_to_read_first(pair: tuple[Window, Window]) -> None:
    here, there = pair
    here.keep("Two pages")
    refused = there.keep("First words.", window=None)
    assert refused.status_code == 409
    assert there.keep("Other", window=there.draft).status_code == 409, "nor one whose key is that of the draft"
    assert there.keep("First words.", window=None, revision=here.revision).status_code == 200


def test_a_draft_beside_goes_on_being_somebodys_own_alone(pair: tuple[Window, Window], signed_in: Clients) -> None:
    here, _ = pair
    other = Window(signed_in("coordinator"), str(uuid.uuid4()))
    other.keep("Not yours")
    other.keep("Not yours either")
    here.keep("Two pages")
    stranger = Window(here.browser, here.draft, 1)
    stranger.own = other.draft
    assert stranger.keep("Mine").status_code == 404
    assert _kept()[other.draft] == "Not yours either"


def _form(browser: FlaskClient, address: str) -> dict[str, str]:
    """The hidden fields of a form as it is opened."""
    page = check_page(browser.get(address))
    names = ("csrf_token", "request_key", "draft", "draft_seen")
    found = {name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page[page.index("<main") :]) for name in names}
    return {name: escaping.unescape(one[1]) for name, one in found.items() if one}


def test_without_a_script_neither_takes_the_others_words(pair: tuple[Window, Window]) -> None:
    here, _ = pair
    late = _form(here.browser, f"/activities/new?draft={here.draft}")
    here.keep("Two pages")
    sent = {**late, "reply": "By hand", "keep_draft": "1"}
    page = check_page(here.browser.post("/activities/new", data=sent))
    assert "By hand</textarea>" in page
    assert sorted(_kept().values()) == ["By hand", "Two pages"]
    shown = re.search(r'name="draft" value="([^"]*)"[^>]*><input[^>]*name="draft_seen" value="(\d+) ', page)
    assert shown and shown[1] != here.draft
    sent |= {"reply": "By hand, too", "draft": shown[1], "draft_seen": f"{shown[2]} {uuid.uuid4()}"}
    check_page(here.browser.post("/activities/new", data=sent))
    assert sorted(_kept().values()) == ["By hand, too", "Two pages"]


VISIT = {"kind": "capital_visit", "state_iso3": "BTN", "held_on": "2026-11-20", "person_name": "A"}


def test_saving_ends_the_draft_that_was_saved_and_no_other(pair: tuple[Window, Window]) -> None:
    here, _ = pair
    late = _form(here.browser, f"/activities/new?draft={here.draft}")
    here.keep("Two pages")
    saved = here.browser.post("/activities/new", data={**VISIT, **late, "reply": "First words."})
    assert saved.status_code == 303 and list(_kept().values()) == ["Two pages"]
    now = _form(here.browser, f"/activities/new?draft={here.draft}")
    assert here.browser.post("/activities/new", data={**VISIT, **now, "reply": "Two pages"}).status_code == 303
    assert _kept() == {}


def test_a_form_that_comes_back_has_seen_no_more_than_before(pair: tuple[Window, Window]) -> None:
    here, _ = pair
    late = _form(here.browser, f"/activities/new?draft={here.draft}")
    here.keep("Two pages")
    page = check_page(here.browser.post("/activities/new", data={**late, "reply": "First words."}), 422)
    assert f'name="draft_seen" value="{late["draft_seen"]}"' in page


@pytest.mark.parametrize(
    ("by", "seen", "outrun"),
    [
        (FIRST, None, False),
        (FIRST, Seen(3, SECOND), False),
        (FIRST, Seen(2, SECOND), True),
        (FIRST, Seen(2, FIRST), False),
        (None, Seen(2, FIRST), True),
        (None, Seen(2, None), True),
    ],
)
def test_who_is_outrun(by: uuid.UUID | None, seen: Seen | None, outrun: bool) -> None:
    assert rules.is_outrun(3, by, seen) is outrun
