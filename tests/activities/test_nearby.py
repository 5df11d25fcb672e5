"""Who else is in touch with a State: told before anybody goes, as far as one may know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.activities import nearby
from crm.activities.course.service import plan_activity, take_step
from crm.activities.nearby import contacts_with, others_near
from crm.activities.rules import Precision, Status
from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.visibility import Attribution
from tests.instructions.world import activity, house, sent
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
TODAY = date(2026, 11, 23)
FOR_STATES = {"handling": Handling.STATES}


def _planned(actor: Viewer, held_on: date = date(2026, 12, 1), precision: Precision = Precision.DAY) -> object:
    told = {"kind": "demarche", "state_iso3": "LAO", "held_on": held_on, "precision": precision}
    with looking_as(actor), unit_of_work():
        return plan_activity(actor=actor, **told, **FOR_STATES).id


def _others(viewer: Viewer) -> list[tuple[date, str, bool]]:
    with looking_as(viewer):
        db.session.rollback()
        found = contacts_with("LAO", viewer, TODAY)
        return [(one.held_on, one.party, one.ahead) for one in found.others]


def test_what_others_did_lately_and_plan_is_told_and_ones_own_is_not(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    for day in (date(2026, 10, 23), date(2026, 10, 24), date(2026, 11, 20)):
        logged(officer, held_on=day, **FOR_STATES)
    _planned(officer)
    assert [(day, ahead) for day, _party, ahead in _others(other)] == [
        (date(2026, 11, 20), False), (date(2026, 12, 1), True), (date(2026, 10, 24), False),
    ]  # fmt: skip
    assert _others(officer) == []
    assert _others(person("coordinator").viewer)


def test_only_what_one_may_see_is_told(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    logged(officer, held_on=date(2026, 11, 20), handling=Handling.ORIGINATOR)
    assert _others(other) == []
    logged(officer, held_on=date(2026, 11, 21), handling=Handling.COMMUNITY, attribution=Attribution.NONE)
    assert _others(other) == []


def test_what_was_cancelled_keeps_nobody_away(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = _planned(officer)
    with looking_as(officer), unit_of_work():
        take_step(actor=officer, activity_id=key, status=Status.CANCELLED, note="The visit fell through.")
    assert _others(other) == []


def test_neither_ones_own_nor_what_is_planned_takes_the_place_of_what_others_did(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearby, "MOST", 3)
    officer, other = person("officer").viewer, person("other_officer").viewer
    logged(officer, held_on=date(2026, 11, 17), **FOR_STATES)
    for day in (1, 2, 3, 4):
        _planned(other, date(2026, 12, day))
        logged(other, held_on=date(2026, 11, 18 + day), **FOR_STATES)
    assert [day for day, _party, _ahead in _others(other)] == [date(2026, 11, 17)]
    for day in (1, 2, 3, 4):
        _planned(officer, date(2027, 1, day))
    assert (date(2026, 11, 17), "Embassy of Japan", False) in _others(other)
    with looking_as(other):
        db.session.rollback()
        near = others_near(["LAO", "PER"], other, TODAY)
    assert (near["LAO"][0].held_on, len(near["LAO"]), near["PER"]) == (date(2026, 11, 17), 5, [])


def test_the_grid_asks_for_many_states_as_the_page_does_for_one(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    for state in ("LAO", "PER"):
        for day in (date(2026, 10, 23), date(2026, 10, 24), date(2026, 11, 20)):
            logged(officer, state, held_on=day, **FOR_STATES)
        logged(other, state, held_on=date(2026, 11, 19), **FOR_STATES)
    _planned(officer)
    with looking_as(other):
        db.session.rollback()
        near = others_near(["LAO", "PER"], other, TODAY)
        for state in ("LAO", "PER"):
            assert near[state] == list(contacts_with(state, other, TODAY).others)
    days = [date(2026, 11, 20), date(2026, 12, 1), date(2026, 10, 24)]
    assert [one.held_on for one in near["LAO"]] == days
    assert [one.held_on for one in near["PER"]] == [days[0], days[2]]
    with looking_as(officer):
        db.session.rollback()
        assert [one.held_on for one in others_near(["LAO"], officer, TODAY)["LAO"]] == [date(2026, 11, 19)]


def test_five_are_named_and_the_rest_are_counted(app: Flask, person: People, signed_in: Clients) -> None:
    for day in range(1, 9):
        _planned(person("officer").viewer, date(2026, 12, day))
    other = signed_in("other_officer")
    for where, end in (("/states/LAO", 'id="timeline"'), ("/activities/nearby?state_iso3=LAO", "</ul>")):
        told = other.get(where).get_data(as_text=True).partition("Others are in touch")[2].partition(end)[0]
        assert "5 December 2026" in told and "6 December 2026" not in told and "3 further ones" in told, where


def test_of_too_much_that_is_planned_the_nearest_is_told_and_not_what_was_forgotten(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearby, "MOST", 2)
    officer, other = person("officer").viewer, person("other_officer").viewer
    for day in (date(2025, 1, 1), date(2026, 12, 3), date(2027, 6, 1), date(2026, 11, 22)):
        _planned(officer, day)
    assert [day for day, _party, _ahead in _others(other)] == [date(2026, 11, 22), date(2026, 12, 3)]


def test_what_is_known_to_the_month_or_the_year_is_near_as_long_as_that_lasts(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan "in 2026" was not forgotten in February, and talks "in October" are lately until the end of November."""
    monkeypatch.setattr(nearby, "MOST", 3)
    officer, other = person("officer").viewer, person("other_officer").viewer
    year, month, day = date(2026, 1, 1), date(2026, 11, 1), date(2026, 12, 3)
    _planned(officer, day)
    _planned(officer, date(2027, 6, 1))
    _planned(officer, date(2025, 1, 1), Precision.YEAR)
    _planned(officer, month, Precision.MONTH)
    _planned(officer, year, Precision.YEAR)
    assert [one for one, _party, _ahead in _others(other)] == [year, month, day]
    for known in (9, 10):
        logged(officer, held_on=date(2026, known, 1), precision=Precision.MONTH, **FOR_STATES)
    logged(officer, held_on=date(2025, 1, 1), precision=Precision.YEAR, **FOR_STATES)
    assert [one for one, _party, ahead in _others(other) if not ahead] == [date(2026, 10, 1)]
    with looking_as(other):
        db.session.rollback()
        near = others_near(["LAO"], other, TODAY)["LAO"]
    assert [one.held_on for one in near if not one.ahead] == [date(2026, 10, 1)]


