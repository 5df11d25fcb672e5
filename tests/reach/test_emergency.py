"""Emergency access: a reason, a limit, and everybody concerned is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import EmergencyAccess
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.mail.models import OutboxMail
from crm.reach import queries
from crm.reach.service import emergency, restricted
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import anew, logged, sees

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]
REASON = "The vote is this afternoon, and nobody answers the telephone."


def begin(actor: Viewer, iso3: str = "LAO") -> UUID:
    """Open what is kept about a State, committed."""
    with looking_as(actor), unit_of_work():
        return emergency.begin(actor=actor, state_iso3=iso3, reason=REASON).id


def test_it_opens_one_state_for_an_hour(app: Flask, person: People, steady_clock: time_machine.Traveller) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    kept = logged(officer, "LAO", handling=Handling.ORIGINATOR)
    other = logged(officer, "CAN", handling=Handling.ORIGINATOR)
    begin(coordinator)
    assert sees(anew(coordinator), kept) and not sees(anew(coordinator), other)
    assert not sees(anew(person("presidency").viewer), kept)
    steady_clock.shift(timedelta(hours=1, seconds=1))
    assert not sees(anew(coordinator), kept)


def test_it_ends_when_its_user_says_so_and_by_nobody_else(app: Flask, person: People) -> None:
    kept = logged(person("officer").viewer, "LAO", handling=Handling.ORIGINATOR)
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    key = begin(coordinator)
    with looking_as(presidency), pytest.raises(NotFound), unit_of_work():
        emergency.end(actor=presidency, emergency_id=key)
    with looking_as(coordinator), unit_of_work():
        emergency.end(actor=coordinator, emergency_id=key)
    assert not sees(anew(coordinator), kept)


def test_the_parties_concerned_are_told_and_nobody_else(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    logged(officer, "LAO", handling=Handling.ORIGINATOR)
    begin(person("coordinator").viewer)
    with looking_as(SYSTEM):
        (mail,) = db.session.scalars(select(OutboxMail)).all()
        assert mail.recipient == officer.email
        assert "LAO" not in mail.text and "Lao" not in mail.text and REASON not in mail.text
        assert "Coordinator (Japan)" in mail.text
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "emergency_begun")).one()
        assert entry.details["parties"] == 1
    for viewer, known in ((officer, 1), (other, 0), (person("administrator").viewer, 1)):
        with looking_as(viewer):
            db.session.rollback()
            assert len(queries.emergencies(viewer)) == known, viewer.name


def test_a_restricted_state_is_not_opened(app: Flask, person: People) -> None:
    presidency = person("presidency").viewer
    coordinator = person("coordinator").viewer
    kept = logged(person("officer").viewer, "LAO", handling=Handling.ORIGINATOR)
    begin(presidency)
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    assert not sees(anew(presidency), kept)
    with pytest.raises(RuleViolation):
        begin(anew(presidency))


def test_officers_cannot(app: Flask, person: People) -> None:
    with pytest.raises(NotAllowed):
        begin(person("officer").viewer)


def test_asking_twice_tells_once(app: Flask, person: People) -> None:
    logged(person("officer").viewer, "LAO", handling=Handling.ORIGINATOR)
    coordinator = person("coordinator").viewer
    assert begin(coordinator) == begin(coordinator)
    with looking_as(SYSTEM):
        assert len(db.session.scalars(select(OutboxMail)).all()) == 1


def test_its_page(app: Flask, person: People, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/emergencies")))
    short = {"csrf_token": token, "state_iso3": "LAO", "reason": "urgent", "hours": "1"}
    refused = browser.post("/emergencies", data=short)
    assert refused.status_code == 422 and "at least 20 characters" in refused.text
    assert browser.post("/emergencies", data={**short, "reason": REASON}).status_code == 303
    assert REASON in check_page(browser.get("/emergencies"))
    assert REASON not in check_page(signed_in("other_officer").get("/emergencies"))


def test_who_signed_in_a_while_ago_is_asked_again_and_keeps_their_reason(
    signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    browser = signed_in("coordinator")
    typed = {"csrf_token": token_of(check_page(browser.get("/emergencies"))), "state_iso3": "LAO", "hours": "1"}
    steady_clock.shift(timedelta(minutes=6))
    asked = check_page(browser.post("/emergencies", data={**typed, "reason": REASON}), 401)
    assert f'name="reason" value="{REASON}"' in asked
    with looking_as(SYSTEM):
        assert not db.session.scalar(select(EmergencyAccess.id))
