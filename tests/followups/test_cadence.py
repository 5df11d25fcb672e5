"""Silence raises a task by itself, once, for whoever is responsible, as they see who was in touch."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import AccreditationKind, Mission
from crm.activities.models import Activity
from crm.activities.rules import Status
from crm.activities.writing import KEPT_UNSEEN
from crm.audit.models import AuditEntry
from crm.audit.service import Event
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.followups import service as followups
from crm.followups.cadence import queries, raising, service
from crm.followups.cadence.models import Cadence, SilenceTask
from crm.followups.cadence.rules import MOST_A_DAY, Scope
from crm.followups.models import FollowUp
from crm.reach.service import missions, restricted
from tests.followups.opening import change, colleague_of, forget_viewer
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import anew, logged
from tests.support.statements import recorded

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
Later = Callable[[float], None]
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def without_the_usual(app: Flask) -> None:
    """No cadence but those that a test keeps."""
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, silence_days=0)


def _keep(actor: Viewer, days: int = 90, scope: Scope = Scope.STATE, subject: str = "LAO") -> UUID:
    with looking_as(actor), unit_of_work():
        return service.keep(actor=actor, scope=scope, subject=subject, days=days)


def _raise() -> int:
    """What the worker does."""
    with looking_as(SYSTEM):
        parties = raising.parties()
    with looking_as(SYSTEM), unit_of_work():
        return sum(raising.raise_for(one) for one in parties)


def _tasks() -> list[FollowUp]:
    with looking_as(SYSTEM):
        db.session.rollback()
        return list(db.session.scalars(select(FollowUp).order_by(FollowUp.opened_at, FollowUp.state_iso3)))


def test_silence_raises_one_task_of_whoever_keeps_the_cadence(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    logged(coordinator, held_on=TODAY - timedelta(days=90))
    _keep(coordinator)
    assert _raise() == 1
    (task,) = _tasks()
    assert (task.owner_id, task.state_iso3, task.originator_id) == (coordinator.user_id, "LAO", coordinator.party_id)
    assert task.what == "Get in touch: no contact for 90 days"
    assert (task.handling, task.due_on) == (Handling.ORIGINATOR.value, TODAY + timedelta(days=7))
    assert _raise() == 0 and len(_tasks()) == 1, "once for each silence"


def test_a_day_too_early_nothing_is_raised(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    logged(coordinator, held_on=TODAY - timedelta(days=89))
    _keep(coordinator)
    assert _raise() == 0


def test_any_party_that_is_seen_begins_the_silence_anew_and_ends_the_task(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("other_officer").viewer
    logged(coordinator, held_on=TODAY - timedelta(days=100))
    _keep(coordinator)
    _raise()
    logged(other, held_on=TODAY - timedelta(days=1), handling=Handling.STATES)
    assert _raise() == 0
    (task,) = _tasks()
    assert (task.status, task.done_note) == ("done", raising.IN_TOUCH)


def test_a_contact_that_is_hidden_neither_keeps_the_task_away_nor_ends_it(app: Flask, person: People) -> None:
    """The missing task would tell of it (S3)."""
    coordinator, other = person("coordinator").viewer, person("other_officer").viewer
    logged(coordinator, held_on=TODAY - timedelta(days=100))
    logged(other, held_on=TODAY - timedelta(days=3), handling=Handling.ORIGINATOR)
    _keep(coordinator)
    assert _raise() == 1
    logged(other, held_on=TODAY - timedelta(days=1), handling=Handling.ORIGINATOR)
    assert _raise() == 0
    (task,) = _tasks()
    assert task.status == "open"
    with looking_as(coordinator):
        (shown,) = queries.silences(coordinator, TODAY)
    assert (shown.days, shown.since) == (100, TODAY - timedelta(days=100))


def test_what_is_planned_or_was_called_off_is_no_contact(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    logged(coordinator, held_on=TODAY - timedelta(days=100))
    for status, off in ((Status.PLANNED, 3), (Status.CANCELLED, -3)):
        key = logged(coordinator, held_on=TODAY - timedelta(days=1))
        with looking_as(SYSTEM), unit_of_work() as session:
            one = session.get_one(Activity, key)
            one.status, one.held_on = status.value, TODAY + timedelta(days=off)
            one.states[0].held_on, one.states[0].ahead = one.held_on, status is Status.PLANNED
    _keep(coordinator)
    assert _raise() == 1


def test_with_no_contact_at_all_it_counts_from_when_it_was_set(app: Flask, person: People, later: Later) -> None:
    coordinator = person("coordinator").viewer
    _keep(coordinator, days=30)
    assert _raise() == 0
    later(29 * 86_400)
    assert _raise() == 0
    _keep(coordinator, days=30)
    later(30 * 86_400)
    assert _raise() == 1, "set again, it does not begin anew"


def test_a_task_done_without_a_contact_comes_again_after_the_same_silence(
    app: Flask, person: People, later: Later
) -> None:
    coordinator = person("coordinator").viewer
    logged(coordinator, held_on=TODAY - timedelta(days=100))
    _keep(coordinator, days=30)
    _raise()
    change(coordinator, followups.finish, _tasks()[0].id)
    assert _raise() == 0
    later(30 * 86_400)
    assert _raise() == 1
    assert [one.status for one in _tasks()] == ["done", "open"]


def _posted(coordinator: Viewer, state: str = "LAO") -> Viewer:
    """A colleague of the coordinator at an embassy accredited to one State."""
    with looking_as(SYSTEM), unit_of_work():
        mission = missions.open_mission(actor=SYSTEM, name="Embassy", every_state=False, party_id=coordinator.party_id)
        missions.accredit(
            actor=SYSTEM, mission_id=mission.id, state_iso3=state, kind=AccreditationKind.RESIDENT,
            from_on=date(2020, 1, 1),
        )  # fmt: skip
        key = mission.id
    return anew(colleague_of(replace(coordinator, mission_id=key), "Kenji Example"))


def test_whoever_is_accredited_has_the_task_and_judges_by_what_they_see(app: Flask, person: People) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    officer = _posted(coordinator)
    logged(coordinator, held_on=TODAY - timedelta(days=100))
    logged(presidency, held_on=TODAY - timedelta(days=2), handling=Handling.COORDINATION)
    _keep(coordinator)
    assert _raise() == 1
    assert _tasks()[0].owner_id == officer.user_id, "who is not cleared for what the presidency wrote"


def test_who_has_an_account_closed_is_passed_over(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    officer = _posted(coordinator)
    logged(coordinator, held_on=TODAY - timedelta(days=100))
    _keep(coordinator)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Mission, officer.mission_id).closed_on = TODAY
    _raise()
    assert _tasks()[0].owner_id == coordinator.user_id


def test_no_more_than_a_few_come_on_one_day_the_longest_silent_first(app: Flask, person: People, later: Later) -> None:
    coordinator = person("coordinator").viewer
    silent = ("LAO", "VNM", "THA", "MMR", "IND", "NPL", "MNG")
    states = [one for one in silent if one in _not_party()]
    for number, iso3 in enumerate(states):
        logged(coordinator, state_iso3=iso3, held_on=TODAY - timedelta(days=200 + number))
    for extra in sorted(_not_party() - set(states))[: MOST_A_DAY + 1]:
        logged(coordinator, state_iso3=extra, held_on=TODAY - timedelta(days=100))
    _keep(coordinator, scope=Scope.EVERY, subject="")
    assert _raise() == MOST_A_DAY and _raise() == 0
    first = {one.state_iso3 for one in _tasks()}
    assert set(states[-MOST_A_DAY:]) <= first or first >= set(states)
    later(86_400)
    assert _raise() == min(len(states) + 1, MOST_A_DAY)


def _not_party() -> set[str]:
    return {one.iso3 for one in queries.standings(TODAY) if not one.is_party}


def test_the_installation_has_a_cadence_of_its_own_for_those_who_coordinate(app: Flask, person: People) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], silence_days=180)
    coordinator = person("coordinator").viewer
    person("officer")
    iso3 = min(_not_party())
    logged(coordinator, state_iso3=iso3, held_on=TODAY - timedelta(days=180), handling=Handling.STATES)
    assert _raise() == 1, "parties without a coordinator have none"
    assert _tasks()[0].originator_id == coordinator.party_id
    _keep(coordinator, days=365, scope=Scope.EVERY, subject="")
    with looking_as(coordinator):
        assert {one.most for one in queries.silences(coordinator, TODAY)} == {365}


def test_of_a_restricted_state_nobody_who_is_not_named_hears(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    officer = _posted(coordinator)
    logged(coordinator, held_on=TODAY - timedelta(days=100))
    _keep(coordinator)
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    assert _raise() == 1
    assert _tasks()[0].owner_id == coordinator.user_id
    with looking_as(anew(officer)):
        db.session.rollback()
        assert db.session.scalars(select(Cadence)).all() == []
        assert db.session.scalars(select(SilenceTask)).all() == []
    with looking_as(anew(coordinator)):
        assert len(db.session.scalars(select(Cadence)).all()) == 1
        assert len(db.session.scalars(select(SilenceTask)).all()) == 1


def test_two_at_the_same_time_raise_nothing_twice(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever read before the other wrote is stopped by the constraint."""
    coordinator = person("coordinator").viewer
    logged(coordinator, held_on=TODAY - timedelta(days=100))
    _keep(coordinator)
    monkeypatch.setattr(raising, "_known", lambda _party: {})
    assert _raise() == 1
    assert _raise() == 0
    assert len(_tasks()) == 1


