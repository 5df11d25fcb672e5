"""Pages and JSON about offices: sound pages, errors beside fields, and the same rows through both doors."""

from __future__ import annotations

import html as markup
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
from crm.people.models import Office, OfficeHolder
from tests.support.pages import check_page, token_of
from tests.support.statements import recorded
from tests.support.wall import as_owner

Clients = Callable[[str], FlaskClient]

OFFICE = "/people/offices/BTN/foreign_minister"
DOOR = "/api/v1/offices/BTN/foreign_minister"
DEKI = {"name": "Deki Example", "gender": "unknown", "from_on": "2024-01-28", "source": "Protocol list"}


def _post(browser: FlaskClient, address: str, data: dict[str, str], form_at: str = "") -> Any:
    token = token_of(browser.get(form_at or address).get_data(as_text=True))
    return browser.post(address, data={**data, "csrf_token": token})


def _json(browser: FlaskClient, method: str, address: str, body: dict[str, Any]) -> Any:
    token = token_of(browser.get(OFFICE).get_data(as_text=True))
    return browser.open(address, method=method, json=body, headers={"X-CSRFToken": token})


def _rows() -> list[tuple[Any, ...]]:
    """Everything the doors leave behind, without keys and moments."""
    db.session.rollback()
    access.look_as(access.SYSTEM)
    rows: list[tuple[Any, ...]] = [
        tuple(value for name, value in vars(one).items() if name not in ("id", "office_id", "_sa_instance_state"))
        for model in (Office, OfficeHolder)
        for one in db.session.scalars(select(model).order_by(model.version))
    ]
    audited = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_kind.like("office%")))
    rows += sorted(
        (one.event, one.actor_id, one.handling, str(sorted(one.details.items(), key=str))) for one in audited
    )
    db.session.rollback()
    return rows


def _forget() -> None:
    with unit_of_work():
        for model in (OfficeHolder, Office):
            for one in db.session.scalars(select(model)):
                db.session.delete(one)
    with as_owner() as connection:
        connection.execute(delete(AuditContent.__table__))
        connection.execute(delete(AuditEntry.__table__))


def test_pages_are_sound_for_everybody_who_may_read(app: Flask, signed_in: Clients) -> None:
    officer = signed_in("officer")
    _post(officer, OFFICE, DEKI)
    for who in ("officer", "observer", "administrator"):
        browser = signed_in(who)
        page = check_page(browser.get("/people?attention=gender_unknown"))
        assert "Deki Example" in page
        page = check_page(browser.get(OFFICE))
        assert "Deki Example" in page
        assert ("Verified today" in page) == (who == "officer")
    assert "1 of 197 States" in check_page(officer.get("/people?q=deki+example"))
    assert "195 States" in check_page(officer.get("/people?as_of=2011-06-01&sort=-since"))
    check_page(officer.get("/people?q=nosuch"))
    check_page(officer.get("/people?kind=nonsense&status=x&attention=y"))
    check_page(officer.get("/people/offices/btn/permanent_representative"))
    check_page(officer.get(f"{OFFICE}/titles"))
    assert officer.get("/people/offices/XXX/foreign_minister").status_code == 404
    assert officer.get("/people/offices/BTN/emperor").status_code == 404


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("banana", "“banana” is not a day. Write it as year-month-day, such as 2011-06-01."),
        ("2026-11-24", "24 November 2026 has not come yet. Office-holders can be shown up to today, 23 November"),
        ("2031-01-01", "1 January 2031 has not come yet."),
        ("2008-12-02", "2 December 2008 is before the treaty was opened for signature on 3 December 2008."),
    ],
)
def test_a_day_that_cannot_be_shown_is_refused_and_nothing_is_lost(signed_in: Clients, day: str, said: str) -> None:
    browser = signed_in("officer")
    asked = {"as_of": day, "q": "bhut", "status": "not_joined", "kind": "head_of_state"}
    page = check_page(browser.get("/people", query_string=asked), 422)
    assert said in page
    assert f'value="{day}"' in page
    assert 'aria-describedby="as_of-error"' in page
    assert 'value="bhut"' in page
    assert '<option selected value="not_joined">' in page
    assert "the office of Head of State in each State, as of 23 November 2026" in page
    assert "1 of 197 States" in page
    for door in ("/api/v1/offices", DOOR):
        answer = browser.get(door, query_string={"as_of": day})
        assert answer.status_code == 422
        assert said in answer.json["errors"]["as_of"][0]


