"""The first page: what is new."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from crm.core.access import Handling
from crm.core.visibility import Attribution
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]


def test_what_hides_its_state_says_so(app: Flask, person: People, signed_in: Clients) -> None:
    logged(person("other_officer").viewer, handling=Handling.STATES, attribution=Attribution.REGION_ONLY)
    page = check_page(signed_in("coordinator").get("/"))
    assert "State not named: démarche" in page
