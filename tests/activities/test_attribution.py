"""What surrounds the note of an activity is kept from other parties where its attribution hides the State."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.models import Activity, Attachment
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.visibility import HIDES_STATE, Attribution
from tests.activities.test_attachments import kept
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import REPLY, logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
SURROUNDING = ("place", "occasion", "marks", "report_ref", "next_action")
INSTEAD = {Attribution.NONE: "A State that is not named", Attribution.REGION_ONLY: "A State in "}


def about(attribution: Attribution, viewer: Viewer) -> UUID:
    """An activity for all coordinators with a word of its own in every field but the note."""
    words = {name: f"Canary-{name}" for name in SURROUNDING}
    key = logged(
        viewer, "LAO", handling=Handling.COORDINATION, attribution=attribution, person_name="Canary-person",
        person_title="Canary-title", next_action_due=date(2026, 12, 1), **words,
    )  # fmt: skip
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Activity, key).delivered_by = "Canary-deliverer"
    return key


@pytest.mark.parametrize("attribution", sorted(HIDES_STATE))
def test_s03_other_parties_read_the_note_and_nothing_that_names_the_state(
    app: Flask, person: People, signed_in: Clients, attribution: Attribution
) -> None:
    key = about(attribution, person("presidency").viewer)
    browser = signed_in("coordinator")
    page = check_page(browser.get(f"/activities/{key}"))
    whole = browser.get(f"/api/v1/activities/{key}").get_json()
    assert REPLY in page and whole["reply"] == REPLY
    assert INSTEAD[attribution] in page and whole["instead_of_state"].startswith(INSTEAD[attribution])
    assert "Canary" not in page and "Lao" not in page and "Canary" not in str(whole) and "Lao" not in str(whole)
    assert (whole["states"], whole["next_action_due"], "delivered_by" in whole) == ([], None, False)
    for door in ("/activities", "/api/v1/activities", "/activities?q=election", "/api/v1/activities?q=election"):
        text = browser.get(door).get_data(as_text=True)
        assert str(key) in text and "Canary" not in text, door
        assert "Lao" not in text.split("<table")[-1], door


@pytest.mark.parametrize("attribution", list(Attribution))
def test_s03_nor_is_it_found_by_what_is_hidden(
    app: Flask, person: People, signed_in: Clients, attribution: Attribution
) -> None:
    key = about(attribution, person("presidency").viewer)
    for who, told in (("coordinator", attribution not in HIDES_STATE), ("presidency", True)):
        browser = signed_in(who)
        for query in ("q=Canary-occasion", "q=Canary-next_action", "state=LAO"):
            items = browser.get(f"/api/v1/activities?{query}").get_json()["items"]
            assert [one["id"] for one in items] == ([str(key)] if told else []), (who, query)


@pytest.mark.parametrize("attribution", list(Attribution))
def test_its_own_party_reads_all_of_it(
    app: Flask, person: People, signed_in: Clients, attribution: Attribution
) -> None:
    key = about(attribution, person("presidency").viewer)
    browser = signed_in("presidency")
    page, whole = check_page(browser.get(f"/activities/{key}")), browser.get(f"/api/v1/activities/{key}").get_json()
    for name in SURROUNDING:
        assert f"Canary-{name}" in page and whole[name] == f"Canary-{name}"
    assert "Canary-deliverer" in page and whole["delivered_by"] == "Canary-deliverer"
    assert (whole["states"], whole["next_action_due"]) == (["LAO"], "2026-12-01")
    assert "Canary-next_action" in check_page(browser.get("/activities"))


@pytest.mark.parametrize("attribution", sorted(set(Attribution) - HIDES_STATE))
def test_others_read_what_surrounds_it_where_the_state_is_told(
    app: Flask, person: People, signed_in: Clients, attribution: Attribution
) -> None:
    key = about(attribution, person("presidency").viewer)
    whole = signed_in("coordinator").get(f"/api/v1/activities/{key}").get_json()
    assert {whole[name] for name in SURROUNDING} == {f"Canary-{name}" for name in SURROUNDING}
    full = attribution is Attribution.FULL
    assert ("delivered_by" in whole, len(whole["people"])) == (full, int(full))


@pytest.mark.parametrize("attribution", list(Attribution))
def test_a_paper_is_as_hidden_as_the_state(
    app: Flask, database: str, person: People, signed_in: Clients, attribution: Attribution
) -> None:
    presidency, coordinator = person("presidency").viewer, person("coordinator").viewer
    key = about(attribution, presidency)
    file = kept(presidency, key)
    told = attribution not in HIDES_STATE
    for who, sees in (("presidency", True), ("coordinator", told)):
        browser = signed_in(who)
        for door in (f"/attachments/{file}", f"/api/v1/attachments/{file}", f"/api/v1/attachments/{file}/content"):
            assert browser.get(door).status_code == (200 if sees else 404), (who, door)
        assert ("Aide-mémoire.pdf" in check_page(browser.get(f"/activities/{key}"))) is sees
    column = Attachment.__table__.c.id if database == "postgresql" else Attachment.id
    with looking_as(coordinator):
        assert bool(db.session.scalars(select(column)).all()) is told
