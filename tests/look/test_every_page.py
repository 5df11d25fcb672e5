"""Every page that people come to is found by links, and is accessible and as wide as its window."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from crm.core.db import db
from tests.look.walking import walk
from tests.support.browser import DESK, PHONE, violations, visit
from tests.support.people import browser_of
from tests.support.served import served

__all__ = ["served"]
pytestmark = [pytest.mark.sample, pytest.mark.parametrize("database", ["sqlite"], indirect=True)]

PEOPLE = ("coordinator@sample.example", "administrator@sample.example")
SIGNED_OUT = ("/sign-in", "/forgotten-password")

OTHERWISE = {
    "accounts.invitation": "by a link in a mail",
    "accounts.new_password": "by a link in a mail",
    "security.login": "signed out",
    "security.verify": "signed out",
    "factors.second_step": "signed out",
    "factors.confirm": "in place of what is delicate",
    "factors.rename": "once there is a passkey",
    "letters.campaign": "once there is a campaign",
    "letters.targets": "once there is a campaign",
    "letters.show": "once there is a letter",
    "letters.progress": "while letters are made",
    "imports.progress": "while a file is read",
    "states.show_import": "once acts were imported",
    "sharing.answer": "once somebody asked",
    "sharing.ask": "from who may see a record, which leads other parties on",
    "bulk.show": "once many were changed",
    "plans.run": "once a plan runs in a State",
    "mail.caught_mail": "once something was mailed",
    "appointments.invite": "from what is planned for a day",
    "activities.nearby": "a part of a form",
    "followups.day_off": "a part of a form",
    "margins.nearby": "a part of a form",
    "reminding.done": "from a reminder",
    "reminding.later": "from a reminder",
    "palette.part": "a part of every page",
    "drafts.show": "once the record of a draft is gone",
    **dict.fromkeys(("health.alive", "health.ready", "health.figures", "calendar.feed"), "for programs"),
}
"""Pages that no link leads to in the sample, and how people come there."""

FILES = (
    "static", "download", "document", "archive", "export", "_csv", "_xlsx", "acts_csv", "pdf", "audit.table",
    "instructions.table", "imports.template", "imports.problems",
)  # fmt: skip


def _pages(app: Flask) -> set[str]:
    """The endpoints of pages; what many rows go to is asked with their keys, and comes as the page of its list."""
    rules = [one for one in app.url_map.iter_rules() if "GET" in (one.methods or ())]
    pages = {one.endpoint for one in rules if not one.rule.startswith("/api/")}
    return {one for one in pages if not one.endswith(FILES) and not one.startswith("bulk.")} | {"bulk.show"}


@pytest.fixture(scope="module")
def once() -> dict[str, dict[str, str]]:
    """What a walk found: every test begins with the same sample, at the same addresses."""
    return {}


@pytest.fixture
def walked(app: Flask, once: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Who comes to which pages, each with those that nobody before came to."""
    db.session.remove()
    for email in PEOPLE if not once else ():
        met = set().union(*once.values())
        once[email] = {name: at for name, at in walk(app, browser_of(app, email)).items() if name not in met}
    return once


def test_links_lead_to_every_page(app: Flask, walked: dict[str, dict[str, str]]) -> None:
    reached = set().union(*walked.values())
    assert _pages(app) - reached == set(OTHERWISE)


def _enter(page: Page, app: Flask, address: str, email: str) -> None:
    """From here on whoever owns this account is signed in."""
    name = app.config["SESSION_COOKIE_NAME"]
    kept = browser_of(app, email).get_cookie(name)
    assert kept
    page.context.add_cookies([{"name": name, "value": kept.value, "url": address}])


def _wrong_with(page: Page, address: str) -> list[str]:
    """What a look at a page finds: at a desk, in the dark, and on a phone."""
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")
    answer = page.goto(address)
    assert answer
    wrong = [] if answer.ok and page.url.endswith(address) else [f"{answer.status} at {page.url}"]
    wrong += violations(page)
    page.emulate_media(color_scheme="dark")
    wrong += [f"in the dark: {one}" for one in violations(page, "color-contrast")]
    page.set_viewport_size(PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    return wrong if width == PHONE["width"] else [*wrong, f"{width} wide on a phone"]


@pytest.mark.browser
def test_every_page_is_accessible_and_fits_its_window(
    app: Flask, browser: Browser, served: str, walked: dict[str, dict[str, str]]
) -> None:
    wrong = {}
    with visit(browser, served, reduced_motion="reduce") as page:
        for address in SIGNED_OUT:
            wrong[address] = _wrong_with(page, address)
        for email, pages in walked.items():
            _enter(page, app, served, email)
            for address in pages.values():
                wrong[address] = _wrong_with(page, address)
    assert not {address: found for address, found in wrong.items() if found}