def test_the_last_contact_is_found_behind_many_plans(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = person("officer").viewer
    logged(officer, held_on=date(2026, 1, 5), **FOR_STATES)
    for day in (1, 2, 3):
        _planned(officer, date(2026, 12, day))
    monkeypatch.setattr(nearby, "MOST", 3)
    with looking_as(officer):
        last = contacts_with("LAO", officer, TODAY).last
    assert last and last.held_on == date(2026, 1, 5)


def _who(viewer: Viewer, state_iso3: str = "LAO") -> list[str]:
    with looking_as(viewer):
        db.session.rollback()
        return [one.who for one in contacts_with(state_iso3, viewer, TODAY).others]


def test_the_mission_is_named_and_the_person_where_that_is_told(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    logged(officer, held_on=date(2026, 11, 20), delivered_by="Aiko Example", **FOR_STATES)
    logged(
        officer, "PER", held_on=date(2026, 11, 20), delivered_by="Aiko Example", attribution=Attribution.FULL,
        **FOR_STATES,
    )  # fmt: skip
    mission = "Permanent mission of Embassy of Japan"
    assert (_who(other), _who(other, "PER")) == ([mission], [f"{mission}, Aiko Example"])


def test_what_is_asked_of_ones_own_mission_is_not_told_as_if_it_were_of_others(app: Flask) -> None:
    home = house()
    sent(home, {"BTN": "delhi", "LAO": "bangkok"})
    delhi, second, bangkok = (home.people[who] for who in ("delhi", "second", "bangkok"))
    assert _who(delhi, "BTN") == _who(second, "BTN") == _who(bangkok) == []
    assert _who(home.coordinator, "BTN") == ["Austria, Mission in Delhi"]
    with looking_as(delhi), unit_of_work():
        take_step(actor=delhi, activity_id=activity("BTN").id, status=Status.DELIVERED, on=TODAY)
    assert _who(delhi, "BTN") == []
    assert _who(second, "BTN") == _who(home.coordinator, "BTN") == ["Austria, Mission in Delhi, Delhi"]


def test_what_a_colleague_of_ones_mission_plans_is_told_with_their_name(app: Flask) -> None:
    home = house()
    delhi, second = home.people["delhi"], home.people["second"]
    with looking_as(second), unit_of_work():
        plan_activity(actor=second, kind="capital_visit", state_iso3="BTN", held_on=date(2026, 12, 1))
    assert _who(delhi, "BTN") == ["Austria, Mission in Delhi, Second"]
    assert _who(second, "BTN") == []


def test_the_form_the_page_and_the_json_door_tell_it(app: Flask, person: People, signed_in: Clients) -> None:
    _planned(person("officer").viewer)
    other = signed_in("other_officer")
    assert "Others are in touch" not in check_page(other.get("/activities/new"))
    for page in ("/activities/new?state=LAO", "/activities/plan?state=LAO", "/activities/nearby?state_iso3=LAO"):
        told = other.get(page).get_data(as_text=True)
        assert "Others are in touch with Lao PDR" in told or "Others are in touch with Lao" in told, page
    page = check_page(other.get("/states/LAO"))
    assert "Others are in touch" in page
    assert page.index("Others are in touch") < page.index('id="timeline"')
    found = other.get("/api/v1/activities/nearby?state=lao").json
    assert found["last"] is None and [one["status"] for one in found["others"]] == ["planned"]
    assert (found["others"][0]["mission"], found["others"][0]["person"]) == (
        "Permanent mission of Embassy of Japan", None,
    )  # fmt: skip
    assert other.get("/api/v1/activities/nearby?state=XXX").status_code == 404
