"""Every role of the sample finds something that it may see, and no page asks for what its reader may not do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import Role
from crm.accounts.policy import PERMISSIONS
from crm.activities.queries import page_of_activities
from crm.core.access import Handling, looking_as
from crm.core.db import db
from crm.positions.models import ObstacleClaim
from crm.positions.queries import obstacle_lines
from crm.sample.entries import OUTREACH, PRESENT
from tests.sample.loading import browser_of, somebody
from tests.support.pages import check_page

SHARED = {Handling.PUBLIC: 1, Handling.COMMUNITY: 3}


def test_a_few_entries_are_for_civil_society_and_one_for_everybody(app: Flask) -> None:
    handlings = [entry.handling for entry in (*OUTREACH, *PRESENT)]
    assert {one: handlings.count(one) for one in SHARED} == SHARED
    assert handlings.count(Handling.STATES) > 10


@pytest.mark.sample
def test_an_observer_and_an_administrator_see_what_is_shared_with_them(app: Flask) -> None:
    for role, number in ((Role.OBSERVER, 4), (Role.ADMINISTRATOR, 1)):
        db.session.remove()
        with looking_as(somebody(role)):
            assert sum(line.stated + line.inferred for line in obstacle_lines()) >= min(number, 2)
            assert len(db.session.scalars(select(ObstacleClaim)).all()) == number
            if role is Role.OBSERVER:
                assert len(page_of_activities().items) == number
    browser = browser_of(app, Role.OBSERVER)
    assert "Thanked for the material" in check_page(browser.get("/activities"))
    assert "Nothing is shared with you yet" not in check_page(browser.get("/obstacles"))


@pytest.mark.parametrize("address", ["/activities", "/obstacles"])
def test_an_empty_page_says_what_its_reader_can_do(
    app: Flask, signed_in: Callable[[str], FlaskClient], address: str
) -> None:
    reading = check_page(signed_in("observer").get(address))
    assert "Nothing is shared with you yet" in reading
    assert "Log the first call" not in reading
    writing = check_page(signed_in("officer").get(address))
    assert "Nothing is shared with you yet" not in writing
    assert ("Log the first call" if address == "/activities" else "No obstacle is recorded yet") in writing


def test_the_page_of_follow_ups_of_somebody_who_can_only_read(
    app: Flask, signed_in: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No role of today reads follow-ups without writing them; one of tomorrow might."""
    monkeypatch.setitem(PERMISSIONS, Role.OBSERVER, PERMISSIONS[Role.OBSERVER] | {"followups:read"})
    assert "Nothing is shared with you yet" in check_page(signed_in("observer").get("/followups"))
    assert "You owe nothing" in check_page(signed_in("officer").get("/followups"))


@pytest.mark.sample
def test_the_page_of_the_sample_says_what_is_real(app: Flask) -> None:
    page = check_page(browser_of(app, Role.ADMINISTRATOR).get("/administration/sample"))
    assert "The Convention, its States, meetings and presidents are real; what is marked “Sample” is invented" in page
