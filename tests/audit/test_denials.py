"""What was refused is counted, becomes an entry, fills no disk, and tells nobody anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from crm.activities import queries as activities
from crm.audit import denials
from crm.audit.models import AuditRefusal
from crm.audit.service import Event
from crm.core import clock
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotFound
from crm.core.heartbeat import Heartbeat
from crm.letters import service
from crm.letters.models import Letter
from crm.letters.progress import LanguageChoice
from crm.states.rules import Status
from tests.audit.entries import enter, entries_of, visit
from tests.letters.conftest import JUNE_2011
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.statements import recorded

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


def counts() -> int:
    with looking_as(SYSTEM):
        found = db.session.scalar(select(func.count()).select_from(AuditRefusal)) or 0
        db.session.rollback()
    return found


@pytest.fixture
def hidden(app: Flask, person: People) -> str:
    """A record that Norway keeps to itself."""
    return visit(person("other_officer").viewer, Handling.ORIGINATOR)


@pytest.mark.parametrize("door", ["/activities/", "/api/v1/activities/"])
def test_a_record_that_is_not_open(hidden: str, person: People, signed_in: Clients, door: str) -> None:
    browser = signed_in("coordinator")
    assert browser.get(door + hidden).status_code == 404
    assert entries_of(Event.DENIED) == [], "not in the request: it would take longer than for an absent one"
    assert enter() == 1
    (entry,) = entries_of(Event.DENIED)
    assert (entry.actor_name, entry.subject_kind, entry.subject_id) == ("Coordinator", "activity", hidden)
    assert entry.details == {
        "asked_for": f"GET {door}<uuid:activity_id>", "reason": "not_visible", "tries": 1, "state": "LAO",
    }  # fmt: skip
    assert (entry.handling, entry.originator_id) == ("originator", person("other_officer").viewer.party_id)
    assert enter() == 0


def test_who_learns_of_it(hidden: str, signed_in: Clients, app: Flask) -> None:
    """Its originator; not whoever was refused, who would learn that there is such a record."""
    browser = signed_in("coordinator")
    browser.get(f"/activities/{hidden}")
    enter()
    assert browser.get("/api/v1/audit?denied=y").get_json()["items"] == []
    assert hidden not in browser.get("/administration/audit").text


def test_s01_an_absent_record_takes_the_same_steps(hidden: str, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    browser.get("/activities")
    told = []
    for key in (hidden, str(uuid4()), hidden, str(uuid4())):
        with recorded() as seen:
            answer = browser.get(f"/activities/{key}")
        told.append((answer.status_code, answer.text.replace(key, ""), [one.sql for one in seen]))
    nonce_free = [(status, "".join(part for part in text.split('"') if len(part) != 22)) for status, text, _ in told]
    assert {status for status, _ in nonce_free} == {404}
    assert len({text for _, text in nonce_free}) == 1
    assert told[0][2] == told[1][2] == told[2][2] == told[3][2]


def test_a_function_that_is_not_open(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("observer")
    for _ in range(2):
        assert browser.get("/administration/audit").status_code == 403
    assert browser.post("/api/v1/followups", json={}).status_code == 403
    assert browser.post("/api/v1/account/sessions/end-others", json={}).status_code == 403
    assert enter() == 3
    told = {one.details["asked_for"]: one.details for one in entries_of(Event.DENIED)}
    assert told["GET /administration/audit"] == {
        "asked_for": "GET /administration/audit", "reason": "not_open", "tries": 2, "state": None,
    }  # fmt: skip
    assert told["POST /api/v1/account/sessions/end-others"]["reason"] == "not_ours"
    assert told["POST /api/v1/followups"]["reason"] == "not_open"
    keeper = signed_in("administrator")
    page = check_page(keeper.get("/administration/audit?denied=y"))
    assert "the function is not open to them" in page and "Observer" in page and "not_open" not in page


def test_s36_knocking_fills_no_disk(hidden: str, signed_in: Clients, steady_clock: time_machine.Traveller) -> None:
    browser = signed_in("coordinator")
    for _ in range(5):
        browser.get(f"/activities/{hidden}")
        browser.get(f"/activities/{uuid4()}")
        browser.get("/nothing/at/all")
        browser.get("/states/XYZ")
    assert counts() == 2, "one for the record, one for all that do not exist"
    assert enter() == 1 and enter() == 0
    browser.get(f"/activities/{hidden}")
    assert enter() == 0, "further tries wait until the hour is over"
    steady_clock.shift(timedelta(hours=1, minutes=1))
    assert enter() == 1
    assert [one.details["tries"] for one in entries_of(Event.DENIED)] == [5, 1]
    assert counts() == 0


def test_nobody_without_an_account_is_counted(app: Flask, hidden: str) -> None:
    browser = app.test_client()
    assert browser.get(f"/api/v1/activities/{hidden}").status_code == 401
    assert browser.post("/sign-out").status_code == 403
    assert counts() == 0


def test_what_was_begun_is_undone_before(
    app: Flask, hidden: str, signed_in: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a request wrote before it was refused is not committed along with the count."""

    def half_way(_activity_id: UUID) -> None:
        db.session.add(Heartbeat(name="half way", at=clock.now(), note=""))
        db.session.flush()
        raise NotFound("refused half way")

    monkeypatch.setattr(activities, "get_activity", half_way)
    assert signed_in("coordinator").get(f"/activities/{hidden}").status_code == 404
    assert counts() == 1
    with looking_as(SYSTEM):
        assert db.session.get(Heartbeat, "half way") is None


def test_a_record_that_one_sees_is_not_denied(app: Flask, person: People, signed_in: Clients) -> None:
    """Something else that its address names is missing."""
    presidency = person("presidency").viewer
    with unit_of_work():
        service.plan_campaign(
            actor=presidency, name="Shared", letter_date=JUNE_2011, statuses=[Status.NON_SIGNATORY],
            languages=LanguageChoice.ENGLISH, handling=Handling.COORDINATION,
        )  # fmt: skip
    with looking_as(SYSTEM):
        key = str(db.session.scalars(select(Letter.id)).first())
    db.session.remove()
    browser = signed_in("coordinator")
    assert browser.get(f"/letters/{key}").status_code == 200
    assert browser.get(f"/letters/{key}/en.pdf").status_code == 404
    assert counts() == 0


def test_the_answer_stays_the_same_when_it_cannot_be_counted(
    hidden: str, signed_in: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("disk full"))

    monkeypatch.setattr(denials, "_count", full)
    assert signed_in("coordinator").get(f"/activities/{hidden}").status_code == 404
    assert counts() == 0


def test_a_letter_is_as_hidden_as_its_campaign(app: Flask, person: People, signed_in: Clients) -> None:
    """Parts have no originator of their own: it is that of the whole."""
    presidency = person("presidency").viewer
    with unit_of_work():
        service.plan_campaign(
            actor=presidency, name="Kept", letter_date=JUNE_2011, statuses=[Status.NON_SIGNATORY],
            languages=LanguageChoice.ENGLISH, handling=Handling.ORIGINATOR,
        )  # fmt: skip
    with looking_as(SYSTEM):
        key = str(db.session.scalars(select(Letter.id)).first())
    db.session.remove()
    browser = signed_in("coordinator")
    assert browser.get(f"/letters/{key}").status_code == 404
    assert browser.get(f"/letters/{key}/en.pdf").status_code == 404
    assert enter() == 2
    assert {one.originator_id for one in entries_of(Event.DENIED)} == {presidency.party_id}
