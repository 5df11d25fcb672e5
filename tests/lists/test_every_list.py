"""What holds for every list: its page, its files and its door say the same, and no more than its reader may see."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from wtforms import DateField, SelectField

from crm.core import access
from crm.core.access import Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.listing import known, listing_of
from crm.lists.files.views import FILES, Files
from crm.lists.queries import views
from crm.lists.service import save_view
from tests.abuse.world import bundle
from tests.followups.opening import opened
from tests.followups.plans.running import begun, kept
from tests.lists.test_files import READERS, taken_out
from tests.mail.posting import post
from tests.support.met import known as somebody_met
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
SignedIn = Callable[[str], FlaskClient]
EVERY = pytest.mark.parametrize("files", FILES, ids=lambda one: one.listing.key)
READER = {"accounts": "administrator", "outbox": "administrator"}
OUT_OF_THE_WAY = {"followups": "owner=all&status=all", "silences": "which=all", "waiting": "which=all"}
"""What a list is asked for so that it shows everything."""


@pytest.fixture
def filled(person: People) -> None:
    """A row at least in every list."""
    coordinator = person("coordinator").viewer
    logged(coordinator, reply="They asked for a moratorium.", person_name="Karma Example")
    opened(coordinator, what="Send the note")
    opened(coordinator, what="Their estimate", promised=True)
    somebody_met(coordinator, "Karma Example", "LAO")
    bundle(coordinator.party_id, coordinator.user_id, Handling.COORDINATION, "LAO")
    begun(coordinator, kept(coordinator))
    post()
    db.session.remove()


def _reader(files: Files) -> str:
    return READER.get(files.listing.key, "coordinator")


def _query(files: Files, *more: str) -> str:
    return "&".join(filter(None, (OUT_OF_THE_WAY.get(files.listing.key, ""), *more)))


def _page(app: Flask, files: Files, query: str) -> str:
    with app.test_request_context():
        return files.listing.address(query or "view=all")


@EVERY
def test_a_list_says_what_it_counts_and_leads_to_views_columns_and_files(
    app: Flask, filled: None, signed_in: SignedIn, files: Files
) -> None:
    page = check_page(signed_in(_reader(files)).get(_page(app, files, _query(files))))
    tools = page[page.index('class="list-tools"') :]
    assert re.search(r'class="list-count" role="status">[\d,]+ ', tools)
    for address in (f"{files.page}.csv", f"{files.page}.xlsx", "/views"):
        assert f'href="{address}' in tools, address
    for column in files.listing.asked("").known_columns:
        assert column.always or f'id="column-{column.key}"' in tools
    assert 'class="form-select"' in page or 'class="form-control"' in page, "it is narrowed on the page"


@EVERY
@pytest.mark.parametrize("suffix", READERS)
def test_page_file_and_door_show_the_same(
    app: Flask, filled: None, signed_in: SignedIn, files: Files, suffix: str
) -> None:
    browser, listing = signed_in(_reader(files)), files.listing
    with looking_as(access.SYSTEM):
        columns = listing.asked("").known_columns
    query = _query(files, *(f"columns={one.key}" for one in columns))
    if listing.key == "audit":
        query += "&event=activity_recorded"
    page = check_page(browser.get(_page(app, files, query)))
    said = re.search(r'class="list-count" role="status">([\d,]+)', page)
    rows = [
        READERS[suffix](browser.get(f"{door}.{suffix}?{query}").data) for door in (files.page, f"/api/v1{files.api}")
    ]
    assert rows[0] == rows[1]
    assert rows[0][0] == [one.heading("UTC") for one in columns]
    assert said and len(rows[0]) - 1 == int(said[1]) > 0
    plain = READERS[suffix](browser.get(f"{files.page}.{suffix}?{_query(files)}").data)
    assert plain[0] == [one.heading("UTC") for one in columns if one.shown or one.always]


@EVERY
def test_each_order_and_each_column_stands_on_the_page_and_nothing_else_is_taken(
    app: Flask, filled: None, signed_in: SignedIn, files: Files
) -> None:
    browser, listing = signed_in(_reader(files)), files.listing
    with looking_as(access.SYSTEM):
        form = listing.asked("")
    assert form.sorts
    for sort in form.sorts:
        for column in form.known_columns if sort == form.sorts[0] else form.known_columns[:1]:
            check_page(browser.get(_page(app, files, _query(files, f"sort={sort}", f"columns={column.key}"))))
        assert browser.get(f"{files.page}.csv?{_query(files, f'sort={sort}')}").status_code == 200
    for odd in ("columns=password_hash", "sort=password_hash", "columns=__class__", "sort=-"):
        assert browser.get(f"{files.page}.csv?{odd}").status_code == 422, odd
        assert browser.get(f"/api/v1{files.api}.csv?{odd}").status_code == 422, odd
        refused = browser.get(f"/api/v1{files.api.removesuffix('/export')}?{odd}")
        assert refused.status_code == 422 and set(refused.get_json()["errors"]) == {odd.split("=")[0]}, odd


@EVERY
def test_a_filter_that_cannot_be_read_is_said_beside_its_field_and_not_left_out(
    filled: None, person: People, signed_in: SignedIn, files: Files
) -> None:
    browser = signed_in(_reader(files))
    with looking_as(person(_reader(files)).viewer):
        fields = [one.short_name for one in files.listing.asked("") if isinstance(one, SelectField | DateField)]
    assert fields
    for name in fields:
        refused = browser.get(f"/api/v1{files.api.removesuffix('/export')}?{name}=nonsense")
        assert refused.status_code == 422 and refused.get_json()["errors"].keys() == {name}, name


@EVERY
def test_taking_it_out_is_written_down(filled: None, signed_in: SignedIn, files: Files) -> None:
    before = len(taken_out())
    assert signed_in(_reader(files)).get(f"{files.page}.csv?{_query(files)}").status_code == 200
    after = taken_out()[before:]
    assert {one.subject_kind for one in after} == ({files.exports} if files.exports else set())
    if files.exports:
        assert all(one.details["rows"] and len(one.details["sha256"]) == 64 for one in after)


@EVERY
def test_a_view_of_it_is_kept_for_its_owner_alone_and_opens_it(
    app: Flask, filled: None, person: People, signed_in: SignedIn, files: Files
) -> None:
    browser, key = signed_in(_reader(files)), files.listing.key
    with looking_as(access.SYSTEM):
        sort = files.listing.asked("").sorts[-1]
    token = token_of(check_page(browser.get(f"/views/new?list={key}&query=sort%3D{sort}")))
    sent = {"csrf_token": token, "list": key, "query": f"sort={sort}", "name": "Mine", "opens": "y"}
    answer = browser.post("/views/new", data=sent)
    assert answer.status_code == 303
    with app.test_request_context():
        plain = files.listing.address()
    opens = browser.get(plain)
    assert (opens.status_code, opens.location) == (303, f"{plain}?sort={sort}")
    assert "Mine" in check_page(browser.get(opens.location))
    assert "Mine" not in check_page(signed_in("presidency").get("/views"))
    assert browser.get(f"{plain}?view=all").status_code == 200, "everything is never further than that"


@EVERY
def test_whoever_cannot_open_a_list_takes_no_file_of_it_and_keeps_no_view(
    filled: None, signed_in: SignedIn, person: People, files: Files, app: Flask
) -> None:
    asked = files.listing.permission
    who = next((one for one in ("observer", "administrator", "officer") if not person(one).viewer.may(asked)), None)
    if who is None:
        assert asked in ("states:read", "people:read", "activities:read")
        return
    app.config["RAISE_ERRORS"] = False
    for door in (files.page, f"/api/v1{files.api}"):
        assert signed_in(who).get(f"{door}.csv").status_code == 403
        assert signed_in(who).get(f"{door}.xlsx").status_code == 403
    token = token_of(check_page(signed_in(who).get("/account")))
    sent = {"list": files.listing.key, "name": "Mine", "query": ""}
    assert signed_in(who).post("/api/v1/views", json=sent, headers={"X-CSRFToken": token}).status_code == 403


def test_a_shared_view_is_no_business_of_colleagues_to_whom_its_list_is_closed(
    app: Flask, person: People, signed_in: SignedIn
) -> None:
    mine = person("coordinator").viewer
    with looking_as(mine), unit_of_work():
        save_view(actor=mine, listing=listing_of("audit"), name="Denied things", query="denied=y", shared=True)
    without = replace(mine, user_id=person("officer").viewer.user_id, permissions=mine.permissions - {"audit:read"})
    for viewer, seen in ((mine, ["Denied things"]), (without, [])):
        with app.test_request_context(), looking_as(viewer):
            db.session.rollback()
            assert [one.name for one in views(viewer)] == seen


def test_j_and_k_find_the_rows_and_a_record_finds_its_way_back(app: Flask, filled: None, signed_in: SignedIn) -> None:
    """Every list whose records have pages: its rows lead there, and from there back and on."""
    for files in FILES:
        if not files.listing.record_page:
            continue
        browser = signed_in(_reader(files))
        page = check_page(browser.get(_page(app, files, _query(files))))
        assert "data-rows" in page and "data-open" in page, files.listing.key
        link = re.findall(r'<a href="([^"]+)" data-open', page)[0].replace("&amp;", "&")
        shown = check_page(browser.get(link))
        assert 'data-way="back"' in shown, files.listing.key


def test_a_list_known_by_heart_leads_from_row_to_row(app: Flask, signed_in: SignedIn) -> None:
    browser = signed_in("officer")
    first = check_page(browser.get("/people/offices/ALB/foreign_minister?list=kind%3Dforeign_minister"))
    assert 'data-way="before"' in first and "/people/offices/DZA/" in first
    state = check_page(browser.get("/states/ALB?list=as_of%3D2011-06-01%26sort%3D-name"))
    onward = re.findall(r'href="([^"]+)" data-way="after"', state)[0]
    assert onward.startswith("/states/AFG?as_of=2011-06-01"), "the day goes along"
    assert 'href="/states?as_of=2011-06-01&amp;sort=-name#row-ALB" data-way="back"' in state
    for odd in ("as_of%3Dnever", "sort%3Dnothing", "region%3Dx%26status%3Dy"):
        check_page(browser.get(f"/states/ALB?list={odd}"))
        check_page(browser.get(f"/people/offices/ALB/foreign_minister?list={odd}"))


def test_every_list_has_its_files(app: Flask) -> None:
    with app.app_context():
        assert {one.listing.key for one in FILES} == set(known())


def test_who_keeps_everybodys_accounts_reads_everybodys(app: Flask, person: People, signed_in: SignedIn) -> None:
    people = [person(one) for one in ("coordinator", "officer", "other_officer", "observer", "administrator")]
    browser = signed_in("administrator")
    page = browser.get("/api/v1/accounts").get_json()
    assert {one["email"] for one in page["items"]} >= {one.email for one in people}
    file = READERS["csv"](browser.get("/administration/accounts/export.csv").data)
    assert {row[1] for row in file[1:]} == {one["email"] for one in page["items"]}
    (found,) = browser.get(f"/api/v1/accounts?q={people[3].email}").get_json()["items"]
    assert found["email"] == people[3].email
    closed = browser.get("/api/v1/accounts?stands=closed&role=observer").get_json()
    assert closed == {"items": [], "next": None}
