"""Pages and JSON about meetings: sound pages, errors beside fields, and the same rows through both doors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from crm.audit.models import AuditContent, AuditEntry
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.meetings.models import Coordinator, Meeting, Presidency
from tests.support.pages import check_page, token_of
from tests.support.statements import recorded
from tests.support.wall import as_owner

Clients = Callable[[str], FlaskClient]

NEW = {
    "meeting": "/meetings/new",
    "presidency": "/meetings/presidencies/new",
    "coordinator": "/meetings/coordinators/new",
}
DOORS = {
    "meeting": "/api/v1/meetings",
    "presidency": "/api/v1/presidencies",
    "coordinator": "/api/v1/coordinators",
}
GIVEN: dict[str, dict[str, Any]] = {
    "meeting": {
        "kind": "meeting_of_states_parties",
        "number": 14,
        "from_on": "2027-09-15",
        "until_on": "2027-09-15",
        "precision": "month",
        "place": "Beirut",
        "country_iso3": "LBN",
    },
    "presidency": {
        "meeting": "14MSP",
        "state_iso3": "LBN",
        "person_name": "Sam Example",
        "gender": "male",
        "title_en": "Minister for Foreign Affairs",
        "designate_from": "2026-10-01",
    },
    "coordinator": {
        "state_iso3": "JPN",
        "capacity_en": "Friend of the President on Universalization",
        "person_name": "Kim Example",
        "gender": "female",
        "from_on": "2026-09-19",
    },
}
CHANGED = {
    "meeting": {"place": "Tripoli", "precision": "day"},
    "presidency": {"person_name": "Noor Example", "gender": "unknown"},
    "coordinator": {"until_on": "2027-09-19"},
}


def _post(browser: FlaskClient, address: str, data: dict[str, Any]) -> Any:
    token = token_of(browser.get(address).get_data(as_text=True))
    return browser.post(address, data={**{k: str(v) for k, v in data.items()}, "csrf_token": token})


def _json(browser: FlaskClient, method: str, address: str, body: dict[str, Any]) -> Any:
    token = token_of(browser.get(NEW["meeting"]).get_data(as_text=True))
    return browser.open(address, method=method, json=body, headers={"X-CSRFToken": token})


def _mine() -> list[Any]:
    db.session.rollback()
    access.look_as(access.SYSTEM)
    found: list[Any] = []
    for model in (Meeting, Presidency, Coordinator):
        rows = db.session.scalars(select(model))
        found += [one for one in rows if getattr(one, "confidence", "recorded") == "recorded"]
    return found


def _rows() -> list[Any]:
    """Everything the doors leave behind, without keys."""
    rows: list[Any] = [
        sorted((name, str(value)) for name, value in vars(one).items() if not name.endswith("id") and name[0] != "_")
        for one in _mine()
    ]
    audited = db.session.scalars(select(AuditEntry).where(AuditEntry.actor_id.is_not(None)))
    rows += sorted((one.event, one.subject_kind, one.handling, str(one.details)) for one in audited)
    db.session.rollback()
    return rows


def _forget() -> None:
    db.session.rollback()
    with unit_of_work():
        for one in _mine()[::-1]:
            db.session.delete(one)
    with as_owner() as connection:
        connection.execute(delete(AuditContent.__table__))
        connection.execute(delete(AuditEntry.__table__))


def _edit_address(what: str) -> str:
    row = {type(one).__name__.lower(): one for one in _mine()}[what]
    found = f"/meetings/{row.key}/edit" if what == "meeting" else NEW[what].replace("new", f"{row.id}/edit")
    db.session.rollback()
    return found


def test_pages_are_sound_for_everybody_who_may_read(app: Flask, signed_in: Clients) -> None:
    for who in ("coordinator", "officer", "observer", "administrator"):
        browser = signed_in(who)
        page = check_page(browser.get("/meetings"))
        assert "Nobody is recorded as presiding on this day" in page
        assert ("Record the next meeting" in page) == (who == "coordinator")
        assert "President Designate of the 2MSP" in check_page(browser.get("/meetings?as_of=2011-06-01"))
        page = check_page(browser.get("/meetings/2msp"))
        assert "Adnan Mansour" in page
        assert ("Correct" in page) == (who == "coordinator")
    check_page(browser.get("/meetings/2RC"))
    assert browser.get("/meetings/99MSP").status_code == 404


REFUSED = [
    ("banana", "“banana” is not a day. Write it as year-month-day, such as 2011-06-01."),
    ("1 June 2011", "“1 June 2011” is not a day."),
    ("2008-12-02", "2 December 2008 is before the treaty was opened for signature on 3 December 2008."),
    ("2032-01-01", "1 January 2032 is too far ahead. Who signs can be shown up to 31 December 2031."),
    ("9999-12-31", "is too far ahead"),
]


@pytest.mark.parametrize(("day", "said"), REFUSED)
def test_a_day_that_cannot_be_shown_is_refused_beside_its_field(signed_in: Clients, day: str, said: str) -> None:
    browser = signed_in("officer")
    page = check_page(browser.get("/meetings", query_string={"as_of": day}), 422)
    assert said in page
    assert re.search(rf'id="as_of"[^>]*value="{day}"', page)
    assert 'aria-describedby="as_of-error"' in page
    assert "as of 23 November 2026" in page
    answer = browser.get("/api/v1/signatories", query_string={"as_of": day})
    assert answer.status_code == 422
    assert said in answer.json["errors"]["as_of"][0]


def test_who_will_sign_can_be_asked_some_years_ahead(signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    page = check_page(browser.get("/meetings?as_of=2031-12-31"))
    assert "as of 31 December 2031" in page
    assert browser.get("/api/v1/signatories?as_of=2031-12-31").json["as_of"] == "2031-12-31"
    far = {**GIVEN["meeting"], "from_on": "2029-09-15", "until_on": "2029-09-15"}
    _post(browser, NEW["meeting"], far)
    check_page(browser.get("/meetings?as_of=2034-12-31"))
    check_page(browser.get("/meetings?as_of=2035-01-01"), 422)


def test_no_other_word_names_the_day(signed_in: Clients) -> None:
    browser = signed_in("officer")
    answer = browser.get("/meetings?on=2011-06-01&as_of=2011-07-01")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/meetings?as_of=2011-07-01")
    answer = browser.get("/api/v1/signatories?on=2011-06-01")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["on"])
    assert browser.get("/api/v1/signatories?as_of=").json["as_of"] == "2026-11-23"


def test_what_is_missing_is_recorded_step_by_step(signed_in: Clients) -> None:
    browser = signed_in("presidency")
    assert _post(browser, NEW["meeting"], GIVEN["meeting"]).headers["Location"] == "/meetings/14MSP"
    page = check_page(browser.get("/meetings"))
    assert 'href="/meetings/presidencies/new?meeting=14MSP"' in page
    page = check_page(browser.get("/meetings/presidencies/new?meeting=14MSP"))
    assert '<option selected value="14MSP">' in page
    _post(browser, NEW["presidency"], GIVEN["presidency"])
    _post(browser, NEW["coordinator"], GIVEN["coordinator"])
    page = check_page(browser.get("/meetings"))
    assert "Sam Example" in page
    assert "Kim Example" in page
    assert "President Designate of the 14MSP" in page
    assert "Nobody" not in page
    check_page(browser.get("/meetings/14MSP"))
    for what in NEW:
        check_page(browser.get(_edit_address(what)))


@pytest.mark.parametrize(
    ("what", "given", "fields"),
    [
        ("meeting", {"number": "", "from_on": "soon"}, ["number", "from_on"]),
        ("meeting", {"number": "13"}, ["number"]),
        ("presidency", {"state_iso3": "", "meeting": ""}, ["state_iso3", "meeting"]),
        ("presidency", {"meeting": "13MSP"}, ["meeting"]),
        ("presidency", {"meeting": "13MSP", "person_name": ""}, ["meeting"]),
        ("coordinator", {"capacity_en": "", "until_on": "2020-01-01"}, ["capacity_en"]),
        ("coordinator", {"until_on": "2020-01-01"}, ["until_on"]),
    ],
)
def test_errors_stand_beside_their_fields(
    signed_in: Clients, what: str, given: dict[str, str], fields: list[str]
) -> None:
    browser = signed_in("coordinator")
    page = check_page(_post(browser, NEW[what], {**GIVEN[what], **given, "source": "typed"}), 422)
    for field in fields:
        assert f'href="#{field}"' in page
        assert f'id="{field}-error"' in page
    assert 'value="typed"' in page


def test_both_doors_leave_the_same_rows(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    for what, address in NEW.items():
        ticked = {"ends_predecessor": "y"} if what == "coordinator" else {}
        assert _post(browser, address, {**GIVEN[what], **ticked}).status_code == 303
    for what in NEW:
        changed = {**GIVEN[what], **CHANGED[what], "version": 1}
        assert _post(browser, _edit_address(what), changed).status_code == 303
    by_page = _rows()
    _forget()

    for what, door in DOORS.items():
        made = _json(browser, "POST", door, GIVEN[what])
        assert made.status_code == 201, made.json
        assert browser.get(made.headers["Location"]).json["id"] == made.json["id"]
        changed = {**GIVEN[what], **CHANGED[what], "version": 1}
        for name in {"meeting": ("kind", "number"), "presidency": ("meeting",)}.get(what, ()):
            del changed[name]
        answer = _json(browser, "PUT", made.headers["Location"], changed)
        assert (answer.status_code, answer.json["version"]) == (200, 2)
    assert _rows() == by_page


def test_the_json_door_answers_who_signs(signed_in: Clients) -> None:
    browser = signed_in("observer")
    answer = browser.get("/api/v1/signatories?as_of=2011-07-01").json
    assert (answer["presidency"]["state_iso3"], answer["presidency_capacity"], answer["meeting"]) == (
        "LBN", "president_designate", "2MSP",
    )  # fmt: skip
    assert (answer["president"]["state_iso3"], answer["next_meeting"]) == ("LAO", "2MSP")
    assert len(browser.get("/api/v1/meetings").json["items"]) == 16
    served = browser.get("/api/v1/meetings/2MSP").json["presidencies"][1]
    assert served["serves"] == {
        "designate_from": "2011-06-13", "president_from": "2011-09-13", "until": "2012-09-11",
    }  # fmt: skip
    assert browser.get("/api/v1/coordinators").json == {"items": [], "next": None}
    assert browser.get("/api/v1/meetings/99MSP").status_code == 404


def test_those_who_only_read_cannot_write(signed_in: Clients) -> None:
    browser = signed_in("officer")
    token = token_of(browser.get("/account").get_data(as_text=True))
    for what, address in NEW.items():
        assert browser.get(address).status_code == 403
        assert browser.post(address, data={**GIVEN[what], "csrf_token": token}).status_code == 403
        answer = browser.post(DOORS[what], json=GIVEN[what], headers={"X-CSRFToken": token})
        assert answer.status_code == 403
    assert _mine() == []
    db.session.rollback()


@pytest.mark.parametrize("what", NEW)
def test_a_change_made_meanwhile_is_shown_beside_what_was_typed(signed_in: Clients, what: str) -> None:
    mine, theirs = signed_in("coordinator"), signed_in("secretariat")
    for one in NEW:
        _post(theirs, NEW[one], GIVEN[one])
    address = _edit_address(what)
    old = {**GIVEN[what], "version": 1}
    token = token_of(mine.get(address).get_data(as_text=True))
    assert _post(theirs, address, {**old, **CHANGED[what]}).status_code == 303
    typed = {**{k: str(v) for k, v in old.items()}, "source": "Mine", "csrf_token": token}
    page = check_page(mine.post(address, data=typed), 409)
    assert "Somebody else changed this record" in page
    assert 'value="Mine"' in page
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version is not None
    assert version[1] == "2"
    assert mine.post(address, data={**typed, "version": "2"}).status_code == 303


def test_pages_ask_few_questions(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("coordinator")
    for address in ("/meetings", "/meetings?as_of=2011-06-01", "/meetings/2MSP", *NEW.values()):
        with recorded() as seen:
            check_page(browser.get(address))
        asked = [one for one in seen if one.asks]
        assert len(asked) <= 9, asked
