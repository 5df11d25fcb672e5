"""Pages and JSON about people met and posts: sound pages, errors beside fields, the same rows through both doors."""

from __future__ import annotations

import base64
import html as markup
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from crm.activities.models import ActivityPerson
from crm.core import access
from crm.core.db import db, unit_of_work
from crm.people.met.models import Interlocutor, PersonMerge, Post, PostTerm, StanceClaim
from tests.support.pages import check_page, token_of

Clients = Callable[[str], FlaskClient]

KARMA = {
    "state_iso3": "LAO", "name": "Karma Dorji", "title": "Director, Treaties", "ministry": "Foreign Ministry",
    "level": "director", "note": "Speaks French.", "handling": "states",
}  # fmt: skip
TWIN = {**KARMA, "name": "Karma Dorjee", "somebody_else": True}
STANCE = {"stance": "friend", "claimed_on": "2026-11-01", "why": "Spoke for it.", "handling": "originator"}
POST = {"post_title": "Director, Treaties", "from_on": "2024-01-01"}
TALK = {
    "kind": "demarche", "state_iso3": "LAO", "held_on": "2026-11-01", "person_name": "Tashi Norbu",
    "person_title": "Desk officer", "reply": "Took note.", "handling": "states", "keep_person": True,
}  # fmt: skip
TABLES = (Interlocutor, Post, PostTerm, StanceClaim, PersonMerge)


def _form(browser: FlaskClient, address: str, data: dict[str, Any], form_at: str = "") -> Any:
    page = browser.get(form_at or address)
    sent = {name: "y" if value is True else value for name, value in data.items()}
    return browser.post(address, data={**sent, "csrf_token": token_of(page.get_data(as_text=True))})


def _json(browser: FlaskClient, method: str, address: str, body: dict[str, Any]) -> Any:
    token = token_of(browser.get("/people/met").get_data(as_text=True))
    return browser.open(f"/api/v1{address}", method=method, json=body, headers={"X-CSRFToken": token})


def _key(name: str) -> UUID:
    db.session.rollback()
    access.look_as(access.SYSTEM)
    return db.session.scalars(select(Interlocutor.id).where(Interlocutor.name == name)).one()


def _rows() -> list[Any]:
    """Everything the doors leave behind, without keys and moments."""
    db.session.rollback()
    access.look_as(access.SYSTEM)
    plain = {
        table: sorted(
            name for name in table.__annotations__ if not name.endswith(("id", "_at", "brought")) and name != "sought"
        )
        for table in TABLES
    }
    return [
        sorted(tuple(str(getattr(one, name)) for name in names) for one in db.session.scalars(select(table)))
        for table, names in plain.items()
    ]


def _forget() -> None:
    access.look_as(access.SYSTEM)
    with unit_of_work() as session:
        session.execute(update(ActivityPerson).values(interlocutor_id=None))
        for table in reversed(TABLES):
            session.execute(delete(table))


def _by_pages(browser: FlaskClient) -> None:
    assert _form(browser, "/people/met/new", KARMA).status_code == 303
    assert _form(browser, "/people/met/new", TWIN).status_code == 303
    kept, gone = _key("Karma Dorji"), _key("Karma Dorjee")
    base = f"/people/met/{kept}"
    assert _form(browser, f"{base}/stance", STANCE).status_code == 303
    assert _form(browser, f"{base}/post", POST).status_code == 303
    assert _form(browser, f"{base}/merge", {"other_id": str(gone)}).status_code == 303
    assert _form(browser, f"/people/met/{gone}/undo-merge", {}, base).status_code == 303
    changed = {**KARMA, "title": "Deputy minister", "level": "deputy_minister", "version": "1"}
    changed.pop("state_iso3")
    assert _form(browser, f"{base}/edit", changed).status_code == 303
    post = _post()
    titles = {"title_en": "Director, Treaties", "title_fr": "Directrice des traités", "ministry": "", "version": "1"}
    titles["title_es"] = "Directora de Tratados"
    assert _form(browser, f"/people/posts/{post}/edit", {**titles, "handling": "states"}).status_code == 303
    leave = {"term": str(_term()), "until_on": "2026-06-01"}
    assert _form(browser, f"/people/posts/{post}/leave", leave).status_code == 303


