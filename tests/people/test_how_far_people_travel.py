"""How far people met, posts and what is thought of somebody travel: no further than what they came out of, and wider
only where it is asked again who is there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.accounts import service as accounts
from crm.audit.models import AuditContent, AuditEntry
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution
from crm.people.met import posting, service
from crm.people.met.models import Interlocutor, Post, PostTerm, StanceClaim
from crm.people.met.rules import Stance
from crm.reach.service import restricted
from crm.sharing import service as sharing
from tests.reach.test_restricted import restrict
from tests.reach.test_what_comes_out import entries
from tests.support.met import filled, known, merged, of, person_of, sees, stated, undone
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import anew, logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]

KEPT: dict[str, Any] = {
    "kind": "regional_workshop", "person_name": "Karma Dorji", "person_ministry": "Hidden Ministry",
    "keep_person": True, "attribution": Attribution.FULL, "handling": Handling.STATES,
}  # fmt: skip
TITLES = {"title_en": "Director, Treaties", "title_fr": "", "ministry": ""}
NAMED = {"name": "Karma Dorji", "level": "director"}


def kept(actor: Viewer, *further: str) -> tuple[UUID, UUID]:
    """An activity about Laos and further States, and the person kept from it."""
    talk = logged(actor, "LAO", **KEPT, further_states=further)
    key = person_of(talk).interlocutor_id
    assert key
    return talk, key


def handled(actor: Viewer, kind: str, key: UUID, handling: Handling) -> None:
    with looking_as(actor), unit_of_work():
        sharing.change_handling(actor=actor, kind=kind, record_id=key, handling=handling)


def corrected(actor: Viewer, kind: str, key: UUID, handling: Handling | None = None) -> None:
    """A person or a post set right."""
    model: Any = Interlocutor if kind == "interlocutor" else Post
    with looking_as(actor), unit_of_work():
        version = db.session.scalars(select(model.version).where(model.id == key)).one()
        given: dict[str, Any] = {"actor": actor, "version": version, "handling": handling}
        if kind == "post":
            posting.correct_post(post_id=key, title_en="Director, Treaties", **given)
        else:
            service.correct_person(person_id=key, name="Karma Dorji", **given)


def made(actor: Viewer, kind: str, handling: Handling) -> UUID:
    """Somebody, or a post that they hold."""
    key = known(actor, handling=handling)
    return key if kind == "interlocutor" else filled(actor, key).post_id


def handling_of(kind: str, key: UUID) -> str:
    model: Any = Interlocutor if kind == "interlocutor" else Post
    with looking_as(SYSTEM):
        db.session.rollback()
        found: str = db.session.scalars(select(model.handling).where(model.id == key)).one()
        return found


BOTH = pytest.mark.parametrize("kind", ["interlocutor", "post"])


@BOTH
def test_a_correction_leaves_who_may_see_it_or_narrows(app: Flask, person: People, kind: str) -> None:
    officer = person("officer").viewer
    key = made(officer, kind, Handling.STATES)
    corrected(officer, kind, key)
    assert handling_of(kind, key) == "states"
    corrected(officer, kind, key, Handling.ORIGINATOR)
    corrected(officer, kind, key)
    assert handling_of(kind, key) == "originator"
    for wider in (Handling.COORDINATION, Handling.PUBLIC):
        with pytest.raises(RuleViolation) as refused:
            corrected(officer, kind, key, wider)
        assert "handling" in refused.value.errors
    [changed] = entries(officer, "handling_changed")
    assert (changed["before"], changed["after"]) == ("states", "originator")


def _door(kind: str, key: UUID) -> tuple[str, dict[str, Any]]:
    """Where and with what a person or a post is corrected through the JSON door."""
    return (f"/api/v1/people/{key}", NAMED) if kind == "interlocutor" else (f"/api/v1/posts/{key}", TITLES)


@BOTH
def test_a_token_widens_nothing(app: Flask, person: People, signed_in: Clients, kind: str) -> None:
    officer = person("officer").viewer
    key = made(officer, kind, Handling.ORIGINATOR)
    with looking_as(SYSTEM), unit_of_work():
        _, secret = accounts.issue_token(actor=officer, label="program")
    bearer, (address, body) = {"Authorization": f"Bearer {secret}"}, _door(kind, key)
    program = app.test_client()
    version = program.get(address, headers=bearer).get_json()["version"]
    answer = program.put(address, json={**body, "version": version}, headers=bearer)
    assert (answer.status_code, answer.get_json()["handling"]) == (200, "originator")
    wider = {**body, "version": answer.get_json()["version"], "handling": "community"}
    answer = program.put(address, json=wider, headers=bearer)
    assert answer.status_code == 422 and answer.get_json()["errors"]["handling"]
    asked = program.post(f"/api/v1/sharing/{kind}/{key}/handling", json={"handling": "public"}, headers=bearer)
    assert (asked.status_code, asked.get_json()["step"]) == (401, "confirm")
    assert handling_of(kind, key) == "originator"


@BOTH
def test_the_page_that_corrects_offers_nothing_wider(app: Flask, person: People, signed_in: Clients, kind: str) -> None:
    key = made(person("officer").viewer, kind, Handling.COORDINATION)
    browser = signed_in("officer")
    address = f"/people/met/{key}/edit" if kind == "interlocutor" else f"/people/posts/{key}/edit"
    page = check_page(browser.get(address))
    assert 'value="coordination"' in page and 'value="originator"' in page and 'value="states"' not in page
    body = {**(NAMED if kind == "interlocutor" else TITLES), "version": "1", "csrf_token": token_of(page)}
    refused = browser.post(address, data={**body, "handling": "states"})
    assert "widened on its own page" in check_page(refused, 422)
    assert browser.post(address, data=body).status_code == 303, "left out it stays"
    assert handling_of(kind, key) == "coordination"


@BOTH
def test_their_own_party_widens_them_where_it_is_asked_who_is_there(
    app: Flask, person: People, signed_in: Clients, kind: str
) -> None:
    key = made(person("officer").viewer, kind, Handling.ORIGINATOR)
    model: Any = Interlocutor if kind == "interlocutor" else Post
    browser = signed_in("officer")
    own = f"/people/met/{key}" if kind == "interlocutor" else f"/people/posts/{key}"
    assert f'href="/sharing/{kind}/{key}"' in check_page(browser.get(own))
    page = check_page(browser.get(f"/sharing/{kind}/{key}"))
    sent = browser.post(f"/sharing/{kind}/{key}", data={"handling": "states", "csrf_token": token_of(page)})
    assert sent.status_code == 303 and sent.headers["Location"] == own
    assert sees(person("other_officer").viewer, model, key)
    there, token = f"/api/v1/sharing/{kind}/{key}/handling", {"X-CSRFToken": token_of(page)}
    assert browser.post(there, json={"handling": "originator"}, headers=token).get_json()["handling"] == "originator"
    assert not sees(person("other_officer").viewer, model, key)


@BOTH
def test_others_ask_for_more_of_a_person_or_a_post(app: Flask, person: People, signed_in: Clients, kind: str) -> None:
    officer, presidency, coordinator = (person(one).viewer for one in ("officer", "presidency", "coordinator"))
    key = made(officer, kind, Handling.COORDINATION)
    reason = "For our list of contacts"
    with looking_as(presidency), unit_of_work():
        asked = sharing.ask_wider(actor=presidency, kind=kind, record_id=key, wanted=Handling.STATES, reason=reason).id
    page = f"/people/met/{key}" if kind == "interlocutor" else f"/people/posts/{key}"
    assert "Ask for wider" in check_page(signed_in("presidency").get(page))
    for door in ("/sharing", page):
        assert reason in check_page(signed_in("officer").get(door))
    coordinator = restrict(coordinator, "LAO")
    for door in ("/sharing", "/api/v1/sharing/requests", "/api/v1/audit"):
        assert reason not in signed_in("presidency").get(door).text
        assert str(key) not in signed_in("presidency").get(door).text
    with looking_as(coordinator), unit_of_work():
        restricted.release(actor=coordinator, state_iso3="LAO")
    officer = anew(officer)
    with looking_as(officer), unit_of_work():
        sharing.answer(actor=officer, request_id=asked, granted=True)
    assert handling_of(kind, key) == "states"


def test_a_person_widens_no_further_than_the_record_they_were_kept_from(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    talk, key = kept(officer)
    post = filled(officer, key).post_id
    handled(officer, "activity", talk, Handling.COORDINATION)
    for kind, one in (("interlocutor", key), ("post", post)):
        assert handling_of(kind, one) == "coordination"
        with pytest.raises(RuleViolation, match="no further than a record"):
            handled(officer, kind, one, Handling.STATES)
    handled(officer, "activity", talk, Handling.STATES)
    for kind, one in (("interlocutor", key), ("post", post)):
        handled(officer, kind, one, Handling.STATES)


def test_a_post_is_closed_to_whom_a_state_is_closed_of_what_its_person_was_kept_from(
    app: Flask, person: People, signed_in: Clients
) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    _, key = kept(coordinator, "BTN")
    post = filled(coordinator, key, "Director of the talks").post_id
    assert sees(presidency, Post, post)
    coordinator = restrict(coordinator, "BTN")
    assert sees(coordinator, Post, post) and not sees(anew(presidency), Post, post)
    browser = signed_in("presidency")
    assert browser.get(f"/people/posts/{post}").status_code == 404
    assert browser.get(f"/api/v1/posts/{post}").status_code == 404
    for address in ("/states/LAO", "/api/v1/audit", "/administration/audit", "/people/met?post=talks"):
        told = browser.get(address).get_data(as_text=True)
        assert "of the talks" not in told and "Hidden Ministry" not in told and str(post) not in told, address
    assert [one["state"] for one in entries(coordinator, "post_recorded", "post_filled")] == ["BTN LAO"] * 2
    assert entries(anew(presidency), "post_recorded", "post_filled") == []


def test_a_title_that_is_closed_is_refused_to_nobody(app: Flask, person: People) -> None:
    """A refusal would tell that there is such a post."""
    officer = person("officer").viewer
    _, key = kept(officer, "BTN")
    hidden = filled(officer, key, "Director of the talks").post_id
    pema = known(officer, "Pema Lhamo", handling=Handling.STATES)
    restrict(person("coordinator").viewer, "BTN")
    unnamed = anew(officer)
    assert not sees(unnamed, Post, hidden) and sees(unnamed, Interlocutor, pema)
    assert filled(unnamed, pema, "Director of the talks").post_id != hidden
    adviser = filled(unnamed, pema, "Adviser").post_id
    with pytest.raises(RuleViolation, match="has a post of this title"):
        entitled(unnamed, adviser, "Director of the talks")


def entitled(actor: Viewer, post_id: UUID, title: str) -> None:
    with looking_as(actor), unit_of_work():
        posting.correct_post(actor=actor, post_id=post_id, version=1, title_en=title)


def test_nobody_reads_that_a_post_is_vacant_because_they_may_not_see_who_holds_it(
    app: Flask, person: People, signed_in: Clients
) -> None:
    officer = person("officer").viewer
    post = filled(officer, known(officer, handling=Handling.STATES)).post_id
    browser, own = signed_in("other_officer"), signed_in("officer")
    assert browser.get(f"/api/v1/posts/{post}").get_json()["vacant"] is False
    with looking_as(SYSTEM):
        key = db.session.scalars(select(Interlocutor.id)).one()
    handled(officer, "interlocutor", key, Handling.ORIGINATOR)
    shown = browser.get(f"/api/v1/posts/{post}").get_json()
    assert (shown["vacant"], shown["terms"]) == (None, [])
    for address in (f"/people/posts/{post}", "/states/LAO"):
        assert "Vacant" not in check_page(browser.get(address))
    with looking_as(officer), unit_of_work():
        term = db.session.scalars(select(PostTerm.id)).one()
        posting.leave_post(actor=officer, post_id=post, term=str(term), until_on=date(2026, 6, 1))
    for one in (browser, own):
        assert one.get(f"/api/v1/posts/{post}").get_json()["vacant"] is True
        assert "Vacant" in check_page(one.get("/states/LAO"))


def test_who_came_and_left_is_told_to_those_who_see_person_and_post(app: Flask, person: People) -> None:
    officer, presidency = person("officer").viewer, person("presidency").viewer
    filled(officer, known(officer, handling=Handling.STATES))
    narrow = known(officer, "Pema Lhamo", handling=Handling.ORIGINATOR)
    term = filled(officer, narrow, from_on=date(2025, 1, 1))
    with looking_as(officer), unit_of_work():
        posting.leave_post(actor=officer, post_id=term.post_id, term=str(term.id), until_on=date(2026, 6, 1))
    told = [one.get("from_on") or one["until_on"] for one in entries(presidency, "post_filled", "post_left")]
    assert sorted(told) == ["2024-01-01", "2025-01-01"], "what is told is when the one they see came and left"
    assert len(entries(officer, "post_filled", "post_left")) == 4


def test_who_was_merged_is_not_let_further_than_the_one_kept(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    keeps, went = known(officer, handling=Handling.COORDINATION), known(officer, "Pema", handling=Handling.COORDINATION)
    merged(officer, keeps, went)
    with pytest.raises(RuleViolation, match="no further than a record"):
        handled(officer, "interlocutor", went, Handling.STATES)
    handled(officer, "interlocutor", keeps, Handling.STATES)
    handled(officer, "interlocutor", went, Handling.STATES)
    assert sees(other, Interlocutor, went)
    handled(officer, "interlocutor", keeps, Handling.ORIGINATOR)
    assert handling_of("interlocutor", went) == "originator"


def test_those_who_go_back_with_somebody_travel_no_further_than_they_do(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    a, b, c = (
        known(officer, name, handling=Handling.STATES, somebody_else=True) for name in ("Karma A", "Karma B", "Karma C")
    )
    merged(officer, b, c)
    merged(officer, a, b)
    handled(officer, "interlocutor", b, Handling.ORIGINATOR)
    undone(officer, b)
    assert handling_of("interlocutor", c) == "originator"


def test_an_assessment_stays_with_the_record_of_which_it_was_said(app: Flask, person: People) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    keeps = known(coordinator, "Pema Lhamo", handling=Handling.STATES)
    _, went = kept(coordinator, "BTN")
    merged(coordinator, keeps, went)
    claim = stated(coordinator, went, Stance.BLOCKER, why="Spoke against it.", handling=Handling.STATES)
    assert [one.stance for one in of(coordinator, keeps).stances] == [Stance.BLOCKER]
    assert sees(presidency, StanceClaim, claim)
    coordinator = restrict(coordinator, "BTN")
    assert not sees(anew(presidency), StanceClaim, claim), "it is closed with the record of which it was said"
    undone(coordinator, went)
    assert not of(coordinator, keeps).stances
    assert [one.stance for one in of(coordinator, went).stances] == [Stance.BLOCKER]


def test_a_merge_is_told_to_those_who_see_both(app: Flask, person: People) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    keeps = known(coordinator, "Pema Lhamo", handling=Handling.STATES)
    _, went = kept(coordinator, "BTN")
    merged(coordinator, keeps, went)
    undone(coordinator, went)
    told = ("people_merged", "merge_undone")
    assert [one["state"] for one in entries(presidency, *told)] == ["BTN LAO"] * 2
    restrict(coordinator, "BTN")
    assert entries(anew(presidency), *told) == []


def test_the_entry_about_an_assessment_names_the_states_of_its_source(app: Flask, person: People) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    key = known(coordinator, handling=Handling.COORDINATION)
    talk = logged(coordinator, "LAO", **{**KEPT, "keep_person": False}, further_states=("BTN",))
    stated(coordinator, key, Stance.FRIEND, source=str(talk), handling=Handling.COORDINATION)
    coordinator = restrict(coordinator, "BTN")
    assert sees(anew(presidency), Interlocutor, key)
    assert [one["state"] for one in entries(coordinator, "stance_stated")] == ["BTN LAO"]
    assert entries(anew(presidency), "stance_stated") == []


@pytest.mark.parametrize("door", ["/people/met/", "/api/v1/people/"])
def test_reading_what_another_party_thinks_of_ones_own_contact_is_written_down(
    app: Flask, person: People, signed_in: Clients, door: str
) -> None:
    presidency, coordinator = person("presidency").viewer, person("coordinator").viewer
    key = known(presidency, handling=Handling.COORDINATION)
    stated(presidency, key, Stance.FRIEND)
    claim = stated(coordinator, key, Stance.BLOCKER, why="Canary: he blocks.", handling=Handling.COORDINATION)
    browser = signed_in("presidency")
    for _ in range(2):
        assert "Canary" in browser.get(f"{door}{key}").get_data(as_text=True)
    with looking_as(SYSTEM):
        db.session.rollback()
        [entry] = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "record_opened"))
    assert (entry.subject_kind, entry.subject_id) == ("stance_claim", str(claim))
    assert (entry.originator_id, entry.details["state"]) == (coordinator.party_id, "LAO")
    assert "opinion of a person" in check_page(signed_in("coordinator").get("/administration/audit"))


@BOTH
def test_what_a_correction_changed_is_shown_to_those_who_saw_it_before(app: Flask, person: People, kind: str) -> None:
    officer, presidency = person("officer").viewer, person("presidency").viewer
    key = known(officer, note="Canary", handling=Handling.ORIGINATOR)
    event = "person_corrected"
    if kind == "post":
        key, event = filled(officer, key, "Canary").post_id, "post_corrected"
    corrected(officer, kind, key)
    handled(officer, kind, key, Handling.COORDINATION)
    with looking_as(presidency):
        db.session.rollback()
        assert sees(presidency, Interlocutor if kind == "interlocutor" else Post, key)
        assert db.session.scalar(select(func.count()).select_from(AuditContent)) == 0
    with looking_as(SYSTEM):
        db.session.rollback()
        wanted = select(AuditContent.handling).join(AuditEntry).where(AuditEntry.event == event)
        assert db.session.scalars(wanted).all() == ["originator"]
