"""People met, posts and instructions are found by whoever reads them, and tell no more than they do themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.people.met import posting, service
from crm.people.met.models import Interlocutor, Post
from crm.reach.service import restricted
from crm.search import keeping
from crm.search.kinds import Kind
from crm.search.models import SearchText
from tests.instructions.world import OBJECTIVE, does, house, sent
from tests.search.test_finding import found, titles
from tests.support.met import filled, known, merged, undone
from tests.support.pages import check_page
from tests.support.people import Person
from tests.support.records import anew, logged

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]


def keys(viewer: Viewer, text: str) -> list[tuple[str, UUID | None]]:
    return [(one.kind, one.key) for one in found(viewer, text).results if one.kind != "state"]


def test_somebody_met_is_found_by_name_title_ministry_and_state(person: People) -> None:
    officer = person("officer").viewer
    key = known(officer, "Bounmy Testperson", handling=Handling.STATES, note="Canarynote")
    for text in ("testperson", "BOUNMY multilateral", "testperson foreign ministry lao", "canarynote"):
        assert keys(officer, text) == keys(person("other_officer").viewer, text) == [("interlocutor", key)], text
    with looking_as(officer), unit_of_work():
        service.correct_person(
            actor=officer, person_id=key, version=1, name="Bounmi Otherperson", handling=Handling.STATES
        )
    assert (keys(officer, "testperson"), keys(officer, "otherperson")) == ([], [("interlocutor", key)])


def test_they_are_for_those_for_whom_their_record_is(person: People) -> None:
    officer, other, observer = (person(who).viewer for who in ("officer", "other_officer", "observer"))
    known(officer, "Canaryperson", handling=Handling.ORIGINATOR)
    source = logged(officer, person_name="Canarykept", keep_person=True, handling=Handling.STATES)
    assert source and len(keys(officer, "canaryperson")) == 1
    assert keys(other, "canaryperson") == keys(observer, "canaryperson") == []
    coordinator = person("coordinator").viewer
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    assert keys(anew(officer), "canaryperson") == []


def test_a_post_is_found_and_whoever_holds_it_where_both_are_read(person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = known(officer, "Karma Dorji", title="", handling=Handling.STATES)
    post = filled(officer, key, "Head of the Canarydesk").post_id
    assert set(keys(other, "canarydesk")) == {("post", post), ("interlocutor", key)}
    assert keys(other, "canarydesk karma") == [("interlocutor", key)]
    with looking_as(officer), unit_of_work():
        posting.correct_post(
            actor=officer, post_id=post, version=1, title_en="Head of the Canaryoffice", handling=Handling.ORIGINATOR
        )
    assert set(keys(officer, "canaryoffice")) == {("post", post), ("interlocutor", key)}
    assert keys(officer, "canarydesk") == keys(other, "canaryoffice") == []
    assert keys(other, "karma") == [("interlocutor", key)]
    with looking_as(SYSTEM), unit_of_work():
        db.session.execute(delete(Post).where(Post.id == post))
    assert keys(officer, "canaryoffice") == []


def test_who_was_merged_is_found_under_both_names_as_one_person(app: Flask, person: People, signed_in: Clients) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    kept = known(officer, "Canary Dorji", handling=Handling.STATES)
    gone = known(officer, "Canary Dorjee", handling=Handling.ORIGINATOR, somebody_else=True)
    assert set(keys(officer, "canary")) == {("interlocutor", kept), ("interlocutor", gone)}
    merged(officer, kept, gone)
    assert keys(officer, "canary") == keys(officer, "dorjee") == [("interlocutor", kept)]
    assert (keys(other, "dorjee"), keys(other, "canary")) == ([], [("interlocutor", kept)])
    assert f"/people/met/{kept}" in check_page(signed_in("officer").get("/search?q=dorjee"))
    undone(officer, gone)
    assert keys(officer, "dorjee") == [("interlocutor", gone)]


def test_an_instruction_is_found_by_its_own_party_as_far_as_somebody_reads_it(app: Flask) -> None:
    home = house()
    key = sent(home, {"BTN": "delhi"})
    for who in ("coordinator", "delhi", "second"):
        for text in ('"a date for the cabinet"', "clearance transit", "vienna 114", "thank"):
            assert ("instruction", key) in keys(home.people[who], text), (who, text)
    assert ("instruction", key) not in keys(home.people["bangkok"], "cabinet")
    assert OBJECTIVE


def test_another_party_finds_no_instruction(app: Flask, person: People) -> None:
    sent(house(), {"BTN": "delhi"})
    for who in ("coordinator", "officer", "observer"):
        assert titles(person(who).viewer, "vienna transit") == []


def test_what_an_instruction_says_is_found_anew_when_it_is_amended(app: Flask) -> None:
    from crm.instructions.service import amend_instruction
    from tests.instructions.world import told

    home = house()
    key = sent(home, {"BTN": "delhi"})
    does(
        home.coordinator, amend_instruction, instruction_id=key, why="The vote moved.",
        **told(talking_points="Say canarypoint."),
    )  # fmt: skip
    assert ("instruction", key) in keys(home.coordinator, "canarypoint")


def test_every_kind_says_what_it_is(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    key = known(officer, "Canary Dorji")
    filled(officer, key, "Canary desk")
    browser = signed_in("officer")
    page = check_page(browser.get("/search?q=canary"))
    assert "People met" in page and "Person met" in page and ">Posts <" in page
    kinds = browser.get("/api/v1/search?q=canary").json["counts"]
    assert kinds == {"interlocutor": 1, "post": 1}
    assert browser.get("/api/v1/search?q=canary&kind=post").json["items"][0]["page"].startswith("/people/posts/")


def test_an_installation_that_found_no_people_met_finds_them(person: People) -> None:
    officer = person("officer").viewer
    logged(officer, reply="Firstword")
    key = known(officer, "Canary Dorji")
    filled(officer, key, "Canarydesk")
    with looking_as(SYSTEM), unit_of_work():
        db.session.execute(delete(SearchText).where(SearchText.kind.in_(["interlocutor", "post"])))
    said: list[str] = []
    keeping.begin(said.append)
    assert said == ["interlocutor: 1", "post: 1"]
    assert keys(officer, "canarydesk karma") == [] and len(keys(officer, "canarydesk")) == 2
    assert keeping.rebuild(lambda _line: None) == 0
    with looking_as(SYSTEM):
        assert set(db.session.scalars(select(SearchText.kind))) == {"activity", Kind.INTERLOCUTOR, Kind.POST}


def test_a_term_that_ends_is_told(person: People) -> None:
    officer = person("officer").viewer
    key = known(officer, "Canary Dorji")
    term = filled(officer, key, "Canarydesk", from_on=date(2021, 1, 1))
    assert len(keys(officer, "canarydesk dorji 2021")) == 1
    with looking_as(officer), unit_of_work():
        posting.leave_post(actor=officer, post_id=term.post_id, term=str(term.id), until_on=date(2024, 5, 1))
    assert len(keys(officer, "canarydesk dorji 2024")) == 1
    with looking_as(SYSTEM):
        assert db.session.scalars(select(Interlocutor)).one()
