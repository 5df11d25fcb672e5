"""A mail is for its own party alone, for those there who may log and who read of the States that it names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts import service as accounts
from crm.accounts.models import AccreditationKind, Mission, Party, RestrictedState, Role, User, UserRole
from crm.accounts.viewers import viewer_of
from crm.activities.course.service import correct_activity
from crm.activities.models import Attachment, AttachmentText
from crm.audit.models import AuditEntry
from crm.capture import service as capture
from crm.capture.models import CaptureAddress, WaitingFile, WaitingMail
from crm.capture.rules.course import Phase
from crm.core import access
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.files.models import StoredFile
from crm.reach.service import missions, restricted
from tests.capture.sending import address_for
from tests.support.people import PASSWORD, Person, browser_of
from tests.support.records import anew, logged

People = Callable[[str], Person]
TABLES = (WaitingMail, WaitingFile, CaptureAddress)


def put(owner: Viewer, states: str = "", **more: Any) -> UUID:
    """A mail that waits for somebody of a party, with a file."""
    values = {
        "mark": str(len(states)) + str(more),
        "size": 1,
        "phase": "waiting",
        "subject": "Twilight",
        "text": "Dusk",
    }
    with looking_as(SYSTEM), unit_of_work() as session:
        mail = WaitingMail(originator_id=owner.party_id, states=states, **{**values, **more})
        session.add(mail)
        session.flush()
        session.add(
            WaitingFile(
                mail_id=mail.id, place=0, name="dusk.txt", media_type="text/plain", size=4, sha256="0" * 64,
                content=b"Dusk",
            )
        )  # fmt: skip
        key = mail.id
    db.session.remove()
    access.look_as(access.SYSTEM)
    return key


def colleague(of: Viewer, role: Role, email: str = "colleague@example.org") -> str:
    """Somebody else of the same party, posted to a mission that is accredited to Lao PDR alone."""
    with looking_as(SYSTEM), unit_of_work() as session:
        first = session.get_one(User, of.user_id)
        mission = Mission(party_id=first.party_id, name="Embassy in Vientiane")
        session.add(mission)
        session.flush()
        session.add(
            User(
                email=email, name="Colleague", party_id=first.party_id, active=True, mission_id=mission.id,
                roles=[UserRole(name=role.value)],
            )
        )  # fmt: skip
        session.flush()
        missions.accredit(
            actor=SYSTEM, mission_id=mission.id, state_iso3="LAO", kind=AccreditationKind.RESIDENT,
            from_on=date(2020, 1, 1),
        )  # fmt: skip
    db.session.remove()
    access.look_as(access.SYSTEM)
    return email


def statuses(browser: FlaskClient, key: UUID) -> set[int]:
    """How the pages and the JSON door answer about a mail."""
    places = (f"/waiting-room/{key}", f"/waiting-room/{key}/entry", f"/api/v1/waiting-room/{key}")
    return {browser.get(one).status_code for one in places}


def counted(browser: FlaskClient) -> int:
    """How many mails the JSON door lists."""
    return len(browser.get("/api/v1/waiting-room").json["items"])  # type: ignore[index]


@pytest.mark.parametrize("who", ["coordinator", "presidency", "other_officer", "secretariat"])
def test_another_party_finds_nothing(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient], who: str
) -> None:
    key = put(person("officer").viewer)
    address_for(person("officer").viewer)
    browser = signed_in(who)
    assert statuses(browser, key) == {404} and counted(browser) == 0
    assert browser.get("/api/v1/waiting-room/address").json == {"address": None, "made_at": None}
    assert "Twilight" not in browser.get("/waiting-room").text
    other = person(who).viewer
    db.session.remove()
    with looking_as(other):
        for model in TABLES:
            assert db.session.query(model).count() == 0
    for action in ("throw-away", "take-back", "entry", "keep-with", "plan"):
        answer = browser.post(f"/api/v1/waiting-room/{key}/{action}", json={})
        assert answer.status_code in (403, 404)


@pytest.mark.parametrize("who", ["observer", "administrator"])
def test_who_may_not_log_comes_not_in(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient], who: str
) -> None:
    key = put(person(who).viewer)
    browser = signed_in(who)
    assert statuses(browser, key) == {403}
    assert browser.get("/waiting-room").status_code == 403
    assert "waiting-room" not in browser.get("/").text


@pytest.mark.parametrize(
    ("states", "seen"), [("", True), ("LAO", True), ("BTN LAO", True), ("BTN", False), ("BTN CAN", False)]
)
def test_a_mission_reads_of_its_own_states(app: Flask, person: People, states: str, seen: bool) -> None:
    officer = person("officer").viewer
    key = put(officer, states)
    browser = browser_of(app, colleague(officer, Role.MISSION_OFFICER))
    assert statuses(browser, key) == {200 if seen else 404} and counted(browser) == int(seen)
    whole = browser_of(app, person("officer").email)
    assert statuses(whole, key) == {200}


def test_what_one_brought_oneself_one_finds_again(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    email = colleague(officer, Role.MISSION_OFFICER)
    with looking_as(SYSTEM):
        me = db.session.query(User).filter(User.email == email).one().id
    db.session.rollback()
    key = put(officer, "BTN", brought_by_id=me, proven=True)
    assert statuses(browser_of(app, email), key) == {200}


def test_a_restricted_state_is_for_those_who_are_named_even_against_its_sender(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = put(officer, "BTN LAO", brought_by_id=officer.user_id, proven=True)
    other = put(officer, "LAO")
    with looking_as(SYSTEM), unit_of_work() as session:
        session.add(RestrictedState(state_iso3="BTN"))
    db.session.remove()
    access.look_as(access.SYSTEM)
    browser = browser_of(app, officer.email)
    assert statuses(browser, key) == {404} and statuses(browser, other) == {200} and counted(browser) == 1


@pytest.mark.parametrize("phase", [Phase.RECEIVED, Phase.ASIDE])
def test_before_it_is_read_nobody_sees_it(app: Flask, person: People, phase: Phase) -> None:
    officer = person("officer").viewer
    key = put(officer, phase=phase.value, raw=b"x")
    assert statuses(browser_of(app, officer.email), key) == {404}


def test_administrators_see_what_was_set_aside_and_nothing_of_it(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient]
) -> None:
    put(person("officer").viewer, phase=Phase.ASIDE.value, raw=b"Twilight", problem="Reading it failed (KeyError).")
    page = signed_in("administrator").get("/health").text
    assert "Reading it failed (KeyError)." in page and "Embassy of Japan" in page and "Twilight" not in page


def named(actor: Viewer, iso3: str) -> Viewer:
    """The same person, named for a State that they have just restricted."""
    with looking_as(actor), unit_of_work():
        restricted.restrict(actor=actor, state_iso3=iso3)
    return anew(actor)


def unnamed(of: Viewer) -> str:
    """A colleague who reads of every State that is not restricted."""
    with looking_as(SYSTEM), unit_of_work():
        party = db.session.get_one(Party, of.party_id)
        accounts.open_account(
            actor=SYSTEM, email="unnamed@example.org", name="Colleague", party=party, roles=[Role.COORDINATOR],
            password=PASSWORD,
        )  # fmt: skip
    return "unnamed@example.org"


SAID: dict[str, Any] = {"kind": "demarche", "held_on": date(2026, 11, 1), "person_name": "Ana", "reply": "Yes."}


def made_of(actor: Viewer, key: UUID, iso3: str, way: str) -> UUID:
    """An entry about one State that the mail has become, or is kept with."""
    entry = logged(actor, iso3) if way == "kept" else None
    with looking_as(actor), unit_of_work():
        if entry:
            return capture.add_to_entry(actor=actor, waiting_id=key, activity_id=entry).id
        told = SAID if way == "entry" else {one: SAID[one] for one in ("kind", "held_on")}
        verb = capture.make_entry if way == "entry" else capture.make_plan
        return verb(actor=actor, waiting_id=key, state_iso3=iso3, **told).id


@pytest.mark.parametrize("way", ["kept", "entry", "plan"])
def test_it_stays_about_every_state_that_it_was_about(app: Flask, person: People, way: str) -> None:
    coordinator = person("coordinator").viewer
    email, key = unnamed(coordinator), put(coordinator, "BTN CAN", subject="Canary of Bhutan")
    coordinator = named(coordinator, "BTN")
    made_of(coordinator, key, "LAO", way)
    with looking_as(coordinator):
        assert db.session.query(WaitingMail.states).scalar() == "BTN CAN LAO"
        told = db.session.query(AuditEntry.details).filter(AuditEntry.event == "waiting_mail_logged").scalar()
    assert told["state"] == "BTN CAN LAO"
    db.session.remove()
    access.look_as(access.SYSTEM)
    browser = browser_of(app, email)
    assert {browser.get(one).status_code for one in (f"/waiting-room/{key}", f"/api/v1/waiting-room/{key}")} == {404}
    assert "Canary" not in browser.get("/waiting-room").text
    assert "Canary" in browser_of(app, coordinator.email).get("/waiting-room").text


@pytest.mark.parametrize("way", ["kept", "entry", "plan"])
def test_it_follows_its_entry_when_that_is_set_right(app: Flask, person: People, way: str) -> None:
    coordinator = person("coordinator").viewer
    email, key = unnamed(coordinator), put(coordinator, "BTN", subject="Canary of Laos")
    entry = made_of(coordinator, key, "BTN", way)
    coordinator = named(coordinator, "LAO")
    browser = browser_of(app, email)
    assert browser.get(f"/api/v1/waiting-room/{key}").status_code == 200
    with looking_as(coordinator), unit_of_work():
        told = SAID if way != "plan" else {one: SAID[one] for one in ("kind", "held_on")}
        correct_activity(actor=coordinator, activity_id=entry, state_iso3="LAO", **told)
    db.session.remove()
    access.look_as(access.SYSTEM)
    assert browser.get(f"/api/v1/activities/{entry}").status_code == 404
    assert {browser.get(one).status_code for one in (f"/waiting-room/{key}", f"/api/v1/waiting-room/{key}")} == {404}
    assert "Canary" not in browser.get("/waiting-room").text
    assert "Canary" in browser_of(app, coordinator.email).get("/waiting-room").text


@pytest.mark.parametrize("way", ["kept", "entry", "plan"])
def test_what_was_kept_of_it_is_closed_with_its_states_where_the_entry_is_not(
    app: Flask, database: str, person: People, way: str
) -> None:
    """Its text with sender and subject, its files and their words: on pages, in JSON, in the search, in the audit."""
    coordinator = person("coordinator").viewer
    email, key = unnamed(coordinator), put(coordinator, "BTN", subject="Canary of Bhutan", sender="canary@example.org")
    coordinator = named(coordinator, "BTN")
    entry = made_of(coordinator, key, "LAO", way)
    with looking_as(SYSTEM):
        files = [(str(one.id), one.states) for one in db.session.query(Attachment)]
        with unit_of_work():
            for one in db.session.query(AttachmentText):
                one.text, one.state = "Canary in the words", "read"
        stored = [one.sha256 for one in db.session.query(StoredFile)]
    assert len(files) == (2 if way == "kept" else 1) and {states for _, states in files} == {"BTN"}
    db.session.remove()
    access.look_as(access.SYSTEM)
    other, own = browser_of(app, email), browser_of(app, coordinator.email)
    places = [place for one, _ in files for place in (f"/attachments/{one}", f"/api/v1/attachments/{one}/content")]
    listed = f"/api/v1/activities/{entry}/attachments"
    assert {other.get(one).status_code for one in places} == {404} and other.get(listed).json == {"items": []}
    assert {own.get(one).status_code for one in places} == {200} and len(own.get(listed).json["items"]) == len(files)  # type: ignore[index]
    assert other.get(f"/activities/{entry}").status_code == 200
    doors = (
        "/search?q=canary",
        "/api/v1/search?q=canary",
        "/administration/audit",
        "/api/v1/audit",
        f"/activities/{entry}",
    )
    for browser, seen in ((other, False), (own, True)):
        said = "".join(browser.get(one).text for one in doors)
        assert ("in the words" in said) is seen and any(one in said for one in stored) is seen
        assert any(one in said for one, _ in files) is seen
    if database == "postgresql":
        with looking_as(anew(_of(email))):
            assert db.session.scalars(sa.select(Attachment.__table__.c.id)).all() == []


def _of(email: str) -> Viewer:
    with looking_as(SYSTEM):
        return viewer_of(db.session.query(User).filter(User.email == email).one())
