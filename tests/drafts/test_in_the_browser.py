"""Writing is interrupted in every way there is: by the keyboard, at the width of a phone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import delete, func, select

from crm.accounts.models import UserSession
from crm.activities.models import Activity
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.drafts import rules
from crm.drafts.models import Draft
from tests.support.browser import PATIENCE, PHONE, SWITCHES, assert_accessible, sign_in, visit
from tests.support.people import PASSWORD, Person, code_of
from tests.support.served import served

__all__ = ["served"]
pytestmark = pytest.mark.browser
People = Callable[[str], Person]
NAME, REPLY = "Whom did you see?", "What did they reply?"


@pytest.fixture
def email(person: People) -> str:
    found = person("officer").email
    db.session.remove()
    return found


@pytest.fixture
def page(browser: Browser, served: str, email: str) -> Iterator[Page]:
    """The log form on a phone, opened by an officer."""
    with visit(browser, served, viewport=PHONE) as opened:
        opened.on("dialog", lambda dialog: dialog.accept())
        sign_in(opened, email, PASSWORD)
        opened.goto("/activities/new")
        yield opened


def _drafts() -> list[dict[str, Any]]:
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        rows = db.session.scalars(select(Draft).where(Draft.ended.is_(None)).order_by(Draft.begun_at))
        return [rules.read(one.typed) or {} for one in rows]


def _until(words: str) -> None:
    """Until a draft has these words: what a closing page sends may still be under way."""
    end = time.monotonic() + PATIENCE
    while not any(words in " ".join(one.get("reply", [])) for one in _drafts()):
        assert time.monotonic() < end, _drafts()
        time.sleep(0.2)


def _end_every_session() -> None:
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        session.execute(delete(UserSession))


def _records() -> int:
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(Activity)) or 0


def _state(page: Page) -> Any:
    return page.locator("[data-draft-state]")


def test_a_tab_that_is_closed_in_the_middle_of_a_word(page: Page) -> None:
    page.get_by_label(REPLY).fill("Half a sent")
    context: BrowserContext = page.context
    page.close(run_before_unload=False)
    _until("Half a sent")
    again = context.new_page()
    again.goto("/activities/new")
    assert again.get_by_label(REPLY).input_value() == "Half a sent"


def test_a_browser_that_is_killed(browser: Browser, served: str, email: str, tmp_path: Path) -> None:
    """What stood there when the line last said so is there; the process had no time for anything else."""
    port_file = tmp_path / "DevToolsActivePort"
    process = subprocess.Popen(
        [os.environ["DEMARCHE_CHROMIUM"], *SWITCHES, "--headless=new", "--remote-debugging-port=0",
         f"--user-data-dir={tmp_path}", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        end = time.monotonic() + PATIENCE
        while not port_file.is_file() or not port_file.read_text():
            assert time.monotonic() < end
            time.sleep(0.1)
        port = port_file.read_text().split()[0]
        with urlopen(f"http://127.0.0.1:{port}/json/version", timeout=30) as told:
            socket = json.load(told)["webSocketDebuggerUrl"]
        _write_until_kept(browser, socket, served, email)
        os.killpg(process.pid, signal.SIGKILL)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)
    _until("Before the crash")


def _write_until_kept(browser: Browser, socket: str, served: str, email: str) -> None:
    context = browser.browser_type.connect_over_cdp(socket).contexts[0]
    page = context.pages[0]
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(f"{served}/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Today", level=1).wait_for()
    page.goto(f"{served}/activities/new")
    page.get_by_label(REPLY).fill("Before the crash")
    page.get_by_text("Draft kept at").wait_for()


def test_a_session_that_ended_meanwhile_is_begun_again_in_place(page: Page, email: str) -> None:
    """By the keyboard alone, once with a wrong password; then the entry itself is saved with the new token."""
    _end_every_session()
    page.get_by_label("State", exact=True).select_option("BTN")
    page.get_by_label(NAME).fill("Karma Example")
    page.get_by_label(REPLY).fill("Supports the aims.")
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.wait_for()
    expect(dialog.get_by_label("Email")).to_have_value(email)
    expect(dialog.get_by_label("Password")).to_be_focused()
    assert_accessible(page)
    page.keyboard.type("not this one, surely")
    page.keyboard.press("Enter")
    dialog.get_by_text("The address or the password is not right.").wait_for()
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    dialog.wait_for(state="hidden")
    page.get_by_text("Draft kept at").wait_for()
    assert page.url.endswith("/activities/new") and page.get_by_label(REPLY).input_value() == "Supports the aims."
    _until("Supports the aims.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert _records() == 1 and _drafts() == []


def test_a_second_factor_is_asked_in_the_same_place(browser: Browser, served: str, person: People) -> None:
    email = person("coordinator").email
    db.session.remove()
    with visit(browser, served, viewport=PHONE) as page:
        sign_in(page, email, PASSWORD, code_of())
        page.goto("/activities/new")
        _end_every_session()
        page.get_by_label(REPLY).fill("Supports the aims.")
        dialog = page.get_by_role("dialog", name="Sign in again")
        dialog.get_by_label("Email").fill(email)
        dialog.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        dialog.locator("input[name=code]").fill(code_of(steps=1))
        page.keyboard.press("Enter")
        dialog.wait_for(state="hidden")
        page.get_by_text("Draft kept at").wait_for()
        _until("Supports the aims.")


def test_somebody_else_at_the_same_desk_gets_nothing(page: Page, person: People) -> None:
    other = person("other_officer").email
    db.session.remove()
    _end_every_session()
    page.get_by_label(REPLY).fill("Zwielicht")
    dialog = page.get_by_role("dialog", name="Sign in again")
    dialog.get_by_label("Email").fill(other)
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    dialog.get_by_text("Somebody else has signed in here.").wait_for()
    page.wait_for_timeout(2500)  # longer than the pause after which a draft is sent
    assert _drafts() == []


def test_of_two_windows_neither_takes_the_others_words(page: Page) -> None:
    page.get_by_label(REPLY).fill("One")
    page.get_by_text("Draft kept at").wait_for()
    other = page.context.new_page()
    other.goto("/activities/new")
    assert other.get_by_label(REPLY).input_value() == "One"
    other.get_by_label(REPLY).fill("Two")
    other.get_by_text("Draft kept at").wait_for()
    page.get_by_label(REPLY).fill("Three")
    page.get_by_text("Another window has kept other words: both are among My drafts.").wait_for()
    other.get_by_label(REPLY).fill("Two and more")
    _until("Two and more")
    page.get_by_label(REPLY).fill("Three and more")
    _until("Three and more")
    assert [one["reply"] for one in _drafts()] == [["Two and more"], ["Three and more"]]
    page.reload()
    assert page.get_by_label(REPLY).input_value() == "Three and more"


def test_what_was_saved_in_one_window_is_no_draft_in_the_other(page: Page) -> None:
    page.get_by_label("State", exact=True).select_option("BTN")
    page.get_by_label(NAME).fill("Karma Example")
    page.get_by_label(REPLY).fill("One")
    page.get_by_text("Draft kept at").wait_for()
    other = page.context.new_page()
    other.goto("/activities/new")
    other.get_by_role("button", name="Save", exact=True).click()
    other.get_by_text("Saved.").wait_for()
    page.get_by_label(REPLY).fill("One, and more")
    page.get_by_text("kept as a draft of its own").wait_for()
    _until("One, and more")
    assert _records() == 1


def test_a_line_that_is_down_for_a_while(page: Page) -> None:
    page.context.set_offline(True)
    page.get_by_label(REPLY).fill("Under the mountain")
    page.get_by_text("No connection. What you type is kept as soon as it is back.").wait_for()
    assert _drafts() == []
    page.context.set_offline(False)
    page.get_by_text("Draft kept at").wait_for()
    assert [one["reply"] for one in _drafts()] == [["Under the mountain"]]


@pytest.mark.parametrize("more", [" And more.", ""])
def test_what_was_sent_and_stopped_goes_on_being_kept(page: Page, more: str) -> None:
    """No page comes: words that were typed just before stay, and so do those that follow."""
    page.route("**/activities/new", lambda route: route.fulfill(status=204))
    page.get_by_label("State", exact=True).select_option("BTN")
    page.get_by_label(NAME).fill("Karma Example")
    page.get_by_label(REPLY).fill("Supports the aims.")
    page.get_by_role("button", name="Save", exact=True).click()
    if more:
        page.get_by_label(REPLY).fill(f"Supports the aims.{more}")
    _until(f"Supports the aims.{more}")
    page.unroute("**/activities/new")
    expect(page.locator("form[data-sent]")).to_have_count(0, timeout=PATIENCE * 1000)
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert _records() == 1 and _drafts() == []


def test_what_was_saved_after_all_is_not_kept_beside(page: Page) -> None:
    """Only the answer is lost: nothing was typed since, so there is nothing to keep."""
    page.get_by_label("State", exact=True).select_option("BTN")
    page.get_by_label(NAME).fill("Karma Example")
    page.get_by_label(REPLY).fill("Supports")
    page.get_by_text("Draft kept at").wait_for()
    page.get_by_label(REPLY).fill("Supports the aims.")
    page.evaluate(
        """() => {
            const form = document.querySelector("main form");
            form.addEventListener("submit", (event) => {
                event.preventDefault();
                fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
            });
        }"""
    )
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("This is saved.").wait_for()
    page.wait_for_timeout(2500)  # longer than the pause after which a draft is sent
    assert _records() == 1 and _drafts() == []


def test_a_double_click_makes_one_record(page: Page) -> None:
    page.get_by_label("State", exact=True).select_option("BTN")
    page.get_by_label(NAME).fill("Karma Example")
    page.get_by_label(REPLY).fill("Supports the aims.")
    page.evaluate("for (const _ of [1, 2]) HTMLFormElement.prototype.submit.call(document.querySelector('main form'))")
    page.get_by_role("link", name="Log another").wait_for()
    assert _records() == 1


def test_my_drafts_by_keyboard_at_the_width_of_a_phone(page: Page) -> None:
    page.get_by_label("State", exact=True).select_option("BTN")
    page.get_by_label(REPLY).fill("A sentence that is long enough to be broken in a list at the width of a telephone.")
    page.get_by_text("Draft kept at").wait_for()
    assert_accessible(page)
    page.goto("/drafts")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert_accessible(page)
    page.get_by_role("button", name="Throw away").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Thrown away.").wait_for()
    page.get_by_role("button", name="Undo").focus()
    page.keyboard.press("Enter")
    page.get_by_text("The draft is back.").wait_for()
    page.get_by_role("link", name="Activity, Bhutan").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Log an activity").wait_for()
    assert page.get_by_label(REPLY).input_value().startswith("A sentence")
    assert_accessible(page)


def test_mine_and_theirs_by_keyboard(page: Page) -> None:
    page.get_by_label("State", exact=True).select_option("BTN")
    page.get_by_label(NAME).fill("Karma Example")
    page.get_by_label(REPLY).fill("Yes.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    address = f"{page.url}/correct"
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    other.get_by_label(REPLY).fill("Perhaps.")
    other.get_by_role("button", name="Save", exact=True).click()
    other.get_by_text("Saved.").wait_for()
    page.get_by_label(REPLY).fill("No.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Somebody else changed this record while you were writing").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert_accessible(page)
    page.get_by_role("radio", name="Mine").focus()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("radio", name="Theirs")).to_be_checked()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert "Perhaps." in page.inner_text("main")


def test_without_a_script(browser: Browser, served: str, email: str, app: Flask) -> None:
    with visit(browser, served, viewport=PHONE, java_script_enabled=False) as page:
        sign_in(page, email, PASSWORD)
        page.goto("/activities/new")
        page.get_by_label(REPLY).fill("By hand")
        page.get_by_role("button", name="Keep as draft").click()
        page.get_by_text("Draft kept at").wait_for()
        assert page.get_by_label(REPLY).input_value() == "By hand"
        page.goto("/activities/new")
        assert page.get_by_label(REPLY).input_value() == "By hand"
        page.get_by_label("State", exact=True).select_option("BTN")
        page.get_by_label(NAME).fill("Karma Example")
        _end_every_session()
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_label("Email").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("button", name="Go on with what I typed").click()
        page.get_by_text("Nothing you typed is lost: press the button again.").first.wait_for()
        assert page.get_by_label(REPLY).input_value() == "By hand"
        page.get_by_role("button", name="Save", exact=True).click()
        page.get_by_text("Saved.").wait_for()
    assert _records() == 1 and _drafts() == []