def test_only_those_who_coordinate_keep_cadences_and_only_their_own(app: Flask, person: People) -> None:
    coordinator, officer, presidency = (person(one).viewer for one in ("coordinator", "officer", "presidency"))
    key = _keep(coordinator)
    assert _keep(coordinator, days=60) == key, "one for the same States"
    with pytest.raises(NotAllowed):
        _keep(officer)
    with pytest.raises(NotAllowed):
        change_cadence(officer, key)
    with pytest.raises(NotFound):
        change_cadence(replace(coordinator, party_id=presidency.party_id), key)
    with pytest.raises(RuleViolation):
        _keep(coordinator, subject="XXX")
    change_cadence(coordinator, key)
    with looking_as(SYSTEM):
        db.session.rollback()
        assert db.session.scalars(select(Cadence)).all() == []
        wanted = select(AuditEntry).where(AuditEntry.subject_kind == "cadence").order_by(AuditEntry.place)
        told = [(one.event, one.details) for one in db.session.scalars(wanted)]
    about = {"state": "LAO", "about": "state LAO"}
    assert told == [
        (Event.CADENCE_SET.value, {**about, "days": 90}),
        (Event.CADENCE_SET.value, {**about, "days": 60}),
        (Event.CADENCE_ENDED.value, {**about, "days": 60}),
    ]


