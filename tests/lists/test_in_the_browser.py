"""Lists by keyboard alone, and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from crm.core.access import Handling
from crm.core.db import db
from tests.followups.opening import opened
from tests.lists.test_views import saved
from tests.support.browser import DESK, PHONE, assert_accessible, sign_in, visit
from tests.support.people import PASSWORD, Person
from tests.support.records import logged
from tests.support.served import served

__all__ = ["served"]
pytestmark = pytest.mark.browser
People = Callable[[str], Person]


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(browser: Browser, served: str, person: People, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The list of follow-ups of an officer who has three and two activities."""
    officer = person("officer")
    for number in range(3):
        opened(officer.viewer, what=f"Step {number}")
    for state in ("LAO", "BTN"):
        logged(officer.viewer, state, handling=Handling.STATES)
    saved(officer.viewer, name="All of Laos")
    db.session.remove()
    with visit(browser, served, viewport=request.param) as shown:
        sign_in(shown, officer.email, PASSWORD)
        shown.goto("/followups")
        yield shown


def fits(page: Page) -> None:
    """Nothing is to be scrolled sideways, and axe finds nothing."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    assert_accessible(page)


def test_rows_are_walked_ticked_and_opened_by_single_keys(page: Page) -> None:
    titles = page.locator("[data-open]").all_inner_texts()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    boxes = page.locator("[data-tick]")
    assert [boxes.nth(one).is_checked() for one in range(3)] == [False, True, False]
    page.keyboard.press("k")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", level=1)).to_have_text(titles[0])
    page.wait_for_load_state()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", level=1)).to_have_text(titles[1])
    fits(page)
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("[data-open]").nth(1)).to_be_focused()


def test_single_keys_never_act_while_typing_and_can_be_switched_off(page: Page) -> None:
    page.goto("/activities")
    page.keyboard.press("/")
    box = page.locator("[data-search-everything]:visible, [data-search]:visible").first
    expect(box).to_be_focused()
    page.keyboard.type("jx?")
    expect(box).to_have_value("jx?")
    assert page.locator("[data-tick]:checked").count() == 0
    page.goto("/account")
    page.get_by_label("Use single keys on this device").uncheck()
    fits(page)
    page.goto("/activities")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-tick]:checked").count() == 0
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_many_are_done_and_taken_back_by_keyboard(page: Page) -> None:
    fits(page)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_label(re.compile("^All 3 follow-ups")).check()
    page.locator("#many").get_by_role("button", name="Done", exact=True).press("Enter")
    page.get_by_role("heading", name="Mark as done: 3 follow-ups").wait_for()
    fits(page)
    page.get_by_role("button", name="Mark as done").press("Enter")
    page.get_by_text("3 follow-ups done.").wait_for()
    page.get_by_role("button", name="Undo").press("Enter")
    page.get_by_text("Taken back.").wait_for()
    assert page.locator("[data-tick]").count() == 3


def test_the_palette_leads_to_a_state_an_action_and_a_view(page: Page) -> None:
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Where to?")
    expect(field).to_be_focused()
    field.press_sequentially("bhutan")
    expect(page.locator("#palette-list [role=option]").first).to_contain_text("Bhutan")
    fits(page)
    field.dispatch_event("keydown", {"key": "ArrowDown", "isComposing": True})
    expect(page.locator("#palette-list [role=option]").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#palette-list [aria-selected=true]")).to_contain_text("Log an activity with Bhutan")
    page.keyboard.press("Enter")
    page.wait_for_url("**/activities/new?state=BTN")
    page.goto("/activities")
    page.keyboard.press("Control+k")
    field.press_sequentially("all of laos")
    expect(page.locator("#palette-list [role=option]").first).to_contain_text("All of Laos")
    page.keyboard.press("Enter")
    page.wait_for_url("**/activities?state=LAO**")
    assert page.locator("[data-open]").count() == 1
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_columns_and_views_are_chosen_from_their_menus(page: Page) -> None:
    page.goto("/activities?state=LAO")
    page.locator("summary", has_text="Columns").click()
    page.get_by_label("Who may see it").check()
    page.get_by_label("With whom").uncheck()
    fits(page)
    page.get_by_role("button", name="Show these").click()
    page.wait_for_url("**columns=**")
    labels = page.locator("tbody [data-label]").evaluate_all("all => all.map(one => one.dataset.label)")
    assert labels == ["Date", "State", "What", "Reply", "Next action", "Who may see it"]
    page.locator("summary", has_text="Views").click()
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name").fill("Laos with handling")
    page.get_by_label("Open the list with it").check()
    fits(page)
    page.get_by_role("button", name="Save the view").click()
    page.get_by_text("Saved.").wait_for()
    page.goto("/activities")
    page.locator("summary", has_text="Laos with handling").wait_for()
    page.goto("/views")
    fits(page)
