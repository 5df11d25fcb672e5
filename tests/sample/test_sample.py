"""The sample campaign comes whole, is marked, and goes without a trace of it and without anything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.accounts.models import Party, User
from crm.accounts.policy import viewer_of
from crm.accounts.queries import user_by_email
from crm.activities.models import Activity
from crm.activities.service import record_activity
from crm.audit.models import AuditEntry
from crm.core import access, clock
from crm.core.db import Base, db, unit_of_work
from crm.followups.models import FollowUp
from crm.meetings.queries import signatories_on
from crm.positions.models import ObstacleClaim
from crm.sample import removal, service
from crm.sample.accounts import ACCOUNTS, PASSWORD, table
from crm.sample.entries import OUTREACH, PRESENT
from crm.states.queries import register
from tests.support.pages import check_page, token_of
from tests.support.people import Person


def _load() -> None:
    access.look_as(access.SYSTEM)
    with unit_of_work():
        assert service.load("ccm")


def _counts() -> dict[str, int]:
    access.look_as(access.SYSTEM)
    tables = [mapper.class_ for mapper in Base.registry.mappers if mapper.class_ is not AuditEntry]
    return {one.__name__: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def test_it_tells_the_campaign_of_the_presentation(app: Flask) -> None:
    _load()
    kinds = set(db.session.scalars(select(Activity.kind)))
    assert {"bilateral_talks", "political_consultations", "capital_visit", "cosigned_letter", "questionnaire"} <= kinds
    types = set(db.session.scalars(select(ObstacleClaim.type)))
    assert len(types - {"other"}) == 7
    for day, state, meeting in (("2010-10-01", "LAO", "1MSP"), ("2011-06-01", "LBN", "2MSP")):
        found = signatories_on(date.fromisoformat(day))
        assert found.presidency and found.presidency.state_iso3 == state and found.meeting.key == meeting
        assert found.presidency_capacity == "president_designate"
        assert found.coordinator and found.coordinator.state_iso3 == "JPN"
    today = signatories_on(clock.today())
    assert today.presidency and today.presidency.sample and today.presidency.person


def test_it_calls_only_on_states_that_had_not_joined(app: Flask) -> None:
    for entry in OUTREACH:
        assert isinstance(entry.held_on, date)
        assert register().status(entry.state_iso3, entry.held_on) != "state_party", entry
    for entry in PRESENT:
        assert register().status(entry.state_iso3, clock.today()) != "state_party", entry


def test_everything_in_it_carries_the_mark(app: Flask) -> None:
    before = _counts()
    _load()
    for mapper in Base.registry.mappers:
        made = mapper.class_
        if hasattr(made, "sample"):
            new = db.session.scalar(select(func.count()).select_from(made).where(made.sample)) or 0
            total = db.session.scalar(select(func.count()).select_from(made)) or 0
            assert total - before[made.__name__] == new, made.__name__


def test_it_goes_without_a_trace(app: Flask) -> None:
    before = _counts()
    _load()
    assert _counts() != before
    with unit_of_work():
        report = removal.remove(actor=access.SYSTEM)
    assert not report.kept
    assert _counts() == before


def test_it_is_not_put_in_twice(app: Flask) -> None:
    _load()
    once = _counts()
    with unit_of_work():
        assert not service.load("ccm")
    assert _counts() == once


def _visit(actor: access.Viewer, **more: Any) -> Activity:
    with unit_of_work():
        return record_activity(
            actor=actor,
            kind="capital_visit",
            state_iso3="LAO",
            held_on=clock.today(),
            person_name="Somebody real",
            reply="A real reply.",
            **more,
        )


def test_what_was_entered_for_real_stays(app: Flask, person: Callable[[str], Person]) -> None:
    real = _visit(person("officer").viewer, next_action="Call again", next_action_due=clock.today()).id
    before = _counts()
    _load()
    with unit_of_work():
        removal.remove(actor=access.SYSTEM)
    assert _counts() == before
    assert db.session.get(Activity, real) is not None


def test_a_sample_account_that_real_records_stand_on_is_closed_not_deleted(app: Flask) -> None:
    _load()
    officer = user_by_email(ACCOUNTS[0].email)
    assert officer
    _visit(viewer_of(officer), next_action="Call again", next_action_due=clock.today())
    with unit_of_work():
        report = removal.remove(actor=access.SYSTEM)
    assert report.kept
    assert db.session.scalars(select(Activity.reply)).all() == ["A real reply."]
    assert db.session.scalars(select(FollowUp.what)).all() == ["Call again"]
    assert db.session.scalars(select(Party.name)).all() == ["Japan (sample)"]
    stays = db.session.scalars(select(User)).one()
    assert not stays.active and stays.password is None


def test_the_accounts_that_are_printed_open_the_door(app: Flask) -> None:
    _load()
    db.session.remove()
    assert PASSWORD in table()
    for one in ACCOUNTS:
        browser: FlaskClient = app.test_client()
        page = browser.get("/sign-in").get_data(as_text=True)
        given = {"email": one.email, "password": PASSWORD, "csrf_token": token_of(page)}
        assert browser.post("/sign-in", data=given).status_code == 302, one.email
        assert "Sample campaign" in check_page(browser.get("/"))