def change_cadence(actor: Viewer, key: UUID) -> None:
    """End a cadence as somebody."""
    with looking_as(actor), unit_of_work():
        service.end(actor=actor, cadence_id=key)


def test_the_page_keeps_ends_and_shows(app: Flask, person: People, signed_in: Browser) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    coordinator = person("coordinator").viewer
    logged(coordinator, held_on=TODAY - timedelta(days=72))
    browser = signed_in("coordinator")
    page = check_page(browser.get("/cadences"))
    assert "No cadence yet" in page and "No State is silent for too long" in page
    given = {"about": "state:LAO", "days": "90", "csrf_token": token_of(page)}
    assert browser.post("/cadences", data={**given, "days": "3"}).status_code == 422
    assert browser.post("/cadences", data=given).status_code == 303
    page = check_page(browser.get("/cadences"))
    assert "Every 90 days of silence. Kept by Coordinator." in page and "72 of 90 days" in page
    assert "72 of 90 days" in check_page(browser.get("/states/LAO"))
    assert "72 of 90 days" in check_page(browser.get("/"))
    with looking_as(SYSTEM):
        key = db.session.scalars(select(Cadence.id)).one()
    assert browser.post(f"/cadences/{key}/end", data={"csrf_token": token_of(page)}).status_code == 303
    assert "No cadence yet" in check_page(browser.get("/cadences"))
    forget_viewer()


