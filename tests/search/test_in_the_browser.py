"""The search by keyboard and by touch, at every width, in light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from crm.core.db import db
from tests.support.browser import AXE, DESK, PHONE, sign_in, visit
from tests.support.people import PASSWORD, Person
from tests.support.records import logged
from tests.support.served import served

__all__ = ["served"]
pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def email(person: Callable[[str], Person]) -> str:
    """An officer who has written something down."""
    officer = person("officer")
    logged(officer.viewer, reply="They asked for a moratorium on production and its cost.")
    db.session.remove()
    return officer.email


def _sound(page: Page) -> None:
    """Accessible and no wider than the screen, in light and dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        script = {"expression": AXE.read_text(encoding="utf-8")}
        page.context.new_cdp_session(page).send("Runtime.evaluate", script)
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        assert not [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_by_keyboard_from_any_page(browser: Browser, served: str, email: str) -> None:
    with visit(browser, served, viewport=DESK) as page:
        sign_in(page, email, PASSWORD)
        page.set_default_timeout(20_000)
        page.goto("/states/LAO")
        page.keyboard.press("/")
        page.keyboard.type("moratorium pro")
        page.keyboard.press("Enter")
        page.get_by_role("list", name="Results").wait_for()
        assert page.locator(".results mark").all_inner_texts() == ["moratorium", "production"]
        _sound(page)
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.name") == "q"
        page.get_by_role("link", name="Démarche").focus()
        page.keyboard.press("Enter")
        page.get_by_text("moratorium on production").first.wait_for()


def test_by_touch(browser: Browser, served: str, email: str) -> None:
    with visit(browser, served, viewport=PHONE, has_touch=True) as page:
        sign_in(page, email, PASSWORD)
        page.set_default_timeout(20_000)
        page.get_by_role("link", name="Search").tap()
        page.wait_for_url("**/search")
        assert page.evaluate("document.activeElement.name") == "q"
        _sound(page)
        page.get_by_label("Words").fill("lao moratorium")
        page.get_by_role("button", name="Search").tap()
        page.get_by_role("list", name="Results").wait_for()
        _sound(page)
        for kind in page.locator(".kind").all():
            box = kind.bounding_box()
            assert box and box["height"] >= 40
        page.goto("/states")
        page.keyboard.press("/")
        page.wait_for_url("**/search")
        page.goto("/search?q=zzzz")
        _sound(page)


def test_without_script(browser: Browser, served: str, email: str) -> None:
    with visit(browser, served, viewport=DESK, java_script_enabled=False) as page:
        sign_in(page, email, PASSWORD)
        page.set_default_timeout(20_000)
        page.get_by_role("searchbox", name="Search everything").fill("moratorium")
        page.get_by_role("searchbox", name="Search everything").press("Enter")
        page.get_by_role("list", name="Results").wait_for()
