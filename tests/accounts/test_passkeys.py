"""Passkeys in a real browser, with an authenticator that the browser itself plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import select

import config
from crm.accounts.factors.models import Passkey, SpentChallenge
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db
from launcher import ports
from tests.support.browser import DESK, PHONE, assert_accessible, visit
from tests.support.databases import opened
from tests.support.people import PASSWORD, Person, code_of
from tests.support.served import serving

pytestmark = pytest.mark.browser
People = Callable[[str], Person]


@pytest.fixture(scope="module")
def public_url() -> str:
    """Passkeys belong to an address: the one that will be served."""
    return f"http://localhost:{ports.free()}"


@pytest.fixture
def settings(settings: config.Settings, public_url: str) -> config.Settings:
    """An installation at that address."""
    return replace(settings, public_url=public_url)


@pytest.fixture
def address(app: Flask, settings: config.Settings) -> Iterator[str]:
    """The application at its public address."""
    with opened(settings) as second, serving(second, port=int(settings.public_url.rpartition(":")[2])) as served:
        yield served


def plug_in(page: Page) -> None:
    """A device that keeps passkeys and whose owner always shows a finger."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": device})


def give_password(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.goto("/account")
    page.locator(".side details.account summary").click()
    page.locator(".side").get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in", level=1).wait_for()


def test_a_passkey_is_added_and_signs_in(app: Flask, browser: Browser, person: People, address: str) -> None:
    email = person("coordinator").email
    db.session.remove()
    with visit(browser, address, viewport=DESK) as page:
        plug_in(page)
        give_password(page, email)
        page.get_by_role("heading", name="Second step", level=1).wait_for()
        assert_accessible(page)
        page.get_by_label("Code", exact=True).fill(code_of())
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("heading", name="Today", level=1).wait_for()
        page.goto("/account/factors")
        assert_accessible(page)
        page.get_by_role("link", name="Add a passkey").click()
        assert_accessible(page)
        page.get_by_label("Name").fill("Laptop")
        page.get_by_role("button", name="Make the passkey").click()
        page.get_by_text("The second factor is added.").wait_for()
        page.get_by_text("Laptop").first.wait_for()

        sign_out(page)
        assert_accessible(page)
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("heading", name="Today", level=1).wait_for()
        sign_out(page)
        give_password(page, email)
        page.get_by_role("button", name="Use a passkey").click()
        page.get_by_role("heading", name="Today", level=1).wait_for()
    with looking_as(SYSTEM):
        kept = db.session.scalars(select(Passkey)).one()
        spent = db.session.scalars(select(SpentChallenge.sha256)).all()
        entries = db.session.scalars(select(AuditEntry.event).order_by(AuditEntry.place)).all()
    assert kept.used_at is not None and kept.sign_count > 0
    assert len(set(spent)) == 3, "one for making it, two for showing it"
    assert entries.count("signed_in") == 3


def test_the_same_answer_opens_nothing_twice(app: Flask, browser: Browser, person: People, address: str) -> None:
    email = person("presidency").email
    db.session.remove()
    with visit(browser, address, viewport=DESK) as page:
        plug_in(page)
        give_password(page, email)
        page.get_by_label("Code", exact=True).fill(code_of())
        page.get_by_role("button", name="Go on").click()
        page.goto("/account/factors/passkey")
        page.get_by_label("Name").fill("Laptop")
        page.get_by_role("button", name="Make the passkey").click()
        page.get_by_text("The second factor is added.").wait_for()
        sign_out(page)
        with page.expect_request(lambda one: one.method == "POST" and "/sign-in/passkey" in one.url) as sent:
            page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_role("heading", name="Today", level=1).wait_for()
        answer = sent.value.post_data_json or {}
    thief = app.test_client()
    thief.get("/sign-in", base_url=address)
    with thief.session_transaction(base_url=address) as kept:
        form_token = kept["csrf_token"]
    assert answer["credential"] and form_token
    token = thief.get("/sign-in", base_url=address).text.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    replayed = thief.post("/sign-in/passkey", data={**answer, "csrf_token": token}, base_url=address)
    assert replayed.location == "/sign-in?next=/"
    with looking_as(SYSTEM):
        entries = db.session.scalars(select(AuditEntry.event)).all()
    assert entries.count("signed_in") == 2


def test_enrolment_on_a_phone(app: Flask, browser: Browser, person: People, address: str) -> None:
    """The whole way of somebody whose role needs a second factor, with a passkey alone, and without a script."""
    email = person("administrator").email
    app.test_cli_runner().invoke(args=["accounts", "reset-factors", "--email", email])
    db.session.remove()
    with visit(browser, address, viewport=PHONE) as page:
        plug_in(page)
        give_password(page, email)
        page.get_by_role("heading", name="One more step").wait_for()
        assert_accessible(page)
        page.get_by_role("link", name="Set up an app").click()
        page.get_by_role("heading", name="Set up an authenticator app").wait_for()
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.goto("/account/factors/passkey")
        page.get_by_label("Name").fill("Phone")
        page.get_by_role("button", name="Make the passkey").click()
        page.get_by_role("heading", name="Your recovery codes").wait_for()
        assert_accessible(page)
        assert page.locator(".codes li").count() == 10
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("link", name="I have written them down").click()
        page.get_by_role("heading", name="Today", level=1).wait_for()
    with visit(browser, address, viewport=PHONE, java_script_enabled=False) as page:
        give_password(page, email)
        page.get_by_role("heading", name="Second step", level=1).wait_for()
        assert not page.get_by_role("button", name="Use a passkey").is_visible()
        page.get_by_label("Code", exact=True).fill("000000")
        page.get_by_role("button", name="Go on").click()
        page.get_by_text("This did not open").first.wait_for()
