"""What is begun and not saved: kept for its writer alone, and for as long as it is of use."""

from __future__ import annotations

import html as escaping
import json
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.models import Activity
from crm.core import access, clock, routes
from crm.core.access import Viewer
from crm.core.db import db, unit_of_work
from crm.drafts import rules, service
from crm.drafts.models import Draft
from crm.drafts.rules import Kind
from tests.support.pages import check_page, token_of
from tests.support.people import Person

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
TYPED = {"kind": ["capital_visit"], "state_iso3": ["BTN"], "reply": ["They would\nlike to  join."], "held_on": ["soon"]}
WORDS = "Zwielicht over the delta"


def _put(browser: FlaskClient, key: str, typed: Any = TYPED, **more: Any) -> Any:
    token = token_of(browser.get("/account").get_data(as_text=True))
    document = {"kind": "activity", "typed": json.dumps(typed), **more}
    return browser.put(f"/api/v1/drafts/{key}", json=document, headers={"X-CSRFToken": token})


def _press(browser: FlaskClient, address: str) -> Any:
    token = token_of(browser.get("/account").get_data(as_text=True))
    return browser.post(address, data={"csrf_token": token}, follow_redirects=True)


def _rows() -> list[Draft]:
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        return list(db.session.scalars(select(Draft)))


def _key() -> str:
    return str(uuid.uuid4())


def _value(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html[html.index("<main") :])
    assert found, name
    return escaping.unescape(found[1])


def test_every_kind_of_draft_has_one_form_and_every_form_a_kind(app: Flask) -> None:
    declared = [one.draft for name in app.view_functions if (one := routes.access_of(app, name)) and one.draft]
    assert sorted(declared) == sorted(Kind)
    assert set(rules.KIND_LABELS) == set(Kind)


def test_a_draft_comes_back_exactly_as_it_was_typed(app: Flask, signed_in: Clients) -> None:
    browser, key = signed_in("officer"), _key()
    kept = _put(browser, key)
    assert kept.status_code == 200 and kept.json["shown_at"] == "10:00"
    html = check_page(browser.get("/activities/new"))
    assert _value(html, "draft") == key
    assert "They would\nlike to  join.</textarea>" in html and 'value="soon"' in html
    assert re.search(r'<option selected value="BTN">', html)
    assert "This is your draft, kept 23 Nov 2026, 10:00. It is about Bhutan." in html and "Begin afresh" in html


def test_beginning_afresh_leaves_the_draft_where_it_is(app: Flask, signed_in: Clients) -> None:
    browser, key = signed_in("officer"), _key()
    _put(browser, key)
    html = check_page(browser.get("/activities/new?afresh=1"))
    assert "They would" not in html and _value(html, "draft") != key
    assert "They would like to join." in check_page(browser.get("/drafts"))


def test_a_link_that_chose_a_state_only_offers_the_draft(app: Flask, signed_in: Clients) -> None:
    browser, key = signed_in("officer"), _key()
    _put(browser, key)
    html = check_page(browser.get("/activities/new?state=MNG"))
    assert "They would" not in html and '<option selected value="MNG">' in html
    assert _value(html, "draft") != key
    way = re.search(r'href="([^"]+)">Continue it instead', html)
    assert way and "They would" in check_page(browser.get(escaping.unescape(way[1])))


def test_a_saved_record_takes_its_draft_along(app: Flask, signed_in: Clients) -> None:
    browser, key = signed_in("officer"), _key()
    _put(browser, key)
    html = browser.get("/activities/new").get_data(as_text=True)
    sent = {"kind": "capital_visit", "state_iso3": "BTN", "held_on": "2026-11-20", "person_name": "A", "reply": "Yes."}
    hidden = {name: _value(html, name) for name in ("csrf_token", "request_key", "draft")}
    assert browser.post("/activities/new", data=sent | hidden).status_code == 303
    (row,) = _rows()
    assert row.ended == "saved" and row.typed == "{}"
    assert "This is your draft" not in check_page(browser.get("/activities/new"))
    assert browser.get(f"/api/v1/drafts/{key}").status_code == 404
    assert _put(browser, key).status_code == 409, "a late message from the form brings nothing back"


def test_what_is_refused_keeps_its_draft(app: Flask, signed_in: Clients) -> None:
    browser, key = signed_in("officer"), _key()
    _put(browser, key)
    html = browser.get("/activities/new").get_data(as_text=True)
    refused = browser.post("/activities/new", data={"reply": "", "draft": key, "csrf_token": token_of(html)})
    assert refused.status_code == 422
    assert _value(refused.get_data(as_text=True), "draft") == key
    assert [one.ended for one in _rows()] == [None]


