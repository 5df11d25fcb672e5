"""The grid under the fingers of somebody who came from a reception with twelve cards in their pocket."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from crm.activities.models import Activity, ActivityState
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db
from crm.followups.models import FollowUp
from crm.states.queries import register
from tests.support.browser import DESK, PHONE, assert_accessible, sign_in, visit
from tests.support.people import PASSWORD, Person
from tests.support.records import logged
from tests.support.served import served

__all__ = ["served"]
pytestmark = pytest.mark.browser
People = Callable[[str], Person]

TALKS = [
    ("bhu", "1", "7", "The draft law goes to parliament.", "Ask for the date", "in 3 weeks"),
    ("gab", "2", "5", "Not on the agenda yet.", "", ""),
    ("mng", "3", "1", "Alliance partners first.", "", ""),
    ("ton", "4", "6", "", "Send the model law", "in 10 days"),
    ("lao", "1", "", "", "", ""),
    ("van", "5", "4", "One lawyer for all treaties.", "Offer an expert", "next week"),
    ("fij", "1", "", "Instrument with the Attorney-General.", "", ""),
    ("nep", "6", "", "", "Write to the counsellor", "tomorrow"),
    ("ken", "2", "3", "Cost of clearance.", "Send the estimate", "15 December"),
    ("tha", "2", "5", "", "", ""),
    ("per", "3", "2", "Industry is heard first.", "", ""),
    ("tuv", "1", "4", "Would host a workshop.", "Ask for a date", "end of the month"),
]
"""What is pressed in each row: three letters, keys for outcome and obstacle, note, follow-up, its day."""


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.strokes, self.typed = page, 0, 0

    def write(self, text: str) -> None:
        """Words of one's own."""
        self.typed += len(text)
        if text:
            self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        """Keys that choose and lead on."""
        for key in keys:
            self.strokes += 1
            self.page.keyboard.press(key)


@pytest.fixture
def opened(browser: Browser, served: str, person: People) -> Iterator[Page]:
    """The grid at a desk, opened by an officer."""
    email = person("officer").email
    db.session.remove()
    with visit(browser, served, viewport=DESK) as page:
        sign_in(page, email, PASSWORD)
        page.goto("/activities/margins")
        _ready(page)
        yield page


def _ready(page: Page) -> None:
    """The names of the States have come."""
    page.locator("form[data-ready]").wait_for()


def _row(keys: Keys, talk: tuple[str, ...]) -> None:
    letters, outcome, obstacle, note, action, when = talk
    keys.press(*letters, "Tab", "Tab")
    keys.press(*outcome, "Tab", *obstacle, "Tab")
    for text in (note, action, when):
        keys.write(text)
        keys.press("Tab")


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def _tab_to(keys: Keys, field: str) -> None:
    while _focused(keys.page) != field:
        keys.press("Tab")


def test_twelve_talks_are_written_by_keyboard_alone(app: Flask, opened: Page) -> None:
    page, keys = opened, Keys(opened)
    page.get_by_label("Meeting or occasion").focus()
    keys.write("First Committee")
    _tab_to(keys, "place")
    keys.write("New York")
    _tab_to(keys, "rows-0-state")
    for talk in TALKS:
        _row(keys, talk)
    assert _focused(page) == "rows-12-state", "Tab in the last field begins a new row"
    assert keys.strokes / len(TALKS) < 14
    with page.expect_navigation():
        keys.press("Control+Enter")
    page.get_by_role("heading", name="First Committee", level=1).wait_for()
    assert "12 talks are saved." in page.inner_text("main")
    assert_accessible(page)
    with looking_as(SYSTEM):
        db.session.rollback()
        found = set(db.session.scalars(select(ActivityState.state_iso3)))
        assert found == {"BTN", "GAB", "MNG", "TON", "LAO", "VUT", "FJI", "NPL", "KEN", "THA", "PER", "TUV"}
        assert len(db.session.scalars(select(FollowUp.id)).all()) == 6
    page.get_by_role("button", name="Undo all").focus()
    with page.expect_navigation():
        keys.press("Enter")
    assert (
        page.input_value("#rows-0-state") == "Bhutan" and page.input_value("#rows-11-note") == "Would host a workshop."
    )
    assert "the talks are taken back" in page.inner_text("main")
    page.locator("#rows-3-note").fill("Said otherwise.")
    page.get_by_text("Draft kept at").wait_for()
    page.reload()
    assert page.input_value("#rows-3-note") == "Said otherwise." and page.input_value("#rows-0-state") == "Bhutan"
    with looking_as(SYSTEM):
        db.session.rollback()
        assert db.session.scalars(select(Activity.id)).all() == []


def test_what_is_read_and_who_is_near_stand_in_the_row_at_once(
    app: Flask, browser: Browser, served: str, person: People
) -> None:
    logged(person("other_officer").viewer, "BTN", held_on=date(2026, 11, 18), handling=Handling.STATES)
    email = person("officer").email
    db.session.remove()
    with visit(browser, served, viewport=DESK) as page:
        sign_in(page, email, PASSWORD)
        page.goto("/activities/margins")
        _ready(page)
        page.locator("#rows-0-state").focus()
        page.keyboard.type("bhu")
        assert page.locator("#state-list [role=option]").all_inner_texts()[0].startswith("Bhutan")
        assert_accessible(page)
        page.keyboard.press("Tab")
        page.get_by_text("18 November 2026").wait_for()
        page.locator("#rows-0-next_action_due").fill("in 3 weeks")
        page.keyboard.press("Tab")
        page.locator("[data-read]", has_text="December 2026").first.wait_for()
        page.locator("#rows-1-next_action_due").fill("soon")
        page.keyboard.press("Tab")
        page.locator(".cell-wrong", has_text="is not understood as a day").wait_for()


