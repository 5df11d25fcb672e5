"""S6: whoever is given a record to read does not hand it on, nor asks for more than its originator grants."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.models import Activity
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db
from tests.support.pages import token_of
from tests.support.people import Person
from tests.support.records import logged, sees

People = Callable[[str], Person]


@pytest.mark.parametrize("wanted", ["public", "community", "states", "originator"])
def test_s06_a_recipient_changes_nothing_about_who_sees_it(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient], wanted: str
) -> None:
    """Neither wider nor narrower, through either door."""
    key, reader = logged(person("coordinator").viewer, handling=Handling.COORDINATION), person("presidency")
    assert sees(reader.viewer, key)
    browser = signed_in("presidency")
    token = token_of(browser.get("/account").get_data(as_text=True))
    page = browser.post(f"/sharing/activity/{key}", data={"handling": wanted, "csrf_token": token})
    door = browser.post(
        f"/api/v1/sharing/activity/{key}/handling", json={"handling": wanted}, headers={"X-CSRFToken": token}
    )
    assert (page.status_code, door.status_code) == (403, 403)
    with looking_as(SYSTEM):
        db.session.rollback()
        assert db.session.scalars(select(Activity.handling)).all() == ["coordination"]


def test_s06_asking_for_more_opens_nothing(app: Flask, person: People, signed_in: Callable[[str], FlaskClient]) -> None:
    key, observer = logged(person("coordinator").viewer, handling=Handling.COORDINATION), person("observer").viewer
    browser = signed_in("presidency")
    token = token_of(browser.get("/account").get_data(as_text=True))
    sent = {"wanted": "community", "reason": "For the report."}
    asked = browser.post(f"/api/v1/sharing/activity/{key}/requests", json=sent, headers={"X-CSRFToken": token})
    assert asked.status_code == 201 and not sees(observer, key)
