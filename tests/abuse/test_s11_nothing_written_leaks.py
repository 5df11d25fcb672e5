"""S11: what people write stands in the database and on their pages, and in no log, traceback, queue or cache."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from wtforms import StringField

from crm.activities import service as activities
from crm.activities.forms import ActivityForm, PlanForm
from crm.activities.types import ACTIVITY_TYPES, every_detail
from crm.core import jobs
from crm.core.db import db
from crm.core.forms import Form
from crm.core.jobs import Job, Wanted
from crm.followups.forms import FollowUpForm
from crm.letters import drafting
from crm.letters.forms import CampaignForm
from crm.meetings.forms import RecordCoordinatorForm
from crm.people.forms import RecordHolderForm
from tasks.equipment import equip
from tests.support.pages import check_page, token_of

Clients = Callable[[str], FlaskClient]
CANARY = "Kanarienvogel"

PLAN = {"kind": "demarche", "state_iso3": "LAO", "held_on": "2026-11-20", "person_level": "other"}
REPORT = {**PLAN, "next_action_due": "2026-12-20", "obstacle": "other"}

WRITTEN: dict[str, tuple[str, type[Form], dict[str, Any]]] = {
    **{kind: ("/api/v1/activities", ActivityForm, {**REPORT, "kind": kind}) for kind in ACTIVITY_TYPES},
    "plan": ("/api/v1/activities/plans", PlanForm, PLAN),
    "follow-up": ("/api/v1/followups", FollowUpForm, {"state_iso3": "LAO", "due_on": "2026-12-20"}),
    "campaign": (
        "/api/v1/letters/campaigns",
        CampaignForm,
        {"letter_date": "2011-06-01", "statuses": ["non_signatory"], "languages": "en"},
    ),
    "office-holder": (
        "/api/v1/offices/LAO/foreign_minister/holders",
        RecordHolderForm,
        {"gender": "female", "from_on": "2024-01-01"},
    ),
    "coordinator": ("/api/v1/coordinators", RecordCoordinatorForm, {"state_iso3": "JPN", "from_on": "2025-01-01"}),
}


def free_text(form: type[Form], kind: str = "") -> dict[str, str]:
    """Every field of a form into which somebody may write what they like, with a canary in it."""
    given: dict[str, str] = {}
    asked = {one.key for one in ACTIVITY_TYPES[kind].details} if kind else set()
    for name in form.field_names() - ({*every_detail()} - asked) - {"further_states"}:
        field = getattr(form, name)
        widget = type(field.kwargs.get("widget")).__name__
        if issubclass(field.field_class, StringField) and widget not in ("TimeInput", "DateInput", "HiddenInput"):
            given[name] = f"{CANARY} {name.replace('_', ' ')}"
    return given


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> list[Wanted]:
    """What would have gone to the broker."""
    found: list[Wanted] = []
    monkeypatch.setattr(jobs, "dispatch", found.extend)
    return found


def write(browser: FlaskClient, what: str, **changes: Any) -> Any:
    address, form, given = WRITTEN[what]
    header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}
    return browser.post(address, json={**free_text(form, given.get("kind", "")), **given, **changes}, headers=header)


@pytest.mark.parametrize("what", WRITTEN)
def test_s11_nothing_of_a_form_is_said_in_passing(
    app: Flask, signed_in: Clients, said: Callable[[], str], handed: list[Wanted], what: str
) -> None:
    browser = signed_in("coordinator")
    made = write(browser, what)
    assert made.status_code == 201, made.text
    assert CANARY in made.text and made.headers["Cache-Control"] == "no-store"
    assert write(browser, what, no_such_field=CANARY).status_code == 422
    assert CANARY not in said()
    for one in handed:
        assert all(UUID(key) for key in one.ids)


@pytest.mark.parametrize("what", WRITTEN)
def test_s11_the_forms_have_free_text_at_all(what: str) -> None:
    """Guards the guard: the list of fields is read from the forms and must not come out empty."""
    assert len(free_text(WRITTEN[what][1])) >= 1


def test_s11_a_failing_statement_and_a_crash_say_the_place_alone(
    app: Flask, signed_in: Clients, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["RAISE_ERRORS"] = False
    browser = signed_in("officer")

    def fails(**given: Any) -> None:
        db.session.execute(text("INSERT INTO nowhere (what) VALUES (:what)"), {"what": given["reply"]})

    def crashes(**given: Any) -> None:
        raise ValueError(given["reply"])

    for wrong in (fails, crashes):
        monkeypatch.setattr(activities, "record_activity", wrong)
        header = {"X-CSRFToken": token_of(check_page(browser.get("/account")))}
        address, form, given = WRITTEN["capital_visit"]
        answer = browser.post(address, json={**free_text(form, given["kind"]), **given}, headers=header)
        assert answer.status_code == 500 and CANARY not in answer.text
        out = said()
        assert "crashed" in out and CANARY not in out
    assert not re.search(r"\bTraceback\b", out)


def test_s11_a_failing_job_says_the_place_alone(
    app: Flask, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashes(_letter_id: UUID) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr(drafting, "draft", crashes)
    celery = equip(app)
    done = celery.tasks[Job.DRAFT_LETTER.value].apply(args=["00000000-0000-4000-8000-000000000000"], throw=False)
    assert done.failed()
    out = said()
    assert "letters.draft failed: ValueError at" in out and CANARY not in out