def test_without_a_script_a_button_keeps_what_was_typed(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    html = browser.get("/activities/new").get_data(as_text=True)
    key = _value(html, "draft")
    sent = {"reply": "Half a sent", "held_on": "soon", "draft": key, "keep_draft": "1"}
    assert browser.post("/activities/new", data=sent).status_code == 422, "only with the token of our page"
    assert not _rows()
    kept = browser.post("/activities/new", data=sent | {"csrf_token": token_of(html)})
    shown = check_page(kept)
    assert "Half a sent</textarea>" in shown and "Draft kept at 10:00." in shown and _value(shown, "draft") == key
    (row,) = _rows()
    assert str(row.id) == key and "Half a sent" in row.typed
    assert "Half a sent" in check_page(browser.get("/activities/new"))


def test_a_draft_of_an_edit_stays_with_its_record_and_its_version(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    token = token_of(browser.get("/account").get_data(as_text=True))
    visit = {"kind": "capital_visit", "state_iso3": "BTN", "held_on": "2026-11-20", "person_name": "A", "reply": "Yes."}
    ids = [browser.post("/api/v1/activities", json=visit, headers={"X-CSRFToken": token}).json["id"] for _ in range(2)]
    typed = {"version": ["1"], "reply": ["Perhaps."], "kind": ["capital_visit"], "state_iso3": ["BTN"]}
    assert _put(browser, _key(), typed, kind="correction", record_id=ids[0]).status_code == 200
    html = check_page(browser.get(f"/activities/{ids[0]}/correct"))
    assert "Perhaps.</textarea>" in html and _value(html, "version") == "1"
    assert "Yes.</textarea>" in check_page(browser.get(f"/activities/{ids[1]}/correct"))
    assert f'href="/activities/{ids[0]}/correct?draft=' in check_page(browser.get("/drafts"))


def test_my_drafts_are_gone_through(app: Flask, signed_in: Clients) -> None:
    browser, key = signed_in("officer"), _key()
    assert "Nothing is waiting" in check_page(browser.get("/drafts"))
    _put(browser, key)
    html = check_page(browser.get("/drafts"))
    assert "Activity, Bhutan" in html and "They would like to join." in html
    assert f'href="/activities/new?draft={key}"' in html
    html = check_page(_press(browser, f"/drafts/{key}/throw-away"))
    assert "Thrown away." in html and f'action="/drafts/{key}/take-back"' in html and "Nothing is waiting" in html
    assert "They would" not in check_page(browser.get("/activities/new"))
    html = check_page(_press(browser, f"/drafts/{key}/take-back"))
    assert f'href="/activities/new?draft={key}"' in html
    assert "My drafts" in browser.get("/").get_data(as_text=True)


def test_the_json_door_does_the_same(app: Flask, signed_in: Clients) -> None:
    browser, key = signed_in("officer"), _key()
    _put(browser, key)
    (line,) = browser.get("/api/v1/drafts").json["items"]
    assert line["id"] == key and line["states"] == ["BTN"] and line["words"] == "They would like to join."
    assert browser.get(f"/api/v1/drafts/{key}").json["typed"] == TYPED
    token = {"X-CSRFToken": token_of(browser.get("/account").get_data(as_text=True))}
    assert browser.post(f"/api/v1/drafts/{key}/throw-away", json={}, headers=token).json["thrown"] is True
    assert browser.post(f"/api/v1/drafts/{key}/take-back", json={}, headers=token).json["thrown"] is False


@pytest.mark.parametrize("who", ["other_officer", "coordinator", "presidency", "observer", "administrator"])
def test_nobody_else_ever_sees_a_draft(app: Flask, signed_in: Clients, person: People, who: str) -> None:
    key = _key()
    _put(signed_in("officer"), key, TYPED | {"reply": [WORDS]})
    browser = signed_in(who)
    absent = browser.get(f"/api/v1/drafts/{_key()}")
    found = browser.get(f"/api/v1/drafts/{key}")
    assert found.status_code == absent.status_code == 404 and found.data == absent.data
    for address in ("/drafts", "/api/v1/drafts", f"/activities/new?draft={key}", "/activities/new"):
        assert WORDS not in browser.get(address).get_data(as_text=True)
    for end in ("throw-away", "take-back"):
        assert _press(browser, f"/drafts/{key}/{end}").status_code == 404
    assert _put(browser, key).status_code in (403, 404)
    assert WORDS in _rows()[0].typed
    with access.looking_as(person(who).viewer):
        db.session.rollback()
        assert not db.session.scalars(select(Draft)).all()


def test_a_form_that_is_not_open_to_somebody_keeps_no_draft_for_them(app: Flask, signed_in: Clients) -> None:
    assert _put(signed_in("observer"), _key()).status_code == 403
    assert _put(signed_in("officer"), _key(), kind="letter_campaign").status_code == 403
    assert not _rows()


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"kind": "nothing"}, "kind"),
        ({"typed": "[]"}, "typed"),
        ({"typed": '{"reply": "text"}'}, "typed"),
        ({"typed": "[" * 100_000}, "typed"),
        ({"record_id": "x"}, "record_id"),
        ({"typed": json.dumps({"reply": ["x" * rules.LONGEST]})}, "typed"),
    ],
)
def test_what_is_no_draft_is_refused(app: Flask, signed_in: Clients, document: dict[str, Any], field: str) -> None:
    browser = signed_in("officer")
    token = token_of(browser.get("/account").get_data(as_text=True))
    sent = {"kind": "activity", "typed": "{}"} | document
    answer = browser.put(f"/api/v1/drafts/{_key()}", json=sent, headers={"X-CSRFToken": token})
    assert answer.status_code == 422 and field in answer.json["errors"]


