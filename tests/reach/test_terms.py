"""What becomes of an accreditation afterwards: corrected, taken back, ended, and never made anew in silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import Accreditation, AccreditationKind
from crm.audit.models import AuditContent, AuditEntry
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.reach.service import missions
from tests.support.pages import carried, check_page, token_of
from tests.support.people import Person

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]

Term = tuple[str, str, str | None]
"""Kind, first day, and the day on which it ends, of an accreditation to Laos."""


def opened(who: Viewer) -> UUID:
    """A mission of somebody's party, accredited to no State."""
    with looking_as(SYSTEM), unit_of_work():
        return missions.open_mission(actor=SYSTEM, name="Embassy in Vientiane", party_id=who.party_id).id


def accredited(mission_id: UUID, from_on: date, until_on: date | None = None) -> UUID:
    """Accredit it to Laos from elsewhere; the key of that."""
    with looking_as(SYSTEM), unit_of_work():
        return missions.accredit(
            actor=SYSTEM, mission_id=mission_id, state_iso3="LAO", kind=AccreditationKind.CONCURRENT,
            from_on=from_on, until_on=until_on,
        ).id  # fmt: skip


def end(mission_id: UUID, term: UUID) -> None:
    with looking_as(SYSTEM), unit_of_work():
        missions.end_accreditation(actor=SYSTEM, mission_id=mission_id, accreditation_id=term)


def close(mission_id: UUID) -> None:
    with looking_as(SYSTEM), unit_of_work():
        missions.close_mission(actor=SYSTEM, mission_id=mission_id)


def terms() -> list[Term]:
    """What is written down of every accreditation."""
    with looking_as(SYSTEM):
        db.session.rollback()
        found = db.session.scalars(select(Accreditation).order_by(Accreditation.from_on))
        return [
            (one.kind, one.from_on.isoformat(), one.until_on.isoformat() if one.until_on else None) for one in found
        ]


def entries(event: str) -> list[tuple[dict[str, object], dict[str, object] | None]]:
    """The facts of each such entry of the audit, and its values before and after."""
    with looking_as(SYSTEM):
        db.session.rollback()
        wanted = select(AuditEntry.details, AuditContent.values).outerjoin(
            AuditContent, AuditContent.entry_id == AuditEntry.id
        )
        return [(one.details, one.values) for one in db.session.execute(wanted.where(AuditEntry.event == event))]


def test_one_that_is_over_keeps_its_end(app: Flask, person: People) -> None:
    mission = opened(person("coordinator").viewer)
    past = accredited(mission, date(2010, 1, 1), date(2015, 1, 1))
    accredited(mission, date(2020, 1, 1))
    end(mission, past)
    assert terms() == [("concurrent", "2010-01-01", "2015-01-01"), ("concurrent", "2020-01-01", None)]
    assert entries("accreditation_ended") == []


def test_one_that_ended_with_its_mission_stays_as_it_was(app: Flask, person: People) -> None:
    mission = opened(person("coordinator").viewer)
    term = accredited(mission, date(2020, 1, 1))
    close(mission)
    end(mission, term)
    assert terms() == [("concurrent", "2020-01-01", None)] and entries("accreditation_ended") == []


def test_one_that_has_not_begun_is_taken_back(app: Flask, person: People, signed_in: Clients) -> None:
    mission = opened(person("coordinator").viewer)
    first, second = accredited(mission, date(2027, 1, 1), date(2028, 1, 1)), accredited(mission, date(2028, 1, 1))
    browser = signed_in("coordinator")
    page = check_page(browser.get(f"/missions/{mission}"))
    assert page.count("Not begun yet") == 2 and page.count("Take back") == 2 and "End today" not in page
    address = f"accreditations/{first}"
    asked = check_page(browser.get(f"/missions/{mission}/{address}/end"))
    assert "Take back the accreditation to Lao People" in asked and "remains in the audit" in asked
    done = browser.post(f"/missions/{mission}/{address}/end", data={"csrf_token": token_of(asked)})
    assert done.status_code == 303 and terms() == [("concurrent", "2028-01-01", None)]
    send = {"headers": {"X-CSRFToken": token_of(asked)}}
    assert browser.delete(f"/api/v1/missions/{mission}/accreditations/{second}", **send).status_code == 200
    assert terms() == []
    assert [facts for facts, _ in entries("accreditation_taken_back")] == [
        {"state": "LAO", "from_on": "2027-01-01"},
        {"state": "LAO", "from_on": "2028-01-01"},
    ]


