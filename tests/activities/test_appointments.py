"""People are invited to what is to come: what goes out, to whom, what changes it, and what they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import vobject
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from crm.activities.appointments import service, words
from crm.activities.appointments.models import AppointmentGuest
from crm.activities.appointments.rules import Answer, Detail, Told, is_newer, title
from crm.activities.course import service as course
from crm.activities.rules import Status
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation, Stale
from crm.mail import service as outbox
from crm.mail.message import compose
from crm.mail.models import OutboxMail
from crm.reach.service import restricted
from tests.calendar.test_planned import planned
from tests.followups.opening import close_account, colleague_of
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import anew

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
STRANGER = "desk@ministry.example"


def invited(actor: Viewer, activity_id: UUID, **changes: Any) -> None:
    """People invited to an activity, committed."""
    given: dict[str, Any] = {"at": time(14, 30), "minutes": 60, "zone": "Asia/Thimphu", "others": [STRANGER]}
    with looking_as(actor), unit_of_work():
        service.invite(actor=actor, activity_id=activity_id, **{**given, **changes})


def going_out() -> dict[str, EmailMessage]:
    """What goes out now, by address; as by the claim, it is kept that it did."""
    found = {}
    db.session.rollback()
    with looking_as(SYSTEM), unit_of_work():
        for mail in db.session.scalars(select(OutboxMail).order_by(OutboxMail.posted_at)):
            if mail.purpose == words.PURPOSE and words.objection(mail.id) is None:
                raw = compose(mail, "Demarche <demarche@example.org>", words.written(mail.id))
                found[mail.recipient] = message_from_bytes(raw, policy=default)
    return found  # type: ignore[return-value]


def event_in(mail: EmailMessage) -> tuple[str, Any]:
    """What a mail asks of a calendar, and its event."""
    (part,) = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    assert part.get_param("method") == str(calendar["method"])
    (event,) = calendar.walk("VEVENT")
    return str(calendar["method"]), event


def answers(activity_id: UUID) -> dict[str, str]:
    with looking_as(SYSTEM):
        db.session.rollback()
        found = service.appointment_of(activity_id)
        return {one.email: one.answer for one in found.guests}


def as_installed(app: Flask, detail: str) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], reminder_detail=detail)


def test_what_goes_out(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Near Colleague")
    key = planned(officer)
    invited(officer, key, people=[colleague.user_id], place="Hotel lobby")
    mails = going_out()
    assert mails.keys() == {STRANGER, "near@example.org"}
    mail = mails[STRANGER]
    assert mail.get_content_type() == "multipart/alternative"
    assert [one.get_content_type() for one in mail.iter_parts()] == ["text/plain", "text/calendar"]
    method, event = event_in(mail)
    assert (method, int(event["sequence"]), str(event["uid"]).partition("@")[0]) == ("REQUEST", 0, str(key))
    assert event.decoded("dtstart") == datetime(2026, 12, 3, 8, 30, tzinfo=UTC)
    assert event["dtstart"].params["TZID"] == "Asia/Thimphu"
    assert str(event["organizer"]).startswith("mailto:") and event["organizer"].params["CN"] == officer.name
    assert str(event["attendee"]) == f"mailto:{STRANGER}" and event["attendee"].params["RSVP"] == "TRUE"
    assert str(event["location"]) == "Hotel lobby" and str(event["summary"]) == "Appointment"
    whole = str(mail) + str(event.to_ical())
    for word in ("Bhutan", "visit", "near@", "Near Colleague", "activities/"):
        assert word not in whole


def test_another_parser_reads_it(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    invited(officer, planned(officer), zone="Pacific/Chatham")
    (mail,) = going_out().values()
    (part,) = [one for one in mail.walk() if one.get_content_type() == "text/calendar"]
    vars(vobject.icalendar)["__tzidMap"].clear()
    event = vobject.readOne(part.get_payload(decode=True).decode()).vevent
    assert event.dtstart.value.astimezone(UTC) == datetime(2026, 12, 3, 0, 45, tzinfo=UTC)
    assert event.attendee.params["PARTSTAT"] == ["NEEDS-ACTION"]


@pytest.mark.parametrize(
    ("detail", "says"),
    [("neutral", "Appointment"), ("no_state", "Mission visit"), ("full", "(Bhutan)")],
)
def test_how_much_it_says_to_whoever_may_see_it(app: Flask, person: People, detail: str, says: str) -> None:
    as_installed(app, detail)
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Near Colleague")
    invited(officer, planned(officer), people=[colleague.user_id])
    mails = going_out()
    assert says in str(event_in(mails["near@example.org"])[1]["summary"])
    assert str(event_in(mails[STRANGER])[1]["summary"]) == "Appointment"
    kept = planned(officer, handling=Handling.ORIGINATOR)
    invited(officer, kept, people=[colleague.user_id], others=[])
    assert str(event_in(going_out()["near@example.org"])[1]["summary"]) == "Appointment"


def test_a_change_is_told_under_a_higher_number_and_asks_again(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = planned(officer)
    invited(officer, key)
    with looking_as(SYSTEM), unit_of_work():
        db.session.scalars(select(AppointmentGuest)).one().answer = "ACCEPTED"
    invited(officer, key)
    assert answers(key) == {STRANGER: "ACCEPTED"}
    assert int(event_in(going_out()[STRANGER])[1]["sequence"]) == 0
    invited(officer, key, at=time(16))
    assert answers(key) == {STRANGER: "NEEDS-ACTION"}
    assert int(event_in(going_out()[STRANGER])[1]["sequence"]) == 1
    with looking_as(officer), unit_of_work():
        course.direct_anew(actor=officer, activity_id=key, by=date(2026, 12, 10))
    method, event = event_in(going_out()[STRANGER])
    assert (method, int(event["sequence"])) == ("REQUEST", 2)
    assert event.decoded("dtstart") == datetime(2026, 12, 10, 10, tzinfo=UTC)
    with looking_as(SYSTEM):
        mails = db.session.scalars(select(OutboxMail.id).where(OutboxMail.purpose == words.PURPOSE)).all()
        assert [words.objection(one) for one in mails].count(words.OVERTAKEN) == 2


def test_cancelled_is_called_off(app: Flask, person: People) -> None:
    as_installed(app, "full")
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Near Colleague")
    key = planned(officer)
    invited(officer, key, people=[colleague.user_id])
    assert len(going_out()) == 2
    with looking_as(officer), unit_of_work():
        course.take_step(actor=officer, activity_id=key, status=Status.CANCELLED, note="No visa.")
    mails = going_out()
    assert len(mails) == 2
    for mail in mails.values():
        method, event = event_in(mail)
        assert (method, int(event["sequence"]), str(event["status"])) == ("CANCEL", 1, "CANCELLED")
        assert "Bhutan" not in str(mail) and "visa" not in str(mail)


def test_whoever_is_left_out_is_told_alone(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = planned(officer)
    invited(officer, key, others=[STRANGER, "other@ministry.example"])
    assert len(going_out()) == 2
    invited(officer, key, others=["other@ministry.example"])
    found = {address: event_in(mail)[0] for address, mail in going_out().items()}
    assert found == {STRANGER: "CANCEL", "other@ministry.example": "REQUEST"}
    invited(officer, key, others=[STRANGER])
    assert event_in(going_out()[STRANGER])[0] == "REQUEST"


def test_s08_rights_are_looked_at_when_it_goes_out(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Near Colleague")
    key = planned(officer)
    invited(officer, key, people=[colleague.user_id], others=[])
    assert going_out().keys() == {"near@example.org"}
    close_account(colleague)
    assert going_out() == {}
    close_account(colleague, closed=False)
    with looking_as(person("coordinator").viewer), unit_of_work():
        restricted.restrict(actor=person("coordinator").viewer, state_iso3="BTN")
    assert going_out() == {}


def test_s07_who_may_not_see_it_is_not_invited(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    key = planned(officer, handling=Handling.ORIGINATOR)
    with pytest.raises(RuleViolation, match="may not see this"):
        invited(officer, key, people=[person("presidency").viewer.user_id])
    about = planned(coordinator)
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="BTN")
    with pytest.raises(RuleViolation, match="restricted"):
        invited(anew(coordinator), about)


def test_only_its_own_party_invites_to_what_is_to_come(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    key = planned(officer, handling=Handling.STATES)
    with pytest.raises(NotAllowed):
        invited(coordinator, key)
    hidden = planned(officer, handling=Handling.ORIGINATOR)
    with pytest.raises(NotFound):
        invited(coordinator, hidden)
    with pytest.raises(Stale):
        invited(officer, key, version=7)
    invited(officer, key, version=0)
    with looking_as(coordinator):
        assert service.appointment_of(key) is None
        assert db.session.scalars(select(AppointmentGuest)).all() == []
    with looking_as(officer), unit_of_work():
        course.take_step(actor=officer, activity_id=key, status=Status.CANCELLED, note="No visa.")
    with pytest.raises(RuleViolation, match="still to come"):
        invited(officer, key)


@pytest.mark.parametrize("wrong", ["nobody", "a@b\r\nBcc: c@d.example", "x" * 300 + "@example.org"])
def test_s35_an_address_that_is_none_is_refused(app: Flask, person: People, wrong: str) -> None:
    officer = person("officer").viewer
    with pytest.raises(RuleViolation) as refused:
        invited(officer, planned(officer), others=[wrong])
    assert list(refused.value.errors) == ["others"]


def test_s35_what_is_typed_starts_no_line_of_its_own(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    invited(officer, planned(officer), place="Lobby\r\nATTENDEE:evil")
    (mail,) = going_out().values()
    assert str(event_in(mail)[1]["attendee"]) == f"mailto:{STRANGER}"


def test_the_audit_knows(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = planned(officer)
    invited(officer, key)
    with looking_as(officer), unit_of_work():
        service.call_off(actor=officer, activity_id=key)
        service.call_off(actor=officer, activity_id=key)
    with looking_as(SYSTEM):
        events = [one.event for one in db.session.scalars(select(AuditEntry).where(AuditEntry.subject_id == str(key)))]
        assert events.count("appointment_arranged") == events.count("appointment_called_off") == 1
        assert STRANGER not in str([one.details for one in db.session.scalars(select(AuditEntry))])


def test_both_doors(app: Flask, person: People, signed_in: Clients) -> None:
    officer, browser = person("officer").viewer, signed_in("officer")
    key = planned(officer)
    shown = check_page(browser.get(f"/activities/{key}"))
    assert f"/activities/{key}/invite" in shown
    page = check_page(browser.get(f"/activities/{key}/invite"))
    data = {"csrf_token": token_of(page), "at": "14:30", "minutes": "45", "zone": "Asia/Tokyo", "others": STRANGER}
    assert browser.post(f"/activities/{key}/invite", data=data).status_code == 303
    shown = check_page(browser.get(f"/activities/{key}"))
    assert STRANGER in shown and "No answer yet" in shown and "14:30 (Asia/Tokyo)" in shown
    assert STRANGER in check_page(browser.get(f"/activities/{key}/invite"))
    assert browser.post(f"/activities/{key}/invite", data={**data, "others": "no address"}).status_code == 422
    header = {"X-CSRFToken": token_of(page)}
    path = f"/api/v1/activities/{key}/appointment"
    found = browser.get(path).json
    assert (found["at"], found["minutes"], found["guests"][0]["answer"]) == ("14:30", 45, "NEEDS-ACTION")
    sent = {"minutes": 30, "zone": "UTC", "others": [STRANGER], "version": found["version"]}
    assert browser.put(path, json=sent, headers=header).json["at"] is None
    assert browser.put(path, json=sent, headers=header).status_code == 409
    assert browser.post(f"/api/v1/activities/{key}/call-off", json={}, headers=header).json["off"] is True
    assert "Called off" in check_page(browser.get(f"/activities/{key}"))
    assert signed_in("coordinator").get(path).status_code in (403, 404)


def test_a_second_copy_has_the_same_bytes(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    invited(officer, planned(officer))
    assert str(going_out()[STRANGER]) == str(going_out()[STRANGER])
    with looking_as(SYSTEM):
        (key,) = db.session.scalars(select(OutboxMail.id).where(OutboxMail.purpose == words.PURPOSE))
        assert not outbox.withdrawn_among([key])


def test_what_an_invitation_is_called() -> None:
    called = partial(title, Detail.FULL, Handling.STATES, "Visit", "Bhutan", kept=False, has_account=True)
    assert called() == "Visit (Bhutan)"
    assert called(has_account=False) == called(kept=True) == "Appointment"
    assert title(Detail.NO_STATE, Handling.STATES, "Visit", "Bhutan", kept=False, has_account=True) == "Visit"


def test_an_answer_that_was_overtaken_does_not_count() -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    assert is_newer(at, None, sequence=2, present=2)
    assert not is_newer(at, None, sequence=1, present=2)
    assert not is_newer(at, at, sequence=2, present=2)
    assert is_newer(at, at - timedelta(seconds=1), sequence=2, present=2)


@pytest.mark.parametrize(
    ("zone", "on", "at", "begins"),
    [
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), datetime(2026, 10, 3, 15, 45, tzinfo=UTC)),
        ("Europe/Oslo", date(2026, 10, 25), time(2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("Pacific/Apia", date(2026, 12, 3), time(9), datetime(2026, 12, 2, 20, tzinfo=UTC)),
    ],
)
def test_when_it_begins(zone: str, on: date, at: time, begins: datetime) -> None:
    told = Told(on, at, 60, zone, "")
    assert (told.begins, told.ends) == (begins, begins + timedelta(hours=1))


def test_the_words_of_an_answer() -> None:
    assert {one.value for one in Answer} == {"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE"}
