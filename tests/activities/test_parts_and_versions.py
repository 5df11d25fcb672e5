"""A record has moved on when a part of it has, which is a row of its own; and an officer's comment leaves its trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.course.service import correct_activity, note_on_the_way, plan_activity
from crm.activities.models import Activity
from crm.activities.rules import Noted
from crm.audit.models import AuditContent, AuditEntry
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import Stale
from tests.support.pages import token_of
from tests.support.people import Person
from tests.support.records import REPLY, logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]

AS_IT_WAS: dict[str, Any] = {
    "kind": "regional_workshop", "state_iso3": "LAO", "further_states": ("BTN",), "held_on": date(2026, 11, 1),
    "person_name": "Karma Example", "reply": REPLY, "officer_comment": "First view.",
}  # fmt: skip
PARTS: dict[str, dict[str, Any]] = {
    "comment": {"officer_comment": "Another view."},
    "no comment": {"officer_comment": ""},
    "person": {"person_title": "Director"},
    "nobody": {"person_name": ""},
    "States": {"further_states": ()},
}


def written(actor: Viewer, **changes: Any) -> UUID:
    told = {**AS_IT_WAS, **changes}
    return logged(actor, told.pop("state_iso3"), **told)


def version_of(key: UUID) -> int:
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(Activity.version).where(Activity.id == key)).one()


def corrected(actor: Viewer, key: UUID, version: int, **changes: Any) -> None:
    with looking_as(actor), unit_of_work():
        correct_activity(actor=actor, activity_id=key, version=version, **{**AS_IT_WAS, **changes})


@pytest.mark.parametrize("part", PARTS)
def test_whoever_read_it_before_a_part_changed_is_outrun(app: Flask, person: People, part: str) -> None:
    officer = person("officer").viewer
    key = written(officer)
    version = version_of(key)
    corrected(officer, key, version)
    assert version_of(key) == version, "nothing was changed"
    corrected(officer, key, version, **PARTS[part])
    assert version_of(key) > version
    with pytest.raises(Stale):
        corrected(officer, key, version, place="Vientiane")


def test_a_step_on_the_way_moves_it(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    with looking_as(officer), unit_of_work():
        key = plan_activity(actor=officer, kind="demarche", state_iso3="LAO", held_on=date(2026, 12, 1)).id
    assert version_of(key) == 1
    with looking_as(officer), unit_of_work():
        note_on_the_way(actor=officer, activity_id=key, noted=Noted.ACKNOWLEDGED)
    assert version_of(key) == 2


def test_a_comment_that_a_colleague_wrote_meanwhile_is_shown_and_kept(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    header = {"X-CSRFToken": token_of(browser.get("/activities/new").get_data(as_text=True))}
    told = {**AS_IT_WAS, "held_on": "2026-11-01", "kind": "demarche", "handling": "states"}
    del told["further_states"]
    made = browser.post("/api/v1/activities", json=told, headers=header).get_json()
    where = f"activities/{made['id']}"
    right = {name: value for name, value in told.items() if name != "handling"} | {"version": made["version"]}
    form = browser.get(f"/{where}/correct").get_data(as_text=True)
    theirs = {**right, "officer_comment": "The long view of a colleague."}
    assert browser.put(f"/api/v1/{where}", json=theirs, headers=header).status_code == 200
    mine = {**right, "officer_comment": "My own."}
    assert browser.put(f"/api/v1/{where}", json=mine, headers=header).status_code == 409
    page = browser.post(f"/{where}/correct", data={**mine, "csrf_token": token_of(form)})
    assert page.status_code == 409
    assert "The long view of a colleague." in (shown := page.get_data(as_text=True)) and "My own." in shown


def test_that_a_comment_was_changed_is_entered_for_its_own_party_and_its_words_are_not(
    app: Flask, person: People
) -> None:
    officer, presidency = person("officer").viewer, person("presidency").viewer
    key = written(officer, handling=Handling.COORDINATION)
    for text in ("Another view.", "", "A third."):
        corrected(officer, key, version_of(key), officer_comment=text)
    corrected(officer, key, version_of(key), officer_comment="A third.", place="Vientiane")
    entered = select(AuditEntry).where(AuditEntry.event == "comment_changed")
    with looking_as(SYSTEM):
        db.session.rollback()
        entries = db.session.scalars(entered).all()
        assert [(one.subject_id, one.actor_id) for one in entries] == [(str(key), officer.user_id)] * 3
        assert "view" not in str([(one.details) for one in entries])
        assert not [one for one in db.session.scalars(select(AuditContent.values)) if "third" in str(one)]
    with looking_as(presidency):
        db.session.rollback()
        assert db.session.scalars(entered).all() == []
