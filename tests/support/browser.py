"""A real browser, and what a person does in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE = 240
"""Seconds until something that does not come counts as absent: a machine may be busy with much else."""

EXPECTED = ("status of 4", "ERR_INTERNET_DISCONNECTED")
"""What a console says of answers and lines that tests bring about on purpose."""

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium that the set-up found or installed."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=os.environ["DEMARCHE_CHROMIUM"], args=SWITCHES)
        yield started
        started.close()


class Hands:
    """Acts on a page like a person, and counts each touch of it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.interactions = 0

    def choose(self, label: str, option: str) -> None:
        """Choose from a list."""
        self.interactions += 1
        self.page.get_by_label(label, exact=False).first.select_option(label=option)

    def write(self, label: str, text: str) -> None:
        """Tap a field and type."""
        self.interactions += 1
        self.page.get_by_label(label, exact=False).first.fill(text)

    def press(self, name: str) -> None:
        """Tap a button."""
        self.interactions += 1
        self.page.get_by_role("button", name=name, exact=True).first.click()


@contextmanager
def visit(browser: Browser, address: str, **options: Any) -> Iterator[Page]:
    """A page in a fresh profile; fails on any message of the console's error kind (also a breach of the CSP)."""
    context: BrowserContext = browser.new_context(base_url=address, locale="en-GB", **options)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
    try:
        yield page
    finally:
        context.close()
    assert not [one for one in errors if not any(word in one for word in EXPECTED)], errors


def sign_in(page: Page, email: str, password: str, code: str = "") -> None:
    """Sign in, with the code of an app where one is asked for, and arrive at Today."""
    page.goto("/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    if code:
        page.locator("input[name=code]").fill(code)
        page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Today", level=1).wait_for()


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA on the page once it has come whole; or against these rules alone."""
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    run = {"runOnly": list(rules) or RULES, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("options => axe.run(document, options).then(result => result.violations)", run)
    return [f"{one['id']}: {[node['html'][:200] for node in one['nodes']]}" for one in found]


def assert_accessible(page: Page) -> None:
    """No violation of WCAG 2.2 A or AA that axe can find on the page once it has come whole."""
    assert not (found := violations(page)), f"{page.url}: {found}"