def test_a_wrong_one_is_corrected_through_both_doors(app: Flask, person: People, signed_in: Clients) -> None:
    mission = opened(person("coordinator").viewer)
    term = accredited(mission, date(2027, 1, 1))
    browser = signed_in("coordinator")
    address = f"/missions/{mission}/accreditations/{term}"
    assert address in check_page(browser.get(f"/missions/{mission}"))
    page = check_page(browser.get(address))
    assert 'value="2027-01-01"' in page
    right = {"kind": "resident", "from_on": "2017-01-01", "until_on": "", "csrf_token": token_of(page)}
    assert browser.post(address, data=right).status_code == 303
    assert terms() == [("resident", "2017-01-01", None)]
    send = {"headers": {"X-CSRFToken": token_of(page)}}
    answer = browser.put(f"/api/v1{address}", json={"until_on": "2019-01-01", "cuts_off": True}, **send)
    assert answer.status_code == 200, answer.text
    assert terms() == [("resident", "2017-01-01", "2019-01-01")], "what is left out stays"
    assert [values for _, values in entries("accreditation_corrected")] == [
        {"kind": ["concurrent", "resident"], "from_on": ["2027-01-01", "2017-01-01"]},
        {"until_on": [None, "2019-01-01"]},
    ]
    assert browser.put(f"/api/v1{address}", json={}, **send).status_code == 200
    assert len(entries("accreditation_corrected")) == 2, "nothing changed"


def test_what_somebody_else_corrected_meanwhile_is_not_undone_unseen(
    app: Flask, person: People, signed_in: Clients
) -> None:
    mission = opened(person("coordinator").viewer)
    term = accredited(mission, date(2027, 1, 1))
    browser, address = signed_in("coordinator"), f"/missions/{mission}/accreditations/{term}"
    early = carried(check_page(browser.get(address)))
    send = {"headers": {"X-CSRFToken": early["csrf_token"]}}
    other = browser.put(f"/api/v1{address}", json={"from_on": "2028-02-01", "version": early["version"]}, **send)
    assert other.status_code == 422, "a version is a number"
    other = browser.put(f"/api/v1{address}", json={"from_on": "2028-02-01", "version": int(early["version"])}, **send)
    assert other.status_code == 200
    late = browser.put(f"/api/v1{address}", json={"kind": "resident", "version": int(early["version"])}, **send)
    assert late.status_code == 409
    mine = {"kind": "resident", "from_on": "2027-01-01", "until_on": ""}
    stale = check_page(browser.post(address, data={**mine, **early}), 409)
    assert "1 February 2028" in stale and terms() == [("concurrent", "2028-02-01", None)]
    chosen = {**mine, **carried(stale), "take-from_on": "theirs", "take-kind": "mine"}
    assert browser.post(address, data=chosen).status_code == 303
    assert terms() == [("resident", "2028-02-01", None)]


@pytest.mark.parametrize(
    ("field", "day", "why"),
    [
        ("from_on", "2026-11-24", "begins later"),
        ("until_on", "2026-11-23", "is over"),
        ("until_on", "2026-11-01", "is over"),
    ],
)
def test_a_correction_that_cuts_the_mission_off_at_once_is_asked_for_twice(
    app: Flask, person: People, signed_in: Clients, field: str, day: str, why: str
) -> None:
    """Today is 23 November 2026. Neither door cuts anybody off unless it is said that this is meant."""
    mission = opened(person("coordinator").viewer)
    term = accredited(mission, date(2020, 1, 1))
    browser = signed_in("coordinator")
    address = f"/missions/{mission}/accreditations/{term}"
    page = check_page(browser.get(address))
    assert "cuts Embassy in Vientiane off at once" in page and 'name="cuts_off"' in page
    sent = {"kind": "concurrent", "from_on": "2020-01-01", "until_on": "", field: day}
    given = {**sent, "csrf_token": token_of(page)}
    refused = check_page(browser.post(address, data=given), 422)
    assert f"with this day it {why}" in refused and "Say that this is meant" in refused
    send = {"headers": {"X-CSRFToken": token_of(page)}}
    told = browser.put(f"/api/v1{address}", json={field: day}, **send)
    assert told.status_code == 422 and set(told.get_json()["errors"]) == {field, "cuts_off"}
    assert terms() == [("concurrent", "2020-01-01", None)]
    assert browser.post(address, data={**given, "cuts_off": "y"}).status_code == 303
    assert terms() != [("concurrent", "2020-01-01", None)]


