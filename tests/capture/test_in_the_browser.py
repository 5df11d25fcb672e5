"""A mail becomes an entry by keyboard at a desk and by touch on a telephone, and every page is for everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from crm.activities.models import Activity, Attachment
from crm.core import access
from crm.core.db import db
from tests.capture.sending import address_for, deliver, kept, read_all, written
from tests.capture.test_rules import INVITATION
from tests.support.browser import DESK, PHONE, assert_accessible, sign_in, visit
from tests.support.people import PASSWORD, Person
from tests.support.served import served

__all__ = ["served"]

People = Callable[[str], Person]


def _brought(port: int, officer: Person) -> None:
    message = written(f"Officer <{officer.email}>", "Bhutan will decide in spring.\n", Subject="Fwd: their answer")
    message.add_attachment(b"Word for word\n", maintype="text", subtype="plain", filename="note.txt")
    deliver(port, message, address_for(officer.viewer))
    read_all()


def test_by_keyboard(app: Flask, served: str, port: int, person: People, browser: Browser) -> None:
    officer = person("officer")
    _brought(port, officer)
    db.session.remove()
    with visit(browser, served, viewport=DESK) as page:
        sign_in(page, officer.email, PASSWORD)
        page.get_by_role("link", name="One mail waits in the waiting room").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Waiting room", level=1).wait_for()
        assert_accessible(page)
        page.get_by_role("link", name="Fwd: their answer").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Fwd: their answer").wait_for()
        assert_accessible(page)
        page.get_by_role("link", name="Make it an entry").focus()
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Make it an entry", level=1).wait_for()
        assert_accessible(page)
        assert page.get_by_label("State", exact=True).input_value() == "BTN"
        assert page.get_by_label("Date", exact=True).input_value() == "2026-11-20"
        page.get_by_label("Who led their side?").fill("The Director")
        page.get_by_role("button", name="Save", exact=True).focus()
        page.keyboard.press("Enter")
        page.get_by_text("The mail has left the waiting room.").wait_for()
        assert page.get_by_text("note.txt").count() >= 1
    access.look_as(access.SYSTEM)
    activity = db.session.scalars(select(Activity)).one()
    assert activity.handling == "originator" and activity.reply == "Bhutan will decide in spring."
    assert len(db.session.scalars(select(Attachment)).all()) == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_telephone(app: Flask, served: str, port: int, person: People, browser: Browser, scripts: bool) -> None:
    officer = person("officer")
    message = written(officer.email, "You are invited.\n", Subject="Invitation")
    message.add_alternative(INVITATION, subtype="calendar", params={"method": "REQUEST"})
    deliver(port, message, address_for(officer.viewer))
    read_all()
    db.session.remove()
    with visit(browser, served, viewport=PHONE, has_touch=True, java_script_enabled=scripts) as page:
        sign_in(page, officer.email, PASSWORD)
        page.goto("/waiting-room")
        steps = (
            ("Waiting room", "Invitation", "link"),
            ("Invitation", "Make it a plan", "link"),
            ("Make it", "Save", "button"),
        )
        for heading, place, press in steps:
            page.get_by_role("heading", name=heading, level=1).wait_for()
            if scripts:
                assert page.evaluate("document.documentElement.scrollWidth") <= 390
                assert_accessible(page)
            page.get_by_role(press, name=place, exact=True).first.tap()  # type: ignore[arg-type]
        page.get_by_text("Planned. The mail has left the waiting room.").wait_for()
    access.look_as(access.SYSTEM)
    activity = db.session.scalars(select(Activity)).one()
    assert (activity.status, activity.held_on.isoformat()) == ("planned", "2026-12-02")
    assert kept()[0].activity_id == activity.id


def test_thrown_away_and_taken_back(app: Flask, served: str, port: int, person: People, browser: Browser) -> None:
    officer = person("officer")
    _brought(port, officer)
    db.session.remove()
    with visit(browser, served, viewport=PHONE, has_touch=True) as page:
        sign_in(page, officer.email, PASSWORD)
        page.goto("/waiting-room")
        page.get_by_role("link", name="Fwd: their answer").tap()
        page.get_by_role("button", name="Throw away").tap()
        page.get_by_text("Thrown away.").wait_for()
        assert_accessible(page)
        page.get_by_role("button", name="Take back").first.tap()
        page.get_by_text("It waits again.").wait_for()
    assert kept()[0].phase == "waiting"
