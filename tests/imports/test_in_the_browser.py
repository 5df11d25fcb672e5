"""An import as somebody does it: by keyboard at a desk, on a telephone, and nothing in the way of either."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select

from crm.activities.models import Activity
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from crm.imports import working
from crm.imports.models import SpreadsheetImport
from tests.support.browser import DESK, PHONE, assert_accessible, sign_in, visit
from tests.support.people import PASSWORD, Person
from tests.support.served import served

__all__ = ["served"]
pytestmark = pytest.mark.browser
FILES = Path(__file__).parent / "files"


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(
    request: pytest.FixtureRequest, browser: Browser, served: str, person: Callable[[str], Person]
) -> Iterator[Page]:
    """The imports of an officer."""
    email = person("officer").email
    db.session.remove()
    with visit(browser, served, viewport=request.param) as opened:
        sign_in(opened, email, PASSWORD)
        opened.goto("/activities")
        opened.get_by_role("link", name="Import a spreadsheet").locator("visible=true").first.click()
        opened.get_by_role("heading", name="Import a spreadsheet", level=1).wait_for()
        yield opened


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert_accessible(page)


def _press(page: Page, name: str) -> None:
    """By the keyboard: the button is reached, and Enter presses it."""
    button = page.get_by_role("button", name=name).first
    button.focus()
    page.keyboard.press("Enter")


def _work() -> None:
    with looking_as(SYSTEM):
        working.work(
            db.session.scalars(select(SpreadsheetImport.id).order_by(SpreadsheetImport.sent_at.desc())).first()
        )
        db.session.remove()


def _records() -> int:
    with looking_as(SYSTEM):
        found = db.session.scalar(select(func.count()).select_from(Activity)) or 0
        db.session.remove()
    return found


def test_from_the_file_to_the_records_and_back(app: Flask, page: Page) -> None:
    _fits(page)
    page.get_by_label("Spreadsheet").set_input_files(FILES / "03_ambiguous_dates.csv")
    _press(page, "Look at it")
    page.get_by_role("heading", name="03_ambiguous_dates.csv").wait_for()
    _fits(page)
    first = page.get_by_label("3 April 2026")
    assert first.is_checked(), "another day of the file has one meaning alone, and is proposed"
    first.focus()
    page.keyboard.press("ArrowDown")
    assert page.get_by_label("4 March 2026").is_checked()
    page.keyboard.press("ArrowUp")
    page.get_by_text("The table looks wrong?").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Line of the headings").wait_for()
    _fits(page)
    _press(page, "Look at the lines")
    page.get_by_role("button", name="Take over 4 lines").wait_for()
    _fits(page)
    _press(page, "Take over 4 lines")
    page.get_by_text("You can close this page").wait_for()
    _fits(page)
    address = page.url
    page.goto("/activities")
    _work()
    page.goto(address)
    page.get_by_text("All of it is here").wait_for()
    _fits(page)
    assert _records() == 4
    _press(page, "Undo the import")
    page.get_by_text("The records of this import are taken back.").wait_for()
    _fits(page)
    assert _records() == 0


def test_the_page_goes_on_by_itself_and_shows_what_is_to_be_put_right(app: Flask, page: Page) -> None:
    page.get_by_label("Spreadsheet").set_input_files(FILES / "07_emoji_and_invisible.csv")
    _press(page, "Look at it")
    _press(page, "Look at the lines")
    page.get_by_text("No State is called “Nowhere Land”.").wait_for()
    _fits(page)
    _press(page, "Take over 2 lines")
    page.get_by_role("button", name="Stop").wait_for()
    _press(page, "Stop")
    page.get_by_role("button", name="Resume").wait_for()
    _fits(page)
    _press(page, "Resume")
    page.get_by_text("You can close this page").wait_for()
    _work()
    page.get_by_role("button", name="Undo the import").wait_for()
    with page.expect_download() as waited:
        page.get_by_role("link", name="CSV").click()
    assert "Nowhere Land" in Path(waited.value.path()).read_text(encoding="utf-8-sig")
