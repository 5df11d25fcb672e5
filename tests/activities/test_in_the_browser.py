"""The log form as a hurried person uses it: interrupted, led away, called back."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select

from crm.activities.models import Activity
from crm.core import access
from crm.core.db import db
from crm.drafts.models import Draft
from tests.support.browser import PHONE, sign_in, visit
from tests.support.people import PASSWORD, Person
from tests.support.served import served

__all__ = ["served"]
pytestmark = pytest.mark.browser
People = Callable[[str], Person]
NAME, REPLY = "Whom did you see?", "What did they reply?"


@pytest.fixture
def page(browser: Browser, served: str, person: People) -> Iterator[Page]:
    """The log form on a phone, opened by an officer."""
    email = person("officer").email
    db.session.remove()
    with visit(browser, served, viewport=PHONE) as opened:
        opened.on("dialog", lambda dialog: dialog.accept())
        sign_in(opened, email, PASSWORD)
        opened.goto("/activities/new")
        yield opened


def _type(page: Page) -> None:
    page.get_by_label("State", exact=True).select_option("BTN")
    page.get_by_label(NAME).fill("Karma Example")
    page.get_by_label(REPLY).fill("Supports the aims.")
    page.get_by_text("Draft kept at").wait_for()
    assert _drafts() == 1


def _drafts() -> int:
    """How many drafts wait to be gone on with."""
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(Draft).where(Draft.ended.is_(None))) or 0


def _left_in_the_browser(page: Page) -> bool:
    """Whether something that was typed stays in the browser."""
    kept = str(page.evaluate("JSON.stringify([{ ...sessionStorage }, { ...localStorage }])"))
    return "Supports" in kept or "Karma" in kept


def _typed(page: Page) -> tuple[str, str, str]:
    return (
        page.get_by_label("State", exact=True).input_value(),
        page.get_by_label(NAME).input_value(),
        page.get_by_label(REPLY).input_value(),
    )


def test_what_was_typed_is_there_again_after_going_away(page: Page) -> None:
    _type(page)
    page.goto("/states/LAO")
    page.goto("/activities/new")
    assert _typed(page) == ("BTN", "Karma Example", "Supports the aims.")
    assert "This is your draft, kept" in page.inner_text("main")
    page.get_by_role("link", name="Begin afresh").click()
    page.wait_for_url("**/activities/new?afresh=1")
    assert _typed(page) == ("", "", "")
    assert _drafts() == 1
    assert not _left_in_the_browser(page)


def test_what_was_wrong_with_a_field_goes_when_another_answer_is_given(page: Page) -> None:
    page.get_by_label(REPLY).fill("Supports the aims.")
    with page.expect_navigation():
        page.get_by_role("button", name="Save").first.click()
    state = page.get_by_label("State", exact=True)
    summary = page.locator("[data-error-summary]")
    assert "Choose the State." in page.locator(".field.has-error:has(#state_iso3)").inner_text()
    assert "Choose the State." in summary.inner_text() and "Say whom." in summary.inner_text()
    state.select_option("BTN")
    assert page.get_by_text("Choose the State.").count() == 0 and "Say whom." in summary.inner_text()
    assert state.get_attribute("aria-invalid") is None
    for named in (state.get_attribute("aria-describedby") or "").split():
        assert page.locator(f"#{named}").count() == 1
    page.get_by_label(NAME).press_sequentially("Karma Example")
    page.get_by_label(REPLY).focus()
    assert page.locator(".field .field-error").count() == 0 and summary.count() == 0


def test_what_is_saved_does_not_come_back(page: Page) -> None:
    _type(page)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_role("link", name="Log another").click()
    page.get_by_role("heading", name="Log an activity").wait_for()
    assert _typed(page) == ("", "", "")
    assert page.locator("optgroup[label=Lately] option").all_inner_texts() == ["Bhutan"]
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(Activity)) == 1
    assert _drafts() == 0


def test_a_refused_entry_keeps_its_words_and_a_sign_out_leaves_none_here(page: Page) -> None:
    page.get_by_label(REPLY).fill("Supports the aims.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator("[data-error-summary]").wait_for()
    assert _typed(page) == ("", "", "Supports the aims.")
    page.get_by_text("Draft kept at").wait_for()
    page.goto("/")
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("button", name="Sign out").locator("visible=true").click()
    page.wait_for_url("**/sign-in*")
    assert not _left_in_the_browser(page) and _drafts() == 1


def test_a_link_that_chose_a_state_is_not_overruled_by_an_older_entry(page: Page) -> None:
    _type(page)
    page.goto("/activities/new?state=MNG")
    assert _typed(page) == ("MNG", "", "")
    page.get_by_role("link", name="Continue it instead").click()
    page.wait_for_url("**/activities/new?draft=*")
    assert _typed(page) == ("BTN", "Karma Example", "Supports the aims.")


def test_the_kind_alone_is_no_writing(page: Page) -> None:
    page.get_by_label("Kind").select_option("questionnaire")
    page.get_by_role("button", name="Keep as draft").click()
    page.get_by_text("There is nothing to keep yet.").wait_for()
    assert _drafts() == 0


def test_cancel_puts_the_draft_away_and_it_can_be_had_back(page: Page) -> None:
    _type(page)
    page.get_by_label(REPLY).press_sequentially(" And more")
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("heading", name="Activities").wait_for()
    page.goto("/drafts")
    page.get_by_role("heading", name="Thrown away today").wait_for()
    assert _drafts() == 0
    page.get_by_role("button", name="Take back").click()
    page.get_by_text("The draft is back.").wait_for()
    assert _drafts() == 1


def test_a_sign_out_in_the_middle_of_a_word_keeps_it_on_the_server_alone(page: Page) -> None:
    _type(page)
    page.get_by_label(REPLY).press_sequentially(" And more")
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("button", name="Sign out").locator("visible=true").click()
    page.wait_for_url("**/sign-in*")
    assert not _left_in_the_browser(page) and _drafts() == 1


def test_the_words_follow_the_kind(page: Page) -> None:
    page.get_by_label("Kind").select_option("cosigned_letter")
    assert page.get_by_label(NAME).count() == 0
    page.get_by_label("Kind").select_option("capital_visit")
    assert page.get_by_label(NAME).count() == 1
