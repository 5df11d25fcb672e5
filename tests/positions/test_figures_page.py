"""The figures of all parties, in a browser: every column within the page, what is withheld in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from crm.core.access import Handling
from crm.core.db import unit_of_work
from crm.positions.rules import Basis, ObstacleType
from crm.positions.service import claim_obstacle
from tests.support.browser import visit
from tests.support.people import Person
from tests.support.served import served

__all__ = ["served"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_every_column_is_within_reach(
    app: Flask,
    served: str,
    browser: Browser,
    person: Callable[[str], Person],
    signed_in: Callable[[str], FlaskClient],
    width: int,
) -> None:
    party = person("officer").viewer.party_id or UUID(int=0)
    with unit_of_work():
        claim_obstacle(
            state_iso3="LAO", type=ObstacleType.SECURITY, subtype="", basis=Basis.STATED, claimed_on=date(2026, 11, 1),
            originator_id=party, handling=Handling.STATES,
        )  # fmt: skip
    kept = signed_in("coordinator").get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert kept
    with visit(browser, served, viewport={"width": width, "height": 900}) as page:
        page.context.add_cookies([{"name": kept.key, "value": kept.value, "url": served}])
        page.goto("/obstacles")
        frame = page.get_by_role("region", name="Obstacles of all parties by region")
        assert frame.get_by_text("withheld", exact=True).count() == 4
        assert frame.evaluate("one => one.scrollWidth <= one.clientWidth"), width