def test_three_letters_that_fit_several_are_not_guessed(app: Flask, opened: Page) -> None:
    page = opened
    page.locator("#rows-0-state").focus()
    page.keyboard.type("nig")
    page.keyboard.press("Tab")
    assert page.input_value("#rows-0-state") == "nig"
    page.get_by_text("Which one: Niger, Nigeria?").wait_for()
    page.keyboard.press("Shift+Tab")
    for key in ("ArrowDown", "ArrowDown", "Tab"):
        page.keyboard.press(key)
    assert page.input_value("#rows-0-state") == "Nigeria"
    page.locator("#rows-1-state").focus()
    page.keyboard.type("nig")
    page.locator("#rows-1-note").fill("Will look into it.")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert page.locator("[data-error-summary]").is_visible()
    assert_accessible(page)
    assert "can be several States" in page.locator("td:has(#rows-1-state) .field-error").inner_text()
    page.get_by_label("Niger", exact=True).check()
    cell = page.locator("td:has(#rows-1-state)")
    assert cell.locator(".field-error, [aria-invalid]").count() == 0
    assert "several States" not in page.locator("[data-error-summary]").inner_text()


def test_what_fits_is_walked_to_its_ends_counted_and_put_away(app: Flask, opened: Page) -> None:
    page, field = opened, opened.locator("#rows-0-state")
    marked = page.locator("#state-list [aria-selected=true]")
    field.press_sequentially("guinea")
    names = page.locator("#state-list [role=option]").all_inner_texts()
    expect(page.locator("[data-offered]")).to_have_text(f"{len(names)} States")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("Escape")
    expect(page.locator("#state-list")).to_be_hidden()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile("."))
    field.fill("nig")
    expect(marked).to_have_count(0)
    for key, place in (("ArrowUp", -1), ("Home", 0), ("End", -1), ("ArrowDown", 0)):
        field.press(key)
        names = page.locator("#state-list [role=option]").all_inner_texts()
        expect(marked).to_have_text(names[place])
        expect(field).to_have_attribute("aria-activedescendant", str(marked.get_attribute("id")))


def test_it_finds_what_the_server_finds(app: Flask, opened: Page) -> None:
    """The two search alike, so that what is shown is what will be saved."""
    known = register()
    for typed in (
        "bhu",
        "lao",
        "congo",
        "cote d'ivoire",
        "ÉTATS",
        "guinea",
        "korea",
        "burma",
        "ind",
        "st k",
        "usa",
        "sao",
    ):
        meant = known.meant(typed)
        opened.locator("#rows-0-state").fill("")
        opened.locator("#rows-0-state").press_sequentially(typed)
        opened.keyboard.press("Tab")
        shown = opened.input_value("#rows-0-state")
        assert shown == (known.name_today(meant[0]) if len(meant) == 1 else typed), typed


def test_on_a_phone_each_talk_is_a_card_and_nothing_moves_sideways(
    app: Flask, browser: Browser, served: str, person: People
) -> None:
    email = person("officer").email
    db.session.remove()
    with visit(browser, served, viewport=PHONE, has_touch=True) as page:
        sign_in(page, email, PASSWORD)
        page.goto("/activities/margins")
        _ready(page)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert page.locator("tr[data-row]").first.evaluate("row => getComputedStyle(row).display") == "grid"
        page.locator("#rows-0-state").press_sequentially("bhu")
        page.get_by_role("option", name="Bhutan").tap()
        assert page.input_value("#rows-0-state") == "Bhutan"
        assert_accessible(page)
        page.get_by_label("Meeting or occasion").fill("First Committee")
        page.locator("#rows-0-outcome").select_option("positive")
        with page.expect_navigation():
            page.get_by_role("button", name="Save all").tap()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert_accessible(page)


def test_without_script_five_more_rows_and_the_words_that_were_read(
    app: Flask, browser: Browser, served: str, person: People
) -> None:
    email = person("officer").email
    db.session.remove()
    with visit(browser, served, viewport=DESK, java_script_enabled=False) as page:
        sign_in(page, email, PASSWORD)
        page.goto("/activities/margins")
        page.locator("#rows-0-state").fill("bhu")
        page.locator("#rows-0-next_action_due").fill("in 3 weeks")
        page.get_by_role("button", name="Five more rows").click()
        expect(page.locator("tr[data-row]")).to_have_count(17)
        assert page.input_value("#rows-0-state") == "bhu"
        assert "December 2026" in page.inner_text("tr[data-row] >> nth=0")
        page.get_by_label("Meeting or occasion").fill("First Committee")
        page.locator("#rows-0-outcome").select_option("positive")
        page.locator("#rows-0-next_action").fill("Call")
        page.get_by_role("button", name="Save all").click()
        expect(page.locator("main")).to_contain_text("One talk is saved.")


def test_a_draft_of_many_rows_is_there_again(app: Flask, opened: Page) -> None:
    page = opened
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Five more rows").click()
    page.locator("#rows-14-note").fill("Supports the aims.")
    page.wait_for_timeout(700)  # the form waits for a pause in the typing before it keeps what is there
    page.goto("/states/LAO")
    page.goto("/activities/margins")
    assert page.input_value("#rows-14-note") == "Supports the aims."
