"""A mission officer reads and writes about the States of their mission, as of today."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from crm.accounts.models import AccreditationKind, Mission, Role, User, UserRole
from crm.core import access
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.reach import queries
from crm.reach.forms import AccreditationForm
from crm.reach.service import missions
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.racing import at_once, slowly
from tests.support.records import anew, logged, sees

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]


def bound(who: Viewer, *states: str) -> Viewer:
    """Bind a mission officer to these States, and look anew."""
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Mission, who.mission_id).every_state = False
        for iso3 in states:
            _accredit(who.mission_id, iso3)
    return anew(who)


def _accredit(mission_id: UUID | None, iso3: str, from_on: date = date(2020, 1, 1), until: date | None = None) -> UUID:
    assert mission_id
    return missions.accredit(
        actor=SYSTEM, mission_id=mission_id, state_iso3=iso3, kind=AccreditationKind.CONCURRENT, from_on=from_on,
        until_on=until,
    ).id  # fmt: skip


def test_a_mission_sees_and_logs_for_its_states(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    here = logged(coordinator, "LAO", handling=Handling.STATES)
    there = logged(coordinator, "CAN", handling=Handling.STATES)
    free = [logged(coordinator, "CAN", handling=one) for one in (Handling.COMMUNITY, Handling.PUBLIC)]
    officer = bound(person("officer").viewer, "LAO")
    assert sees(officer, here) and not sees(officer, there) and all(sees(officer, one) for one in free)
    logged(officer, "LAO")
    with pytest.raises(RuleViolation, match="not among those you work on"):
        logged(officer, "CAN")


def test_own_records_about_a_state_that_is_no_longer_theirs_are_gone(app: Flask, person: People) -> None:
    officer = bound(person("officer").viewer, "LAO")
    own = logged(officer, "LAO")
    with looking_as(SYSTEM), unit_of_work() as session:
        (term,) = session.get_one(Mission, officer.mission_id).accreditations
        missions.end_accreditation(actor=SYSTEM, mission_id=term.mission_id, accreditation_id=term.id)
    assert not sees(anew(officer), own)


@pytest.mark.parametrize(
    ("ender", "officer_there"), [("Asia/Tokyo", "Pacific/Pago_Pago"), ("Pacific/Pago_Pago", "Asia/Tokyo")]
)
def test_it_begins_and_ends_at_once_wherever_people_are(
    app: Flask, person: People, steady_clock: time_machine.Traveller, ender: str, officer_there: str
) -> None:
    """It is 27 November in Tokyo already and 26 November in Pago Pago."""
    steady_clock.move_to(datetime(2026, 11, 26, 18, 0, tzinfo=UTC))
    officer = bound(person("officer").viewer)
    keeper = replace(person("coordinator").viewer, party_id=officer.party_id, time_zone=ender)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, officer.user_id).time_zone = officer_there
    with app.test_request_context(), looking_as(keeper):
        begins = AccreditationForm(meta={"csrf": False}).from_on.data
    with looking_as(keeper), unit_of_work():
        term_id = _accredit(officer.mission_id, "LAO", from_on=begins)
    assert anew(officer).states == frozenset({"LAO"})
    steady_clock.shift(timedelta(days=3))
    with looking_as(keeper), unit_of_work():
        assert officer.mission_id
        missions.end_accreditation(actor=keeper, mission_id=officer.mission_id, accreditation_id=term_id)
    assert anew(officer).states == frozenset()


@pytest.mark.parametrize(
    ("from_on", "until", "holds"),
    [
        (date(2026, 11, 23), None, True),
        (date(2026, 11, 24), None, False),
        (date(2020, 1, 1), date(2026, 11, 23), False),
        (date(2020, 1, 1), date(2026, 11, 24), True),
    ],
)
def test_an_accreditation_holds_from_its_first_day_up_to_its_last(
    app: Flask, person: People, from_on: date, until: date | None, holds: bool
) -> None:
    officer = bound(person("officer").viewer)
    with looking_as(SYSTEM), unit_of_work():
        _accredit(officer.mission_id, "LAO", from_on, until)
    assert anew(officer).states == (frozenset({"LAO"}) if holds else frozenset())


def test_nobody_gives_their_own_mission_more_states(app: Flask, person: People) -> None:
    """An administrator who is posted to a mission, too, leaves their own to somebody else."""
    officer = bound(person("officer").viewer, "LAO")
    with looking_as(SYSTEM), unit_of_work() as session:
        user = session.get_one(User, officer.user_id)
        user.roles.append(UserRole(name=Role.ADMINISTRATOR.value))
        other = missions.open_mission(actor=SYSTEM, name="Everywhere", every_state=True, party_id=officer.party_id).id
        (term,) = session.get_one(Mission, officer.mission_id).accreditations
        term_id = term.id
    actor = anew(officer)
    assert actor.may("missions:write") and actor.states == frozenset({"LAO"}) and actor.mission_id
    longer: dict[str, Any] = {"kind": AccreditationKind.RESIDENT, "from_on": date(2020, 1, 1)}
    own = {"actor": actor, "mission_id": actor.mission_id}
    for tried in (
        lambda: missions.accredit(**own, state_iso3="CAN", **longer),
        lambda: missions.correct_accreditation(**own, accreditation_id=term_id, **longer),
        lambda: missions.post_to(actor=actor, user_id=actor.user_id or UUID(int=0), mission_id=other),
    ):
        with looking_as(actor), pytest.raises(RuleViolation, match="Ask somebody else"), unit_of_work():
            tried()
        db.session.remove()
    with looking_as(actor), unit_of_work():
        missions.accredit(actor=actor, mission_id=other, state_iso3="CAN", **longer)
    assert anew(officer).states == frozenset({"LAO"})


def test_terms_do_not_overlap_and_end_after_they_begin(app: Flask, person: People) -> None:
    officer = bound(person("officer").viewer, "LAO")
    with looking_as(SYSTEM), pytest.raises(RuleViolation, match="in that time already"), unit_of_work():
        _accredit(officer.mission_id, "LAO", date(2025, 1, 1))
    with looking_as(SYSTEM), pytest.raises(RuleViolation, match="not after the first"), unit_of_work():
        _accredit(officer.mission_id, "CAN", date(2025, 1, 1), date(2025, 1, 1))


def test_an_open_term_does_not_run_into_a_later_one(app: Flask, person: People) -> None:
    officer = bound(person("officer").viewer)
    with looking_as(SYSTEM), unit_of_work():
        _accredit(officer.mission_id, "LAO", date(2030, 1, 1), date(2031, 1, 1))
    with looking_as(SYSTEM), pytest.raises(RuleViolation, match="in that time already"), unit_of_work():
        _accredit(officer.mission_id, "LAO", date(2025, 1, 1))


def test_terms_adjoin(app: Flask, person: People) -> None:
    officer = bound(person("officer").viewer)
    with looking_as(SYSTEM), unit_of_work():
        _accredit(officer.mission_id, "LAO", date(2020, 1, 1), date(2021, 1, 1))
    with looking_as(SYSTEM), unit_of_work():
        _accredit(officer.mission_id, "LAO", date(2021, 1, 1))
        _accredit(officer.mission_id, "LAO", date(2019, 1, 1), date(2020, 1, 1))


def test_a_term_that_never_began_is_taken_away(app: Flask, person: People) -> None:
    officer = bound(person("officer").viewer)
    for from_on, left in ((date(2026, 11, 23), 0), (date(2026, 11, 22), 1)):
        with looking_as(SYSTEM), unit_of_work():
            term = _accredit(officer.mission_id, "LAO", from_on)
        with looking_as(SYSTEM), unit_of_work() as session:
            missions.end_accreditation(actor=SYSTEM, mission_id=officer.mission_id, accreditation_id=term)
            assert len(session.get_one(Mission, officer.mission_id).accreditations) == left


def test_another_role_takes_the_bound_away(app: Flask, person: People) -> None:
    officer = bound(person("officer").viewer, "LAO")
    with looking_as(SYSTEM), unit_of_work() as session:
        session.add(UserRole(user_id=officer.user_id, name=Role.COORDINATOR.value))
    assert officer.states == frozenset({"LAO"}) and anew(officer).states is None


def test_a_role_without_content_leaves_the_bound(app: Flask, person: People) -> None:
    """Whoever keeps accounts beside their work abroad reads and writes no more than before; alone it binds nobody."""
    there = logged(person("coordinator").viewer, "CAN", handling=Handling.STATES)
    officer = bound(person("officer").viewer, "LAO")
    with looking_as(SYSTEM), unit_of_work() as session:
        session.add(UserRole(user_id=officer.user_id, name=Role.ADMINISTRATOR.value))
    both = anew(officer)
    assert both.may("accounts:write") and both.states == frozenset({"LAO"})
    assert not sees(both, there)
    with pytest.raises(RuleViolation, match="not among those you work on"):
        logged(both, "CAN")
    assert person("administrator").viewer.states is None


def test_nobody_is_posted_to_a_mission_of_another_party_or_to_a_closed_one(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    with looking_as(SYSTEM), unit_of_work():
        missions.close_mission(actor=SYSTEM, mission_id=officer.mission_id)
    for mission_id in (officer.mission_id, other.mission_id):
        with looking_as(SYSTEM), pytest.raises(RuleViolation, match="from the list"), unit_of_work():
            missions.post_to(actor=SYSTEM, user_id=officer.user_id, mission_id=mission_id)


def test_nobody_opens_a_mission_of_another_party(app: Flask, person: People) -> None:
    coordinator, officer = person("coordinator").viewer, person("officer").viewer
    with looking_as(coordinator), pytest.raises(NotFound), unit_of_work():
        missions.open_mission(actor=coordinator, name="Embassy in Vientiane", party_id=officer.party_id)


def test_the_mission_of_an_address_is_that_of_the_person_and_the_accreditation(
    app: Flask, person: People, signed_in: Clients
) -> None:
    coordinator = person("coordinator").viewer
    with looking_as(coordinator), unit_of_work() as session:
        one, two = (missions.open_mission(actor=coordinator, name=name).id for name in ("Here", "There"))
        term = _accredit(two, "LAO")
        session.get_one(User, coordinator.user_id).mission_id = two
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").get_data(as_text=True))
    page = {"data": {"csrf_token": token}}
    send = {"headers": {"X-CSRFToken": token}}
    user = coordinator.user_id
    for mission_id, done in ((one, (404, 404, 404, 404)), (two, (303, 200, 303, 404))):
        answers = (
            browser.post(f"/missions/{mission_id}/accreditations/{term}/end", **page),
            browser.delete(f"/api/v1/missions/{mission_id}/accreditations/{term}", **send),
            browser.post(f"/missions/{mission_id}/people/{user}/leave", **page),
            browser.delete(f"/api/v1/missions/{mission_id}/people/{user}", **send),
        )
        assert tuple(answer.status_code for answer in answers) == done
    assert anew(coordinator).mission_id is None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_missions_of_one_name_at_once_are_one(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    coordinator = person("coordinator").viewer
    monkeypatch.setattr(missions, "_party", slowly(missions._party))

    def open_one() -> None:
        with looking_as(coordinator), unit_of_work():
            missions.open_mission(actor=coordinator, name="Embassy in Vientiane")

    outcomes = [one for one in at_once(app, [open_one, open_one]) if one]
    assert [getattr(one, "errors", one) for one in outcomes] == [{"name": ["Your party has a mission of this name."]}]


def test_a_closed_mission_binds_to_nothing(app: Flask, person: People) -> None:
    officer = bound(person("officer").viewer, "LAO")
    with looking_as(SYSTEM), unit_of_work():
        missions.close_mission(actor=SYSTEM, mission_id=officer.mission_id or UUID(int=0))
    assert anew(officer).states == frozenset()


def test_only_its_own_party_changes_a_mission(app: Flask, person: People) -> None:
    officer, coordinator = bound(person("officer").viewer, "LAO"), person("coordinator").viewer
    with looking_as(coordinator), pytest.raises(NotAllowed), unit_of_work():
        missions.close_mission(actor=coordinator, mission_id=officer.mission_id or UUID(int=0))
    with looking_as(coordinator), pytest.raises(NotAllowed), unit_of_work():
        missions.leave(
            actor=coordinator, user_id=officer.user_id or UUID(int=0), mission_id=officer.mission_id or UUID(int=0)
        )


def test_it_is_opened_accredited_and_staffed_on_its_pages(app: Flask, person: People, signed_in: Clients) -> None:
    coordinator = person("coordinator").viewer
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/missions")))
    answer = browser.post("/missions", data={"csrf_token": token, "name": "Embassy in Vientiane"})
    assert answer.status_code == 303
    page = answer.headers["Location"]
    check_page(browser.get(page))
    term = {"csrf_token": token, "state_iso3": "LAO", "kind": "resident", "from_on": "2020-01-01"}
    assert browser.post(page, data=term).status_code == 303
    refused = browser.post(page, data={**term, "until_on": "2019-01-01"})
    assert refused.status_code == 422 and "not after the first" in refused.text
    assert "Lao People" in check_page(browser.get("/missions"))
    db.session.remove()
    with looking_as(coordinator):
        (line,) = [one for one in queries.missions(coordinator) if one.name == "Embassy in Vientiane"]
    assert line.states == [("LAO", "resident")] and line.may_change


def test_the_json_door_does_the_same(app: Flask, person: People, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").get_data(as_text=True))
    send = {"headers": {"X-CSRFToken": token}}
    made = browser.post("/api/v1/missions", json={"name": "Embassy in Vientiane"}, **send)
    assert made.status_code == 201
    key = made.json["id"]
    term = {"state_iso3": "LAO", "kind": "resident", "from_on": "2020-01-01"}
    answer = browser.post(f"/api/v1/missions/{key}/accreditations", json=term, **send)
    assert answer.status_code == 201, answer.text
    (kept,) = answer.json["accreditations"]
    assert browser.delete(f"/api/v1/missions/{key}/accreditations/{kept['id']}", **send).status_code == 200
    assert browser.post("/api/v1/missions", json={"name": "Embassy in Vientiane"}, **send).status_code == 422


def _opened(who: Viewer, *states: str) -> UUID:
    """A mission of somebody's party, accredited to these States, committed."""
    with looking_as(SYSTEM), unit_of_work():
        opened = missions.open_mission(actor=SYSTEM, name="Embassy in Vientiane", party_id=who.party_id).id
        for iso3 in states:
            _accredit(opened, iso3)
    return opened


