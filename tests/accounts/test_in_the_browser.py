"""An invitation from the first page to the last, in a real browser, on a phone and at a desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from crm.core.db import db
from tests.support.browser import DESK, PHONE, assert_accessible, sign_in, visit
from tests.support.links import link_in, mails_to
from tests.support.people import PASSWORD, Person, code_of
from tests.support.served import served

__all__ = ["served"]
pytestmark = pytest.mark.browser
GUEST = "guest@example.net"
GOOD = "correct lantern violin marmalade"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_somebody_is_invited_and_comes_in(
    app: Flask, browser: Browser, served: str, person: Callable[[str], Person], size: Any
) -> None:
    person("officer")
    keeper = person("administrator").email
    db.session.remove()
    with visit(browser, served, viewport=size) as page:
        sign_in(page, keeper, PASSWORD, code_of())
        for address in ("/administration/parties/new", "/administration/accounts/invite"):
            page.goto(address)
            assert_accessible(page)
        page.get_by_label("Email").fill(GUEST)
        page.get_by_label("Name", exact=True).fill("Guest Person")
        page.get_by_label("Party", exact=True).select_option(label="Embassy of Japan")
        page.get_by_label("Mission officer").check()
        page.get_by_role("button", name="Send the invitation").click()
        page.get_by_text(f"An invitation to {GUEST} is on its way.").wait_for()
        assert_accessible(page)
    link = link_in(mails_to(GUEST)[0])
    db.session.remove()
    with visit(browser, served, viewport=size, java_script_enabled=False) as page:
        page.goto(link)
        page.get_by_label("Password").fill(GOOD)
        page.get_by_label("Time zone").select_option("Asia/Vientiane")
        page.get_by_role("button", name="Accept and open my account").click()
        page.get_by_role("heading", name="Today", level=1).wait_for()


def test_the_pages_before_the_door_have_no_barrier(browser: Browser, served: str) -> None:
    with visit(browser, served, viewport=PHONE) as page:
        for address in ("/sign-in", "/forgotten-password"):
            page.goto(address)
            assert_accessible(page)
