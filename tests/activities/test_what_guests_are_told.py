"""Whoever is not to know more is told no more: of what is off, and from where it comes; and what mails may carry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.appointments import words
from crm.activities.course import service as course
from crm.activities.models import Activity
from crm.activities.rules import Status
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.core.text import holds_address
from crm.core.visibility import Attribution
from crm.mail.models import OutboxMail
from crm.reach.service import restricted
from tests.activities.test_appointments import STRANGER, as_installed, event_in, going_out, invited
from tests.calendar.test_planned import planned
from tests.followups.opening import close_account, colleague_of
from tests.support.people import Person
from tests.support.records import anew

People = Callable[[str], Person]
STAYS = "other@ministry.example"


def moved(actor: Viewer, key: object, by: date) -> None:
    with looking_as(actor), unit_of_work():
        course.direct_anew(actor=actor, activity_id=key, by=by)


def restrict(actor: Viewer) -> Viewer:
    with looking_as(actor), unit_of_work():
        restricted.restrict(actor=actor, state_iso3="BTN")
    return anew(actor)


def told(address: str) -> tuple[str, str]:
    """What a mail asks of a calendar, and everything in it."""
    mail = going_out()[address]
    method, event = event_in(mail)
    return method, str(mail["subject"]) + mail.get_body(("plain",)).get_content() + event.to_ical().decode()


@pytest.mark.parametrize("when", ["in one", "before it", "without a mail between"])
def test_s08_whoever_is_left_out_reads_nothing_of_what_changed(app: Flask, person: People, when: str) -> None:
    officer = person("officer").viewer
    key = planned(officer)
    invited(officer, key, others=[STRANGER, STAYS], place="Hotel lobby")
    assert "14:30" in told(STRANGER)[1] and "Hotel lobby" in told(STRANGER)[1]
    if when != "in one":
        invited(officer, key, others=[STAYS], place="Hotel lobby")
    if when == "before it":
        assert told(STRANGER)[0] == "CANCEL"
    invited(officer, key, others=[STAYS], place="Residence, back door", at=time(22, 15))
    moved(officer, key, date(2026, 12, 20))
    method, text = told(STRANGER)
    assert method == "CANCEL" and "3 December 2026, 14:30 (Asia/Thimphu)" in text and "20261203T143000" in text
    for word in ("Residence", "Hotel", "LOCATION", "22:15", "T2215", "20 December", officer.name):
        assert word not in text
    assert "Residence" in told(STAYS)[1]


def test_s08_whoever_was_told_nothing_gets_no_word_that_it_is_off(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = planned(officer)
    invited(officer, key, others=[STRANGER, STAYS])
    invited(officer, key, others=[STAYS])
    assert going_out().keys() == {STAYS}
    invited(officer, key, others=[STRANGER])
    assert event_in(going_out()[STRANGER])[0] == "REQUEST"


def test_s08_whoever_may_not_see_it_any_more_learns_no_new_day(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency")
    key = planned(coordinator, state_iso3="LAO")
    invited(coordinator, key, people=[other.viewer.user_id], place="Hotel lobby")
    assert other.email in going_out()
    with looking_as(SYSTEM), unit_of_work():
        db.session.get_one(Activity, key).handling = Handling.ORIGINATOR.value
    moved(coordinator, key, date(2026, 12, 20))
    assert other.email not in going_out()
    invited(coordinator, key, people=[], place="Another house", at=time(9))
    method, text = told(other.email)
    assert method == "CANCEL" and "3 December 2026, 14:30" in text
    for word in ("20 December", "house", "lobby", "09:00", coordinator.name):
        assert word not in text


def test_s08_a_closed_account_learns_no_more_than_that_it_is_off(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Near Colleague")
    key = planned(officer)
    invited(officer, key, people=[colleague.user_id], place="Hotel")
    assert len(going_out()) == 2
    close_account(colleague)
    invited(officer, key, people=[], place="Another house", at=time(6))
    method, text = told("near@example.org")
    assert method == "CANCEL" and "14:30" in text and "06:00" not in text and "house" not in text


def test_s08_nobody_outside_hears_of_a_state_that_is_restricted_since(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    told_already, waiting = planned(coordinator), planned(coordinator)
    invited(coordinator, told_already, place="Hotel lobby")
    assert event_in(going_out()[STRANGER])[0] == "REQUEST"
    invited(coordinator, waiting, others=[STAYS], place="Hotel lobby")
    coordinator = restrict(coordinator)
    mails = going_out()
    assert mails.keys() == {STRANGER} and "lobby" not in told(STRANGER)[1]
    assert told(STRANGER)[0] == "CANCEL" and "3 December 2026, 14:30" in told(STRANGER)[1]
    moved(coordinator, told_already, date(2026, 12, 20))
    moved(coordinator, waiting, date(2026, 12, 20))
    assert going_out().keys() == {STRANGER} and "20 December" not in told(STRANGER)[1]


def test_s08_an_invitation_that_waits_is_judged_when_it_goes_out(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    key = planned(coordinator, state_iso3="LAO")
    invited(coordinator, key)
    restrict(coordinator)
    with looking_as(SYSTEM), unit_of_work():
        db.session.get_one(Activity, key).states[0].state_iso3 = "BTN"
    with looking_as(SYSTEM):
        (mail,) = db.session.scalars(select(OutboxMail.id).where(OutboxMail.purpose == words.PURPOSE))
        assert words.objection(mail) == words.KEPT_INSIDE


def test_s08_a_correction_that_adds_a_restricted_state_keeps_it_inside(app: Flask, person: People) -> None:
    coordinator = restrict(person("coordinator").viewer)
    key = planned(coordinator, state_iso3="LAO", kind="regional_workshop")
    invited(coordinator, key)
    assert told(STRANGER)[0] == "REQUEST"
    with looking_as(coordinator), unit_of_work():
        course.correct_activity(
            actor=coordinator, activity_id=key, state_iso3="LAO", kind="regional_workshop",
            held_on=date(2026, 12, 3), further_states=("BTN",),
        )  # fmt: skip
    assert told(STRANGER)[0] == "CANCEL"


@pytest.mark.parametrize(
    ("attribution", "reads"),
    [(Attribution.FULL, "name"), (Attribution.STATE_NOT_PERSON, "party"), (Attribution.NONE, "")],
)
def test_s03_an_invitation_tells_no_more_of_where_it_comes_from(
    app: Flask, person: People, attribution: Attribution, reads: str
) -> None:
    officer, other = person("officer").viewer, person("presidency")
    colleague = colleague_of(officer, "Near Colleague")
    key = planned(officer, state_iso3="LAO", handling=Handling.COORDINATION, attribution=attribution)
    invited(officer, key, people=[other.viewer.user_id, colleague.user_id], others=[])
    names = {"name": officer.name, "party": officer.party_name}
    text = told(other.email)[1]
    for what, name in names.items():
        assert (name in text) is (what == reads)
    assert officer.name in told("near@example.org")[1]


def test_s07_what_is_read_only_where_it_is_written_down_stays_neutral(app: Flask, person: People) -> None:
    as_installed(app, "full")
    officer, other = person("officer").viewer, person("presidency")
    colleague = colleague_of(officer, "Near Colleague")
    key = planned(officer, state_iso3="LAO", handling=Handling.COORDINATION, attribution=Attribution.FULL)
    invited(officer, key, people=[other.viewer.user_id, colleague.user_id], others=[])
    assert "Appointment" in told(other.email)[1] and "Lao" not in told(other.email)[1]
    assert "Lao" in told("near@example.org")[1]


def test_s03_the_audit_of_invitations_is_for_its_own_party(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    key = planned(officer, handling=Handling.STATES)
    invited(officer, key)
    with looking_as(officer), unit_of_work():
        words_of_it = select(AuditEntry.event).where(AuditEntry.event.startswith("appointment_"))
        assert len(db.session.scalars(words_of_it).all()) == 1
    with looking_as(coordinator):
        assert db.session.scalars(words_of_it).all() == []


@pytest.mark.parametrize(
    "place",
    ["Locked: sign in at https://evil.example/9", "www.evil.example", "See evil.example now", "mail evil@x.example",
     "evil\u3002example", "evil\uff0eexample", "ev\u200bil.exam\u200bple", "HTTP: //evil", "192.0.2.7"],
)  # fmt: skip
def test_s35_a_place_for_people_outside_leads_nowhere(app: Flask, person: People, place: str) -> None:
    officer = person("officer").viewer
    with pytest.raises(RuleViolation) as refused:
        invited(officer, planned(officer), place=place)
    assert list(refused.value.errors) == ["place"]
    colleague = colleague_of(officer, "Near Colleague")
    invited(officer, planned(officer), place=place, people=[colleague.user_id], others=[])


@pytest.mark.parametrize(
    "place", ["Hotel lobby, 3rd floor, No. 5", "St. James’s Palace", "2 p.m. sharp, gate B.", "酒店。大堂"]
)
def test_a_place_may_have_full_stops(place: str) -> None:
    assert not holds_address(place)


def test_s36_mails_to_people_outside_have_a_measure(app: Flask, person: People) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], invitations_a_day=3)
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Near Colleague")
    key = planned(officer)
    invited(officer, key, others=[STRANGER, STAYS])
    with pytest.raises(RuleViolation, match="Up to 3"):
        invited(officer, key, others=[STRANGER, STAYS], at=time(16))
    with pytest.raises(RuleViolation, match="Up to 3"):
        moved(officer, key, date(2026, 12, 20))
    invited(officer, planned(officer), people=[colleague.user_id], others=[])
    invited(colleague, planned(colleague))
    with looking_as(officer), unit_of_work():
        course.take_step(actor=officer, activity_id=key, status=Status.CANCELLED, note="No visa.")


def test_s09_whom_a_party_invites_is_told_to_no_keeper_of_the_outbox(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient]
) -> None:
    officer = person("officer").viewer
    key = planned(officer)
    invited(officer, key, others=[STRANGER, STAYS])
    assert len(going_out()) == 2
    invited(officer, key, others=[STAYS])
    browser = signed_in("administrator")
    for place in ("/administration/outbox", "/api/v1/outbox", "/administration/outbox/export.csv"):
        answer = browser.get(place)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200 and "ministry.example" not in text and "somebody outside" in text
    assert browser.get("/api/v1/outbox?q=ministry").json["items"] == []
    shown = browser.get("/api/v1/outbox").json["items"]
    assert "ministry" not in browser.get(f"/administration/outbox/{shown[0]['id']}").get_data(as_text=True)
