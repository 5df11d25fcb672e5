"""A brief is read and taken along with a trace, says how far it may travel, and leaves restricted States at home."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.exc import OperationalError

from crm.activities.course.service import plan_activity
from crm.activities.rules import Paper
from crm.audit import service
from crm.audit.service import Event
from crm.briefs.content import Brief
from crm.briefs.gathering import brief_of
from crm.briefs.pdf import render_pdf
from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.visibility import Attribution
from crm.reach.service import emergency, restricted
from tests.audit.entries import entries_of
from tests.briefs.test_brief import OPENLY, TODAY, briefed, owed, part
from tests.letters.conftest import Plan, offices, plan, sent, work_off  # noqa: F401
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import anew, logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
WHOLE = "They listened. " + "Much was said in confidence. " * 20 + "Kanarienvogel."
TO_READ = ["/states/LAO/brief", "/api/v1/states/LAO/brief", "/api/v1/briefs?states=BTN,LAO"]
TO_TAKE = [
    "/states/{}/brief.pdf",
    "/api/v1/states/{}/brief.pdf",
    "/briefs.pdf?states={}",
    "/api/v1/briefs.pdf?states={}",
]


def planned(actor: Viewer, iso3: str = "BTN", **more: Any) -> None:
    given = {"held_on": date(2026, 12, 1), "handling": Handling.COORDINATION, "attribution": Attribution.FULL, **more}
    with looking_as(actor), unit_of_work():
        plan_activity(actor=actor, kind="demarche", state_iso3=iso3, **given)


def restrict(actor: Viewer, iso3: str) -> Viewer:
    with looking_as(actor), unit_of_work():
        restricted.restrict(actor=actor, state_iso3=iso3)
    return anew(actor)


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages).split())


def brief(viewer: Viewer, iso3: str = "BTN") -> Brief:
    with looking_as(viewer):
        db.session.rollback()
        return brief_of(iso3, viewer, TODAY)


@pytest.mark.parametrize("door", TO_READ)
def test_what_stands_on_it_whole_is_read_by_opening_it(
    app: Flask, person: People, signed_in: Clients, door: str
) -> None:
    officer = person("officer").viewer
    key = logged(officer, "LAO", reply=WHOLE, handling=Handling.COORDINATION)
    logged(officer, "LAO", reply="For all.", **OPENLY)
    logged(person("presidency").viewer, "LAO", reply="Ours.", handling=Handling.ORIGINATOR)
    owed(officer, "Send the text", state_iso3="LAO", handling=Handling.COORDINATION)
    planned(officer, "LAO")
    db.session.remove()
    browser = signed_in("presidency")
    for _ in range(2):
        assert "Kanarienvogel" in browser.get(door).get_data(as_text=True)
    entries = entries_of(Event.RECORD_OPENED)
    assert sorted(one.subject_kind for one in entries) == ["activity", "follow_up"]
    assert {one.subject_id for one in entries if one.subject_kind == "activity"} == {str(key)}
    assert {(one.actor_name, one.originator_id) for one in entries} == {("Presidency", officer.party_id)}


def test_a_brief_that_cannot_be_written_down_is_not_shown(
    app: Flask, person: People, signed_in: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["RAISE_ERRORS"] = app.config["PROPAGATE_EXCEPTIONS"] = False
    logged(person("officer").viewer, "LAO", reply=WHOLE, handling=Handling.COORDINATION)
    browser = signed_in("presidency")

    def full(**_: object) -> bool:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(service, "note_read", full)
    for door in TO_READ:
        answer = browser.get(door)
        assert answer.status_code == 500 and "Kanarienvogel" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("door", ["/briefs.pdf", "/api/v1/briefs.pdf"])
def test_each_party_is_told_that_its_records_were_taken_along(
    app: Flask, person: People, signed_in: Clients, door: str
) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    logged(coordinator, "LAO", reply="For all.", **OPENLY)
    owed(coordinator, "Send the text", state_iso3="LAO")
    logged(presidency, "BTN", reply="Ours.", handling=Handling.ORIGINATOR)
    db.session.remove()
    answer = signed_in("presidency").get(f"{door}?states=LAO,BTN,MNG")
    entries = {one.originator_id: one for one in entries_of(Event.BRIEF_EXPORTED)}
    facts = {"format": "pdf", "sha256": hashlib.sha256(answer.data).hexdigest()}
    assert {party: one.details for party, one in entries.items()} == {
        coordinator.party_id: {**facts, "records": 2, "state": "LAO"},
        presidency.party_id: {**facts, "records": 3, "state": "BTN LAO MNG"},
    }
    assert {(one.subject_kind, one.handling) for one in entries.values()} == {("state_brief", "originator")}
    told = signed_in("coordinator").get("/api/v1/audit?event=brief_exported").get_json()["items"]
    assert [(one["actor"], one["facts"]["state"], one["facts"]["records"]) for one in told] == [
        ("Presidency", "LAO", 2)
    ]


def test_the_words_for_a_brief_that_was_taken_along(app: Flask, person: People, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    assert browser.get("/states/LAO/brief.pdf").status_code == 200
    page = check_page(browser.get("/administration/audit"))
    assert "Brief of a State taken out as a file" in page and "records" in page


@pytest.mark.parametrize("door", TO_TAKE)
def test_what_is_taken_along_leaves_restricted_states_out(
    app: Flask, person: People, signed_in: Clients, door: str
) -> None:
    coordinator = person("coordinator").viewer
    logged(coordinator, "LAO", reply="Nothing of the other.", handling=Handling.COORDINATION)
    both = {"kind": "regional_workshop", "further_states": ["BTN"], "handling": Handling.ORIGINATOR}
    logged(coordinator, "LAO", reply="Kanarienvogel of both.", **both)
    logged(coordinator, "BTN", reply="Kanarienvogel alone.", handling=Handling.COORDINATION)
    restrict(coordinator, "BTN")
    db.session.remove()
    browser = signed_in("coordinator")
    of_one, of_other = (text_of(browser.get(door.format(iso3))) for iso3 in ("LAO", "BTN"))
    assert "Nothing of the other." in of_one and "Coordinators and presidency" in of_one
    for sheet in (of_one, of_other):
        assert "Kanarienvogel" not in sheet and "Without what is kept about restricted States" in sheet
    states = sorted(one.details["state"] for one in entries_of(Event.BRIEF_EXPORTED))
    assert states == ["BTN", "LAO"], "an entry about a restricted State is for those who are named"


def test_whoever_is_named_reads_on_the_page_what_the_sheet_leaves_out(
    app: Flask, person: People, signed_in: Clients
) -> None:
    coordinator = person("coordinator").viewer
    logged(coordinator, "BTN", reply="Kanarienvogel.", handling=Handling.COORDINATION)
    db.session.remove()
    browser, stays = signed_in("coordinator"), "does not leave the house"
    assert stays not in check_page(browser.get("/states/BTN/brief"))
    restrict(coordinator, "BTN")
    db.session.remove()
    page = check_page(browser.get("/states/BTN/brief"))
    assert "The PDF says only what everybody knows" in page and "Kanarienvogel." in page
    assert "The PDF may say less" in check_page(browser.get("/states/LAO/brief"))
    assert "Kanarienvogel." in browser.get("/api/v1/states/BTN/brief").get_data(as_text=True)
    assert "Kanarienvogel." not in browser.get("/api/v1/briefs?states=BTN").get_data(as_text=True)
    assert stays in check_page(browser.get("/briefs?states=BTN"))
    other = check_page(signed_in("presidency").get("/states/BTN/brief"))
    assert stays not in other and "Kanarienvogel." not in other


PUT: dict[str, Callable[[Viewer], None]] = {
    "others": planned,
    "contacts": lambda actor: (logged(actor, "BTN", handling=Handling.COORDINATION), None)[1],
    "promises": lambda actor: owed(actor, "Send the text", handling=Handling.COORDINATION),
}


@pytest.mark.parametrize("key", PUT)
def test_every_part_hands_its_handling_on(app: Flask, person: People, key: str) -> None:
    PUT[key](person("officer").viewer)
    found = briefed(person("presidency").viewer)
    assert part(found, key)
    assert (found["handling"], found["handling_label"]) == ("coordination", "Coordinators and presidency")


def test_a_letter_hands_its_handling_on(plan: Plan, work_off: Any, person: People) -> None:  # noqa: F811
    plan()
    work_off("BTN")
    found = brief(person("presidency").viewer)
    assert [one.key for one in found.sections if one.lines and one.key == "letters"]
    assert found.handling is Handling.COORDINATION


def test_what_came_up_in_a_record_hands_on_what_the_record_bears(app: Flask, person: People) -> None:
    """A claim, and the contact as long ago as you like in which it came up."""
    officer = person("officer").viewer
    logged(
        officer, "BTN", held_on=date(2020, 1, 1), obstacle="security", marks="OF THE CLAIM",
        handling=Handling.COORDINATION, attribution=Attribution.FULL, next_action="Send the law",
        next_action_due=date(2026, 12, 1),
    )  # fmt: skip
    for day in range(1, 7):
        logged(officer, "BTN", held_on=date(2026, 10, day), **OPENLY)
    planned(person("other_officer").viewer, handling=Handling.STATES, marks="OF THE PLAN")
    found = briefed(officer)
    assert found["handling"] == "coordination"
    assert sorted(found["marks"]) == ["OF THE CLAIM", "OF THE PLAN"]
    assert part(found, "obstacles") and not any("2020" in line for line in part(found, "contacts"))


def test_a_line_without_a_source_is_what_everybody_may_know(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    logged(officer, "BTN", obstacle="security", paper_left=Paper.AIDE_MEMOIRE, **OPENLY)
    owed(officer, "Send the model law", promised=True)
    planned(person("other_officer").viewer, handling=Handling.STATES)
    found = brief(officer)
    told = {one.key for one in found.sections for line in one.lines if line.sources}
    assert told == {"others", "contacts", "promises", "people", "obstacles", "approach", "not_again"}
    assert {one.key for one in found.sections for line in one.lines if not line.sources} == {"neighbours"}


def test_what_an_emergency_opened_is_for_the_party_that_wrote_it(app: Flask, person: People) -> None:
    logged(person("other_officer").viewer, "BTN", handling=Handling.ORIGINATOR)
    presidency = person("presidency").viewer
    with looking_as(presidency), unit_of_work():
        emergency.begin(actor=presidency, state_iso3="BTN", reason="The vote is this afternoon, nobody answers.")
    assert brief(anew(presidency)).handling_label == "The party that wrote it alone"
    logged(presidency, "LAO", handling=Handling.ORIGINATOR)
    assert brief(anew(presidency), "LAO").handling_label == "My own party alone"


def test_no_mark_is_lost_where_there_is_no_room_for_it(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    for number in range(9):
        day, marks = TODAY + timedelta(days=number), f"MARK {number}"
        planned(person("other_officer").viewer, held_on=day, marks=marks, handling=Handling.STATES)
    with looking_as(officer):
        db.session.rollback()
        sheet = PdfReader(io.BytesIO(render_pdf(brief_of("BTN", officer, TODAY)))).pages[0].extract_text()
    assert "and 3 more" in " ".join(sheet.split())
    assert len(briefed(officer)["marks"]) == 9
