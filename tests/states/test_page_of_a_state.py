"""The page of a State: what stands first, one timeline of everything, and what can be asked of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.course.service import plan_activity, report_activity, take_step
from crm.activities.models import ActivityState
from crm.activities.rules import Status
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.visibility import Attribution
from crm.followups.service import finish, open_follow_up
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged
from tests.support.statements import recorded

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
FOR_STATES = {"handling": Handling.STATES}
OPENLY = {**FOR_STATES, "attribution": Attribution.FULL}


def planned(actor: Viewer, held_on: date, state_iso3: str = "LAO", **more: Any) -> UUID:
    with looking_as(actor), unit_of_work():
        told = {"kind": "demarche", "state_iso3": state_iso3, "held_on": held_on, **FOR_STATES, **more}
        return plan_activity(actor=actor, **told).id


def owed(actor: Viewer, what: str, due_on: date, **more: Any) -> UUID:
    with looking_as(actor), unit_of_work():
        return open_follow_up(
            actor=actor, what=what, state_iso3="LAO", due_on=due_on, **{"handling": Handling.STATES, **more}
        ).id


def asked(browser: FlaskClient, query: str = "", state: str = "LAO") -> list[tuple[str, str]]:
    """Kind and day of what the timeline shows, in its order."""
    answer = browser.get(f"/api/v1/states/{state}/timeline{query}")
    assert answer.status_code == 200, answer.get_json()
    return [(one["kind"], one["date"]) for one in answer.get_json()["items"]]


def past(found: list[tuple[str, str]]) -> list[str]:
    return [day for kind, day in found if kind == "activity"]


def test_what_is_late_stands_first_then_what_comes_next_then_the_past(person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    logged(officer, held_on=date(2026, 10, 1), **FOR_STATES)
    logged(officer, held_on=date(2026, 11, 1), **FOR_STATES)
    planned(officer, date(2026, 12, 5))
    planned(officer, date(2026, 11, 10))
    owed(officer, "Send the text", date(2026, 12, 1))
    found = asked(signed_in("officer"))
    assert found[:5] == [
        ("activity", "2026-11-10"), ("followup", "2026-12-01"), ("activity", "2026-12-05"),
        ("activity", "2026-11-01"), ("activity", "2026-10-01"),
    ]  # fmt: skip
    assert found[5][0] == "act"


def test_pages_by_whole_days_lose_nothing_however_much_one_day_holds(person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    days = (
        [date(2026, 11, 20)] * 3 + [date(2026, 11, 2)] * 60 + [date(2025, 1, 1) - timedelta(days=n) for n in range(30)]
    )
    for day in days:
        logged(officer, held_on=day, **FOR_STATES)
    browser, seen, before, pages = signed_in("officer"), [], "", 0
    while True:
        body = browser.get(f"/api/v1/states/LAO/timeline?kind=activity{before}").get_json()
        seen += [one["id"] for one in body["items"]]
        pages += 1
        if body["older_than"] is None:
            break
        before = f"&before={body['older_than']}"
    assert len(seen) == len(set(seen)) == len(days)
    assert pages == 3


def test_it_is_asked_by_kind_person_side_and_days(person: People, signed_in: Clients) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    logged(officer, held_on=date(2026, 11, 1), person_name="Karma Wangdi", **OPENLY)
    logged(other, held_on=date(2026, 10, 1), person_name="Deki Yangzom", **OPENLY)
    owed(officer, "Send the text", date(2026, 12, 1))
    browser = signed_in("officer")
    assert {kind for kind, _ in asked(browser, "?kind=activity")} == {"activity"}
    assert asked(browser, "?kind=followup") == [("followup", "2026-12-01")]
    assert {kind for kind, _ in asked(browser, "?kind=act")} == {"act"}
    assert past(asked(browser, "?person=yangzom")) == ["2026-10-01"]
    assert asked(browser, "?person=nobody%25") == []
    assert past(asked(browser, f"?whose=party-{other.party_id}")) == ["2026-10-01"]
    assert past(asked(browser, "?whose=me")) == ["2026-11-01"]
    assert past(asked(browser, f"?whose=mission-{officer.mission_id}")) == ["2026-11-01"]
    assert past(asked(browser, "?since=2026-10-15")) == ["2026-11-01"]
    assert past(asked(browser, "?until=2026-10-15")) == ["2026-10-01"]
    refused = browser.get("/api/v1/states/LAO/timeline?kind=rumour&since=soon&whose=x")
    assert refused.status_code == 422
    assert set(refused.get_json()["errors"]) == {"kind", "since", "whose"}
    assert browser.get("/api/v1/states/LAO/timeline?knid=act").status_code == 422


def test_the_filters_stand_in_the_address_of_the_page(person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    logged(officer, held_on=date(2026, 11, 1), person_name="Karma Wangdi", **OPENLY)
    browser = signed_in("officer")
    page = check_page(browser.get("/states/LAO?kind=activity&person=Karma"))
    assert 'aria-current="page">Contacts</a>' in page
    assert 'name="kind" type="hidden" value="activity"' in page
    assert re.search(r'href="/states/LAO\?kind=followup&amp;person=Karma#timeline"', page)
    assert "Nothing fits" in check_page(browser.get("/states/LAO?person=Nobody"))
    wrong = check_page(browser.get("/states/LAO?since=soon"))
    assert 'id="since-error"' in wrong
    assert browser.get("/states/LAO?before=soon").status_code == 404


def test_every_entry_has_an_address_of_its_own(person: People, signed_in: Clients) -> None:
    officer, browser = person("officer").viewer, signed_in("officer")
    key = logged(officer, held_on=date(2026, 3, 1), **FOR_STATES)
    address = browser.get("/api/v1/states/LAO/timeline").get_json()["items"][0]["address"]
    assert address == f"/states/LAO?before=2026-03-02#activity-{key}"
    for day in range(1, 28):
        logged(officer, held_on=date(2026, 10, day), **FOR_STATES)
    assert f'id="activity-{key}"' not in check_page(browser.get("/states/LAO"))
    page = check_page(browser.get(address))
    assert f'id="activity-{key}"' in page
    assert f'href="{address}"' in page


def test_asking_for_a_person_or_a_side_finds_nothing_that_is_kept_from_the_asker(
    person: People, signed_in: Clients
) -> None:
    """A person whom the record does not name, a party that it does not tell, and the State that it hides."""
    other = person("other_officer").viewer
    logged(other, person_name="Tandin Source", handling=Handling.STATES, attribution=Attribution.STATE_NOT_PERSON)
    logged(other, person_name="Hidden Person", handling=Handling.STATES, attribution=Attribution.NONE)
    logged(other, person_name="Own Person", handling=Handling.ORIGINATOR, held_on=date(2026, 9, 9))
    browser = signed_in("officer")
    assert asked(browser, "?person=Tandin") == asked(browser, "?person=Hidden") == []
    assert asked(browser, "?person=Other+Officer") == [], "who delivered it is a person, too"
    assert past(asked(browser, f"?whose=party-{other.party_id}")) == ["2026-11-01"]
    assert len(past(asked(signed_in("other_officer"), "?kind=activity"))) == 3
    assert asked(signed_in("other_officer"), "?person=Hidden") == [("activity", "2026-11-01")]
    theirs = browser.get(f"/api/v1/states/LAO/timeline?whose=mission-{other.mission_id}")
    assert theirs.status_code == 422


def test_last_contact_is_the_newest_that_the_reader_may_see(person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    logged(officer, held_on=date(2026, 10, 1), **FOR_STATES)
    logged(officer, held_on=date(2026, 11, 20), handling=Handling.ORIGINATOR)

    def last(who: str) -> str:
        body = signed_in(who).get("/api/v1/states/LAO/timeline").get_json()
        found = {one["label"]: f"{one['value']} ({one['note']})" for one in body["glance"]}
        return found.get("Last contact", "nothing said")

    assert last("officer").startswith("3 days ago (20 November 2026")
    assert last("other_officer").startswith("7 weeks ago (1 October 2026")
    assert last("observer") == "None (None that you may see)"
    assert last("administrator") == "nothing said"


def test_what_matters_first_stands_on_top(person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    logged(officer, held_on=date(2025, 9, 1), person_name="Karma Wangdi", person_title="Director", **OPENLY)
    owed(officer, "Send the estimate", date(2026, 12, 1))
    page = check_page(signed_in("officer").get("/states/LAO"))
    top = page[page.index("key-figures-words") : page.index('id="timeline"')]
    for words in (
        "14 months ago",
        "key-figure-warn",
        "In 8 days",
        "Send the estimate",
        "Karma Wangdi",
        "Director, met",
    ):
        assert words in top, words
    empty = check_page(signed_in("officer").get("/states/BTN"))
    assert "Not known" in empty


def test_promises_stand_on_both_sides_and_ours_turn_red_first(
    person: People, signed_in: Clients, steady_clock: Any
) -> None:
    officer = person("officer").viewer
    owed(officer, "Send the model law", date(2026, 11, 25))
    owed(officer, "Answer to the questionnaire", date(2026, 11, 25), promised=True)
    steady_clock.shift(timedelta(days=4))
    page = check_page(signed_in("officer").get("/states/LAO"))
    panel = page[page.index("Open promises") :]
    assert '<span class="is-late">We owe, 2 days late</span>' in panel
    assert "They promised, 2 days late" in panel
    assert '<span class="is-late">They promised' not in panel
    steady_clock.shift(timedelta(days=6))
    later = check_page(signed_in("officer").get("/states/LAO"))
    assert '<span class="is-late">They promised, 8 days late</span>' in later


def test_a_promise_of_theirs_is_told_by_both_doors(person: People, signed_in: Clients) -> None:
    browser = signed_in("officer")
    body = {"what": "Their answer", "state_iso3": "LAO", "due_on": "2026-12-01", "promised": True}
    made = browser.post("/api/v1/followups", json=body, headers={"X-CSRFToken": token_of(browser.get("/account").text)})
    assert made.status_code == 201
    assert made.get_json()["promised"] is True
    page = check_page(browser.get(f"/followups/{made.get_json()['id']}"))
    assert "Theirs: the State promised it" in page
    assert "They promised: Their answer" in check_page(browser.get("/states/LAO"))
    officer = person("officer").viewer
    with looking_as(officer), unit_of_work():
        finish(actor=officer, followup_id=UUID(made.get_json()["id"]), done_note="It came")
    assert "Promise kept: Their answer" in check_page(browser.get("/states/LAO"))


def test_who_else_is_in_touch_stands_over_everything(person: People, signed_in: Clients) -> None:
    planned(person("other_officer").viewer, date(2026, 12, 1))
    page = check_page(signed_in("officer").get("/states/LAO"))
    assert page.index("Others are in touch") < page.index('id="timeline"')
    assert "Others are in touch" not in check_page(signed_in("other_officer").get("/states/LAO"))
    assert "Others are in touch" not in check_page(signed_in("observer").get("/states/LAO"))


def test_what_is_ahead_is_repeated_with_each_state(app: Flask, person: People) -> None:
    """The timeline asks there, so each step of an activity must show there."""
    officer = person("officer").viewer

    def ahead() -> bool:
        db.session.expire_all()
        with looking_as(SYSTEM):
            return db.session.scalars(select(ActivityState.ahead).where(ActivityState.activity_id == key)).one()

    key = planned(officer, date(2026, 11, 20))
    assert ahead() is True
    for status, expected in ((Status.CANCELLED, False), (Status.PLANNED, True), (Status.DELIVERED, False)):
        with looking_as(officer), unit_of_work():
            take_step(actor=officer, activity_id=key, status=status, note="As agreed")
        assert ahead() is expected, status
    other = planned(officer, date(2026, 11, 20))
    with looking_as(officer), unit_of_work():
        report_activity(
            actor=officer, activity_id=other, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 20), reply="Yes"
        )
    key = other
    assert ahead() is False


@pytest.mark.parametrize("number", [1, 45])
def test_as_many_statements_however_much_there_is(person: People, signed_in: Clients, number: int) -> None:
    officer = person("officer").viewer
    for place in range(number):
        logged(officer, held_on=date(2026, 11, 1) - timedelta(days=place), **OPENLY)
    browser = signed_in("officer")
    browser.get("/states/LAO")
    with recorded() as seen:
        browser.get("/states/LAO")
    assert len([one for one in seen if one.asks]) <= 30


def test_a_level_that_nobody_said_is_not_said_of_whom_to_call(app: Flask, person: People, signed_in: Clients) -> None:
    logged(person("officer").viewer, person_name="Tashi Norbu")
    page = check_page(signed_in("officer").get("/states/LAO"))
    assert "Tashi Norbu" in page and re.search(r"\bMet \d+ \w+ ago", page) and "Other, met" not in page