def test_no_other_word_names_the_day(signed_in: Clients) -> None:
    browser = signed_in("officer")
    answer = browser.get("/people?on=2011-06-01&q=bhut&after=AFG")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/people?q=bhut&after=AFG")
    for door in ("/api/v1/offices", DOOR):
        answer = browser.get(f"{door}?on=2011-06-01")
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["on"])
    assert browser.get("/api/v1/offices?as_of=2011-06-01").json["as_of"] == "2011-06-01"
    assert 'href="/people?attention=vacant&amp;as_of=2011-06-01"' in check_page(browser.get("/people?as_of=2011-06-01"))


def test_a_word_in_the_address_never_undoes_what_was_said_about_titles(signed_in: Clients) -> None:
    browser = signed_in("officer")
    given = {"title_en_masculine": "Foreign Secretary", "version": 0}
    assert _json(browser, "PUT", f"{DOOR}/titles?as_of=banana", given).status_code == 200


def test_every_state_stands_on_one_page_of_the_list_and_only_one(signed_in: Clients) -> None:
    browser, address, seen = signed_in("officer"), "/people", []
    while address:
        page = check_page(browser.get(address))
        seen += re.findall(r'<th scope="row"><a href="/people/offices/(\w{3})/', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        address = markup.unescape(found[1]) if found else ""
    assert len(seen) == len(set(seen)) == 197


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(signed_in: Clients) -> None:
    browser = signed_in("officer")
    answer = _post(browser, OFFICE, {**DEKI, "name": "", "from_on": "", "note": "typed"})
    page = check_page(answer, 422)
    assert 'href="#name"' in page
    assert 'href="#from_on"' in page
    assert 'value="typed"' in page
    _post(browser, OFFICE, DEKI)
    page = check_page(_post(browser, OFFICE, {**DEKI, "name": "Karma Example", "from_on": "2025-01-01"}), 422)
    assert "Only one person holds it at a time" in page
    page = check_page(_post(browser, OFFICE, {**DEKI, "honorific": "H.E."}), 422)
    assert 'id="honorific-error"' in page


def test_a_form_without_a_token_changes_nothing(signed_in: Clients) -> None:
    browser = signed_in("officer")
    check_page(browser.post(OFFICE, data=DEKI), 422)
    assert db.session.scalars(select(OfficeHolder)).all() == []


def test_those_who_only_read_cannot_write_through_either_door(signed_in: Clients) -> None:
    browser = signed_in("observer")
    token = token_of(browser.get("/account").get_data(as_text=True))
    assert browser.post(OFFICE, data={**DEKI, "csrf_token": token}).status_code == 403
    headers = {"X-CSRFToken": token}
    assert browser.post(f"{DOOR}/holders", json=DEKI, headers=headers).status_code == 403
    assert browser.put(f"{DOOR}/titles", json={"version": 0}, headers=headers).status_code == 403
    assert db.session.scalars(select(OfficeHolder)).all() == []


def test_both_doors_leave_the_same_rows(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")

    def holder_id() -> str:
        db.session.rollback()
        found = str(db.session.scalars(select(OfficeHolder).order_by(OfficeHolder.from_on.desc())).first().id)
        db.session.rollback()
        return found

    corrected = {**DEKI, "gender": "female", "version": "1"}
    titles = {"title_en_feminine": "Minister of Foreign Affairs and External Trade", "version": "1"}
    successor = {**DEKI, "name": "Karma Example", "from_on": "2026-01-01"}
    assert _post(browser, OFFICE, DEKI).status_code == 303
    first = holder_id()
    assert _post(browser, f"/people/holders/{first}/edit", corrected).status_code == 303
    assert _post(browser, f"{OFFICE}/titles", titles).status_code == 303
    assert _post(browser, f"/people/holders/{first}/verify", {}, OFFICE).status_code == 303
    assert _post(browser, OFFICE, {**successor, "ends_predecessor": "y"}).status_code == 303
    end = {"until_on": "2026-06-01", "version": "1"}
    assert _post(browser, f"/people/holders/{holder_id()}/end", end).status_code == 303
    by_page = _rows()
    _forget()

    made = _json(browser, "POST", f"{DOOR}/holders", DEKI)
    assert made.status_code == 201
    first = made.json["id"]
    assert browser.get(made.headers["Location"]).json == made.json
    answer = _json(browser, "PUT", f"/api/v1/holders/{first}", {**corrected, "version": 1})
    assert (answer.status_code, answer.json["gender"], answer.json["version"]) == (200, "female", 2)
    answer = _json(browser, "PUT", f"{DOOR}/titles", {**titles, "version": 1})
    assert answer.json["titles"]["en"]["masculine"] == titles["title_en_feminine"]
    assert _json(browser, "POST", f"/api/v1/holders/{first}/verify", {}).status_code == 200
    second = _json(browser, "POST", f"{DOOR}/holders", successor).json["id"]
    answer = _json(browser, "POST", f"/api/v1/holders/{second}/end", {**end, "version": 1})
    assert answer.json["until_on"] == "2026-06-01"
    assert _rows() == by_page


def test_the_json_door_says_what_is_wrong(signed_in: Clients) -> None:
    browser = signed_in("officer")
    answer = _json(browser, "POST", f"{DOOR}/holders", {"name": "X", "gender": "other", "from_on": "soon"})
    assert answer.status_code == 422
    assert {"gender", "from_on"} <= set(answer.json["errors"])
    answer = _json(browser, "POST", f"{DOOR}/holders", {**DEKI, "sample": True})
    assert answer.status_code == 422
    assert "sample" in answer.json["errors"]
    made = _json(browser, "POST", f"{DOOR}/holders", DEKI).json
    address = f"/api/v1/holders/{made['id']}"
    assert _json(browser, "PUT", address, {**DEKI, "version": 7}).status_code == 409
    assert "version" in _json(browser, "PUT", address, DEKI).json["errors"]
    whole = browser.get(f"{DOOR}?as_of=2024-01-27").json
    assert (whole["holder"], whole["attention"]) == (None, ["vacant"])
    listed = browser.get("/api/v1/offices?attention=gender_unknown").json
    assert [one["state_iso3"] for one in listed["items"]] == ["BTN"]
    assert listed["counts"]["states"] == 197


def test_a_change_made_meanwhile_is_shown_beside_what_was_typed(signed_in: Clients) -> None:
    mine, theirs = signed_in("officer"), signed_in("coordinator")
    made = _json(mine, "POST", f"{DOOR}/holders", DEKI).json
    address = f"/people/holders/{made['id']}/edit"
    token = token_of(mine.get(address).get_data(as_text=True))
    assert _post(theirs, address, {**DEKI, "name": "Theirs Example", "version": "1"}).status_code == 303
    typed = {**DEKI, "name": "Mine Example", "version": "1", "csrf_token": token}
    page = check_page(mine.post(address, data=typed), 409)
    assert "Theirs Example" in page
    assert 'value="Mine Example"' in page
    version = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert version is not None
    assert mine.post(address, data={**typed, "version": version[1]}).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(OfficeHolder)).one().name == "Mine Example"


def test_pages_ask_few_questions(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    for number in range(1, 13):
        past = {**DEKI, "from_on": f"20{number:02}-01-01", "until_on": f"20{number:02}-06-01"}
        assert _post(browser, OFFICE, past).status_code == 303
    for address in ("/people", OFFICE, f"{OFFICE}/titles"):
        with recorded() as seen:
            check_page(browser.get(address))
        asked = [one for one in seen if one.asks]
        assert len(asked) <= 8, asked
