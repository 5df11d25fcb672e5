"""S6: the originator alone widens; others ask; what is derived never travels further than its source."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.models import Activity, ActivityComment, ActivityPerson, ActivityState
from crm.audit.models import AuditEntry
from crm.core import access, clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.visibility import Attribution
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.positions.models import ObstacleClaim
from crm.sharing import service as sharing
from tests.followups.opening import colleague_of
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.records import logged, sees

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]


def handle(actor: Viewer, activity_id: UUID, handling: Handling) -> None:
    """Change who may see it, committed."""
    with looking_as(actor), unit_of_work():
        sharing.change_handling(actor=actor, kind="activity", record_id=activity_id, handling=handling)


def ask(actor: Viewer, activity_id: UUID, wanted: Handling) -> UUID:
    """Ask for wider handling, committed."""
    with looking_as(actor), unit_of_work():
        return sharing.ask_wider(
            actor=actor, kind="activity", record_id=activity_id, wanted=wanted, reason="For the report."
        ).id


def answer(actor: Viewer, request_id: UUID, granted: bool) -> None:
    """Answer, committed."""
    with looking_as(actor), unit_of_work():
        sharing.answer(actor=actor, request_id=request_id, granted=granted)


def test_s06_a_recipient_does_not_reshare(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    key = logged(officer, handling=Handling.COORDINATION)
    with pytest.raises(NotAllowed):
        handle(coordinator, key, Handling.PUBLIC)
    with pytest.raises(NotFound):
        handle(person("other_officer").viewer, key, Handling.PUBLIC)
    assert not sees(person("other_officer").viewer, key)


def test_s06_only_a_yes_of_the_originator_widens(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    key = logged(officer, handling=Handling.COORDINATION)
    asked = ask(coordinator, key, Handling.STATES)
    with pytest.raises(RuleViolation, match="asked already"):
        ask(coordinator, key, Handling.PUBLIC)
    with pytest.raises(NotFound):
        answer(coordinator, asked, True)
    assert not sees(person("other_officer").viewer, key)
    answer(officer, asked, True)
    assert sees(person("other_officer").viewer, key)
    with pytest.raises(RuleViolation, match="answered already"):
        answer(officer, asked, False)
    with looking_as(SYSTEM):
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.place))
        events = [one.event for one in entries if "handling" in one.event]
    assert events == ["wider_handling_asked", "handling_changed", "wider_handling_answered"]


def test_s06_what_one_party_has_asked_keeps_no_other_from_asking(app: Flask, person: People) -> None:
    key = logged(person("officer").viewer, handling=Handling.STATES)
    ask(person("coordinator").viewer, key, Handling.COMMUNITY)
    ask(person("other_officer").viewer, key, Handling.COMMUNITY)
    for again in ("coordinator", "other_officer"):
        with pytest.raises(RuleViolation, match="asked already"):
            ask(person(again).viewer, key, Handling.PUBLIC)


def test_s06_a_no_is_on_record_and_changes_nothing(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    key = logged(officer, handling=Handling.COORDINATION)
    answer(officer, ask(coordinator, key, Handling.STATES), False)
    assert not sees(person("other_officer").viewer, key)
    ask(coordinator, key, Handling.COMMUNITY)


@pytest.mark.parametrize("wanted", [Handling.COORDINATION, Handling.ORIGINATOR])
def test_s06_only_what_is_wider_is_asked_for(app: Flask, person: People, wanted: Handling) -> None:
    key = logged(person("officer").viewer, handling=Handling.COORDINATION)
    with pytest.raises(RuleViolation, match="travels that far already"):
        ask(person("coordinator").viewer, key, wanted)


def test_s06_nobody_asks_for_a_record_of_their_own_party(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = logged(officer, handling=Handling.COORDINATION)
    for own in (officer, colleague_of(officer, "Near Colleague")):
        with pytest.raises(RuleViolation, match="is your own party"):
            ask(own, key, Handling.STATES)


@pytest.mark.parametrize(
    ("before", "after"), [(Handling.STATES, Handling.ORIGINATOR), (Handling.ORIGINATOR, Handling.STATES)]
)
def test_s06_the_change_is_told_to_those_alone_who_see_it_before_and_after(
    app: Flask, person: People, before: Handling, after: Handling
) -> None:
    officer = person("officer").viewer
    handle(officer, logged(officer, handling=before), after)
    wanted = select(AuditEntry).where(AuditEntry.event == "handling_changed")
    with looking_as(SYSTEM):
        assert db.session.scalars(wanted).one().handling == "originator"
    with looking_as(person("coordinator").viewer):
        db.session.rollback()
        assert not db.session.scalars(wanted).all()


def test_s06_what_comes_out_of_it_travels_no_further(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = logged(officer, handling=Handling.COORDINATION, obstacle="finance")
    with looking_as(officer), unit_of_work():
        made = followups.open_follow_up(
            actor=officer, what="Send the estimate", state_iso3="LAO", due_on=clock.today() + timedelta(days=3),
            handling=Handling.PUBLIC, activity_id=key,
        ).id  # fmt: skip
    with (
        looking_as(officer),
        pytest.raises(RuleViolation, match="no further than a record"),
        unit_of_work(),
    ):
        sharing.change_handling(actor=officer, kind="follow_up", record_id=made, handling=Handling.PUBLIC)
    handle(officer, key, Handling.ORIGINATOR)
    with looking_as(SYSTEM):
        db.session.rollback()
        assert db.session.get_one(FollowUp, made).handling == "originator"
        assert db.session.scalars(select(ObstacleClaim.handling)).all() == ["originator"]


def test_s07_above_ones_clearance_in_ones_own_state(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("other_officer").viewer
    assert other.works_on("LAO")
    key = logged(coordinator, "LAO", handling=Handling.COORDINATION)
    assert not sees(other, key)


def test_s02_nothing_is_written_before_the_check(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    key = logged(officer, handling=Handling.ORIGINATOR)
    for refused in (
        lambda: handle(other, key, Handling.PUBLIC),
        lambda: ask(other, key, Handling.PUBLIC),
        lambda: _follow(other, key),
    ):
        with pytest.raises(NotFound):
            refused()
    with looking_as(SYSTEM):
        db.session.rollback()
        assert db.session.scalars(select(FollowUp)).all() == []
        assert db.session.get_one(Activity, key).handling == "originator"


def _follow(actor: Viewer, activity_id: UUID) -> None:
    with looking_as(actor), unit_of_work():
        followups.open_follow_up(
            actor=actor, what="x", state_iso3="LAO", due_on=clock.today() + timedelta(days=3), activity_id=activity_id
        )


@pytest.mark.parametrize(
    ("attribution", "state", "people"),
    [
        (Attribution.FULL, True, True),
        (Attribution.STATE_NOT_PERSON, True, False),
        (Attribution.REGION_ONLY, False, False),
        (Attribution.NONE, False, False),
    ],
)
def test_the_attribution_keeps_state_and_person_from_other_parties(
    app: Flask, person: People, attribution: Attribution, state: bool, people: bool
) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    logged(
        officer, attribution=attribution, officer_comment="He seemed tired.", obstacle="finance",
        next_action="Call", next_action_due=date(2026, 12, 1),
    )  # fmt: skip
    db.session.rollback()
    with looking_as(coordinator):
        assert len(db.session.scalars(select(Activity)).all()) == 1
        assert bool(db.session.scalars(select(ActivityState)).all()) is state
        assert bool(db.session.scalars(select(ActivityPerson)).all()) is people
        assert not db.session.scalars(select(ActivityComment)).all()
        assert bool(db.session.scalars(select(ObstacleClaim)).all()) is state
        assert bool(db.session.scalars(select(FollowUp)).all()) is state
    with looking_as(officer):
        assert db.session.scalars(select(ActivityComment.text)).all() == ["He seemed tired."]
        assert db.session.scalars(select(ActivityPerson.name)).all() == ["Karma Example"]


def test_it_is_asked_and_answered_on_its_pages(app: Flask, person: People, signed_in: Clients) -> None:
    key = logged(person("officer").viewer, handling=Handling.COORDINATION)
    coordinator, officer = signed_in("coordinator"), signed_in("officer")
    assert coordinator.get(f"/sharing/activity/{key}").location == f"/sharing/activity/{key}/requests"
    assert officer.get(f"/sharing/activity/{key}/requests").location == f"/sharing/activity/{key}"
    token = token_of(check_page(coordinator.get(f"/sharing/activity/{key}/requests")))
    given = {"csrf_token": token, "wanted": "states", "reason": "For the report."}
    page = check_page(coordinator.post(f"/sharing/activity/{key}/requests", data={**given, "reason": ""}), 422)
    assert f'action="/sharing/activity/{key}/requests"' in page
    assert coordinator.post(f"/sharing/activity/{key}/requests", data=given).status_code == 303
    assert coordinator.post(f"/sharing/activity/{key}", data=given).status_code == 403
    page = check_page(officer.get("/sharing"))
    assert "For you to answer" in page and "For the report." in page
    address = page.split('href="/sharing/requests/', 1)[1].split('"', 1)[0]
    token = token_of(check_page(officer.get(f"/sharing/requests/{address}")))
    given = {"csrf_token": token, "granted": "yes", "answer": "Gladly."}
    assert officer.post(f"/sharing/requests/{address}", data=given).status_code == 303
    assert "Gladly." in check_page(coordinator.get("/sharing"))
    assert signed_in("other_officer").get(f"/activities/{key}").status_code == 200
    assert "Who may see it" in check_page(officer.get(f"/sharing/activity/{key}"))


def test_nothing_is_offered_that_is_refused(app: Flask, person: People, signed_in: Clients) -> None:
    """Neither wider than the source, nor a second question while the first one waits."""
    officer = person("officer").viewer
    key = logged(officer, handling=Handling.COORDINATION)
    with looking_as(officer), unit_of_work():
        made = followups.open_follow_up(
            actor=officer, what="Send the estimate", state_iso3="LAO", due_on=clock.today() + timedelta(days=3),
            handling=Handling.COORDINATION, activity_id=key,
        ).id  # fmt: skip
    page = check_page(signed_in("officer").get(f"/sharing/follow_up/{made}"))
    assert set(re.findall(r'<option[^>]*value="(\w+)"', page)) == {"originator", "coordination"}
    asking = signed_in("coordinator")
    page = check_page(asking.get(f"/sharing/activity/{key}/requests"))
    told = {"csrf_token": token_of(page), "wanted": "states", "reason": "For the mission in Geneva."}
    assert asking.post(f"/sharing/activity/{key}/requests", data=told).status_code == 303
    again = check_page(asking.get(f"/sharing/activity/{key}/requests"))
    assert "Your party has asked" in again and 'name="reason"' not in again


def test_question_and_answer_stand_where_people_look(app: Flask, person: People, signed_in: Clients) -> None:
    """On the record for both parties, on Today for those who are to answer; each names the record."""
    key = logged(person("officer").viewer, handling=Handling.COORDINATION)
    title = "Démarche, Lao People&#39;s Democratic Republic, 1 November 2026"
    officer, coordinator = signed_in("officer"), signed_in("coordinator")
    assert "For your party to answer" not in check_page(officer.get("/"))
    assert "Asked for wider handling" not in check_page(coordinator.get(f"/activities/{key}"))
    page = check_page(coordinator.get(f"/sharing/activity/{key}/requests"))
    assert f"{title}. At present for coordinators and presidency." in page
    access.look_as(SYSTEM)
    request = ask(person("coordinator").viewer, key, Handling.STATES)
    page = check_page(officer.get("/"))
    assert "For your party to answer" in page and title in page and f"/sharing/requests/{request}" in page
    assert "For your party to answer" not in check_page(coordinator.get("/"))
    for browser in (officer, coordinator):
        page = check_page(browser.get(f"/activities/{key}"))
        assert "Waiting for an answer" in page and "For the report." in page and "all States that take part" in page
        assert title in check_page(browser.get("/sharing"))
    assert f">{title}</a>" in check_page(officer.get(f"/sharing/requests/{request}"))
    access.look_as(SYSTEM)
    answer(person("officer").viewer, request, granted=False)
    assert "Refused" in check_page(coordinator.get(f"/activities/{key}"))
    assert "For your party to answer" not in check_page(officer.get("/"))
    assert coordinator.get("/api/v1/sharing/requests").get_json()["items"][0]["record"].startswith("Démarche, Lao")


@pytest.mark.parametrize(("granted", "said"), [(True, "Granted"), (False, "Refused")])
def test_a_request_that_was_answered_says_so_and_by_whom(
    app: Flask, person: People, signed_in: Clients, granted: bool, said: str
) -> None:
    officer = person("officer").viewer
    asked = ask(person("coordinator").viewer, logged(officer, handling=Handling.COORDINATION), Handling.STATES)
    browser, address = signed_in("officer"), f"/sharing/requests/{asked}"
    open_page = check_page(browser.get(address))
    assert 'name="granted"' in open_page and "answered already" not in open_page
    answer(officer, asked, granted)
    db.session.remove()
    page = check_page(browser.get(address))
    assert "This was answered already." in page and 'name="granted"' not in page
    assert said in page and f"by {officer.name}, " in page
    assert f"by {officer.name}, " in check_page(signed_in("coordinator").get("/sharing"))
    typed = {"csrf_token": token_of(open_page), "granted": "yes", "answer": "With pleasure."}
    late = check_page(browser.post(address, data=typed), 422)
    assert "This was answered already." in late and "With pleasure." in late


@pytest.mark.parametrize("door", ["page", "json"])
@pytest.mark.parametrize("way", ["handling", "attribution"])
def test_a_yes_takes_no_narrowing_back_unseen(
    app: Flask, person: People, signed_in: Callable[[str], FlaskClient], door: str, way: str
) -> None:
    """Whoever says yes says it of the record as it stood before them; a no does no harm."""
    officer, browser = person("officer").viewer, signed_in("officer")
    key = logged(officer, handling=Handling.STATES, attribution=Attribution.FULL)
    asked = ask(person("coordinator").viewer, key, Handling.COMMUNITY)
    db.session.remove()
    page = check_page(browser.get(f"/sharing/requests/{asked}"))
    assert 'value="states full"' in page and "At present for" in page
    with looking_as(officer), unit_of_work():
        if way == "handling":
            sharing.change_handling(actor=officer, kind="activity", record_id=key, handling=Handling.ORIGINATOR)
        else:
            sharing.change_attribution(
                actor=officer, kind="activity", record_id=key, attribution=Attribution.STATE_NOT_PERSON
            )
    now = "originator full" if way == "handling" else "states state_not_person"
    db.session.remove()

    def sent(answered: str, seen: str) -> Any:
        given, token = {"granted": answered, "seen": seen}, token_of(page)
        if door == "json":
            head = {"X-CSRFToken": token}
            return browser.post(f"/api/v1/sharing/requests/{asked}/answer", json=given, headers=head)
        return browser.post(f"/sharing/requests/{asked}", data={**given, "csrf_token": token})

    refused = sent("yes", "states full")
    assert refused.status_code == 422 and "Somebody has changed this since you looked" in refused.text
    if door == "page":
        assert f'value="{now}"' in check_page(refused, 422)
    access.look_as(SYSTEM)
    with looking_as(SYSTEM):
        db.session.rollback()
        assert _standing(key) == now
    db.session.remove()
    assert sent("yes", now).status_code in (200, 303)
    access.look_as(SYSTEM)


def _standing(key: UUID) -> str:
    """How an activity stands now."""
    kept = db.session.get_one(Activity, key)
    return f"{kept.handling} {kept.attribution}"