def _by_json(browser: FlaskClient) -> None:
    made = _json(browser, "POST", "/people", KARMA)
    assert made.status_code == 201 and made.headers["Location"] == f"/api/v1/people/{made.json['id']}"
    kept, gone = made.json["id"], _json(browser, "POST", "/people", TWIN).json["id"]
    assert _json(browser, "POST", f"/people/{kept}/stances", STANCE).json["stances"][0]["stance"] == "friend"
    assert _json(browser, "POST", f"/people/{kept}/posts", POST).json["posts"][0]["title"] == "Director, Treaties"
    merged = _json(browser, "POST", f"/people/{kept}/merge", {"other_id": gone}).json
    assert merged["also_recorded_as"] == [{"id": gone, "name": "Karma Dorjee", "can_be_undone": True}]
    assert _json(browser, "POST", f"/people/{gone}/undo-merge", {}).json["merged_into"] is None
    changed = {**KARMA, "title": "Deputy minister", "level": "deputy_minister", "version": 1}
    changed.pop("state_iso3")
    assert _json(browser, "PUT", f"/people/{kept}", changed).json["level"] == "deputy_minister"
    post = _post()
    titles = {"title_en": "Director, Treaties", "title_fr": "Directrice des traités", "handling": "states"}
    titles["title_es"] = "Directora de Tratados"
    assert _json(browser, "PUT", f"/posts/{post}", {**titles, "version": 1}).json["vacant"] is False
    left = _json(browser, "POST", f"/posts/{post}/leave", {"term": str(_term()), "until_on": "2026-06-01"})
    assert left.json["vacant"] is True


def _one(model: Any) -> UUID:
    db.session.rollback()
    access.look_as(access.SYSTEM)
    key: UUID = db.session.scalars(select(model.id)).one()
    return key


def _post() -> UUID:
    return _one(Post)


def _term() -> UUID:
    return _one(PostTerm)