def test_the_silences_are_a_list(app: Flask, person: People, signed_in: Browser) -> None:
    coordinator = person("coordinator").viewer
    for iso3, days in (("LAO", 10), ("MNG", 80), ("THA", 200)):
        logged(coordinator, state_iso3=iso3, held_on=TODAY - timedelta(days=days))
        _keep(coordinator, subject=iso3)
    browser = signed_in("coordinator")

    def order(query: str) -> list[str]:
        return re.findall(r'<tr id="row-(\w+)"', check_page(browser.get(f"/cadences{query}")))

    assert order("") == ["THA", "MNG"]
    assert order("?which=over") == ["THA"]
    assert order("?which=all") == order("?which=all&sort=since") == ["THA", "MNG", "LAO"]
    assert order("?which=all&sort=-since") == ["LAO", "MNG", "THA"]
    assert order("?which=all&sort=name") == ["LAO", "MNG", "THA"]
    assert order("?which=all&state=MNG") == ["MNG"] and order("?which=over&state=MNG") == []
    page = check_page(browser.get("/cadences?which=all"))
    assert "3 States" in page and "Time to get in touch" in page and "Nearly over" in page and "In touch" in page
    file = browser.get("/cadences/export.csv?which=all").get_data(as_text=True)
    assert "Thailand,2026-05-07,200 of 90 days,Time to get in touch" in file


def test_others_read_the_cadences_of_their_party_and_change_none(
    app: Flask, person: People, signed_in: Browser
) -> None:
    _keep(person("coordinator").viewer)
    page = check_page(signed_in("officer").get("/cadences"))
    assert "Keep a cadence" not in page and "90 days" not in page, "of another party"
    assert signed_in("officer").post("/cadences", data={"about": "every", "days": "90"}).status_code == 403


def test_the_json_door_has_the_same(app: Flask, person: People, signed_in: Browser) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    coordinator = person("coordinator").viewer
    logged(coordinator, held_on=TODAY - timedelta(days=72))
    browser = signed_in("coordinator")
    headers = {"X-CSRFToken": token_of(browser.get("/account").text)}

    def send(address: str, body: Any) -> Any:
        return browser.post(f"/api/v1{address}", json=body, headers=headers)

    assert send("/cadences", {"about": "region:Atlantis", "days": 90}).status_code == 422
    made = send("/cadences", {"about": "state:LAO", "days": 90}).get_json()
    assert made == {"id": made["id"], "about": "state:LAO", "days": 90, "kept_by": "Coordinator"}
    read = browser.get("/api/v1/cadences").get_json()
    assert read["items"] == [made] and read["usual_days"] is None
    since = (TODAY - timedelta(days=72)).isoformat()
    assert read["silences"] == [{"state_iso3": "LAO", "since": since, "days": 72, "of": 90, "over": False}]
    assert send(f"/cadences/{made['id']}/end", {}).status_code == 204
    assert browser.get("/api/v1/cadences").get_json()["items"] == []


def test_a_cadence_about_a_state_that_is_closed_is_kept_unseen(app: Flask, person: People, signed_in: Browser) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    coordinator, second = person("coordinator").viewer, person("presidency").viewer
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    second = replace(anew(second), permissions=coordinator.permissions)
    assert "LAO" in second.closed
    key = _keep(second)
    assert _keep(second, days=30) == key
    with looking_as(second):
        db.session.rollback()
        assert queries.cadences() == []
    assert KEPT_UNSEEN
    assert clock.today() == TODAY


def test_as_many_questions_however_many_states_hold(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    _posted(coordinator)
    _keep(coordinator)
    with recorded() as one:
        _raise()
    _keep(coordinator, scope=Scope.EVERY, subject="")
    with recorded() as many:
        _raise()
    assert len(many) <= len(one) + 2, "of one person more: who they are, and whom they saw"
