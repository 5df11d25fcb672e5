"""S7: that a State is theirs opens to nobody what is for fewer than they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.core.access import Handling
from tests.followups.opening import opened
from tests.support.people import Person
from tests.support.records import logged, sees


@pytest.mark.parametrize(
    ("who", "handling"),
    [
        ("officer", Handling.COORDINATION),
        ("officer", Handling.ORIGINATOR),
        ("presidency", Handling.ORIGINATOR),
        ("observer", Handling.STATES),
    ],
)
def test_s07_what_is_for_fewer_is_absent_in_ones_own_state(
    app: Flask,
    person: Callable[[str], Person],
    signed_in: Callable[[str], FlaskClient],
    who: str,
    handling: Handling,
) -> None:
    owner, reader = person("other_officer").viewer, person(who).viewer
    assert reader.works_on("LAO")
    key, followup = logged(owner, handling=handling), opened(owner, handling=handling)
    assert not sees(reader, key)
    browser = signed_in(who)
    for address in (f"/activities/{key}", f"/followups/{followup}"):
        assert browser.get(address).status_code == browser.get(f"/api/v1{address}").status_code
        assert browser.get(address).status_code in (403, 404)
    assert "They would join" not in browser.get("/states/LAO").get_data(as_text=True)
