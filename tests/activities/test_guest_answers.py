"""What somebody invited answered by telephone is written down: with who and when, and no older mail undoes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.appointments import service
from crm.activities.appointments.models import AppointmentGuest
from crm.activities.appointments.rules import Answer
from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from tests.activities.test_appointments import STRANGER, answers, invited
from tests.calendar.test_planned import planned
from tests.support.pages import check_page, token_of
from tests.support.people import Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


def noted(actor: Viewer, activity_id: UUID, answer: str, email: str = STRANGER) -> None:
    with looking_as(actor), unit_of_work():
        service.note_answer(actor=actor, activity_id=activity_id, email=email, answer=answer)


def guest() -> AppointmentGuest:
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(AppointmentGuest)).one()


def by_mail(party: Viewer, activity_id: UUID, answer: Answer, stamped_at: datetime, sequence: int = 0) -> bool:
    with looking_as(SYSTEM), unit_of_work():
        return service.take_answer(
            party_id=party.party_id, activity_id=activity_id, email=STRANGER, answer=answer,  # type: ignore[arg-type]
            sequence=sequence, stamped_at=stamped_at,
        )  # fmt: skip


def test_an_older_mail_does_not_undo_it_and_a_newer_one_does(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = planned(officer)
    invited(officer, key)
    noted(officer, key, "DECLINED", STRANGER.upper())
    assert (guest().answer, guest().noted_by) == ("DECLINED", officer.name)
    answered_at = guest().answered_at
    assert answered_at and clock.now() - answered_at < timedelta(minutes=5)
    assert not by_mail(officer, key, Answer.ACCEPTED, clock.now() - timedelta(hours=1))
    assert answers(key) == {STRANGER: "DECLINED"}
    assert by_mail(officer, key, Answer.TENTATIVE, clock.now() + timedelta(minutes=1))
    assert (guest().answer, guest().noted_by) == ("TENTATIVE", "")


def test_it_takes_the_place_of_an_answer_by_mail(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = planned(officer)
    invited(officer, key)
    assert by_mail(officer, key, Answer.ACCEPTED, clock.now() - timedelta(hours=1))
    noted(officer, key, "ACCEPTED")
    assert not by_mail(officer, key, Answer.TENTATIVE, clock.now() - timedelta(minutes=30)), "it was said again since"
    noted(officer, key, "DECLINED")
    assert not by_mail(officer, key, Answer.ACCEPTED, clock.now() - timedelta(minutes=30))
    assert answers(key) == {STRANGER: "DECLINED"}
    noted(officer, key, "NEEDS-ACTION")
    assert (guest().answered_at, guest().noted_by) == (None, "")


def test_whoever_is_asked_anew_has_not_answered(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = planned(officer)
    invited(officer, key)
    noted(officer, key, "ACCEPTED")
    invited(officer, key, at=time(16))
    assert (guest().answer, guest().noted_by) == ("NEEDS-ACTION", "")
    assert not by_mail(officer, key, Answer.ACCEPTED, clock.now() + timedelta(hours=1), sequence=0)


def test_what_cannot_be_noted(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = planned(officer)
    with pytest.raises(NotFound):
        noted(officer, key, "ACCEPTED")
    invited(officer, key)
    with pytest.raises(RuleViolation, match="one of the answers"):
        noted(officer, key, "PERHAPS")
    with pytest.raises(RuleViolation, match="under this address"):
        noted(officer, key, "ACCEPTED", "somebody@ministry.example")
    with pytest.raises((NotAllowed, NotFound)):
        noted(other, key, "ACCEPTED")
    with looking_as(officer), unit_of_work():
        service.call_off(actor=officer, activity_id=key)
    with pytest.raises(RuleViolation, match="called off"):
        noted(officer, key, "ACCEPTED")


def test_both_doors_and_the_audit(app: Flask, person: People, signed_in: Clients) -> None:
    officer, browser = person("officer").viewer, signed_in("officer")
    key = planned(officer)
    invited(officer, key)
    page = check_page(browser.get(f"/activities/{key}"))
    data = {"csrf_token": token_of(page), "email": STRANGER, "answer": "ACCEPTED"}
    assert browser.post(f"/activities/{key}/guest-answer", data=data).status_code == 303
    shown = check_page(browser.get(f"/activities/{key}"))
    assert f"noted by {officer.name}" in shown and "Comes" in shown
    header = {"X-CSRFToken": token_of(page)}
    path = f"/api/v1/activities/{key}/guest-answer"
    found = browser.post(path, json={"email": STRANGER, "answer": "DECLINED"}, headers=header).json["guests"][0]
    assert (found["answer"], found["noted_by"]) == ("DECLINED", officer.name) and found["answered_at"]
    assert browser.post(path, json={"email": STRANGER, "answer": "x"}, headers=header).status_code == 422
    with looking_as(SYSTEM):
        db.session.rollback()
        told = [one.details for one in db.session.scalars(select(AuditEntry)) if one.event == "appointment_answered"]
    assert [(one["answer"], one["by_hand"]) for one in told] == [("accepted", True), ("declined", True)]
