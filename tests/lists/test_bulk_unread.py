"""What lets others see more of many rows says which of them were read, and how they stood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from crm.activities.models import Activity
from crm.core import access
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db
from crm.core.visibility import Attribution
from tests.lists.test_bulk import values
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]


@pytest.mark.parametrize("door", ["page", "json"])
@pytest.mark.parametrize(("verb", "wider"), [("handling", "states"), ("attribution", "full")])
def test_nobody_lets_others_see_more_of_what_was_not_read(
    person: People, signed_in: Clients, door: str, verb: str, wider: str
) -> None:
    """What a colleague narrowed meanwhile stays narrow, whichever version was left out."""
    viewer = person("coordinator").viewer
    key = logged(viewer, handling=Handling.ORIGINATOR, attribution=Attribution.NONE)
    browser = signed_in("coordinator")
    token, before = token_of(check_page(browser.get("/account"))), values(Activity, verb, [key])

    def sent(**versions: Any) -> Any:
        place, given = f"/activities/change/{verb}", {verb: wider, **versions}
        if door == "json":
            return browser.post(f"/api/v1{place}", json={**given, "ids": [str(key)]}, headers={"X-CSRFToken": token})
        return browser.post(place, data={**given, "ids": str(key), "csrf_token": token})

    assert sent().status_code in (201, 302, 303, 422)
    assert values(Activity, verb, [key]) == before
    with looking_as(SYSTEM):
        version = db.session.get_one(Activity, key).version
    read = f"{key}:{version}"
    assert sent(versions=[read] if door == "json" else read).status_code in (201, 303)
    assert values(Activity, verb, [key]) == [wider]
    access.look_as(access.SYSTEM)