def test_what_cannot_be_taken_back_is_asked_first(app: Flask, person: People, signed_in: Clients) -> None:
    """A page asks, without any script; the first click changes nothing."""
    mission = _opened(person("coordinator").viewer, "LAO", "BTN")
    browser = signed_in("coordinator")
    address = f"/missions/{mission}"
    page = check_page(browser.get(address))
    ends = re.findall(rf'href="({address}/accreditations/[0-9a-f-]+/end)"', page)
    assert len(ends) == 2 and f'href="{address}/close"' in page and f'action="{address}/close"' not in page
    asked = check_page(browser.get(ends[0]))
    assert "End the accreditation to Bhutan today?" in asked
    assert check_page(browser.get(address)).count("Not in force") == 0
    assert browser.post(ends[0], data={"csrf_token": token_of(asked)}).status_code == 303
    assert check_page(browser.get(address)).count("Not in force") == 1
    asked = check_page(browser.get(f"{address}/close"))
    assert "a closed mission is not opened again" in asked
    assert "Closed" not in check_page(browser.get("/missions"))
    assert browser.post(f"{address}/close", data={"csrf_token": token_of(asked)}).status_code == 303
    assert "It was closed on" in check_page(browser.get(f"{address}/close"))
    assert browser.get(f"{address}/accreditations/{UUID(int=0)}/end").status_code == 404


