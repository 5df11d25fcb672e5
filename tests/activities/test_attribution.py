"""What surrounds the note of an activity is kept from other parties where its attribution hides the State."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities import service as activities
from crm.activities.models import Activity, Attachment
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.visibility import HIDES_STATE, Attribution
from crm.core.widening import widening
from crm.sharing import service as sharing
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


def reference(viewer: Viewer, attribution: Attribution) -> UUID:
    """That something happened and where its report lies, and nothing else."""
    with looking_as(viewer), widening(), unit_of_work() as session:
        made = activities.record_reference(
            actor=viewer, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1), report_ref="AB 12",
            handling=Handling.COORDINATION,
        )  # fmt: skip
        session.get_one(Activity, made.id).attribution = attribution.value
        return made.id


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
@pytest.mark.parametrize("note", [True, False])
def test_s03_every_door_agrees_on_whose_it_is(
    app: Flask, person: People, signed_in: Clients, attribution: Attribution, note: bool
) -> None:
    """Where nothing is told of the source, neither is its party: on the page, in the list, by the JSON door."""
    presidency = person("presidency").viewer
    person("coordinator")
    key = about(attribution, presidency) if note else reference(presidency, attribution)
    for who, told in (("coordinator", attribution is not Attribution.NONE), ("presidency", True)):
        browser = signed_in(who)
        page = check_page(browser.get(f"/activities/{key}"))
        body = page[page.index("<main") :]
        assert ("Lebanon" in body) is told, who
        assert note or ("The report lies with Lebanon." if told else "Which party has the report is not told.") in body
        assert "lies with ." not in page
        name = "Lebanon" if told else None
        assert browser.get(f"/api/v1/activities/{key}").get_json()["party"] == name
        assert [one["party"] for one in browser.get("/api/v1/activities").get_json()["items"]] == [name]
        for door in ("/activities", "/states/LAO"):
            text = browser.get(door).get_data(as_text=True)
            shown = re.sub(r"<select.*?</select>", "", text[text.index("<main") :], flags=re.DOTALL)
            assert told or "Lebanon" not in shown.split("<table")[-1], (who, door)


@pytest.mark.parametrize("attribution", list(Attribution))
def test_s03_who_asks_for_more_is_not_told_whom_they_asked(
    app: Flask, person: People, signed_in: Clients, attribution: Attribution
) -> None:
    presidency, coordinator = person("presidency").viewer, person("coordinator").viewer
    key = about(attribution, presidency)
    with looking_as(coordinator), unit_of_work():
        asked = sharing.ask_wider(
            actor=coordinator, kind="activity", record_id=key, wanted=Handling.STATES, reason="For the meeting."
        ).id
    with looking_as(presidency), unit_of_work():
        sharing.answer(actor=presidency, request_id=asked, granted=False)
    for who, told in (("coordinator", attribution is not Attribution.NONE), ("presidency", True)):
        browser = signed_in(who)
        for door in ("/sharing", f"/activities/{key}", f"/sharing/activity/{key}"):
            page = check_page(browser.get(door, follow_redirects=True))
            body = page[page.index("<main") :]
            assert ("Presidency" in body and ("Lebanon" in body or door != "/sharing")) is told, (who, door)
        (item,) = browser.get("/api/v1/sharing/requests").get_json()["items"]
        assert item["originator"] == ("Lebanon" if told else None)


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
