"""A report keeps what its plan said of who may see it, or narrows it; wider is said on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.course.service import plan_activity, report_activity
from crm.activities.models import Activity
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution
from crm.followups.models import FollowUp
from crm.followups.service import open_follow_up
from tests.support.pages import token_of
from tests.support.people import Person

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]

TOLD: dict[str, Any] = {"kind": "demarche", "state_iso3": "LAO", "held_on": date(2026, 11, 20)}
SENT = {**TOLD, "held_on": "2026-11-20", "person_name": "Karma Example", "reply": "Yes."}


def planned(actor: Viewer, **changes: Any) -> UUID:
    with looking_as(actor), unit_of_work():
        return plan_activity(actor=actor, **{**TOLD, **changes}).id


def reported(actor: Viewer, key: UUID, **changes: Any) -> Activity:
    with looking_as(actor), unit_of_work():
        return report_activity(actor=actor, activity_id=key, **{**TOLD, "reply": "Yes.", **changes})


@pytest.mark.parametrize(
    ("wider", "field", "says"),
    [
        ({"handling": Handling.PUBLIC}, "handling", "widened on its own page"),
        ({"attribution": Attribution.FULL}, "attribution", "no more of the source"),
    ],
)
def test_the_verb_refuses_what_is_wider(
    app: Flask, person: People, wider: dict[str, Any], field: str, says: str
) -> None:
    officer = person("officer").viewer
    narrow = {"handling": Handling.ORIGINATOR, "attribution": Attribution.NONE}
    key = planned(officer, **narrow)
    with pytest.raises(RuleViolation, match=says) as refused:
        reported(officer, key, **{**narrow, **wider})
    assert list(refused.value.errors) == [field]


def test_both_doors_refuse_it_beside_the_field(app: Flask, person: People, signed_in: Clients) -> None:
    key = planned(person("officer").viewer, handling=Handling.ORIGINATOR, attribution=Attribution.NONE)
    browser = signed_in("officer")
    form = browser.get(f"/activities/{key}/report").get_data(as_text=True)
    sent = {**SENT, "version": 1, "handling": "public", "attribution": "none"}
    page = browser.post(f"/activities/{key}/report", data={**sent, "csrf_token": token_of(form)})
    assert page.status_code == 422 and "widened on its own page" in page.get_data(as_text=True)
    header = {"X-CSRFToken": token_of(form)}
    answer = browser.post(f"/api/v1/activities/{key}/report", json=sent, headers=header)
    assert answer.status_code == 422 and list(answer.get_json()["errors"]) == ["handling"]
    left_out = {name: value for name, value in sent.items() if name not in ("handling", "attribution")}
    answer = browser.post(f"/api/v1/activities/{key}/report", json=left_out, headers=header)
    told = answer.get_json()
    assert (answer.status_code, told["handling"], told["attribution"]) == (200, "originator", "none"), told


def test_what_is_narrower_is_entered_and_narrows_what_came_out(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = planned(officer, handling=Handling.STATES, attribution=Attribution.FULL)
    with looking_as(officer), unit_of_work():
        open_follow_up(
            actor=officer, what="Send the kit", state_iso3="LAO", due_on=date(2026, 12, 1), activity_id=key,
            handling=Handling.STATES,
        )  # fmt: skip
    reported(officer, key, handling=Handling.COORDINATION, attribution=Attribution.FULL)
    with looking_as(SYSTEM):
        db.session.rollback()
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "handling_changed")).one()
        assert db.session.scalars(select(FollowUp.handling)).all() == ["coordination"]
    assert (entry.subject_id, entry.details["before"], entry.details["after"]) == (str(key), "states", "coordination")


def test_a_source_that_is_kept_from_others_keeps_what_came_out(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    key = planned(officer, handling=Handling.STATES, attribution=Attribution.FULL)
    with looking_as(officer), unit_of_work():
        open_follow_up(
            actor=officer, what="Send the kit", state_iso3="LAO", due_on=date(2026, 12, 1), activity_id=key,
            handling=Handling.STATES,
        )  # fmt: skip
    reported(officer, key, handling=Handling.STATES, attribution=Attribution.REGION_ONLY)
    with looking_as(SYSTEM):
        db.session.rollback()
        assert db.session.scalars(select(FollowUp.handling)).all() == ["originator"]
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "attribution_changed")).one()
    assert (entry.details["before"], entry.details["after"], entry.handling) == ("full", "region_only", "originator")
