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

from crm.accounts import service as accounts
from crm.accounts.models import EmergencyAccess, Party, Role, User, UserRole
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.mail.models import OutboxMail
from crm.reach import queries
from crm.reach.service import emergency, restricted
from tests.followups.opening import close_account, colleague_of
from tests.support.pages import check_page, token_of
from tests.support.people import PASSWORD, Person
from tests.support.racing import at_once, slowly
from tests.support.records import anew, logged, sees

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]
REASON = "The vote is this afternoon, and nobody answers the telephone."


def begin(actor: Viewer, iso3: str = "LAO", hours: int = 1) -> UUID:
    """Open what is kept about a State, committed."""
    with looking_as(actor), unit_of_work():
        return emergency.begin(actor=actor, state_iso3=iso3, reason=REASON, hours=hours).id


def _join(colleague: Viewer, name: str, role: Role) -> None:
    """Somebody more in the party of a colleague."""
    with looking_as(SYSTEM), unit_of_work() as session:
        accounts.open_account(
            actor=SYSTEM, email=f"{name.split()[0].lower()}@example.org", name=name, roles=[role], password=PASSWORD,
            party=session.get_one(Party, colleague.party_id),
        )  # fmt: skip


def _mails() -> list[str]:
    """To whom mails were written."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return list(db.session.scalars(select(OutboxMail.recipient)))


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
    coordinator = person("coordinator").viewer
    key = begin(coordinator)
    for other in (person("presidency").viewer, person("administrator").viewer):
        with looking_as(other), pytest.raises(NotFound), unit_of_work():
            emergency.end(actor=other, emergency_id=key)
    assert sees(anew(coordinator), kept)
    with looking_as(coordinator), unit_of_work():
        emergency.end(actor=coordinator, emergency_id=key)
    assert not sees(anew(coordinator), kept)


def test_the_parties_concerned_are_told_and_nobody_else(app: Flask, person: People) -> None:
    officer, other, coordinator = (person(one).viewer for one in ("officer", "other_officer", "coordinator"))
    logged(officer, "LAO", handling=Handling.ORIGINATOR)
    logged(coordinator, "LAO", handling=Handling.ORIGINATOR)
    close_account(colleague_of(officer, "Gone Colleague"))
    _join(officer, "Keeper Ofkeys", Role.ADMINISTRATOR)
    _join(coordinator, "Near Colleague", Role.COORDINATOR)
    begin(coordinator)
    with looking_as(SYSTEM):
        (mail,) = db.session.scalars(select(OutboxMail)).all()
        assert mail.recipient == officer.email
        assert "LAO" not in mail.text and "Lao" not in mail.text and REASON not in mail.text
        assert "Coordinator (Japan)" in mail.text
    for viewer, known in ((officer, 1), (other, 0), (person("administrator").viewer, 0)):
        with looking_as(viewer):
            db.session.rollback()
            assert len(queries.emergencies(viewer)) == known, viewer.name


def test_each_party_has_it_in_its_own_audit(app: Flask, person: People, signed_in: Clients) -> None:
    """What was opened, until when and by whom; how many others were told is for the party that opened it."""
    logged(person("coordinator").viewer, "LAO", handling=Handling.ORIGINATOR)
    presidency = person("presidency").viewer
    key = begin(presidency)
    with looking_as(presidency), unit_of_work():
        emergency.end(actor=presidency, emergency_id=key)
    db.session.remove()
    for role, told in (("coordinator", None), ("presidency", 1)):
        found = {
            event: signed_in(role).get(f"/api/v1/audit?event={event}").json["items"]
            for event in ("emergency_begun", "emergency_ended")
        }
        assert [[one["actor"] for one in lines] for lines in found.values()] == [["Presidency"], ["Presidency"]], role
        (begun,) = found["emergency_begun"]
        assert (begun["facts"]["state"], begun["facts"]["parties"]) == ("LAO", told) and begun["facts"]["until"]
        page = check_page(signed_in(role).get("/administration/audit?event=emergency_begun"))
        assert ("parties told" in page) is (told is not None)
    assert signed_in("administrator").get("/api/v1/audit?event=emergency_begun").json["items"] == []


def test_a_party_whose_records_were_not_opened_has_nothing_in_its_audit(app: Flask, person: People) -> None:
    logged(person("other_officer").viewer, "LAO", handling=Handling.ORIGINATOR)
    begin(person("presidency").viewer)
    wanted = select(AuditEntry.originator_id).where(AuditEntry.event == "emergency_begun")
    with looking_as(SYSTEM):
        db.session.rollback()
        told = set(db.session.scalars(wanted))
    assert told == {person("presidency").viewer.party_id, person("other_officer").viewer.party_id}


def _colleague(colleague: Viewer, name: str, role: Role, *, administers: bool = False) -> str:
    """The address of somebody more in the party of a colleague."""
    _join(colleague, name, role)
    email = f"{name.split()[0].lower()}@example.org"
    if administers:
        with looking_as(SYSTEM), unit_of_work() as session:
            session.scalars(select(User).where(User.email == email)).one().administers_party = True
    return email


def test_the_mail_goes_to_those_who_answer_for_the_party(app: Flask, person: People) -> None:
    """Who wrote it, who coordinates and who administers; nobody who only reads, and never an observer."""
    officer = person("officer")
    chief = _colleague(officer.viewer, "Chief Coordinator", Role.COORDINATOR)
    keeper = _colleague(officer.viewer, "Keeper Officer", Role.MISSION_OFFICER, administers=True)
    _colleague(officer.viewer, "Plain Officer", Role.MISSION_OFFICER)
    _colleague(officer.viewer, "Guest Observer", Role.OBSERVER, administers=True)
    logged(officer.viewer, "LAO", handling=Handling.ORIGINATOR)
    begin(person("coordinator").viewer)
    assert sorted(_mails()) == sorted([officer.email, chief, keeper])


def test_a_party_where_nobody_answers_is_told_all_the_same(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    plain = _colleague(officer, "Plain Officer", Role.MISSION_OFFICER)
    _colleague(officer, "Guest Observer", Role.OBSERVER)
    logged(officer, "LAO", handling=Handling.ORIGINATOR)
    close_account(officer)
    begin(person("coordinator").viewer)
    assert _mails() == [plain]


def test_a_restricted_state_is_not_opened(app: Flask, person: People) -> None:
    presidency = person("presidency").viewer
    coordinator = person("coordinator").viewer
    kept = logged(person("officer").viewer, "LAO", handling=Handling.ORIGINATOR)
    begin(presidency)
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    assert not sees(anew(presidency), kept)
    told = len(_mails())
    logged(person("other_officer").viewer, "LAO", handling=Handling.ORIGINATOR)
    assert emergency.late_parties(anew(presidency)) == {}, "nothing of theirs is open"
    begin(anew(presidency))
    assert not sees(anew(presidency), kept) and len(_mails()) == told


def test_officers_cannot(app: Flask, person: People) -> None:
    with pytest.raises(NotAllowed):
        begin(person("officer").viewer)


@pytest.mark.parametrize("hours", [0, 5])
def test_it_lasts_one_hour_at_least_and_four_at_most(app: Flask, person: People, hours: int) -> None:
    with pytest.raises(RuleViolation) as refused:
        begin(person("coordinator").viewer, hours=hours)
    assert refused.value.errors == {"hours": ["Between 1 and 4 hours."]}


def test_asking_for_the_same_twice_tells_once(app: Flask, person: People) -> None:
    logged(person("officer").viewer, "LAO", handling=Handling.ORIGINATOR)
    coordinator = person("coordinator").viewer
    assert begin(coordinator) == begin(coordinator)
    assert len(_mails()) == 1


def test_two_at_once_are_one(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    logged(person("officer").viewer, "LAO", handling=Handling.ORIGINATOR)
    coordinator = person("coordinator").viewer
    monkeypatch.setattr(emergency, "_lasting", slowly(emergency._lasting))
    assert at_once(app, [lambda: begin(coordinator), lambda: begin(coordinator)]) == [None, None]
    assert len(_mails()) == 1


@pytest.mark.parametrize(("reason", "hours"), [(REASON + " It is on fire.", "1"), (REASON, "4")])
def test_another_reason_or_time_is_not_lost_without_a_word(
    app: Flask, person: People, signed_in: Clients, reason: str, hours: str
) -> None:
    begin(person("coordinator").viewer)
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/emergencies")))
    typed = {"state_iso3": "LAO", "reason": reason, "hours": hours}
    page = check_page(browser.post("/emergencies", data={"csrf_token": token, **typed}), 422)
    assert "You have opened this State already, until" in page and reason in page
    answer = browser.post("/api/v1/emergencies", json={**typed, "hours": int(hours)}, headers={"X-CSRFToken": token})
    assert answer.status_code == 422 and set(answer.json["errors"]) == {"state_iso3"}
    with looking_as(SYSTEM):
        db.session.rollback()
        assert len(db.session.scalars(select(EmergencyAccess)).all()) == 1


@pytest.mark.parametrize("address", ["/activities", "/api/v1/activities", "/activities/{key}", "/states/LAO"])
def test_who_writes_while_it_lasts_is_told_before_it_is_shown(
    app: Flask, person: People, signed_in: Clients, address: str
) -> None:
    browser, other = signed_in("presidency"), person("other_officer")
    begin(person("presidency").viewer)
    key = logged(other.viewer, "LAO", handling=Handling.ORIGINATOR, reply="A late canary.")
    assert _mails() == []
    for _ in range(2):
        assert browser.get(address.format(key=key)).status_code == 200
        assert _mails() == [other.email]
    with looking_as(SYSTEM):
        late = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "emergency_told_late")).all()
        assert {one.actor_name for one in late} == {"Presidency"}
        assert {one.originator_id: one.details["parties"] for one in late} == {
            person("presidency").viewer.party_id: 1,
            other.viewer.party_id: None,
        }
    assert REASON in check_page(signed_in("other_officer").get("/emergencies"))
    assert REASON not in check_page(signed_in("officer").get("/emergencies"))


def test_who_writes_about_another_state_or_after_it_is_not_told(
    app: Flask, person: People, signed_in: Clients, steady_clock: time_machine.Traveller
) -> None:
    browser, other = signed_in("presidency"), person("other_officer").viewer
    begin(person("presidency").viewer)
    logged(other, "CAN", handling=Handling.ORIGINATOR)
    assert browser.get("/activities").status_code == 200
    steady_clock.shift(timedelta(hours=1, seconds=1))
    logged(other, "LAO", handling=Handling.ORIGINATOR)
    assert browser.get("/activities").status_code == 200
    assert _mails() == []


def test_it_ends_with_the_office_for_which_it_was(app: Flask, person: People) -> None:
    kept = logged(person("officer").viewer, "LAO", handling=Handling.ORIGINATOR)
    presidency = person("presidency").viewer
    begin(presidency)
    assert sees(anew(presidency), kept)
    with looking_as(SYSTEM), unit_of_work() as session:
        for role in session.scalars(select(UserRole).where(UserRole.user_id == presidency.user_id)):
            role.name = Role.SECRETARIAT.value
    assert anew(presidency).opened == frozenset() and not sees(anew(presidency), kept)


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