def test_only_who_may_change_a_mission_is_asked(app: Flask, person: People, signed_in: Clients) -> None:
    officer = bound(person("officer").viewer, "LAO")
    browser = signed_in("coordinator")
    assert browser.get(f"/missions/{officer.mission_id}/close").status_code == 403


def test_a_closed_mission_shows_nothing_in_force(app: Flask, person: People, signed_in: Clients) -> None:
    mission = _opened(person("coordinator").viewer, "LAO")
    with looking_as(SYSTEM), unit_of_work():
        missions.close_mission(actor=SYSTEM, mission_id=mission)
    browser = signed_in("coordinator")
    page = check_page(browser.get(f"/missions/{mission}"))
    assert "Not in force" in page and "End today" not in page
    (line,) = [one for one in browser.get("/api/v1/missions").get_json()["items"] if one["id"] == str(mission)]
    assert line["states"] == []
    assert "To no State any more" in check_page(browser.get("/missions"))


def test_an_officer_reads_why_they_work_on_no_state(app: Flask, person: People, signed_in: Clients) -> None:
    officer = bound(person("officer").viewer)
    browser = signed_in("officer")
    assert "is accredited to no State today" in check_page(browser.get("/activities/new"))
    with looking_as(SYSTEM), unit_of_work():
        missions.close_mission(actor=SYSTEM, mission_id=officer.mission_id or UUID(int=0))
    for address in ("/activities/new", "/activities/reference", "/followups/new"):
        assert "The mission to which you were posted is closed" in check_page(browser.get(address))


@pytest.mark.parametrize("address", ["/activities/new", "/activities/plan", "/activities/reference", "/followups/new"])
def test_an_officer_reads_why_a_state_is_not_offered(
    app: Flask, person: People, signed_in: Clients, address: str
) -> None:
    words = "Only States to which your mission, Permanent mission of Embassy of Japan, is accredited today stand here."
    browser = signed_in("officer")
    assert words not in check_page(browser.get(address)), "it meets every State"
    access.look_as(SYSTEM)
    bound(person("officer").viewer, "LAO")
    page = check_page(browser.get(address))
    assert f'id="state_iso3-hint">{words}' in page and 'aria-describedby="state_iso3-hint"' in page
    assert words not in check_page(signed_in("coordinator").get(address))


def test_nobody_is_led_to_log_where_they_cannot(app: Flask, person: People, signed_in: Clients) -> None:
    bound(person("officer").viewer, "LAO")
    browser = signed_in("officer")
    assert "/activities/new?state=LAO" in check_page(browser.get("/states/LAO"))
    page = check_page(browser.get("/states/TON"))
    assert "/activities/new?state=TON" not in page and "Nothing that you may see yet" in page
    assert "Tonga is not among the States you work on" in check_page(browser.get("/activities/new?state=TON"))
