"""What others learn of where a record comes from is changed by its originator alone; what came out of it follows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.rules import FRESH
from crm.activities.course.service import correct_activity
from crm.activities.models import Activity, ActivityObstacle, ActivityPerson, ActivityState
from crm.audit.models import AuditEntry
from crm.audit.service import Event
from crm.core import access
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.visibility import ATTRIBUTION_LABELS, Attribution
from crm.followups.models import FollowUp
from crm.lists.bulk import rules
from crm.people.met.models import Interlocutor, StanceClaim
from crm.people.met.rules import Stance
from crm.positions.models import ObstacleClaim
from crm.sharing import service as sharing
from tests.audit.test_attribution import lines
from tests.followups.opening import opened
from tests.lists.test_bulk import back, many, values
from tests.support.met import stated
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged, sees

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
CAME_OUT = (ObstacleClaim, FollowUp, Interlocutor, StanceClaim)
OF_PEOPLE = (Interlocutor, StanceClaim)


def tell(actor: Viewer, key: UUID, attribution: Attribution, kind: str = "activity") -> None:
    """Change what others learn, committed."""
    with looking_as(actor), unit_of_work():
        sharing.change_attribution(actor=actor, kind=kind, record_id=key, attribution=attribution)


def told_in_full(actor: Viewer) -> UUID:
    """A record for all States that tells everything, with all that can come out of one."""
    key = logged(
        actor, handling=Handling.STATES, attribution=Attribution.FULL, obstacle="finance", keep_person=True,
        next_action="Send the estimate", next_action_due=date(2026, 12, 1),
    )  # fmt: skip
    with looking_as(SYSTEM):
        whom = db.session.scalars(select(Interlocutor.id)).one()
    stated(actor, whom, Stance.FRIEND, source=str(key), handling=Handling.STATES)
    return key


def reach() -> dict[type[Any], str]:
    """How far each thing travels that came out of the record."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return {model: db.session.scalars(select(model.handling)).one() for model in CAME_OUT}


def found_by(viewer: Viewer) -> set[type[Any]]:
    """What of a record somebody finds."""
    parts = (Activity, ActivityState, ActivityPerson, ActivityObstacle, *CAME_OUT)
    with looking_as(viewer):
        db.session.rollback()
        return {model for model in parts if db.session.scalars(select(model)).first()}


@pytest.mark.parametrize("after", [one for one in Attribution if one is not Attribution.FULL])
def test_who_tells_less_takes_back_what_came_out_of_it(app: Flask, person: People, after: Attribution) -> None:
    officer, other = person("officer").viewer, person("coordinator").viewer
    key = told_in_full(officer)
    assert set(reach().values()) == {"states"} and len(found_by(other)) == 8
    tell(officer, key, after)
    hides_state = after is not Attribution.STATE_NOT_PERSON
    kept = {model: "originator" if hides_state or model in OF_PEOPLE else "states" for model in CAME_OUT}
    assert reach() == kept
    told = {Activity} if hides_state else {Activity, ActivityState, ActivityObstacle, ObstacleClaim, FollowUp}
    assert found_by(other) == told
    assert len(found_by(officer)) == 8, "its own party has everything as before"


def test_who_tells_more_again_brings_back_the_record_and_not_what_came_out_of_it(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("coordinator").viewer
    key = told_in_full(officer)
    tell(officer, key, Attribution.NONE)
    tell(officer, key, Attribution.FULL)
    assert set(reach().values()) == {"originator"}
    assert found_by(other) == {Activity, ActivityState, ActivityPerson, ActivityObstacle}


def test_a_mission_finds_it_by_its_state_as_long_as_that_is_told(app: Flask, person: People) -> None:
    coordinator, mission = person("coordinator").viewer, person("other_officer").viewer
    key = logged(coordinator, handling=Handling.STATES, attribution=Attribution.FULL)
    for attribution, seen in ((Attribution.NONE, False), (Attribution.STATE_NOT_PERSON, True)):
        tell(coordinator, key, attribution)
        assert sees(Viewer(**{**vars(mission), "states": frozenset({"LAO"})}), key) is seen


def test_s06_only_the_originator_changes_it(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    shown = logged(officer, handling=Handling.COORDINATION, attribution=Attribution.NONE)
    hidden = logged(officer, handling=Handling.ORIGINATOR, attribution=Attribution.NONE)
    with pytest.raises(NotAllowed):
        tell(person("coordinator").viewer, shown, Attribution.FULL)
    with pytest.raises(NotFound):
        tell(person("coordinator").viewer, hidden, Attribution.FULL)
    with pytest.raises(RuleViolation, match="nothing is kept back"):
        tell(officer, opened(officer), Attribution.NONE, kind="follow_up")
    with looking_as(SYSTEM):
        db.session.rollback()
        assert set(db.session.scalars(select(Activity.attribution))) == {"none"}


@pytest.mark.parametrize("before", list(Attribution))
@pytest.mark.parametrize("after", list(Attribution))
def test_the_audit_says_so_and_names_no_state_to_whom_it_is_hidden_before_or_after(
    app: Flask, person: People, signed_in: Clients, before: Attribution, after: Attribution
) -> None:
    officer = person("officer").viewer
    key = logged(officer, handling=Handling.COORDINATION, attribution=before)
    tell(officer, key, after)
    with looking_as(SYSTEM):
        db.session.rollback()
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "attribution_changed")).all()
        assert [one.details for one in entries] == (
            [] if before is after else [{"state": "LAO", "before": before.value, "after": after.value}]
        )
        hides = {before, after} & {Attribution.REGION_ONLY, Attribution.NONE}
        assert {one.handling for one in entries} <= {"originator" if hides else "coordination"}
    if entries and not hides:
        page = check_page(signed_in("coordinator").get("/administration/audit?event=attribution_changed"))
        assert all(ATTRIBUTION_LABELS[one] in page for one in (before, after))


