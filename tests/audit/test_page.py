"""The page and the JSON door: what each may see, and the filters."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from crm.activities.models import Activity
from crm.activities.service import record_activity
from crm.audit import queries
from crm.audit.columns import COLUMNS
from crm.audit.listing import LISTING
from crm.audit.models import AuditEntry
from crm.audit.queries import Wanted
from crm.audit.service import Event, record
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.lists import counted, every_line
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.statements import recorded
from tests.support.wall import as_owner

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


def visit(someone: Person, handling: Handling, state: str) -> None:
    with unit_of_work():
        record_activity(
            actor=someone.viewer, kind="demarche", state_iso3=state, held_on=clock.today(),
            person_name="Somebody", reply="Canary words.", handling=handling,
        )  # fmt: skip


@pytest.fixture
def three(app: Flask, person: People) -> None:
    """Three records of three parties: one kept, two shared."""
    visit(person("officer"), Handling.ORIGINATOR, "LAO")
    visit(person("other_officer"), Handling.COORDINATION, "BTN")
    visit(person("presidency"), Handling.STATES, "TON")
    db.session.remove()


def test_it_says_whose_account_it_was_to_whoever_keeps_it(three: None, person: People, signed_in: Clients) -> None:
    """To the keeper of all, and within the party; to another party's coordinator nobody of theirs is named."""
    names = {who: person(who).viewer.name for who in ("officer", "presidency", "coordinator")}
    told = {
        who: {
            one["subject"]["name"]
            for one in signed_in(who).get("/api/v1/audit").get_json()["items"]
            if one["subject"]["kind"] == "user"
        }
        for who in ("administrator", "coordinator")
    }
    assert set(names.values()) <= told["administrator"]
    assert names["coordinator"] in told["coordinator"] and names["presidency"] not in told["coordinator"]
    assert names["officer"] in signed_in("administrator").get("/administration/audit.csv").get_data(as_text=True)


@pytest.mark.parametrize(
    ("who", "states"),
    [("coordinator", {"BTN", "TON"}), ("presidency", {"BTN", "TON"}), ("administrator", set())],
)
def test_s09_each_sees_what_concerns_them(three: None, signed_in: Clients, who: str, states: set[str]) -> None:
    browser = signed_in(who)
    items = browser.get("/api/v1/audit").get_json()["items"]
    assert {one["facts"]["state"] for one in items if one["event"] == "activity_recorded"} == states
    page = check_page(browser.get("/administration/audit"))
    assert "Canary words" not in page and "LAO" not in page
    of_others = [one for one in items if one["event"] == "account_opened" and one["actor"] == "Demarche"]
    assert len(of_others) == (4 if who == "administrator" else 1), "their own party's, and everybody's for the keeper"


@pytest.mark.parametrize("who", ["officer", "secretariat", "observer"])
def test_it_is_not_open_to_all(three: None, signed_in: Clients, who: str) -> None:
    assert signed_in(who).get("/administration/audit").status_code == 403
    assert signed_in(who).get("/api/v1/audit").status_code == 403


def test_filters_and_pages(three: None, person: People, signed_in: Clients) -> None:
    browser = signed_in("coordinator")

    def states(query: str) -> list[str]:
        items = browser.get(f"/api/v1/audit?{query}").get_json()["items"]
        return [one["facts"].get("state") for one in items]

    visit(person("coordinator"), Handling.ORIGINATOR, "KEN")
    db.session.remove()
    assert states("event=activity_recorded") == ["KEN", "TON", "BTN"]
    assert states("event=activity_recorded&q=coordinator") == ["KEN"]
    assert states("event=activity_recorded&q=PRESID") == [], "who acted for another party is for that party to know"
    assert states("event=activity_recorded&q=%25") == []
    assert states("event=activity_recorded&since=2026-11-23") == ["KEN", "TON", "BTN"]
    assert states("event=activity_recorded&until=2026-11-22") == []
    assert states("event=activity_recorded&until=2026-11-23") == ["KEN", "TON", "BTN"]
    for odd in ("since=never&event=nothing", "until=9999-12-31", "since=0001-01-01", "until=0001-01-01", "q=%00"):
        status = browser.get(f"/api/v1/audit?{odd}").status_code
        assert status == 422 or odd == "q=%00"
        assert check_page(browser.get(f"/administration/audit?{odd}"), status)
    assert "No entry fits" in check_page(browser.get("/administration/audit?q=nobody+at+all"))


