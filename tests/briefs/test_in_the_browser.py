"""The page of a State and its brief in a real browser: by keyboard, on a phone, in both lights, for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from crm.activities.course.service import plan_activity
from crm.core.access import Handling, looking_as
from crm.core.db import unit_of_work
from crm.followups.service import open_follow_up
from tests.support.browser import DESK, PHONE, assert_accessible, sign_in, visit
from tests.support.people import PASSWORD, Person
from tests.support.records import logged
from tests.support.served import served

__all__ = ["served"]

People = Callable[[str], Person]
pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("app")]
FOR_STATES = {"handling": Handling.STATES}


def _full_page(person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    for number in range(30):
        logged(officer, "BTN", held_on=date(2026, 10, 30) - timedelta(days=number), **FOR_STATES)
    logged(officer, "BTN", held_on=date(2026, 11, 1), obstacle="security", reply="After the election.", **FOR_STATES)
    with looking_as(officer), unit_of_work():
        for promised in (True, False):
            open_follow_up(
                actor=officer, what="Send the estimate", state_iso3="BTN", due_on=date(2026, 11, 25), promised=promised,
                handling=Handling.STATES,
            )  # fmt: skip
    with looking_as(other), unit_of_work():
        plan_activity(actor=other, kind="demarche", state_iso3="BTN", held_on=date(2026, 12, 1), **FOR_STATES)


def _no_sideways(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_everybody_can_use_the_pages(
    app: Flask, person: People, served: str, browser: Browser, size: dict[str, int], light: str
) -> None:
    _full_page(person)
    with visit(browser, served, viewport=size, color_scheme=light) as page:
        sign_in(page, "officer@example.org", PASSWORD)
        for address in ("/states/BTN", "/states/BTN?person=Karma", "/states/BTN/brief", "/briefs?states=BTN,LAO"):
            page.goto(address)
            assert_accessible(page)
            _no_sideways(page)


def test_a_phone_shows_first_what_matters_first(app: Flask, person: People, served: str, browser: Browser) -> None:
    _full_page(person)
    with visit(browser, served, viewport=PHONE) as page:
        sign_in(page, "officer@example.org", PASSWORD)
        page.goto("/states/BTN")
        foot = page.locator(".dock").bounding_box()
        assert foot
        for words in ("Non-signatory", "Last contact", "Next action", "Whom to call"):
            box = page.get_by_text(words, exact=True).first.bounding_box()
            assert box and box["y"] + box["height"] < foot["y"], words


def test_by_keyboard_from_the_timeline_to_the_sheet(app: Flask, person: People, served: str, browser: Browser) -> None:
    _full_page(person)
    with visit(browser, served, viewport=DESK) as page:
        sign_in(page, "officer@example.org", PASSWORD)
        page.goto("/states/BTN")
        page.get_by_role("link", name="Contacts", exact=True).focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/states/BTN?kind=activity#timeline")
        assert page.get_by_text("Follow-up: Send the estimate").count() == 0
        page.get_by_role("link", name="Show older").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**before=**")
        page.get_by_role("link", name="Back to the newest").press("Enter")
        page.get_by_role("link", name="Everything", exact=True).press("Enter")
        page.wait_for_url("**/states/BTN#timeline")
        more = page.locator(".moment-more summary").first
        more.press("Enter")
        page.get_by_role("button", name="Pin for me").first.press("Enter")
        page.get_by_text("Pinned for you").wait_for()
        page.get_by_role("button", name="Take down").press("Enter")
        page.get_by_text("Pinned for you").wait_for(state="detached")
        page.get_by_role("link", name="Brief", exact=True).press("Enter")
        page.get_by_role("heading", name="Brief: Bhutan").wait_for()
        with page.expect_download() as coming:
            page.get_by_role("link", name="One sheet as PDF").press("Enter")
        assert coming.value.suggested_filename.startswith("brief-btn-")


def test_it_works_without_scripts(app: Flask, person: People, served: str, browser: Browser) -> None:
    _full_page(person)
    with visit(browser, served, viewport=PHONE, java_script_enabled=False) as page:
        sign_in(page, "officer@example.org", PASSWORD)
        page.goto("/states/BTN")
        page.get_by_text("Filter by person, party or days").click()
        page.get_by_label("Person").fill("Nobody at all")
        page.get_by_role("button", name="Apply").click()
        page.get_by_text("Nothing fits").wait_for()
