"""Talks and visits to come in the feed of whoever planned them or is to make them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from icalendar import Calendar

from crm.activities.appointments import service as appointments
from crm.activities.course import service
from crm.activities.rules import Status
from crm.calendar.rules import Detail
from crm.core.access import Handling, Viewer, looking_as
from crm.core.days import Precision
from crm.core.db import unit_of_work
from crm.reach.service import restricted
from tests.abuse.test_calendar_feeds import made
from tests.followups.opening import colleague_of
from tests.support.people import Person

People = Callable[[str], Person]


def planned(actor: Viewer, **changes: Any) -> UUID:
    """A talk of that person that is to come, committed."""
    given: dict[str, Any] = {
        "kind": "capital_visit",
        "state_iso3": "BTN",
        "held_on": date(2026, 12, 3),
        "place": "Thimphu",
        "objective": "Hear where the bill lies.",
        "handling": Handling.COORDINATION,
    }
    with looking_as(actor), unit_of_work():
        return service.plan_activity(actor=actor, **{**given, **changes}).id


def entries(app: Flask, path: str) -> dict[str, Any]:
    """The entries of a feed by their titles, beside the meetings of States."""
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    found = {str(one["summary"]): one for one in Calendar.from_ical(answer.data).walk("VEVENT")}
    return {title: one for title, one in found.items() if "eeting" not in title and "onference" not in title}


def test_it_stands_there_until_it_has_been(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    path, key = made(person("officer")), planned(officer)
    assert entries(app, made(person("officer"), Detail.NEUTRAL)).keys() == {"Appointment"}
    (title,) = entries(app, path)
    assert title.endswith("(Bhutan)")
    entry = entries(app, path)[title]
    assert entry.decoded("dtstart") == date(2026, 12, 3) and str(entry["location"]) == "Thimphu"
    assert str(entry["url"]).endswith(f"/activities/{key}") and str(entry["uid"]).startswith(str(key))
    with looking_as(officer), unit_of_work():
        service.take_step(actor=officer, activity_id=key, status=Status.CANCELLED, note="No visa.")
    assert entries(app, path) == {}


def test_a_change_raises_its_number(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    path, key = made(person("officer")), planned(officer)
    before = int(next(iter(entries(app, path).values()))["sequence"])
    with looking_as(officer), unit_of_work():
        service.direct_anew(actor=officer, activity_id=key, by=date(2026, 12, 10))
    (entry,) = entries(app, path).values()
    assert int(entry["sequence"]) > before and entry.decoded("dtstart") == date(2026, 12, 10)


def test_it_stands_at_the_time_that_was_arranged(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    path, key = made(person("officer")), planned(officer)
    with looking_as(officer), unit_of_work():
        appointments.invite(actor=officer, activity_id=key, at=time(14, 30), minutes=60, zone="Asia/Thimphu")
    (entry,) = entries(app, path).values()
    assert entry.decoded("dtstart") == datetime(2026, 12, 3, 8, 30, tzinfo=UTC)
    with looking_as(officer), unit_of_work():
        appointments.call_off(actor=officer, activity_id=key)
    (entry,) = entries(app, path).values()
    assert entry.decoded("dtstart") == date(2026, 12, 3)


@pytest.mark.parametrize(
    ("precision", "days"), [(Precision.MONTH, (date(2026, 12, 1), date(2027, 1, 1))), (Precision.YEAR, None)]
)
def test_of_which_only_the_month_is_known_fills_it(
    app: Flask, person: People, precision: Precision, days: tuple[date, date] | None
) -> None:
    planned(person("officer").viewer, precision=precision)
    found = [
        (one.decoded("dtstart"), one.decoded("dtend"), len(one.walk("VALARM")))
        for one in entries(app, made(person("officer"))).values()
    ]
    assert found == ([(*days, 0)] if days else [])


def test_colleagues_of_the_mission_that_makes_it_have_it_and_nobody_else(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    colleague = Person("near@example.org", colleague_of(officer, "Near Colleague"))
    planned(officer)
    assert len(entries(app, made(colleague))) == 1
    assert entries(app, made(person("coordinator"))) == {} == entries(app, made(person("other_officer")))


def test_s22_what_is_about_a_restricted_state_stays_neutral(app: Flask, person: People) -> None:
    coordinator = person("coordinator")
    planned(coordinator.viewer)
    planned(coordinator.viewer, state_iso3="LAO", held_on=date(2026, 12, 4), place="Vientiane")
    path = made(coordinator)
    with looking_as(coordinator.viewer), unit_of_work():
        restricted.restrict(actor=coordinator.viewer, state_iso3="LAO")
    body = app.test_client().get(path).get_data(as_text=True)
    assert "Bhutan" in body and "Thimphu" in body and "Lao" not in body
    assert sorted(entries(app, path))[0] == "Appointment"
    assert "location" not in entries(app, path)["Appointment"]


def test_s05_a_state_that_is_closed_takes_it_out(app: Flask, person: People) -> None:
    officer, coordinator = person("officer"), person("coordinator").viewer
    planned(officer.viewer)
    path = made(officer)
    assert len(entries(app, path)) == 1
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="BTN")
    assert entries(app, path) == {}