def test_s03_who_was_met_is_not_told_by_a_correction_of_before(app: Flask, person: People, signed_in: Clients) -> None:
    """While it told of the person, another party could read what a correction said of them; then it tells less."""
    presidency = person("presidency").viewer
    key = logged(presidency, handling=Handling.COORDINATION, attribution=Attribution.FULL)
    with looking_as(presidency), unit_of_work():
        correct_activity(
            actor=presidency, activity_id=key, kind="demarche", state_iso3="LAO", held_on=date(2026, 11, 1),
            person_name="Canary Example", reply="Yes.",
        )  # fmt: skip
    other, own = signed_in("coordinator"), signed_in("presidency")

    def said(browser: FlaskClient) -> str:
        doors = ("/administration/audit", "/administration/audit.csv", "/api/v1/audit", "/api/v1/audit/export.csv")
        return "".join(browser.get(f"{one}?event=activity_corrected").get_data(as_text=True) for one in doors)

    assert "Canary" in said(other)
    access.look_as(SYSTEM)
    tell(presidency, key, Attribution.STATE_NOT_PERSON)
    assert "Canary" not in said(other) and "Canary" in said(own)
    assert len(lines(other, Event.ACTIVITY_CORRECTED)) == 1, "that it was corrected is told as before"
    access.look_as(SYSTEM)
    tell(presidency, key, Attribution.FULL)
    assert "Canary" in said(other)


def test_it_stands_on_the_page_of_who_may_see_it_and_goes_in_one(
    app: Flask, person: People, signed_in: Clients
) -> None:
    key = logged(person("officer").viewer, handling=Handling.COORDINATION, attribution=Attribution.NONE)
    browser = signed_in("officer")
    assert f'href="/sharing/activity/{key}#attribution"' in check_page(browser.get(f"/activities/{key}"))
    page = check_page(browser.get(f"/sharing/activity/{key}"))
    assert "others may know: neither State nor region." in page and "stays with your own party from now on" in page
    assert re.search(r'<option selected value="none">', page)
    given = {"csrf_token": token_of(page), "handling": "states", "attribution": "everything"}
    page = check_page(browser.post(f"/sharing/activity/{key}", data=given), 422)
    assert re.search(r'<option selected value="states">', page)
    assert values(Activity, "handling", [key]) == ["coordination"]
    access.look_as(SYSTEM)
    answer = browser.post(f"/sharing/activity/{key}", data={**given, "attribution": "full"})
    assert answer.status_code == 303
    assert (values(Activity, "handling", [key]), values(Activity, "attribution", [key])) == (["states"], ["full"])
    access.look_as(SYSTEM)
    assert "#attribution" not in check_page(signed_in("coordinator").get(f"/activities/{key}"))


def test_the_json_door_takes_both_and_leaves_what_is_left_out(app: Flask, person: People, signed_in: Clients) -> None:
    officer = person("officer").viewer
    key, other = logged(officer, handling=Handling.COORDINATION, attribution=Attribution.NONE), opened(officer)
    browser = signed_in("officer")
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}

    def sent(kind: str, record: UUID, **given: str) -> Any:
        return browser.post(f"/api/v1/sharing/{kind}/{record}/handling", json=given, headers=header)

    assert sent("activity", key, handling="states").json == {"handling": "states", "attribution": "none"}
    told = sent("activity", key, handling="states", attribution="region_only")
    assert told.json == {"handling": "states", "attribution": "region_only"}
    assert list(sent("activity", key, handling="states", attribution="all").json["errors"]) == ["attribution"]
    assert sent("follow_up", other, handling="originator").json == {"handling": "originator", "attribution": None}
    refused = sent("follow_up", other, handling="coordination", attribution="full")
    assert refused.status_code == 422 and list(refused.json["errors"]) == ["attribution"]
    assert values(FollowUp, "handling", [other]) == ["originator"]
    access.look_as(SYSTEM)
    page = check_page(browser.get(f"/sharing/follow_up/{other}"))
    assert 'name="attribution"' not in page and "others may know" not in page