def test_whatever_was_typed_is_kept(app: Flask, signed_in: Clients) -> None:
    browser, key = signed_in("officer"), _key()
    odd = {"reply": ["\x00 \u202e \U0001f37a '; -- <script>"], "place": ["\u0301" * 40]}
    assert _put(browser, key, odd).status_code == 200
    assert browser.get(f"/api/v1/drafts/{key}").json["typed"] == odd
    check_page(browser.get("/drafts"))


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (Kind.ACTIVITY, "reply"),
        (Kind.PLAN, "objective"),
        (Kind.ROUND, "rows-0-note"),
        (Kind.INSTRUCTION, "objective"),
    ],
)
def test_half_a_letter_locks_no_form(app: Flask, signed_in: Clients, person: People, kind: Kind, field: str) -> None:
    browser, key = signed_in("coordinator"), _key()
    halved = {field: ["cut \ud83c"], "name\ud800": ["x"]}
    assert _put(browser, key, halved, kind=kind.value).status_code == 200
    assert browser.get(f"/api/v1/drafts/{key}").json["typed"][field] == ["cut \ufffd"]
    with access.looking_as(access.SYSTEM), unit_of_work():
        _rows()[0].typed = json.dumps(halved)  # as drafts were kept before
    page = check_page(browser.get(browser.get("/api/v1/drafts").json["items"][0]["page"]))
    assert "cut \ufffd" in page
    check_page(browser.get("/drafts"))


def test_a_draft_has_the_same_room_in_every_script(app: Flask, signed_in: Clients) -> None:
    browser, key = signed_in("officer"), _key()
    long = {"reply": ["Слово " * (rules.LONGEST // 8)]}
    browser_sends = json.dumps(long, ensure_ascii=False)
    token = {"X-CSRFToken": token_of(browser.get("/account").get_data(as_text=True))}
    document = {"kind": "activity", "typed": browser_sends}
    assert browser.put(f"/api/v1/drafts/{key}", json=document, headers=token).status_code == 200


def test_there_is_an_end_to_how_many(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST", 2)
    viewer = person("officer").viewer
    for _ in range(2):
        _keep(viewer)
    with pytest.raises(Exception, match="2 drafts"):
        _keep(viewer)
    _keep(viewer, draft_id=_rows()[0].id)


def _keep(viewer: Viewer, draft_id: uuid.UUID | None = None) -> None:
    with access.looking_as(viewer), unit_of_work():
        service.keep(actor=viewer, draft_id=draft_id or uuid.uuid4(), kind=Kind.ACTIVITY, typed=TYPED)


def test_drafts_are_forgotten_after_their_time(app: Flask, person: People) -> None:
    viewer = person("officer").viewer
    for _ in range(4):
        _keep(viewer)
    old, thrown, saved, fresh = (one.id for one in _rows())
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        session.get_one(Draft, old).kept_at = clock.now() - timedelta(days=91)
        for key, end in ((thrown, "thrown"), (saved, "saved")):
            row = session.get_one(Draft, key)
            row.ended, row.ended_at = end, clock.now() - timedelta(days=1, minutes=1)
    with access.looking_as(access.SYSTEM), unit_of_work():
        service.tidy(90)
    assert [one.id for one in _rows()] == [fresh]


def test_a_draft_goes_with_its_record_or_not_at_all(app: Flask, signed_in: Clients, person: People) -> None:
    """One transaction: a verb that fails leaves the draft."""
    key = uuid.uuid4()
    _keep(person("officer").viewer, key)
    with pytest.raises(RuntimeError):
        _save_and_fail(person("officer").viewer, key)
    assert _rows()[0].ended is None
    with access.looking_as(access.SYSTEM):
        assert not db.session.scalars(select(Activity)).all()


def _save_and_fail(viewer: Viewer, key: uuid.UUID) -> None:
    with access.looking_as(viewer), unit_of_work():
        service.saved(actor=viewer, draft_id=key)
        raise RuntimeError
