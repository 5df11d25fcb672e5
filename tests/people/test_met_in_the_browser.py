"""Whom did you see, by keyboard and on a phone: a few letters, an arrow, Enter; and who is like somebody known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from crm.activities.models import Activity, ActivityPerson
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.people.met.models import Interlocutor
from crm.people.met.service import record_person
from crm.people.rules import Level
from tests.support.browser import PHONE, assert_accessible, sign_in, visit
from tests.support.people import PASSWORD, Person
from tests.support.served import served

__all__ = ["served"]
pytestmark = pytest.mark.browser
People = Callable[[str], Person]
NAME = "Whom did you see?"


@pytest.fixture
def karma(person: People) -> UUID:
    """Somebody whom the officer knows."""
    officer = person("officer").viewer
    with access.looking_as(officer), unit_of_work():
        return record_person(
            actor=officer, state_iso3="BTN", name="José Karma Dorji", title="Director, Treaties",
            ministry="Foreign Ministry", level=Level.DIRECTOR,
        ).id  # fmt: skip


@pytest.fixture
def page(browser: Browser, served: str, person: People, karma: UUID) -> Iterator[Page]:
    """A phone in the hand of the officer."""
    email = person("officer").email
    db.session.remove()
    with visit(browser, served, viewport=PHONE) as opened:
        opened.on("dialog", lambda dialog: dialog.accept())
        sign_in(opened, email, PASSWORD)
        yield opened


def _met() -> ActivityPerson:
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(ActivityPerson).join(Activity)).one()


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_few_letters_and_enter_fill_in_who_it_was(page: Page, karma: UUID) -> None:
    page.goto("/activities/new?state=BTN")
    page.get_by_label(NAME).press_sequentially("dor jose")
    page.get_by_role("option", name="José Karma Dorji").wait_for()
    assert_accessible(page)
    assert _fits(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.get_by_label(NAME).input_value() == "José Karma Dorji"
    assert page.get_by_label("Title and office").input_value() == "Director, Treaties"
    assert page.get_by_label("Ministry or institution").input_value() == "Foreign Ministry"
    assert page.get_by_label("Level", exact=True).input_value() == "director"
    assert page.get_by_text("is known; this is linked").is_visible()
    assert not page.get_by_label("Keep them among the people met").is_visible()
    page.get_by_label("What did they reply?").fill("Supports the aims.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Saved.").wait_for()
    assert _met().interlocutor_id == karma


def test_a_name_typed_over_a_choice_is_no_longer_linked(page: Page) -> None:
    page.goto("/activities/new?state=BTN")
    name = page.get_by_label(NAME)
    name.press_sequentially("karma")
    page.get_by_role("option", name="José Karma Dorji").click()
    assert page.locator("[data-known-id]").input_value()
    name.fill("Pema Lhamo")
    assert page.locator("[data-known-id]").input_value() == ""
    assert page.get_by_label("Keep them among the people met").is_visible()
    page.keyboard.press("Escape")


def test_who_is_like_somebody_known_is_asked_about_while_typing(page: Page, karma: UUID) -> None:
    page.goto("/people/met/new?state_iso3=BTN")
    page.get_by_label("Name", exact=True).press_sequentially("Dorjee Karma Jose")
    page.get_by_text("Is it one of these?").wait_for()
    assert page.get_by_role("link", name="José Karma Dorji").get_attribute("href") == f"/people/met/{karma}"
    assert_accessible(page)
    assert _fits(page)
    page.get_by_label("None of these: it is somebody else").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Dorjee Karma Jose is recorded.").wait_for()
    page.get_by_text("Is it one of these?").wait_for()
    assert_accessible(page)
    page.get_by_role("link", name="Same person as José Karma Dorji").click()
    page.get_by_role("button", name="They are the same").click()
    page.get_by_text("The two are one person now.").wait_for()
    assert_accessible(page)
    assert _fits(page)
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_text("They are two people again.").wait_for()
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        assert set(db.session.scalars(select(Interlocutor.merged_into_id))) == {None}


@pytest.mark.parametrize("address", ["/people/met", "/people/met/{key}", "/people/met/{key}/stance", "/people"])
def test_pages_are_for_everybody_and_fit_a_phone(page: Page, karma: UUID, address: str) -> None:
    page.goto(address.format(key=karma))
    assert_accessible(page)
    assert _fits(page)
