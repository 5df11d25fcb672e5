"""Opening a sensitive record of another party and taking anything out as a file is written down."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from crm.activities.attachments import reading as of_files
from crm.activities.models import Activity
from crm.audit import service
from crm.audit.service import Event
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.letters.models import Letter
from crm.reach.service import emergency
from tests.activities.test_attachment_text import kept
from tests.audit.entries import entries_of, visit
from tests.letters.conftest import Plan, offices, plan, sent, work_off  # noqa: F401
from tests.support.pages import check_page, token_of
from tests.support.people import Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


@pytest.mark.parametrize("door", ["/activities/", "/api/v1/activities/"])
def test_a_sensitive_record_of_another_party(app: Flask, person: People, signed_in: Clients, door: str) -> None:
    key = visit(person("other_officer").viewer, Handling.COORDINATION)
    browser = signed_in("coordinator")
    for _ in range(3):
        assert browser.get(door + key).status_code == 200
    (entry,) = entries_of(Event.RECORD_OPENED)
    assert (entry.actor_name, entry.subject_kind, entry.subject_id) == ("Coordinator", "activity", key)
    assert entry.originator_id == person("other_officer").viewer.party_id
    assert (entry.handling, entry.details) == ("coordination", {"handling_then": "coordination", "state": "LAO"})


def test_again_after_an_hour(
    app: Flask, person: People, signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    key = visit(person("other_officer").viewer, Handling.COORDINATION)
    browser, other = signed_in("coordinator"), signed_in("presidency")
    for minutes in (0, 59, 2):
        steady_clock.shift(timedelta(minutes=minutes))
        assert browser.get(f"/activities/{key}").status_code == 200
    assert len(entries_of(Event.RECORD_OPENED)) == 2
    assert other.get(f"/activities/{key}").status_code == 200
    assert len(entries_of(Event.RECORD_OPENED)) == 3, "each person by themselves"


def test_what_is_handled_otherwise_by_then_is_read_anew(app: Flask, person: People, signed_in: Clients) -> None:
    key = visit(person("other_officer").viewer, Handling.COORDINATION)
    browser = signed_in("presidency")
    assert browser.get(f"/activities/{key}").status_code == 200
    _narrow(key)
    presidency = person("presidency").viewer
    assert browser.get(f"/activities/{key}").status_code == 404
    with looking_as(presidency), unit_of_work():
        emergency.begin(actor=presidency, state_iso3="LAO", reason="The vote is this afternoon, nobody answers.")
    db.session.remove()
    for _ in range(2):
        assert browser.get(f"/activities/{key}").status_code == 200
    assert browser.get("/api/v1/search?q=canary").json["items"]
    then = [one.details["handling_then"] for one in entries_of(Event.RECORD_OPENED)]
    assert sorted(then) == ["coordination", "originator"]


def test_an_emergency_is_a_reading_of_its_own(
    app: Flask, person: People, signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    key = visit(person("other_officer").viewer, Handling.ORIGINATOR)
    presidency, browser = person("presidency").viewer, signed_in("presidency")
    for reason in ("The vote is this afternoon, nobody answers.", "Another vote, half an hour later."):
        steady_clock.shift(timedelta(minutes=5))
        with looking_as(presidency), unit_of_work():
            begun = emergency.begin(actor=presidency, state_iso3="LAO", reason=reason).id
        db.session.remove()
        for _ in range(2):
            steady_clock.shift(timedelta(minutes=1))
            assert browser.get(f"/activities/{key}").status_code == 200
        with looking_as(presidency), unit_of_work():
            emergency.end(actor=presidency, emergency_id=begun)
    assert len(entries_of(Event.RECORD_OPENED)) == 2


def _narrow(key: str) -> None:
    """The record is for its own party alone from now on."""
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Activity, UUID(key)).handling = Handling.ORIGINATOR.value
    db.session.remove()


def test_what_is_ones_own_or_for_all_states_is_not_noted(app: Flask, person: People, signed_in: Clients) -> None:
    own = visit(person("officer").viewer, Handling.ORIGINATOR)
    for_all = visit(person("other_officer").viewer, Handling.STATES)
    browser = signed_in("officer")
    for key in (own, for_all):
        assert browser.get(f"/activities/{key}").status_code == 200
    assert entries_of(Event.RECORD_OPENED) == []


def test_to_ask_whether_it_is_there_is_no_reading(app: Flask, person: People, signed_in: Clients) -> None:
    key = visit(person("other_officer").viewer, Handling.COORDINATION)
    answer = signed_in("coordinator").head(f"/activities/{key}")
    assert (answer.status_code, answer.data) == (200, b"")
    assert entries_of(Event.RECORD_OPENED) == []


@pytest.mark.parametrize("door", ["/activities/{}/attachments", "/api/v1/activities/{}/attachments"])
def test_whoever_may_not_add_a_file_is_refused_before_the_record_is_shown(
    app: Flask, person: People, signed_in: Clients, door: str
) -> None:
    key = visit(person("other_officer").viewer, Handling.COORDINATION)
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").get_data(as_text=True))
    answer = browser.post(door.format(key), data={"csrf_token": token}, headers={"X-CSRFToken": token})
    assert answer.status_code == 403 and "Canary words" not in answer.text
    assert entries_of(Event.RECORD_OPENED) == []


@pytest.mark.parametrize("pressed", ["stop", "resume", "retry", "letter"])
def test_a_change_that_answers_with_the_record_is_a_reading(
    plan: Plan,  # noqa: F811
    person: People,
    signed_in: Clients,
    pressed: str,
) -> None:
    campaign = plan()
    with looking_as(SYSTEM):
        letter_id = db.session.scalars(select(Letter.id).where(Letter.campaign_id == campaign.id)).first()
    kind, key = ("letter", letter_id) if pressed == "letter" else ("letter_campaign", campaign.id)
    address = f"{key}/retry" if pressed == "letter" else f"campaigns/{key}/{pressed}"
    db.session.remove()
    browser = signed_in("presidency")
    token = token_of(browser.get("/account").get_data(as_text=True))
    answer = browser.post(f"/api/v1/letters/{address}", json={}, headers={"X-CSRFToken": token})
    assert answer.status_code == 200 and str(key) in answer.text
    assert [(one.subject_kind, one.subject_id) for one in entries_of(Event.RECORD_OPENED)] == [(kind, str(key))]


def test_what_cannot_be_written_down_is_not_shown(
    app: Flask, person: People, signed_in: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["RAISE_ERRORS"] = False
    key = visit(person("other_officer").viewer, Handling.COORDINATION)
    browser = signed_in("coordinator")

    def full(**_: object) -> bool:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(service, "note_read", full)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = browser.get(f"/activities/{key}")
    assert answer.status_code == 500 and "Canary words" not in answer.text


@pytest.mark.parametrize("door", ["/search", "/api/v1/search"])
def test_a_piece_that_the_search_shows_is_a_reading(
    app: Flask, person: People, signed_in: Clients, steady_clock: time_machine.Traveller, door: str
) -> None:
    sensitive = visit(person("other_officer").viewer, Handling.COORDINATION)
    visit(person("other_officer").viewer, Handling.STATES)
    visit(person("coordinator").viewer, Handling.ORIGINATOR)
    browser, found = signed_in("coordinator"), f"{door}?q=canary"
    for minutes in (0, 1, 58):
        steady_clock.shift(timedelta(minutes=minutes))
        assert browser.get(found).status_code == 200
    assert browser.get(f"/activities/{sensitive}").status_code == 200
    (entry,) = entries_of(Event.RECORD_OPENED)
    assert (entry.actor_name, entry.subject_kind, entry.subject_id) == ("Coordinator", "activity", sensitive)
    assert entry.originator_id == person("other_officer").viewer.party_id
    steady_clock.shift(timedelta(minutes=2))
    browser.get(found)
    assert len(entries_of(Event.RECORD_OPENED)) == 2


def test_pieces_of_files_are_readings_too(app: Flask, person: People, signed_in: Clients) -> None:
    activity = UUID(visit(person("other_officer").viewer, Handling.COORDINATION))
    key = kept(signed_in("other_officer"), activity, b"The Zwielicht was left.", "paper.txt")
    of_files.read(key)
    db.session.remove()
    found = signed_in("coordinator").get("/api/v1/search?q=zwielicht").json["items"]
    assert [one["kind"] for one in found] == ["attachment"]
    read = [(one.subject_kind, one.subject_id) for one in entries_of(Event.RECORD_OPENED)]
    assert read == [("attachment", str(key))]


def test_a_piece_that_cannot_be_written_down_is_not_shown(
    app: Flask, person: People, signed_in: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["RAISE_ERRORS"] = app.config["PROPAGATE_EXCEPTIONS"] = False
    visit(person("other_officer").viewer, Handling.COORDINATION)
    browser = signed_in("coordinator")

    def full(**_: object) -> bool:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(service, "note_read", full)
    answer = browser.get("/search?q=canary")
    assert answer.status_code == 500 and "Canary words" not in answer.text


def test_what_an_emergency_opened_is_read_by_searching_as_by_opening(
    app: Flask, person: People, signed_in: Clients
) -> None:
    key = visit(person("other_officer").viewer, Handling.ORIGINATOR)
    presidency = person("presidency").viewer
    with looking_as(presidency), unit_of_work():
        emergency.begin(actor=presidency, state_iso3="LAO", reason="The vote is this afternoon, nobody answers.")
    db.session.remove()
    assert signed_in("presidency").get("/api/v1/search?q=canary").json["items"]
    assert [one.subject_id for one in entries_of(Event.RECORD_OPENED)] == [key]


def test_every_file_is_noted_with_its_fingerprint(plan, work_off, signed_in: Clients) -> None:  # type: ignore[no-untyped-def]  # noqa: F811
    campaign_id = plan().id
    work_off("BTN")
    browser = signed_in("presidency")
    item = next(
        one for one in browser.get(f"/api/v1/letters/campaigns/{campaign_id}").get_json()["letters"] if one["documents"]
    )
    wanted = [*item["documents"], f"/letters/campaigns/{campaign_id}/letters.zip", item["documents"][0]]
    answers = [browser.get(address) for address in wanted]
    assert [one.status_code for one in answers] == [200] * 4
    entries = entries_of(Event.RECORD_EXPORTED)
    assert sorted(one.details["format"] for one in entries) == ["docx", "pdf", "pdf", "zip"]
    assert [one.details["sha256"] for one in entries] == [hashlib.sha256(one.data).hexdigest() for one in answers]
    assert {one.subject_kind for one in entries} == {"letter", "letter_campaign"}
    assert {one.handling for one in entries} == {"coordination"}


def test_the_table_of_the_audit_and_the_acts_on_file(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    for address in ("/administration/audit.csv", "/api/v1/audit/export.csv", "/states/import/current.csv"):
        assert browser.get(address).status_code == 200
    assert browser.get("/administration/audit.xlsx?event=signed_in").status_code == 200
    acts, entries = entries_of(Event.RECORD_EXPORTED), entries_of(Event.LIST_EXPORTED)
    assert [(one.subject_kind, one.details["format"]) for one in acts] == [("treaty_acts", "csv")]
    assert [(one.subject_kind, one.details["format"]) for one in entries] == [
        ("audit", "csv"), ("audit", "csv"), ("audit", "xlsx")
    ]  # fmt: skip
    assert [one.details["filters"] for one in entries] == ["", "", "What: Signed in"]
    for address in ("/states/export.csv", "/states/export.xlsx"):
        assert browser.get(address).status_code == 200
    assert len(entries_of(Event.RECORD_EXPORTED)) + len(entries_of(Event.LIST_EXPORTED)) == 4, "States are public"


def test_the_page_of_the_audit_counts_once(app: Flask, person: People, signed_in: Clients) -> None:
    """How long the whole chain is, is a place in it and no second count of what is listed."""
    page = check_page(signed_in("administrator").get("/administration/audit"))
    assert "The newest entry stands at place " in page and page.count(" entries") <= 1
