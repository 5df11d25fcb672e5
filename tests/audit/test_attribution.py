"""What the attribution of a record keeps from other parties the audit keeps from them, too: State and actor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from crm.audit.models import AuditEntry
from crm.audit.service import Event
from crm.core.access import Handling
from crm.core.visibility import HIDES_STATE, Attribution
from tests.activities.test_attachments import kept
from tests.audit.entries import entries_of
from tests.sharing.test_handling import ask, handle
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import logged
from tests.support.wall import as_owner

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
DOORS = ("/administration/audit", "/administration/audit.csv", "/api/v1/audit", "/api/v1/audit/export.csv")


def said(browser: FlaskClient, query: str = "") -> dict[str, str]:
    """What each door to the audit says, without the filters of the page."""
    texts = {door: browser.get(f"{door}?{query}").get_data(as_text=True) for door in DOORS}
    texts[DOORS[0]] = texts[DOORS[0]].split('<table class="table')[-1] if "<table" in texts[DOORS[0]] else ""
    return texts


def lines(browser: FlaskClient, event: Event, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.get(f"/api/v1/audit?event={event.value}&{query}").get_json()["items"]
    return found


@pytest.mark.parametrize("attribution", sorted(HIDES_STATE))
def test_s03_an_entry_does_not_name_the_state_that_the_record_hides(
    app: Flask, person: People, signed_in: Clients, attribution: Attribution
) -> None:
    presidency, coordinator = person("presidency").viewer, person("coordinator").viewer
    key = logged(presidency, "LAO", handling=Handling.COORDINATION, attribution=attribution)
    kept(presidency, key)
    ask(coordinator, key, Handling.STATES)
    handle(presidency, key, Handling.STATES)
    other, own = signed_in("coordinator"), signed_in("presidency")
    assert other.get(f"/activities/{key}").status_code == 200
    handle(presidency, key, Handling.COORDINATION)
    assert other.get(f"/activities/{key}").status_code == 200, "and this is written down"
    assert len(entries_of(Event.RECORD_OPENED)) == 1
    for door, text in said(other).items():
        assert "Lao" not in text and "LAO" not in text and str(key) not in text, door
        assert "Presidency" not in text, door
    names = {one["event"] for one in own.get("/api/v1/audit").get_json()["items"] if one["facts"].get("state") == "LAO"}
    assert names == {
        "activity_recorded", "attachment_added", "wider_handling_asked", "handling_changed", "record_opened",
    }  # fmt: skip
    assert all("Lao People" in text for door, text in said(own).items() if door != "/api/v1/audit")


def test_what_was_written_before_is_not_told_either(app: Flask, person: People, signed_in: Clients) -> None:
    """An entry of a former version, which travels as far as the record itself."""
    key = logged(person("presidency").viewer, "LAO", handling=Handling.COORDINATION, attribution=Attribution.NONE)
    with as_owner() as connection:
        connection.execute(update(AuditEntry.__table__).values(handling="coordination"))  # type: ignore[arg-type]
    (line,) = lines(signed_in("coordinator"), Event.ACTIVITY_RECORDED)
    assert (line["facts"]["state"], line["actor"], line["subject"]["id"]) == (None, None, None)
    for door, text in said(signed_in("coordinator"), "event=activity_recorded").items():
        assert "Lao" not in text and str(key) not in text, door
    (line,) = lines(signed_in("presidency"), Event.ACTIVITY_RECORDED)
    assert line["facts"]["state"] == "LAO"


@pytest.mark.parametrize("attribution", list(Attribution))
def test_who_delivered_it_is_for_their_own_party(
    app: Flask, person: People, signed_in: Clients, attribution: Attribution
) -> None:
    logged(person("presidency").viewer, "LAO", handling=Handling.COORDINATION, attribution=attribution)
    other, own = signed_in("coordinator"), signed_in("presidency")
    found = lines(other, Event.ACTIVITY_RECORDED)
    assert [one["actor"] for one in found] == ([] if attribution in HIDES_STATE else [None])
    assert lines(other, Event.ACTIVITY_RECORDED, "q=presidency") == [], "nor is it found by the name"
    page = check_page(other.get("/administration/audit?event=activity_recorded"))
    assert ("Somebody of another party" in page) is bool(found)
    assert "Presidency" not in said(other, "event=activity_recorded")["/administration/audit.csv"]
    (line,) = lines(own, Event.ACTIVITY_RECORDED, "q=presidency")
    assert line["actor"] == "Presidency"


def test_whose_record_was_opened_learns_by_whom(app: Flask, person: People, signed_in: Clients) -> None:
    key = logged(person("presidency").viewer, "LAO", handling=Handling.COORDINATION)
    assert signed_in("coordinator").get(f"/activities/{key}").status_code == 200
    assert [one["actor"] for one in lines(signed_in("presidency"), Event.RECORD_OPENED)] == ["Coordinator"]
    assert [one["actor"] for one in lines(signed_in("coordinator"), Event.RECORD_OPENED)] == ["Coordinator"]
