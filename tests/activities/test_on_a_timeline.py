"""What activities add to a State's timeline, by how exactly their day is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from crm.activities.course.service import plan_activity
from crm.activities.rules import Precision
from crm.activities.timeline import entries
from crm.core import clock
from crm.core.access import looking_as
from crm.core.db import db, unit_of_work
from crm.states import timeline
from crm.states.timeline import Wanted
from tests.lists.test_indexes import plans
from tests.support.activities import many_activities
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import logged
from tests.support.wall import as_owner

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


def _planned(person: Person, held_on: date, precision: Precision = Precision.DAY) -> None:
    told: dict[str, Any] = {"kind": "demarche", "state_iso3": "LAO", "held_on": held_on, "precision": precision}
    with looking_as(person.viewer), unit_of_work():
        plan_activity(actor=person.viewer, **told)


def _seen(app: Flask, person: Person) -> list[tuple[str, str]]:
    db.session.remove()
    with app.test_request_context(), looking_as(person.viewer):
        return [(one.date_text, one.tone) for one in entries("LAO", person.viewer, Wanted())]


@pytest.fixture
def mid_november(steady_clock: time_machine.Traveller) -> None:
    assert clock.today() == date(2026, 11, 23)


@pytest.mark.usefixtures("mid_november")
def test_a_plan_for_a_month_or_a_year_is_late_when_that_is_over(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer")
    _planned(officer, date(2026, 11, 1), Precision.MONTH)
    _planned(officer, date(2026, 10, 1), Precision.MONTH)
    _planned(officer, date(2026, 1, 1), Precision.YEAR)
    _planned(officer, date(2025, 1, 1), Precision.YEAR)
    _planned(officer, date(2026, 11, 22))
    assert dict(_seen(app, officer)) == {
        "2025": "overdue", "2026": "upcoming", "October 2026": "overdue", "November 2026": "upcoming",
        "22 November 2026": "overdue",
    }  # fmt: skip
    html = check_page(signed_in("officer").get("/states/LAO")).partition('id="timeline"')[2]
    ahead = html[html.index("November 2026") - 200 : html.index("November 2026")]
    assert "Overdue 2" not in ahead, "no number of days of what is known to the month"


@pytest.mark.usefixtures("mid_november")
def test_plans_that_have_passed_do_not_hide_those_to_come(
    app: Flask, person: People, signed_in: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline, "MOST_AHEAD", 2)
    officer = person("officer")
    for day in range(1, 6):
        _planned(officer, date(2026, 11, day))
    _planned(officer, date(2026, 1, 1), Precision.YEAR)
    _planned(officer, date(2026, 12, 24))
    assert ("24 December 2026", "upcoming") in _seen(app, officer) and ("2026", "upcoming") in _seen(app, officer)
    browser = signed_in("officer")
    html = check_page(browser.get("/states/LAO")).partition('id="timeline"')[2]
    assert "24 December 2026" in html and "4 November" in html and "3 November" not in html
    assert 'href="/activities?state=LAO">all contacts</a>' in html
    assert browser.get("/api/v1/states/LAO/timeline").get_json()["more_ahead"] == ["activity"]


def test_what_is_ahead_is_found_by_an_index(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "MOST_AHEAD", 2)
    officer = person("officer")
    for day in range(1, 7):
        _planned(officer, date(2026, 12, day))
    many_activities(3_000)
    with as_owner() as connection:
        connection.execute(text("ANALYZE"))
    with app.test_request_context(), looking_as(officer.viewer):
        seen = plans(lambda: entries("LAO", officer.viewer, Wanted()), "FROM activity_state ")
    asked = [one for one in seen if "ix_activity_state" in one]
    assert len(asked) == len(seen), seen


@pytest.mark.usefixtures("mid_november")
@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("2026-09-10", "", {"month", "year", "day"}),
        ("2026-09-10", "2026-09-20", {"month", "year"}),
        ("2026-10-01", "", {"year"}),
        ("2027-01-01", "", set()),
        ("", "2026-08-31", {"year"}),
        ("2025-12-01", "2025-12-31", set()),
    ],
)
def test_days_asked_for_are_those_on_which_it_may_have_been(
    app: Flask, person: People, signed_in: Clients, since: str, until: str, found: set[str]
) -> None:
    """On the list, its file, the timeline and in the search alike."""
    officer = person("officer").viewer
    for held_on, precision in ((date(2026, 9, 1), "month"), (date(2026, 1, 1), "year"), (date(2026, 9, 25), "day")):
        told = {"person_name": f"Known to the {precision}", "precision": Precision(precision), "held_on": held_on}
        logged(officer, "LAO", reply=f"Canaryword {precision}", **told)
    browser, asked = signed_in("officer"), f"since={since}&until={until}"
    listed = browser.get(f"/api/v1/activities?{asked}").get_json()["items"]
    assert {one["people"][0].rpartition(" ")[2] for one in listed} == found
    file = browser.get(f"/activities/export.csv?{asked}").get_data(as_text=True)
    assert {one for one in ("month", "year", "day") if f"Known to the {one}" in file} == found
    line = browser.get(f"/api/v1/states/LAO/timeline?kind=activity&{asked}").get_json()["items"]
    assert {one["title"].rpartition(" ")[2] for one in line} == found
    hits = browser.get(f"/api/v1/search?q=canaryword&{asked}").get_json()["items"]
    assert len(hits) == len(found)
