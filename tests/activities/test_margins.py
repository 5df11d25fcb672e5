"""A round of short talks: written down at once, each a record of its own, and taken back at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.activities.margins.service import record_round
from crm.activities.margins.talks import Talk
from crm.activities.models import Activity, ActivityObstacle, ActivityState, TalkRound
from crm.activities.writing import NOT_YOURS
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.followups.models import FollowUp
from crm.positions.models import ObstacleClaim
from tests.abuse.world import accredit_to_one
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.statements import recorded

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]

HEADER = {"occasion": "First Committee", "held_on": "2026-11-20", "place": "New York", "delegation": "K. Example"}
ROWS: list[dict[str, str]] = [
    {"state": "bhu", "outcome": "positive", "obstacle": "legislature", "note": "The draft law goes to parliament.",
     "next_action": "Ask for the date", "next_action_due": "in 3 weeks", "whom": "Karma Example, Director"},
    {"state": "Laos", "outcome": "open", "handling": "states"},
    {"state": "MNG", "note": "They study the cost.", "obstacle": "finance", "handling": "originator"},
]  # fmt: skip


def flat(rows: list[dict[str, str]]) -> dict[str, str]:
    """Rows as a browser sends them."""
    return {f"rows-{place}-{name}": text for place, row in enumerate(rows) for name, text in row.items()}


def post(browser: FlaskClient, rows: list[dict[str, str]] = ROWS, **changes: str) -> Any:
    """A round through the page."""
    token = token_of(browser.get("/activities/margins").get_data(as_text=True))
    return browser.post("/activities/margins", data={**HEADER, **flat(rows), **changes, "csrf_token": token})


def made(answer: Any) -> str:
    """The address of the round that was saved."""
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    return str(answer.headers["Location"])


def counted(*models: type[Any]) -> list[int]:
    with looking_as(SYSTEM):
        db.session.rollback()
        return [db.session.scalar(select(func.count()).select_from(one)) or 0 for one in models]


EVERYTHING = (TalkRound, Activity, ActivityState, FollowUp, ObstacleClaim, ActivityObstacle)


def press_undo(browser: FlaskClient, where: str) -> Any:
    token = token_of(browser.get("/activities/margins").get_data(as_text=True))
    return browser.post(f"{where}/undo", data={"csrf_token": token})


def test_each_row_is_a_record_of_its_own_under_a_common_header(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    where = made(post(browser))
    page = check_page(browser.get(where))
    assert all(name in page for name in ("First Committee", "Bhutan", "Lao", "Mongolia", "K. Example", "New York"))
    with looking_as(SYSTEM):
        db.session.rollback()
        one, two, three = [
            db.session.scalars(select(Activity).join(ActivityState).where(ActivityState.state_iso3 == iso3)).one()
            for iso3 in ("BTN", "LAO", "MNG")
        ]
        assert {one.kind, two.kind, three.kind} == {"margin_meeting"}
        assert {one.occasion, one.place} == {"First Committee", "New York"} and one.held_on == date(2026, 11, 20)
        assert [one.handling, two.handling, three.handling] == ["coordination", "states", "originator"]
        assert (one.people[0].name, one.people[0].title) == ("Karma Example", "Director")
        assert one.extras == {"outcome": "positive"} and two.reply == "Non-committal."
        follow_up = db.session.scalars(select(FollowUp)).one()
        assert (follow_up.what, follow_up.due_on, follow_up.activity_id) == (
            "Ask for the date",
            date(2026, 12, 14),
            one.id,
        )
        claims = db.session.scalars(select(ObstacleClaim).order_by(ObstacleClaim.type)).all()
        assert [(claim.type, claim.state_iso3) for claim in claims] == [("finance", "MNG"), ("legislature", "BTN")]
        events = db.session.scalars(select(AuditEntry.event)).all()
        told = ("activity_recorded", "followup_opened", "round_recorded")
        assert [events.count(one) for one in told] == [3, 1, 1]
    assert "Last contact" in check_page(browser.get("/states/BTN"))


def test_one_undo_takes_the_lot_back_and_the_grid_is_filled_again(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    before = counted(*EVERYTHING)
    where = made(post(browser))
    assert counted(*EVERYTHING) != before
    page = check_page(browser.get(press_undo(browser, where).headers["Location"]))
    assert "the talks are taken back" in page
    assert counted(*EVERYTHING) == before
    assert browser.get(where).status_code == 404
    for typed in [*HEADER.values(), "Bhutan", *list(ROWS[0].values())[3:], "They study the cost."]:
        assert typed in page, typed
    assert "Non-committal.</textarea>" not in page
    with looking_as(SYSTEM):
        events = db.session.scalars(select(AuditEntry.event)).all()
    assert [events.count(one) for one in ("round_undone", "activity_withdrawn", "followup_withdrawn")] == [1, 3, 1]
    assert made(post(browser))


def test_whatever_is_wrong_is_said_by_row_and_nothing_is_saved_or_lost(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    before = counted(*EVERYTHING)
    rows = [
        ROWS[0],
        {"state": "nig", "note": "Will look into it."},
        {"state": "Atlantis", "outcome": "positive"},
        {"state": "", "note": "Whoever it was."},
        {"state": "MNG"},
        {"state": "GAB", "outcome": "positive", "next_action": "Send the kit"},
        {"state": "TON", "outcome": "positive", "next_action_due": "in 3 weeks"},
        {"state": "VUT", "outcome": "positive", "next_action": "Call", "next_action_due": "soon"},
    ]
    page = check_page(post(browser, rows), 422)
    summary = page[page.index("data-error-summary") : page.index('class="panel margins-head"')]
    for said in (
        "State, row 2: “nig” can be several States. Which one is it?",
        "State, row 3: No State is called “Atlantis”.",
        "State, row 4: Say which State.",
        "What they said, row 5: Write what they said, or choose the outcome.",
        "By when, row 6: Say by when this is to be done.",
        "Follow-up, row 7: Say what is to be done by that day.",
        "By when, row 8: “soon” is not understood as a day.",
    ):
        assert said in summary, said
    assert 'href="#rows-1-state"' in summary and "row 1:" not in summary
    assert 'value="NER"' in page and 'value="NGA"' in page
    assert "Monday, 14 December 2026" in page, "the day that was read stands beside the words"
    assert all(text in page for row in rows for text in row.values())
    assert counted(*EVERYTHING) == before


def test_what_the_verb_of_one_activity_refuses_stands_in_its_row(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    before = counted(*EVERYTHING)
    rows = [ROWS[0], {"state": "SSD", "outcome": "positive"}, {"state": "BTN", "outcome": "open", **DUE_TOO_EARLY}]
    page = check_page(post(browser, rows, held_on="2010-11-20"), 422)
    assert "State, row 2" in page and "is counted as a State only from" in page
    page = check_page(post(browser, rows[2:]), 422)
    assert "By when, row 1: This day is before the visit itself." in page
    assert counted(*EVERYTHING) == before


DUE_TOO_EARLY = {"next_action": "Call", "next_action_due": "2026-11-19"}


def test_the_candidate_that_is_picked_is_the_one_meant(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    page = check_page(browser.get(made(post(browser, [{"state": "nig", "pick": "NGA", "outcome": "positive"}]))))
    assert "Nigeria" in page
    assert "No State is called" in check_page(post(browser, [{"state": "zzz", "pick": "NGA", "note": "x"}]), 422)


FOUND = {
    "burma": "MMR", "mmr": "MMR", "MYA": "MMR", "Swaziland": "SWZ", "cote divoire": "CIV", "ETHIOPIE": "ETH",
    "etats-unis": "USA",
}  # fmt: skip


def test_a_state_is_found_by_former_names_codes_and_beginnings(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    where = made(post(browser, [{"state": typed, "outcome": "open"} for typed in FOUND]))
    assert [one["state"] for one in browser.get(f"/api/v1{where}").json["talks"]] == list(FOUND.values())


def test_a_whole_name_is_never_the_beginning_of_another(app: Flask, person: People, signed_in: Clients) -> None:
    """A mission to Nigeria that writes Niger is told that it does not go there; “nig” is enough for its own."""
    accredit_to_one(person("officer").viewer, "NGA")
    browser = signed_in("officer")
    told = browser.get("/api/v1/activities/margins/states").json
    assert [one["iso3"] for one in told["items"]] == ["NGA"]
    assert "niger" in told["others"] and "nigeria" not in told["others"] and "ner" not in told["others"]
    rows = [{"state": "Niger", "outcome": "open"}]
    answer = browser.post("/api/v1/activities/margins", json={"occasion": "x", "rows": rows}, headers=_token(browser))
    assert answer.status_code == 422 and NOT_YOURS in str(answer.json)
    where = made(post(browser, [{"state": "nig", "outcome": "open"}]))
    assert [one["state"] for one in browser.get(f"/api/v1{where}").json["talks"]] == ["NGA"]


def test_empty_rows_are_left_out_and_an_empty_grid_is_refused(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    where = made(post(browser, [{"state": ""}, {"state": " ", "note": "\n"}, ROWS[1], {"note": ""}]))
    assert browser.get(f"/api/v1{where}").json["talks"][0]["state"] == "LAO"
    page = check_page(post(browser, [{"state": ""}], occasion=""), 422)
    assert "Write down one talk at least." in page and "Say at which meeting." in page


def test_five_more_rows_lose_nothing_and_save_nothing(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    assert browser.get("/activities/margins").text.count("data-row>") == 12 + 1  # and the one for scripts
    page = check_page(post(browser, [*ROWS, {"state": "nig"}], more_rows="1"))
    assert page.count("data-row>") == 12 + 5 + 1 and "data-error-summary" not in page
    assert all(text in page for row in ROWS for text in row.values())
    assert page.count('role="status"><span class="cell-note">Monday, 14 December 2026') == 1
    assert counted(TalkRound) == [0]


def test_more_rows_than_a_round_has_are_not_swallowed(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    rows = [{"state": "LAO", "outcome": "open"}] * 201
    answer = browser.post("/api/v1/activities/margins", json={"occasion": "x", "rows": rows}, headers=_token(browser))
    assert answer.status_code == 422 and "more than 200" in str(answer.json)
    assert "These are more than 200 rows." in check_page(post(browser, rows), 422)
    assert counted(Activity) == [0]


def _token(browser: FlaskClient) -> dict[str, str]:
    return {"X-CSRFToken": token_of(browser.get("/activities/margins").get_data(as_text=True))}


def test_both_doors_leave_the_same_rows(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    page = browser.get(f"/api/v1{made(post(browser))}").json
    answer = browser.post("/api/v1/activities/margins", json={**HEADER, "rows": ROWS}, headers=_token(browser))
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"] == f"/api/v1/activities/margins/{answer.json['id']}"
    differs = ("id", "activity_id", "recorded_at")
    plain = [
        [{k: v for k, v in one.items() if k not in differs} for one in (found, *found["talks"])]
        for found in (page, answer.json)
    ]
    for found in plain:
        found[0].pop("talks")
    assert plain[0] == plain[1] and plain[0][0]["may_be_undone"]
    listed = browser.get("/api/v1/activities/margins").json["items"]
    assert {one["id"]: one["talks"] for one in listed} == {page["id"]: 3, answer.json["id"]: 3}


def test_the_json_door_names_row_and_field_and_gives_the_round_back(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    send = {**HEADER, "rows": [ROWS[0], {}, {"state": "nig", "outcome": "wrong"}, {"state": "LAO", "pages": 3}]}
    wrong = browser.post("/api/v1/activities/margins", json=send, headers=_token(browser))
    assert wrong.status_code == 422 and "Row 4 has a field that does not exist: pages" in str(wrong.json)
    send["rows"] = send["rows"][:3]
    errors = browser.post("/api/v1/activities/margins", json=send, headers=_token(browser)).json["errors"]
    assert set(errors) == {"rows-2-state", "rows-2-outcome"} and "positive" in errors["rows-2-outcome"][0]
    send["rows"] = ROWS
    done = browser.post("/api/v1/activities/margins", json=send, headers=_token(browser)).json
    undone = browser.post(f"/api/v1/activities/margins/{done['id']}/undo", json={}, headers=_token(browser))
    assert undone.status_code == 200
    assert undone.json["rows"][0] == {**ROWS[0], "state": "Bhutan"}
    assert undone.json["rows"][2] == {**ROWS[2], "state": "Mongolia"}
    assert counted(TalkRound, Activity, FollowUp) == [0, 0, 0]
    assert browser.post("/api/v1/activities/margins", json=undone.json, headers=_token(browser)).status_code == 201


def test_each_talk_asks_only_once_who_its_author_is(app: Flask, person: People) -> None:
    actor = person("officer").viewer
    states = ("LAO", "BTN", "MNG", "KEN")
    given = {"outcome": "open", "next_action": "Call", "next_action_due": date(2027, 1, 15)}
    talks = [Talk(row=row, state_iso3=iso3, **given) for row, iso3 in enumerate(states)]
    with looking_as(actor), unit_of_work(), recorded() as seen:
        record_round(actor=actor, occasion="A reception", held_on=date(2026, 11, 20), talks=talks)
    asked = Counter(part for one in seen for part in ("FROM user_role", "FROM emergency_access") if part in one.sql)
    assert asked["FROM emergency_access"] == len(states) and asked["FROM user_role"] <= 1
