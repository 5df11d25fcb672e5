"""Instructions under fingers and keys: sent at a desk, acknowledged and carried out on a phone."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from crm.core import access, clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.instructions import queries
from crm.instructions.rules import Standing
from tests.instructions.world import EMAILS, house, instruction, sent, task
from tests.support.browser import DESK, PHONE, assert_accessible, sign_in, visit
from tests.support.people import PASSWORD, SECRET, enrol
from tests.support.served import served

__all__ = ["served"]
pytestmark = pytest.mark.browser


def _standing(state_iso3: str) -> Standing:
    with looking_as(SYSTEM):
        return queries.get_task(task(state_iso3).id, clock.today()).standing


def _fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def _enrol(email: str) -> None:
    from crm.accounts.queries import user_by_email

    with looking_as(SYSTEM), unit_of_work():
        user = user_by_email(email)
        assert user
        enrol(user)
    db.session.remove()
    access.look_as(SYSTEM)


def test_a_coordinator_sends_one_by_keyboard(app: Flask, browser: Browser, served: str) -> None:
    house()
    _enrol(EMAILS["coordinator"])
    with visit(browser, served, viewport=DESK) as page:
        sign_in(page, EMAILS["coordinator"], PASSWORD, pyotp.TOTP(SECRET).now())
        page.goto("/instructions/new")
        assert_accessible(page)
        page.get_by_label("Name", exact=True).focus()
        page.keyboard.type("Before the cabinet decides")
        page.get_by_label("What is it to bring about?").focus()
        page.keyboard.type("A date for the decision.")
        page.locator("summary", has_text="Arguments").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Argument", exact=False).first.wait_for()
        page.get_by_label("Deliver by").fill((clock.today() + timedelta(days=10)).isoformat())
        page.get_by_label("Report by").fill((clock.today() + timedelta(days=14)).isoformat())
        page.get_by_label("Further States").focus()
        page.keyboard.type("Bhutan, India, Kenya")
        page.get_by_role("button", name="Propose the missions").first.focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Send the instruction").wait_for()
        assert page.get_by_label("Name", exact=True).input_value() == "Before the cabinet decides"
        assert_accessible(page)
        page.get_by_label("Kenya").select_option("")
        page.get_by_role("button", name="Send the instruction").focus()
        page.keyboard.press("Enter")
        page.get_by_text("2 approaches are instructed.").wait_for()
        assert_accessible(page)
        page.get_by_role("link", name="Not delivered", exact=False).first.click()
        page.wait_for_url("**show=undelivered")
        assert "Bhutan" in page.inner_text("main") and "Kenya" not in page.inner_text("main")
    access.look_as(SYSTEM)
    assert instruction().name == "Before the cabinet decides"


def test_an_officer_carries_it_out_on_a_phone(app: Flask, browser: Browser, served: str) -> None:
    sent(house())
    db.session.remove()
    with visit(browser, served, viewport=PHONE) as page:
        sign_in(page, EMAILS["delhi"], PASSWORD)
        _fits(page)
        assert_accessible(page)
        button = page.get_by_role("button", name="Acknowledge: Bhutan, Before the cabinet decides")
        box = button.bounding_box()
        assert box and box["height"] >= 24 and box["width"] >= 24
        button.click()
        page.get_by_text("Acknowledged. It is yours to deliver.").wait_for()
        page.get_by_role("link", name="Bhutan: Before the cabinet decides", exact=True).click()
        page.get_by_role("heading", name="Talking points").wait_for()
        _fits(page)
        assert_accessible(page)
        page.get_by_role("link", name="Appointment", exact=True).click()
        page.get_by_label("With whom?").fill("Director, Multilateral Affairs")
        _fits(page)
        assert_accessible(page)
        page.get_by_role("button", name="Note the appointment").click()
        page.get_by_text("Noted: the appointment.").wait_for()
        page.get_by_role("link", name="Delivered, report follows").click()
        page.get_by_role("button", name="Note the delivery").click()
        page.get_by_text("The report follows.").first.wait_for()
        page.get_by_role("link", name="Report", exact=True).click()
        page.get_by_label("What did they reply?").or_(page.get_by_label("How did they respond?")).first.wait_for()
        for address in ("/instructions", f"/instructions/{task('IND').instruction_id}", "/states/BTN"):
            page.goto(address)
            _fits(page)
            assert_accessible(page)
    access.look_as(SYSTEM)
    assert _standing("BTN") is Standing.DELIVERED
