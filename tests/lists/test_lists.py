"""Lists: what they count, their order and columns, and the way from one row to the next."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from crm.activities.queries import activities_asked
from crm.core import access
from crm.core.access import Handling, looking_as
from crm.core.db import db
from crm.core.lists import COUNTED, count_in_words, counted, every_line, neighbours
from tests.followups.opening import opened
from tests.support.activities import many_activities
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import logged
from tests.support.statements import recorded

People = Callable[[str], Person]
SignedIn = Callable[[str], FlaskClient]


def test_a_list_says_how_many_there_are_and_stops_at_a_thousand(person: People, signed_in: SignedIn) -> None:
    many_activities(60)
    assert "60 activities" in check_page(signed_in("coordinator").get("/activities"))
    many_activities(COUNTED, start=60, party="Norway")
    assert "more than 1,000 activities" in check_page(signed_in("coordinator").get("/activities"))
    assert count_in_words(1, "activity", "activities") == "1 activity"


def test_the_count_is_that_of_what_its_reader_may_see(person: People, signed_in: SignedIn) -> None:
    coordinator = person("coordinator").viewer
    for handling in (Handling.ORIGINATOR, Handling.STATES, Handling.COMMUNITY):
        logged(coordinator, handling=handling)
    for who, number in (("coordinator", "3 activities"), ("other_officer", "2 activities"), ("observer", "1 activity")):
        assert number in check_page(signed_in(who).get("/activities")), who
    assert "0 activities" in check_page(signed_in("observer").get("/activities?state=BTN"))


def test_counting_costs_one_statement_that_ends_by_itself(app: Flask, person: People) -> None:
    many_activities(80)
    with looking_as(person("coordinator").viewer), recorded() as seen:
        assert counted(activities_asked()) == 80
    (asked,) = [one for one in seen if one.asks]
    assert "LIMIT" in asked.sql.upper()


def test_the_oldest_come_first_where_that_is_asked(person: People, signed_in: SignedIn) -> None:
    many_activities(120)
    browser = signed_in("coordinator")
    days: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = browser.get("/api/v1/activities", query_string={"sort": "date", **({"after": cursor} if cursor else {})})
        days += [one["held_on"] for one in page.get_json()["items"]]
        cursor = page.get_json()["next"]
    assert days == sorted(days) and len(days) == 120
    html = check_page(browser.get("/activities?sort=date"))
    assert 'aria-sort="ascending"' in html


@pytest.mark.parametrize("query", ["columns=state,what,handling", "columns=handling&columns=state"])
def test_columns_are_chosen_in_the_address(person: People, signed_in: SignedIn, query: str) -> None:
    logged(person("coordinator").viewer)
    html = check_page(signed_in("coordinator").get(f"/activities?{query}"))
    shown = re.findall(r'data-label="([^"]+)"', html)
    assert shown == ["State", "What", "Who may see it"]
    plain = re.findall(r'data-label="([^"]+)"', check_page(signed_in("coordinator").get("/activities")))
    assert plain == ["Date", "State", "What", "With whom", "Reply", "Next action"]


def test_columns_and_orders_that_no_list_has_are_left_out(person: People, signed_in: SignedIn) -> None:
    logged(person("coordinator").viewer)
    for query in ("columns=password", "sort=password", "sort=-date%27&columns=x,y"):
        html = check_page(signed_in("coordinator").get(f"/activities?{query}"))
        assert "With whom" in html


def test_a_page_costs_as_many_statements_however_long_the_list_is(app: Flask, signed_in: SignedIn) -> None:
    browser, numbers = signed_in("coordinator"), []
    for count, start in ((60, 0), (540, 60)):
        many_activities(count, start=start, party=f"Party {start}")
        browser.get("/activities?sort=date")
        with recorded() as seen:
            browser.get("/activities?sort=date")
        numbers.append(len([one for one in seen if one.asks]))
    assert numbers[0] == numbers[1] <= 12


def test_the_whole_list_is_read_in_its_order_a_batch_at_a_time(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_activities(95)
    monkeypatch.setattr("crm.core.lists.BATCH", 20)
    with looking_as(person("coordinator").viewer):
        lines = list(every_line(activities_asked()))
        assert len(lines) == len({one.id for one in lines}) == 95
        assert [one.held_on for one in lines] == sorted((one.held_on for one in lines), reverse=True)


def test_neighbours_are_those_of_the_filtered_list(app: Flask, person: People) -> None:
    viewer = person("coordinator").viewer
    keys = [logged(viewer, state, held_on=date(2026, 11, day)) for day, state in enumerate(("LAO", "BTN", "LAO"), 1)]
    with looking_as(viewer):
        found = neighbours(activities_asked(state_iso3="LAO"), keys[2])
        assert found and (found.before, found.after) == (None, keys[0])
        found = neighbours(activities_asked(), keys[1])
        assert found and (found.before, found.after) == (keys[2], keys[0])
        assert neighbours(activities_asked(state_iso3="LAO"), keys[1]) is None
        db.session.rollback()


def test_a_record_leads_on_within_its_list_and_back_to_its_place(person: People, signed_in: SignedIn) -> None:
    many_activities(130)
    browser = signed_in("coordinator")
    second = check_page(browser.get("/activities?sort=date"))
    address = re.findall(r'rel="next" href="([^"]+)"', second)[0].replace("&amp;", "&")
    page = check_page(browser.get(address))
    rows = re.findall(r'<tr id="row-([0-9a-f-]{36})"', page)
    links = [one.replace("&amp;", "&") for one in re.findall(r'href="([^"]+)" data-open', page)]
    assert len(rows) == 50
    shown = check_page(browser.get(links[49]))
    back = re.findall(r'href="([^"]+)" data-way="back"', shown)[0].replace("&amp;", "&")
    assert back == f"{address}#row-{rows[49]}"
    onward = re.findall(r'href="([^"]+)" data-way="after"', shown)[0].replace("&amp;", "&")
    beyond = check_page(browser.get(onward))
    back = re.findall(r'href="([^"]+)" data-way="back"', beyond)[0].replace("&amp;", "&")
    row = back.rpartition("#row-")[2]
    assert row not in rows
    assert re.findall(r'<tr id="row-([0-9a-f-]{36})"', check_page(browser.get(back.partition("#")[0])))[0] == row
    before = re.findall(r'href="([^"]+)" data-way="before"', beyond)[0]
    assert rows[49] in before


def test_the_way_costs_as_many_statements_for_every_record(person: People, signed_in: SignedIn) -> None:
    many_activities(400)
    browser = signed_in("coordinator")
    links = re.findall(r'href="([^"]+)" data-open', check_page(browser.get("/activities")))
    numbers = set()
    for link in (links[0], links[30]):
        browser.get(link)
        with recorded() as seen:
            browser.get(link)
        numbers.add(len([one for one in seen if one.asks]))
    with recorded() as seen:
        browser.get(links[0].partition("?")[0])
    assert len(numbers) == 1
    assert max(numbers) - len([one for one in seen if one.asks]) <= 4


def test_a_list_tells_nothing_of_a_neighbour_that_is_hidden(person: People, signed_in: SignedIn) -> None:
    viewer = person("coordinator").viewer
    shown = [logged(viewer, held_on=date(2026, 11, day), handling=Handling.COMMUNITY) for day in (1, 3)]
    hidden = logged(viewer, held_on=date(2026, 11, 2), handling=Handling.ORIGINATOR)
    html = check_page(signed_in("observer").get(f"/activities/{shown[1]}?list="))
    assert str(shown[0]) in html and str(hidden) not in html
    assert signed_in("observer").get(f"/activities/{hidden}?list=").status_code == 404


@pytest.mark.parametrize("place", ["after=nonsense", "q=%00", "state=ZZZ", "x" * 5_000, "list=list", "%FF"])
def test_a_way_that_somebody_made_up_breaks_nothing(person: People, signed_in: SignedIn, place: str) -> None:
    key = logged(person("coordinator").viewer)
    answer = signed_in("coordinator").get(f"/activities/{key}", query_string={"list": place})
    assert answer.status_code in (200, 404)


def test_follow_ups_have_the_same(person: People, signed_in: SignedIn) -> None:
    viewer = person("officer").viewer
    keys = [opened(viewer, what=f"Step {number}") for number in range(3)]
    html = check_page(signed_in("officer").get("/followups?columns=what,status"))
    assert "3 follow-ups" in html
    assert re.findall(r'data-label="([^"]+)"', html) == ["What", "Stands"] * 3
    link = re.findall(r'href="([^"]+)" data-open', html)[1].replace("&amp;", "&")
    assert len(re.findall(r"data-way=", check_page(signed_in("officer").get(link)))) == 3
    access.look_as(access.SYSTEM)
    assert str(keys[0]) in html