@pytest.mark.parametrize(
    ("before", "after"), [(Attribution.FULL, Attribution.NONE), (Attribution.NONE, Attribution.FULL)]
)
def test_s03_changed_with_who_may_see_it_no_entry_names_the_state_to_whom_it_is_hidden(
    app: Flask, person: People, before: Attribution, after: Attribution
) -> None:
    officer = person("officer").viewer
    key = logged(officer, handling=Handling.STATES, attribution=before)
    both = {"handling": Handling.COMMUNITY, "attribution": after}
    with looking_as(officer), unit_of_work():
        sharing.change(actor=officer, kind="activity", record_id=key, **both)
    with looking_as(SYSTEM):
        db.session.rollback()
        wanted = select(AuditEntry).where(AuditEntry.event.in_(["handling_changed", "attribution_changed"]))
        assert [one.handling for one in db.session.scalars(wanted)] == ["originator"] * 2


def test_many_at_once_and_taken_back(app: Flask, person: People) -> None:
    viewer = person("coordinator").viewer
    mine = [logged(viewer, attribution=one) for one in (Attribution.NONE, Attribution.FULL)]
    theirs = logged(person("other_officer").viewer, handling=Handling.STATES)
    made = many(viewer, "activities", "attribution", [*mine, theirs], attribution=Attribution.FULL)
    assert values(Activity, "attribution", [*mine, theirs]) == ["full", "full", "state_not_person"]
    assert {one["id"]: one["why"] for one in made.left} == {
        str(mine[1]): "Others may know just that already.", str(theirs): rules.NOT_YOURS}  # fmt: skip
    assert not back(viewer, made).left
    assert values(Activity, "attribution", mine) == ["none", "full"]


@pytest.mark.parametrize("door", ["page", "json"])
def test_it_asks_again_who_is_there(
    app: Flask, person: People, signed_in: Clients, steady_clock: time_machine.Traveller, door: str
) -> None:
    viewer = person("coordinator").viewer
    hidden, shown = (logged(viewer, attribution=one) for one in (Attribution.NONE, Attribution.FULL))
    made = many(viewer, "activities", "attribution", [shown], attribution=Attribution.NONE).id
    browser = signed_in("coordinator")
    token = token_of(check_page(browser.get("/account")))
    steady_clock.shift(FRESH + timedelta(seconds=1))
    one = f"/sharing/activity/{hidden}" + ("/handling" if door == "json" else "")
    for place, given in (
        (one, {"handling": "coordination", "attribution": "full"}),
        ("/activities/change/attribution", {"ids": [str(hidden)], "attribution": "full"}),
        (f"/changes/{made}/undo-handling", {}),
    ):
        if door == "json":
            answer = browser.post(f"/api/v1{place}", json=given, headers={"X-CSRFToken": token})
        else:
            answer = browser.post(place, data={"csrf_token": token, **given, "ids": str(hidden)})
        assert answer.status_code == 401, place
    assert values(Activity, "attribution", [hidden, shown]) == ["none", "none"]
    access.look_as(SYSTEM)


def test_nobody_takes_back_unseen_what_somebody_changed_meanwhile(
    app: Flask, person: People, signed_in: Clients
) -> None:
    boss, browser = person("coordinator").viewer, signed_in("coordinator")
    key = logged(boss, handling=Handling.STATES, attribution=Attribution.FULL)
    page = check_page(browser.get(f"/sharing/activity/{key}"))
    typed = {"csrf_token": token_of(page), "seen": "states full", "handling": "states", "attribution": "region_only"}
    assert 'name="seen"' in page and 'value="states full"' in page
    with looking_as(boss), unit_of_work():
        sharing.change_handling(actor=boss, kind="activity", record_id=key, handling=Handling.ORIGINATOR)
    again = check_page(browser.post(f"/sharing/activity/{key}", data=typed), 422)
    assert "Somebody has changed this since you looked" in again and 'value="originator full"' in again
    head, door = {"X-CSRFToken": typed["csrf_token"]}, f"/api/v1/sharing/activity/{key}/handling"
    assert browser.post(door, json={"handling": "states", "seen": "states full"}, headers=head).status_code == 422
    with looking_as(SYSTEM):
        db.session.rollback()
        kept = db.session.get_one(Activity, key)
        assert (kept.handling, kept.attribution) == ("originator", "full")
    typed["seen"] = "originator full"
    assert browser.post(f"/sharing/activity/{key}", data=typed).status_code == 303