def test_a_correction_that_cuts_nobody_off_is_asked_for_once(app: Flask, person: People, signed_in: Clients) -> None:
    mission = opened(person("coordinator").viewer)
    past, to_come = accredited(mission, date(2010, 1, 1), date(2015, 1, 1)), accredited(mission, date(2027, 1, 1))
    browser = signed_in("coordinator")
    send = {"headers": {"X-CSRFToken": token_of(browser.get("/account").text)}}
    for term, day in ((past, "2014-01-01"), (to_come, "2028-01-01")):
        address = f"/missions/{mission}/accreditations/{term}"
        assert 'name="cuts_off"' not in check_page(browser.get(address))
        assert browser.put(f"/api/v1{address}", json={"until_on": day}, **send).status_code == 200


def test_a_correction_overlaps_with_no_other(app: Flask, person: People, signed_in: Clients) -> None:
    mission = opened(person("coordinator").viewer)
    term = accredited(mission, date(2010, 1, 1), date(2015, 1, 1))
    accredited(mission, date(2020, 1, 1))
    browser = signed_in("coordinator")
    address = f"/missions/{mission}/accreditations/{term}"
    right = {"kind": "concurrent", "from_on": "2010-01-01", "csrf_token": token_of(check_page(browser.get(address)))}
    for until, why in (
        ("", "in that time already"),
        ("2021-01-01", "in that time already"),
        ("2009-01-01", "not after"),
    ):
        assert why in check_page(browser.post(address, data={**right, "until_on": until}), 422)
    assert browser.post(address, data={**right, "until_on": "2020-01-01"}).status_code == 303


def test_a_closed_mission_is_accredited_no_more(app: Flask, person: People, signed_in: Clients) -> None:
    mission = opened(person("coordinator").viewer)
    term = accredited(mission, date(2020, 1, 1))
    close(mission)
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").text)
    sent = {"state_iso3": "BTN", "kind": "resident", "from_on": "2020-01-01"}
    page = check_page(browser.post(f"/missions/{mission}", data={**sent, "csrf_token": token}), 422)
    assert "a closed mission is accredited to no State" in page
    send = {"headers": {"X-CSRFToken": token}}
    answers = [
        browser.post(f"/api/v1/missions/{mission}/accreditations", json=sent, **send),
        browser.put(f"/api/v1/missions/{mission}/accreditations/{term}", json={}, **send),
    ]
    assert [one.status_code for one in answers] == [422, 422] and "mission is closed" in answers[0].text
    assert len(terms()) == 1


def test_a_mission_is_not_accredited_to_the_state_that_sends_it(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    mission = opened(coordinator)
    with looking_as(coordinator), pytest.raises(RuleViolation, match="that sends it"), unit_of_work():
        missions.accredit(
            actor=coordinator, mission_id=mission, state_iso3="JPN", kind=AccreditationKind.RESIDENT,
            from_on=date(2020, 1, 1),
        )  # fmt: skip


def test_a_mission_of_another_party_answers_alike_whatever_is_sent(
    app: Flask, person: People, signed_in: Clients
) -> None:
    """Everybody with an account knows that it is there; rights are judged before anything that was sent."""
    officer = person("officer").viewer
    mission, somebody = officer.mission_id, officer.user_id
    assert mission
    term = accredited(mission, date(2020, 1, 1))
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").text)
    page, send = {"data": {"csrf_token": token}}, {"headers": {"X-CSRFToken": token}}
    here, there = f"/missions/{mission}", f"/api/v1/missions/{mission}"
    pages = (
        "",
        f"/accreditations/{term}",
        f"/accreditations/{term}/end",
        "/people",
        f"/people/{somebody}/leave",
        "/close",
    )
    answers = {f"POST {one}": browser.post(here + one, **page) for one in pages}
    answers |= {f"GET {one}": browser.get(here + one) for one in pages if one.endswith(("end", "close", str(term)))}
    answers |= {
        "accredit": browser.post(f"{there}/accreditations", json={}, **send),
        "correct": browser.put(f"{there}/accreditations/{term}", json={"kind": 1}, **send),
        "end": browser.delete(f"{there}/accreditations/{term}", **send),
        "post": browser.post(f"{there}/people", json={"nonsense": True}, **send),
        "leave": browser.delete(f"{there}/people/{somebody}", **send),
        "close": browser.delete(there, **send),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 403)


def test_who_chooses_nobody_is_told_beside_the_field(app: Flask, person: People, signed_in: Clients) -> None:
    """On the page of the mission, where they can go on."""
    browser = signed_in("administrator")
    mission = opened(person("other_officer").viewer)
    token = token_of(browser.get("/account").text)
    page = check_page(browser.post(f"/missions/{mission}/people", data={"csrf_token": token, "user_id": ""}), 422)
    assert 'id="user_id-error"' in page and "Choose somebody." in page and "Accredit it to one more State" in page