def test_a_page_asks_few_questions(three: None, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    browser.get("/administration/audit")
    with recorded() as seen:
        browser.get("/administration/audit")
    assert len(seen) <= 12, (
        "who, what they may reach, the view that the list opens with, the reference data, the parties, the end of the "
        "chain, the entries, their number, two for each kind of record, the saved views"
    )


def test_a_mark_is_held_against_the_chain(three: None, signed_in: Clients) -> None:
    browser = signed_in("presidency")
    chained = browser.get("/api/v1/audit").get_json()["chain"]
    mark = f"{chained['entries']}:{chained['link']}"
    assert chained["mark_holds"] is None
    assert browser.get("/api/v1/audit", query_string={"mark": mark}).get_json()["chain"]["mark_holds"] is True
    assert "The chain goes through this mark." in check_page(
        browser.get("/administration/audit", query_string={"mark": mark})
    )
    for wrong in (mark[:-1] + ("0" if mark[-1] != "0" else "1"), "1:" + chained["link"]):
        page = check_page(browser.get("/administration/audit", query_string={"mark": wrong}))
        assert "does not go through this mark" in page


def test_facts_are_words(three: None, signed_in: Clients) -> None:
    page = check_page(signed_in("coordinator").get("/administration/audit?event=activity_recorded"))
    assert "Bhutan" in page and "Démarche" in page and "23 November 2026" in page
    for code in ("BTN", "demarche<", "2026-11-23<", "activity_recorded</"):
        assert code not in page, code


def test_the_history_of_one_record(three: None, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    items = browser.get("/api/v1/audit?event=activity_recorded").get_json()["items"]
    key, href = items[0]["subject"]["id"], items[0]["subject"]["href"]
    for typed in (key, key.upper(), f"https://demarche.example.org{href}?x=1", f" {href} "):
        found = browser.get("/api/v1/audit", query_string={"record": typed}).get_json()["items"]
        assert [one["subject"]["id"] for one in found] == [key], typed
    page = check_page(browser.get("/administration/audit?event=activity_recorded"))
    assert f"/administration/audit?record={key}" in page and f'href="{href}"' in page


def test_an_event_of_another_version_is_no_error(three: None, signed_in: Clients) -> None:
    with as_owner() as connection:
        wanted = AuditEntry.__table__.c.event == "activity_recorded"
        connection.execute(update(AuditEntry.__table__).where(wanted).values(event="treaty_renamed"))  # type: ignore[arg-type]
    browser = signed_in("coordinator")
    assert "An event that this version does not know" in check_page(browser.get("/administration/audit"))
    items = browser.get("/api/v1/audit").get_json()["items"]
    assert "treaty_renamed" in {one["event"] for one in items}
    assert "treaty_renamed" in browser.get(f"/administration/audit.csv?{ALL_COLUMNS}").text


ALL_COLUMNS = f"columns={','.join(one.key for one in COLUMNS)}"


def rows(browser: FlaskClient, query: str = "") -> list[dict[str, str]]:
    answer = browser.get(f"/administration/audit.csv?{ALL_COLUMNS}&{query}")
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit-2026-11-23.csv"'
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_table_says_what_the_page_says(three: None, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    found = rows(browser, "event=activity_recorded")
    assert [("Tonga" in one["Particulars"], "Bhutan" in one["Particulars"]) for one in found] == [
        (True, False),
        (False, True),
    ]
    assert {one["What"] for one in found} == {"Activity recorded"}
    assert browser.get("/administration/audit.csv?event=activity_recorded").text == (
        browser.get("/api/v1/audit/export.csv?event=activity_recorded").text
    )


def test_s31_no_cell_is_a_formula(app: Flask, person: People, signed_in: Clients) -> None:
    viewer = person("coordinator").viewer
    with unit_of_work():
        record(Event.TOKEN_ISSUED, actor=viewer, subject=("api_token", "1"), label="x")
        named = Viewer(user_id=viewer.user_id, name="=cmd|' /C calc'!A0", party_id=viewer.party_id)
        record(Event.TOKEN_ISSUED, actor=named, subject=("api_token", "2"), label="x")
    db.session.remove()
    found = rows(signed_in("coordinator"), "event=token_issued")
    assert found[0]["Who"] == "'=cmd|' /C calc'!A0"


def test_a_long_table_says_that_it_is_cut_off(three: None, signed_in: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LISTING.__dict__, "most", 2)
    found = rows(signed_in("coordinator"))
    assert len(found) == 3 and found[2]["What"].startswith("Cut off after 2 rows")


def test_pages_follow_one_another_and_none_is_seen_twice(app: Flask, person: People, signed_in: Clients) -> None:
    viewer = person("coordinator").viewer
    for number in range(70):
        with unit_of_work():
            record(Event.TOKEN_ISSUED, actor=viewer, subject=("api_token", str(number)), label="x")
    db.session.remove()
    browser = signed_in("coordinator")
    seen: list[int] = []
    after: str | None = ""
    while after is not None:
        page = browser.get("/api/v1/audit", query_string={"event": "token_issued", "after": after}).get_json()
        seen += [one["place"] for one in page["items"]]
        after = page["next"]
    assert seen == sorted(seen, reverse=True) and len(seen) == len(set(seen)) == 70


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"mark": "garbage"}, "mark-field", "This is not a mark."),
        ({"mark": "17:" + "a" * 63 + "x"}, "mark-field", "This is not a mark."),
        ({"mark": "\u0661:" + "a" * 64}, "mark-field", "This is not a mark."),
        ({"since": "2026-13-40"}, "since", "year-month-day"),
        ({"event": "nix"}, "event", "Choose from the list."),
        ({"record": "nothing"}, "record", "This is not the address of a record."),
        ({"since": "2026-11-20", "until": "2026-11-19"}, "until", "before the one under “From”"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field(
    app: Flask, signed_in: Clients, asked: dict[str, str], field: str, words: str
) -> None:
    """Garbage is no alarm, and a filter that cannot be read does not quietly show everything."""
    browser = signed_in("coordinator")
    page = check_page(browser.get("/administration/audit", query_string=asked), 422)
    assert words in page[page.index(f'id="{field}-error"') :][:400]
    assert "does not go through this mark" not in page
    refused = browser.get("/api/v1/audit", query_string=asked)
    assert refused.status_code == 422 and words in str(refused.get_json())
    if "mark" not in asked:
        assert browser.get("/api/v1/audit/export.csv", query_string=asked).status_code == 422
        assert browser.get("/administration/audit.csv", query_string=asked).status_code == 422


def test_it_is_asked_by_state_and_by_party(three: None, person: People, signed_in: Clients) -> None:
    browser, coordinator = signed_in("coordinator"), person("coordinator")
    visit(coordinator, Handling.ORIGINATOR, "BTN")
    db.session.remove()

    def found(query: str) -> list[tuple[str, str | None]]:
        items = browser.get(f"/api/v1/audit?event=activity_recorded&{query}").get_json()["items"]
        return [(one["facts"]["state"], one["actor"]) for one in items]

    assert found("state=BTN") == [("BTN", "Coordinator"), ("BTN", None)]
    assert found("state=LAO") == [], "another party's own"
    assert found(f"party={coordinator.viewer.party_id}") == [("BTN", "Coordinator")]
    other = person("other_officer").viewer.party_id
    assert found(f"party={other}") == [], "who acted for another party is for that party to know"
    page = check_page(browser.get("/administration/audit?state=BTN"))
    assert "Who, by name" in page and 'value="BTN"' in page
    assert found("state=bhutan") == found("state=BTN")
    for wrong in ("state=XXX", "party=x"):
        assert browser.get(f"/api/v1/audit?{wrong}").status_code == 422
        check_page(browser.get(f"/administration/audit?{wrong}"), 422)
    there = len(browser.get("/api/v1/audit?state=BTN").get_json()["items"])
    found_there = rows(browser, "state=BTN")
    assert {one["Event"] for one in found_there} >= {"activity_recorded"} and len(found_there) == there


def test_signing_in_may_be_left_out(three: None, person: People, signed_in: Clients) -> None:
    viewer, browser = person("coordinator").viewer, signed_in("coordinator")
    with unit_of_work():
        record(Event.SIGNED_IN, actor=viewer, subject=("user", str(viewer.user_id)), device="Firefox on Linux")
        record(Event.SIGNED_OUT, actor=viewer, subject=("user", str(viewer.user_id)))
    db.session.remove()
    told = {
        query: {one["event"] for one in browser.get(f"/api/v1/audit?{query}").get_json()["items"]}
        for query in ("", "busy=y")
    }
    assert "signed_in" in told[""] and told["busy=y"] == told[""] - {"signed_in", "signed_out"} != set()


@pytest.fixture
def narrowed(three: None, person: People) -> None:
    """Nine entries about Tonga, four of them about records that were narrowed meanwhile."""
    other = person("other_officer")
    for _ in range(4):
        with looking_as(other.viewer):
            visit(other, Handling.COORDINATION, "TON")
            visit(other, Handling.STATES, "TON")
    with looking_as(SYSTEM), unit_of_work() as session:
        for one in session.scalars(select(Activity).where(Activity.handling == Handling.COORDINATION.value)):
            one.handling = Handling.ORIGINATOR.value
    db.session.remove()


def test_a_line_that_does_not_say_its_state_is_not_found_by_it(app: Flask, narrowed: None, person: People) -> None:
    """The entry stands there without its facts. Pages tell nothing of it either."""
    viewer = person("coordinator").viewer
    wanted = Wanted(event=Event.ACTIVITY_RECORDED)
    with app.test_request_context("/administration/audit"), looking_as(viewer):
        every = list(every_line(queries.entries_asked(viewer=viewer, wanted=wanted)))
        assert sum(not one.readable for one in every) == 5
        shown, cursor = list[queries.AuditLine](), None
        for size in (2, 2, 1):
            page = queries.page_of_entries(viewer=viewer, wanted=replace(wanted, state="TON"), cursor=cursor, size=size)
            assert len(page.items) == size
            shown, cursor = [*shown, *page.items], page.next_cursor
        assert cursor is None and page.next_url is None
        assert counted(queries.entries_asked(viewer=viewer, wanted=replace(wanted, state="TON"))) == 5
    assert {(one.readable, one.facts["state"]) for one in shown} == {(True, "TON")}
    assert len({one.id for one in shown}) == 5


@pytest.mark.parametrize(
    ("most", "size", "said"),
    [(7, 50, "5 entries"), (4, 50, "more than 4 entries"), (7, 3, "at least 4 entries"), (9, 3, "5 entries")],
)
def test_what_a_state_is_asked_for_is_counted_as_far_as_it_was_read(
    narrowed: None, signed_in: Clients, monkeypatch: pytest.MonkeyPatch, most: int, size: int, said: str
) -> None:
    """Of nine entries four do not say their State: the count is of what stands in the list, its page and its file."""
    browser, query = signed_in("coordinator"), "event=activity_recorded&state=TON"
    monkeypatch.setattr("crm.core.lists.COUNTED", most)
    monkeypatch.setattr("crm.core.lists.PAGE_SIZE", size)
    page = check_page(browser.get(f"/administration/audit?{query}"))
    assert f'role="status">{said}<' in page
    assert len(rows(browser, query)) == len(browser.get(f"/api/v1/audit?{query}").get_json()["items"]) == 5