def test_both_doors_leave_the_same_behind(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    _by_pages(browser)
    by_pages = _rows()
    _forget()
    _by_json(browser)
    assert _rows() == by_pages and all(by_pages)


def test_pages_are_sound(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    assert "Nobody is kept here yet" in check_page(browser.get("/people/met"))
    _by_pages(browser)
    key, post = _key("Karma Dorji"), _post()
    for address in (
        "/people/met", "/people/met?q=dorji&state=LAO&post=deputy&level=deputy_minister&sort=-name", "/people/met?q=x",
        "/people/met/new", f"/people/met/{key}", f"/people/met/{key}/edit", f"/people/met/{key}/stance",
        f"/people/met/{key}/post", f"/people/met/{key}/merge", f"/people/posts/{post}", f"/people/posts/{post}/edit",
        f"/people/posts/{post}/leave", f"/activities/new?state=LAO&person={key}", "/people",
    ):  # fmt: skip
        check_page(browser.get(address))
    assert "Is it one of these?" in check_page(browser.get(f"/people/met/{key}"))
    assert "Vacant" in check_page(browser.get(f"/people/posts/{post}"))
    page = markup.unescape(check_page(browser.get(f"/activities/new?state=LAO&person={key}")))
    assert 'value="Karma Dorji"' in page and f'value="{key}"' in page


def test_the_page_of_the_state_has_its_people(app: Flask, signed_in: Clients) -> None:
    _by_pages(signed_in("officer"))
    page = check_page(signed_in("officer").get("/states/LAO"))
    assert "Karma Dorji, friend" in page and "Vacant" in page and "Nobody recorded" in page
    seen = check_page(signed_in("other_officer").get("/states/LAO"))
    assert "Karma Dorji" in seen and "Karma Dorji, friend" not in seen, "what one party thinks is its own"
    assert "Karma Dorji" not in check_page(signed_in("observer").get("/states/LAO"))
    assert "Karma Dorji" not in check_page(signed_in("administrator").get("/states/LAO"))


def test_a_like_name_is_asked_about_on_the_page(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    _form(browser, "/people/met/new", KARMA)
    answer = _form(browser, "/people/met/new", {**TWIN, "somebody_else": ""})
    assert answer.status_code == 422
    told = _json(browser, "POST", "/people", {**TWIN, "somebody_else": False})
    assert told.status_code == 422 and "Karma Dorji" in told.json["errors"]["name"][0]
    page = check_page(answer, 422)
    assert "Is it one of these?" in page and "None of these: it is somebody else" in page
    assert f'href="/people/met/{_key("Karma Dorji")}"' in page


def test_errors_stand_beside_their_fields_at_both_doors(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    answer = _form(browser, "/people/met/new", {"name": "", "state_iso3": "", "handling": "x"})
    assert answer.status_code == 422
    told = _json(browser, "POST", "/people", {"name": "", "state_iso3": "ZZZ", "handling": "x", "other": 1})
    assert told.status_code == 422
    told = _json(browser, "POST", "/people", {"name": "", "state_iso3": "ZZZ"}).json
    assert set(told["errors"]) == {"name", "state_iso3"}


def test_the_known_are_offered_while_typing(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    _json(browser, "POST", "/people", KARMA)
    _json(browser, "POST", "/people", {**KARMA, "name": "Hidden Elsewhere", "handling": "originator"})
    asked = browser.get("/api/v1/people/known?state=lao&q=dor").json
    assert [(one["name"], one["title"], one["level"]) for one in asked["items"]] == [
        ("Karma Dorji", "Director, Treaties", "director")
    ]
    other = signed_in("other_officer")
    assert [one["name"] for one in other.get("/api/v1/people/known?state=LAO&q=karma").json["items"]] == ["Karma Dorji"]
    assert other.get("/api/v1/people/known?state=LAO&q=hidden").json["items"] == []
    assert signed_in("observer").get("/api/v1/people/known?state=LAO&q=karma").json["items"] == []
    same = browser.get("/api/v1/people/known?state=LAO&q=Dorjee+Karma&same=1").json["items"]
    assert [one["name"] for one in same] == ["Karma Dorji"]
    assert browser.get("/api/v1/people/known?state=XXX&q=a").status_code == 404


def test_somebody_new_is_kept_from_the_log_with_one_tick(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    answer = _json(browser, "POST", "/activities", TALK)
    assert answer.status_code == 201
    known = answer.json["people"][0]["known_as"]
    person = browser.get(f"/api/v1/people/{known}").json
    assert person["name"] == "Tashi Norbu" and person["handling"] == "originator"
    assert person["meetings"][0]["activity"] == answer.json["id"]
    assert f'href="/people/met/{known}"' in check_page(browser.get(f"/activities/{answer.json['id']}"))
    told = _json(browser, "POST", "/activities", {**TALK, "attribution": "full", "handling": "states"}).json["id"]
    other = signed_in("other_officer")
    assert "Tashi Norbu" in check_page(other.get(f"/activities/{told}"))
    assert other.get(f"/api/v1/activities/{told}").json["people"][0]["known_as"] is None
    again = _json(browser, "POST", "/activities", TALK).json
    assert again["people"][0]["known_as"] == known, "who is known is not kept twice"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_list_goes_out_as_it_is_shown(app: Flask, signed_in: Clients, suffix: str) -> None:
    browser = signed_in("officer")
    _json(browser, "POST", "/people", KARMA)
    answer = browser.get(f"/people/met/export.{suffix}?q=karma&columns=name&columns=level")
    assert answer.status_code == 200 and answer.data
    if suffix == "csv":
        assert "Karma Dorji" in answer.text and "Director" in answer.text
        assert "Karma Dorji" not in signed_in("observer").get("/people/met/export.csv").text


@pytest.mark.parametrize("name", ["\ud800", "a\0b"])
def test_a_place_in_the_list_that_was_not_given_by_it_is_none(signed_in: Clients, name: str) -> None:
    made_up = json.dumps([0, name, "6fb9a2bc-e204-426f-82b7-4631f2ecd7c7"]).encode()
    place = base64.urlsafe_b64encode(made_up).decode().rstrip("=")
    for address in ("/people/met", "/api/v1/people"):
        assert signed_in("officer").get(f"{address}?after={place}").status_code == 404
