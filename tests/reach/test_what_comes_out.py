"""What comes out of a record about a restricted State is for those who are named, whichever State it names itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.activities.course.service import correct_activity
from crm.activities.models import Activity
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution
from crm.followups.models import FollowUp
from crm.followups.service import open_follow_up, reassign
from crm.people.met.models import Interlocutor, StanceClaim
from crm.people.met.rules import Stance
from crm.people.met.service import state_stance
from crm.pins.models import TimelinePin
from crm.pins.service import pin
from crm.positions.models import ObstacleClaim
from crm.search.models import SearchText
from tests.reach.test_restricted import restrict
from tests.support.pages import token_of
from tests.support.people import Person
from tests.support.records import anew, logged, sees

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]

FOLLOWED: dict[str, Any] = {
    "next_action": "Call the deputy minister back", "next_action_due": date(2026, 12, 1), "obstacle": "security",
    "handling": Handling.COORDINATION, "attribution": Attribution.FULL, "keep_person": True,
}  # fmt: skip
TOLD: dict[str, Any] = {"kind": "regional_workshop", "held_on": date(2026, 11, 1), "person_name": "Karma Example"}
CAME_OUT = (FollowUp, ObstacleClaim, Interlocutor, StanceClaim, SearchText, TimelinePin)


def counted(viewer: Viewer, *models: Any) -> dict[str, int]:
    """How many rows of each somebody sees."""
    with looking_as(viewer):
        db.session.rollback()
        return {one.__name__: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in models}


def stated(actor: Viewer, key: UUID) -> None:
    """What somebody thinks of whoever was met, because of a record."""
    with looking_as(actor), unit_of_work():
        whom = db.session.scalars(select(Interlocutor.id)).one()
        state_stance(
            actor=actor, person_id=whom, stance=Stance.FRIEND, claimed_on=date(2026, 11, 2), source=str(key),
            handling=Handling.COORDINATION,
        )  # fmt: skip


def corrected(actor: Viewer, key: UUID, state_iso3: str, **changes: Any) -> None:
    with looking_as(actor), unit_of_work():
        told = {**TOLD, "reply": "They would join after the election.", **changes}
        correct_activity(actor=actor, activity_id=key, state_iso3=state_iso3, **told)


def test_nothing_that_came_out_of_a_record_is_left_to_whoever_is_not_named(app: Flask, person: People) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    key = logged(coordinator, "BTN", **TOLD, **FOLLOWED, further_states=("LAO",))
    stated(coordinator, key)
    with looking_as(presidency), unit_of_work():
        followed = db.session.scalars(select(FollowUp.id)).one()
        pin(actor=presidency, state_iso3="BTN", kind="activity", record_id=key)
        pin(actor=presidency, state_iso3="BTN", kind="followup", record_id=followed)
    before = counted(presidency, *CAME_OUT)
    assert min(before.values()) > 0, before
    coordinator = restrict(coordinator, "LAO")
    assert not sees(anew(presidency), key)
    assert counted(anew(presidency), *CAME_OUT) == dict.fromkeys(before, 0)
    assert counted(coordinator, FollowUp, ObstacleClaim) == {"FollowUp": 1, "ObstacleClaim": 2}


def test_what_came_out_follows_when_its_record_is_set_right(app: Flask, person: People, signed_in: Clients) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    key = logged(coordinator, "BTN", **TOLD, **FOLLOWED)
    coordinator = restrict(coordinator, "LAO")
    assert counted(anew(presidency), FollowUp, ObstacleClaim) == {"FollowUp": 1, "ObstacleClaim": 1}
    corrected(coordinator, key, "LAO")
    assert counted(anew(presidency), FollowUp, ObstacleClaim) == {"FollowUp": 0, "ObstacleClaim": 0}
    browser = signed_in("presidency")
    assert browser.get("/api/v1/followups?owner=all").get_json()["items"] == []
    assert browser.get("/api/v1/search?q=deputy").get_json()["items"] == []


def test_nobody_is_charged_who_is_not_named_for_a_state_of_the_source(app: Flask, person: People) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    logged(coordinator, "BTN", **TOLD, **FOLLOWED, further_states=("LAO",))
    coordinator = restrict(coordinator, "LAO")
    with looking_as(SYSTEM):
        followed = db.session.scalars(select(FollowUp.id)).one()
    with looking_as(coordinator), unit_of_work(), pytest.raises(RuleViolation, match="may not see this"):
        reassign(actor=coordinator, followup_id=followed, owner_id=presidency.user_id or UUID(int=0))


def test_nobody_is_charged_from_the_first_either(app: Flask, person: People) -> None:
    """With what is written down beside the record, and with the step that it names."""
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    key = logged(coordinator, "BTN", **TOLD, handling=Handling.COORDINATION, further_states=("LAO",))
    coordinator = restrict(coordinator, "LAO")
    with looking_as(coordinator), unit_of_work(), pytest.raises(RuleViolation, match="may not see this"):
        open_follow_up(
            actor=coordinator, what="Call", state_iso3="BTN", due_on=date(2026, 12, 1), activity_id=key,
            handling=Handling.COORDINATION, owner_id=presidency.user_id,
        )  # fmt: skip
    charged: dict[str, Any] = {"further_states": ("LAO",), "next_action_owner_id": str(presidency.user_id)}
    with pytest.raises(RuleViolation, match="may not see this"):
        logged(coordinator, "BTN", **TOLD, **FOLLOWED, **charged)


def entries(viewer: Viewer, *events: str) -> list[dict[str, Any]]:
    """The facts of those entries of the audit that somebody reads."""
    with looking_as(viewer):
        db.session.rollback()
        return list(db.session.scalars(select(AuditEntry.details).where(AuditEntry.event.in_(events))))


def test_the_audit_tells_of_it_whom_it_tells_of_its_source(app: Flask, person: People) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    coordinator = restrict(coordinator, "LAO")
    logged(coordinator, "BTN", **TOLD, **FOLLOWED, further_states=("LAO",))
    opened = ("followup_opened", "person_recorded")
    assert [one["state"] for one in entries(coordinator, *opened)] == ["BTN LAO"] * 2
    assert entries(anew(presidency), *opened) == []


def test_a_restricted_state_stays_with_its_record(app: Flask, person: People, signed_in: Clients) -> None:
    """Whoever took it away would let everybody read the record whom the handling reaches, past the list and its
    question who is there.
    """
    coordinator = person("coordinator").viewer
    key = logged(coordinator, "LAO", **TOLD, handling=Handling.STATES)
    pair = logged(coordinator, "BTN", **TOLD, handling=Handling.STATES, further_states=("LAO",))
    coordinator = restrict(coordinator, "LAO")
    with pytest.raises(RuleViolation, match="Lift the restriction first") as refused:
        corrected(coordinator, pair, "BTN")
    assert list(refused.value.errors) == ["further_states"]
    browser = signed_in("coordinator")
    form = browser.get(f"/activities/{key}/correct").get_data(as_text=True)
    shown = browser.get(f"/api/v1/activities/{key}").get_json()
    told = {**TOLD, "held_on": "2026-11-01", "state_iso3": "BTN", "reply": "Yes.", "version": shown["version"]}
    answer = browser.put(f"/api/v1/activities/{key}", json=told, headers={"X-CSRFToken": token_of(form)})
    assert answer.status_code == 422 and "Lift the restriction first" in answer.get_json()["errors"]["state_iso3"][0]
    page = browser.post(f"/activities/{key}/correct", data={**told, "csrf_token": token_of(form)})
    assert page.status_code == 422 and "Lift the restriction first" in page.get_data(as_text=True)
    corrected(coordinator, key, "LAO", further_states=("BTN",))
    with looking_as(SYSTEM):
        db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(Activity)) == 2


def test_a_correction_is_told_to_nobody_to_whom_a_former_state_is_closed(app: Flask, person: People) -> None:
    coordinator, presidency = person("coordinator").viewer, person("presidency").viewer
    key = logged(coordinator, "LAO", **TOLD, handling=Handling.COORDINATION, attribution=Attribution.FULL)
    corrected(coordinator, key, "BTN")
    assert [one["state"] for one in entries(presidency, "activity_corrected")] == ["BTN LAO"]
    restrict(coordinator, "LAO")
    assert sees(anew(presidency), key) and entries(anew(presidency), "activity_corrected") == []
