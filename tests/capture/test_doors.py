"""What a person does with a mail, on pages and through the JSON door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import RestrictedState, User
from crm.activities.models import Activity, Attachment
from crm.activities.service import record_activity
from crm.capture import service
from crm.capture.models import WaitingFile, WaitingMail
from crm.capture.rules.course import Phase
from crm.core import access
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.files.models import StoredFile
from tests.capture.sending import address_for, deliver, kept, read_all, written
from tests.capture.test_rules import INVITATION
from tests.capture.test_who_sees_it import put
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.statements import recorded

People = Callable[[str], Person]
Browsers = Callable[[str], FlaskClient]

TOLD: dict[str, Any] = {
    "kind": "bilateral_talks", "state_iso3": "BTN", "held_on": "2026-11-20", "person_name": "The Director",
    "reply": "They answered.",
}  # fmt: skip


def _token(browser: FlaskClient) -> dict[str, str]:
    return {"X-CSRFToken": token_of(browser.get("/account").text)}


def _state_of(key: UUID) -> WaitingMail:
    return next(one for one in kept() if one.id == key)


def _entry(owner: Viewer) -> UUID:
    with looking_as(owner), unit_of_work():
        made = record_activity(
            actor=owner, kind="capital_visit", state_iso3="BTN", held_on=date(2026, 11, 3), person_name="A", reply="B"
        )
        key = made.id
    db.session.remove()
    access.look_as(access.SYSTEM)
    return key


def test_both_doors_leave_the_same_behind(app: Flask, person: People, signed_in: Browsers) -> None:
    officer = person("officer").viewer
    first, second = put(officer, "BTN"), put(officer, "BTN", sender="x")
    browser = signed_in("officer")
    form = check_page(browser.get(f"/waiting-room/{first}/entry"))
    by_page = browser.post(f"/waiting-room/{first}/entry", data={**TOLD, "csrf_token": token_of(form),
        "handling": "originator", "attribution": "state_not_person", "obstacle_basis": "stated", "precision": "day",
        "paper_left": "none"})  # fmt: skip
    by_json = browser.post(
        f"/api/v1/waiting-room/{second}/entry", json={**TOLD, "handling": "originator"}, headers=_token(browser)
    )
    assert (by_page.status_code, by_json.status_code) == (303, 201), by_page.text
    one, other = db.session.scalars(select(Activity)).all()
    same = ("kind", "held_on", "reply", "handling", "attribution", "status", "originator_id", "delivered_by")
    assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]
    assert len(db.session.scalars(select(Attachment)).all()) == 2 and not db.session.scalars(select(WaitingFile)).all()
    assert {row.phase for row in kept()} == {Phase.LOGGED} and {row.text for row in kept()} == {""}


def test_what_is_wrong_is_said_beside_the_field_and_the_mail_waits_on(
    app: Flask, person: People, signed_in: Browsers
) -> None:
    key = put(person("officer").viewer)
    browser = signed_in("officer")
    page = browser.post(f"/waiting-room/{key}/entry", data={"csrf_token": _token(browser)["X-CSRFToken"], "reply": "R"})
    assert page.status_code == 422 and "Choose the State." in page.text and "R</textarea>" in page.text
    answer = browser.post(f"/api/v1/waiting-room/{key}/entry", json={"reply": "R"}, headers=_token(browser))
    assert answer.status_code == 422 and "state_iso3" in answer.json["errors"]  # type: ignore[index]
    assert _state_of(key).phase == Phase.WAITING and not db.session.scalars(select(Activity)).all()


def test_of_two_who_go_on_with_it_the_second_is_told(app: Flask, person: People, signed_in: Browsers) -> None:
    key = put(person("officer").viewer)
    browser = signed_in("officer")
    address, headers = f"/api/v1/waiting-room/{key}/entry", _token(browser)
    assert browser.post(address, json=TOLD, headers=headers).status_code == 201
    for action in ("entry", "throw-away", "take-back"):
        sent = TOLD if action == "entry" else {}
        again = browser.post(f"/api/v1/waiting-room/{key}/{action}", json=sent, headers=headers)
        assert again.status_code == 422 and "gone on with this mail" in again.text
    assert len(db.session.scalars(select(Activity)).all()) == 1


def test_a_mail_is_kept_with_an_entry_that_is_there(app: Flask, person: People, signed_in: Browsers) -> None:
    officer = person("officer").viewer
    entry, key = _entry(officer), put(officer, "BTN", sender="director@mfa.gov.bt", sender_name="Director")
    theirs = _entry(person("other_officer").viewer)
    browser = signed_in("officer")
    page = check_page(browser.get(f"/waiting-room/{key}"))
    assert "Bhutan: " in page and str(entry) in page and str(theirs) not in page
    token = {"csrf_token": token_of(page)}
    refused = browser.post(f"/waiting-room/{key}/keep-with", data={**token, "activity_id": str(theirs)})
    assert refused.status_code == 422
    answer = browser.post(f"/waiting-room/{key}/keep-with", data={**token, "activity_id": str(entry)})
    assert answer.status_code == 303, answer.text
    access.look_as(SYSTEM)
    files = db.session.scalars(select(StoredFile).order_by(StoredFile.name)).all()
    assert sorted(one.name for one in files) == ["dusk.txt", "mail of 2026-11-23.txt"]
    text = next(one.content for one in files if one.name.startswith("mail")).decode()
    assert text.startswith("From: Director <director@mfa.gov.bt> (not proven)\n") and "Dusk" in text
    assert _state_of(key).activity_id == entry


def test_thrown_away_is_taken_back_in_one_step(app: Flask, person: People, signed_in: Browsers) -> None:
    key = put(person("officer").viewer)
    browser = signed_in("officer")
    token = {"csrf_token": token_of(browser.get(f"/waiting-room/{key}").text)}
    gone = browser.post(f"/waiting-room/{key}/throw-away", data=token, follow_redirects=True)
    assert "Thrown away." in gone.text and f"/waiting-room/{key}/take-back" in gone.text
    assert _state_of(key).phase == Phase.THROWN
    browser.post(f"/waiting-room/{key}/take-back", data=token)
    assert _state_of(key).phase == Phase.WAITING and _state_of(key).text == "Dusk"


def test_an_invitation_is_planned(app: Flask, port: int, person: People, signed_in: Browsers) -> None:
    officer = person("officer")
    message = written(officer.email, "You are invited.\n", Subject="Invitation: call")
    message.add_alternative(INVITATION, subtype="calendar", params={"method": "REQUEST"})
    deliver(port, message, address_for(officer.viewer))
    read_all()
    [row] = kept()
    key = row.id
    assert row.states == "BTN" and row.proposed["held_on"] == "2026-12-02"
    browser = signed_in("officer")
    page = check_page(browser.get(f"/waiting-room/{key}"))
    for words in ("2 December 2026, 10:00", "to 11:00 (Asia/Thimphu)", "04:00 (UTC)", "Gyalyong", "Director, Legal"):
        assert words in page
    assert page.index("Make it a plan") < page.index("Make it an entry")
    form = check_page(browser.get(f"/waiting-room/{key}/plan"))
    assert 'value="2026-12-02"' in form and "Thimphu, Gyalyong Tshogkhang" in form and "You are invited." in form
    told = {"kind": "capital_visit", "state_iso3": "BTN", "held_on": "2026-12-02", "objective": "Ask."}
    answer = browser.post(f"/api/v1/waiting-room/{key}/plan", json=told, headers=_token(browser))
    assert answer.status_code == 201 and answer.json["status"] == "planned", answer.text  # type: ignore[index]
    assert _state_of(key).phase == Phase.LOGGED


def test_a_mail_of_late_evening_is_proposed_for_the_day_that_its_reader_has(
    app: Flask, port: int, person: People, signed_in: Browsers
) -> None:
    officer = person("officer")
    message = written(officer.email)
    del message["Date"]
    message["Date"] = "Thu, 19 Nov 2026 21:46:00 +0000"
    deliver(port, message, address_for(officer.viewer))
    read_all()
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, officer.viewer.user_id).time_zone = "Asia/Kolkata"
    [row] = kept()
    browser = signed_in("officer")
    assert ", 03:16" in check_page(browser.get(f"/waiting-room/{row.id}"))
    assert 'value="2026-11-20"' in check_page(browser.get(f"/waiting-room/{row.id}/entry"))
    assert browser.get(f"/api/v1/waiting-room/{row.id}").json["proposed"]["held_on"] == "2026-11-20"  # type: ignore[index]


def test_nothing_in_a_mail_runs_or_loads(app: Flask, port: int, person: People, signed_in: Browsers) -> None:
    officer = person("officer")
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\n"
    deliver(
        port, written(f'"<b>x</b>" <{officer.email}>', evil, Subject="<i>y</i> {{ 7*7 }}"), address_for(officer.viewer)
    )
    read_all()
    key = kept()[0].id
    browser = signed_in("officer")
    for place in ("/waiting-room", f"/waiting-room/{key}", f"/waiting-room/{key}/entry"):
        page = check_page(browser.get(place))
        assert "<script>alert" not in page and "<img src=x" not in page and "<i>y" not in page and "y 49" not in page


def test_what_is_written_about_a_restricted_state_is_kept_unseen(
    app: Flask, person: People, signed_in: Browsers
) -> None:
    key = put(person("officer").viewer)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.add(RestrictedState(state_iso3="BTN"))
    browser = signed_in("officer")
    answer = browser.post(f"/api/v1/waiting-room/{key}/entry", json=TOLD, headers=_token(browser))
    assert answer.status_code == 201 and "kept for those" in answer.json["kept"], answer.text  # type: ignore[index]
    assert browser.get(f"/waiting-room/{key}").status_code == 404
    access.look_as(SYSTEM)
    assert len(db.session.scalars(select(Attachment)).all()) == 1 and _state_of(key).phase == Phase.LOGGED


def test_nothing_travels_further_than_the_party_unless_somebody_says_so(
    app: Flask, person: People, signed_in: Browsers
) -> None:
    key = put(person("officer").viewer, "BTN")
    page = signed_in("officer").get(f"/waiting-room/{key}/entry").text
    assert f'<option selected value="{Handling.ORIGINATOR}">' in page and "your own party alone" in page


def test_a_file_is_given_out_as_a_download(app: Flask, person: People, signed_in: Browsers) -> None:
    put(person("officer").viewer)
    part = db.session.scalars(select(WaitingFile.id)).one()
    browser = signed_in("officer")
    for place in (f"/waiting-room/files/{part}", f"/api/v1/waiting-room/files/{part}"):
        answer = browser.get(place)
        assert answer.data == b"Dusk" and answer.headers["Content-Disposition"].startswith("attachment")
    assert signed_in("coordinator").get(f"/waiting-room/files/{part}").status_code == 404


def test_the_room_costs_the_same_however_full_it_is(app: Flask, person: People, signed_in: Browsers) -> None:
    officer = person("officer").viewer
    put(officer)
    browser = signed_in("officer")
    browser.get("/waiting-room")
    with recorded() as few:
        check_page(browser.get("/waiting-room"))
    for number in range(8):
        put(officer, "BTN LAO", sender=str(number))
    with recorded() as many:
        check_page(browser.get("/waiting-room"))
    assert len(many) == len(few)


@pytest.mark.parametrize("who", ["officer", "secretariat"])
def test_the_address_is_made_shown_and_renewed(app: Flask, person: People, signed_in: Browsers, who: str) -> None:
    browser = signed_in(who)
    page = check_page(browser.get("/waiting-room"))
    assert "no address yet" in page
    browser.post("/waiting-room/address", data={"csrf_token": token_of(page)})
    first = browser.get("/api/v1/waiting-room/address").json["address"]  # type: ignore[index]
    assert first in check_page(browser.get("/waiting-room"))
    second = browser.post("/api/v1/waiting-room/address", json={}, headers=_token(browser)).json["address"]  # type: ignore[index]
    assert first != second and second in browser.get("/waiting-room").text


LONG = "They spoke at length. " * 2_000 + "The end of it."


@pytest.mark.parametrize("becomes", ["entry", "plan"])
def test_of_a_long_mail_nothing_is_lost_when_an_entry_is_made_of_it(
    app: Flask, person: People, signed_in: Browsers, becomes: str
) -> None:
    key = put(person("officer").viewer, "BTN", text=LONG)
    browser = signed_in("officer")
    for place in (f"/waiting-room/{key}", f"/waiting-room/{key}/{becomes}"):
        assert "The whole of it goes along as a file." in check_page(browser.get(place))
    told = {"kind": "capital_visit", "state_iso3": "BTN", "held_on": "2026-12-02", "objective": "Ask."}
    sent = TOLD if becomes == "entry" else told
    answer = browser.post(f"/api/v1/waiting-room/{key}/{becomes}", json=sent, headers=_token(browser))
    assert answer.status_code == 201, answer.text
    access.look_as(SYSTEM)
    files = {one.name: one.content.decode() for one in db.session.scalars(select(StoredFile))}
    assert sorted(files) == ["dusk.txt", "mail of 2026-11-23.txt"]
    assert files["mail of 2026-11-23.txt"].strip().endswith("The end of it.")


def test_of_a_short_mail_the_text_stands_in_the_entry_alone(app: Flask, person: People, signed_in: Browsers) -> None:
    key = put(person("officer").viewer, "BTN")
    browser = signed_in("officer")
    assert "goes along as a file" not in check_page(browser.get(f"/waiting-room/{key}/entry"))
    browser.post(f"/api/v1/waiting-room/{key}/entry", json=TOLD, headers=_token(browser))
    access.look_as(SYSTEM)
    assert [one.name for one in db.session.scalars(select(StoredFile))] == ["dusk.txt"]


def test_an_entry_without_room_for_a_mail_says_so_beside_the_choice(
    app: Flask, person: People, signed_in: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = person("officer").viewer
    entry, key = _entry(officer), put(officer, "BTN")
    monkeypatch.setattr(service, "MOST_WITH_ONE", 1)
    browser = signed_in("officer")
    answer = browser.post(
        f"/api/v1/waiting-room/{key}/keep-with", json={"activity_id": str(entry)}, headers=_token(browser)
    )
    assert answer.status_code == 422 and list(answer.json["errors"]) == ["activity_id"]  # type: ignore[index]
    assert "This one has 0, and with this mail come 2." in answer.text
    assert _state_of(key).phase == Phase.WAITING and _state_of(key).text == "Dusk"


@pytest.mark.parametrize(
    ("begins", "zone", "day"),
    [
        ("2026-12-02T20:00:00+00:00", "UTC", "2026-12-03"), ("2026-12-02T23:00:00+06:00", "Asia/Thimphu", "2026-12-02"),
        ("2026-12-02T23:00:00", "", "2026-12-02"), ("2026-12-02", "", "2026-12-02"),
    ],
)  # fmt: skip
def test_an_invitation_is_for_the_day_that_its_reader_has_unless_it_names_the_place(
    app: Flask, person: People, signed_in: Browsers, begins: str, zone: str, day: str
) -> None:
    said = {"title": "Call", "begins": begins, "ends": "", "zone": zone, "place": "", "cancelled": False,
            "organizer": None, "people": []}  # fmt: skip
    officer = person("officer").viewer
    key = put(officer, "BTN", invitation=said, proposed={"held_on": begins[:10]})
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, officer.user_id).time_zone = "Asia/Kolkata"
    browser = signed_in("officer")
    assert f'value="{day}"' in check_page(browser.get(f"/waiting-room/{key}/plan"))
    assert browser.get(f"/api/v1/waiting-room/{key}").json["proposed"]["held_on"] == day  # type: ignore[index]


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("Fri, 20 Nov 2026 21:46:00 +0000", "2026-11-21"), ("Friday, 20 November 2026 21:46", "2026-11-20"),
        ("Friday, November 20, 2026 9:46 PM", "2026-11-20"), ("vendredi 20 novembre 2026 21:46", "2026-11-20"),
    ],
)  # fmt: skip
def test_when_a_forwarded_mail_was_sent_is_read_as_its_reader_has_it(
    app: Flask, port: int, person: People, signed_in: Browsers, sent: str, day: str
) -> None:
    officer = person("officer")
    text = f"FYI\n\nFrom: Director <director@mfa.gov.bt>\nSent: {sent}\nSubject: x\n\nYes.\n"
    deliver(port, written(officer.email, text), address_for(officer.viewer))
    read_all()
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, officer.viewer.user_id).time_zone = "Asia/Kolkata"
    [row] = kept()
    proposed = signed_in("officer").get(f"/api/v1/waiting-room/{row.id}").json["proposed"]  # type: ignore[index]
    assert proposed["held_on"] == day
