"""The sample campaign comes whole, is marked, and goes without a trace of it and without anything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.accounts import service as accounts
from crm.accounts.models import ApiToken, Party, PartyKind, Role, User
from crm.activities.models import Activity
from crm.activities.service import record_activity
from crm.core import access, clock
from crm.core.access import Handling, Viewer, looking_as
from crm.core.db import Base, db, unit_of_work
from crm.core.errors import RuleViolation
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.positions.models import ObstacleClaim
from crm.sample import removal, service
from crm.sample.accounts import PASSWORD, table
from crm.sample.entries import OUTREACH, PRESENT
from crm.sample.words import NOUNS, stays
from crm.states.queries import register
from tests.sample.loading import EMAILS, browser_of, counts, load, remove, somebody
from tests.support import people
from tests.support.pages import check_page
from tests.support.people import Person


@pytest.mark.sample
def test_it_tells_the_campaign_of_the_presentation(app: Flask) -> None:
    kinds = set(db.session.scalars(select(Activity.kind)))
    assert {"bilateral_talks", "political_consultations", "capital_visit", "cosigned_letter", "questionnaire"} <= kinds
    types = set(db.session.scalars(select(ObstacleClaim.type)))
    assert len(types - {"other"}) == 7


def test_it_calls_only_on_states_that_had_not_joined(app: Flask) -> None:
    for entry in OUTREACH:
        assert isinstance(entry.held_on, date)
        assert register().status(entry.state_iso3, entry.held_on) != "state_party", entry
    for entry in PRESENT:
        assert register().status(entry.state_iso3, clock.today()) != "state_party", entry


def test_everything_in_it_carries_the_mark(app: Flask) -> None:
    before = counts()
    load()
    for mapper in Base.registry.mappers:
        made = mapper.class_
        if hasattr(made, "sample"):
            new = db.session.scalar(select(func.count()).select_from(made).where(made.sample)) or 0
            total = db.session.scalar(select(func.count()).select_from(made)) or 0
            assert total - before[made.__name__] == new, made.__name__


def test_it_goes_without_a_trace(app: Flask) -> None:
    before = counts()
    load()
    assert counts() != before
    assert not remove().kept
    assert counts() == before


@pytest.mark.sample
def test_it_is_not_put_in_twice(app: Flask) -> None:
    once = counts()
    with unit_of_work():
        assert not service.load("ccm")
    assert counts() == once


def _visit(actor: Viewer, **more: Any) -> Activity:
    with unit_of_work():
        return record_activity(
            actor=actor,
            kind="capital_visit",
            state_iso3="BTN",
            held_on=clock.today(),
            person_name="Somebody real",
            reply="A real reply.",
            **more,
        )


def _visit_with_next_action(actor: Viewer) -> None:
    _visit(actor, next_action="Call again", next_action_due=clock.today())


def test_what_was_entered_for_real_stays(app: Flask, person: Callable[[str], Person]) -> None:
    real = _visit(person("officer").viewer, next_action="Call again", next_action_due=clock.today()).id
    before = counts()
    load()
    remove()
    assert counts() == before
    assert db.session.get(Activity, real) is not None


def test_what_came_out_of_a_sample_entry_for_real_keeps_it(app: Flask, person: Callable[[str], Person]) -> None:
    """Without its source nobody would know any more which States close it."""
    load()
    sample = _visit(somebody(Role.MISSION_OFFICER), sample=True, handling=Handling.STATES).id
    presidency = person("presidency").viewer
    with looking_as(presidency), unit_of_work():
        real = followups.open_follow_up(
            actor=presidency, what="Of our own", state_iso3="BTN", due_on=clock.today(), activity_id=sample
        ).id
    kept = remove().kept
    assert [one for one in kept if "activit" in one and "follow-ups stand on" in one], kept
    assert db.session.get_one(FollowUp, real).activity_id == sample
    with unit_of_work() as session:
        session.delete(session.get_one(FollowUp, real))
    assert not [one for one in remove().kept if "activit" in one], "nothing rests on it any more"


@pytest.mark.sample
def test_a_sample_account_that_real_records_stand_on_is_closed_not_deleted(app: Flask) -> None:
    officer = somebody(Role.MISSION_OFFICER)
    _visit_with_next_action(officer)
    with unit_of_work():
        accounts.issue_token(actor=officer, label="of the sample")
    browser = people.browser_of(app, officer.email)
    assert browser.get("/").status_code == 200
    assert remove().kept == [
        "The account “Mika Sample” stays, closed, because follow-ups stand on it.",
        "The party “Japan (sample)” stays, because accounts, activities and follow-ups stand on it.",
    ]
    assert db.session.scalars(select(Activity.reply)).all() == ["A real reply."]
    assert db.session.scalars(select(FollowUp.what)).all() == ["Call again"]
    assert db.session.scalars(select(Party.name)).all() == ["Japan (sample)"]
    closed = db.session.scalars(select(User)).one()
    assert not closed.active and closed.password is None
    assert db.session.scalars(select(ApiToken)).one().revoked_at
    assert browser.get("/").status_code == 303
    load()
    assert browser.get("/").status_code == 303, "a session from before does not come back to life"


@pytest.mark.sample
def test_the_party_stays_with_its_account_when_only_that_is_stood_on(
    app: Flask, person: Callable[[str], Person]
) -> None:
    """A follow-up of a real party that somebody of the sample owns holds both the account and its party."""
    owner, officer = somebody(Role.COORDINATOR), person("officer").viewer
    with unit_of_work():
        followups.open_follow_up(
            actor=officer, what="Call again", state_iso3="LAO", due_on=clock.today(),
            owner_id=owner.user_id,
        )  # fmt: skip
    assert remove().kept == [
        "The account “Ken Sample” stays, closed, because follow-ups stand on it.",
        "The party “Japan (sample)” stays, because accounts stand on it.",
    ]


def test_every_kind_of_sample_record_has_a_word_for_people(app: Flask) -> None:
    assert {mapper.class_.__tablename__ for mapper in removal.sample_models()} == set(NOUNS)


def test_many_that_stay_are_counted(app: Flask) -> None:
    many = [Party(name=f"Party {number}") for number in range(6)]
    assert stays("party", many, ["activity"]) == "6 parties stay, because activities stand on them."
    two = "The parties “Party 0” and “Party 1” stay, because activities stand on them."
    assert stays("party", many[:2], ["activity"]) == two


@pytest.mark.sample
def test_it_comes_again_after_accounts_had_to_stay(app: Flask) -> None:
    whole = counts()
    _visit_with_next_action(somebody(Role.MISSION_OFFICER))
    remove()
    load()
    assert {name: number - whole[name] for name, number in counts().items() if number != whole[name]} == {
        "Activity": 1, "ActivityPerson": 1, "ActivityState": 1, "FollowUp": 1, "SearchText": 3,
    }  # fmt: skip
    assert somebody(Role.MISSION_OFFICER).party_id == somebody(Role.COORDINATOR).party_id
    check_page(browser_of(app, Role.MISSION_OFFICER).get("/"))


def test_it_comes_and_goes_through_the_commands(app: Flask) -> None:
    commands = app.test_cli_runner()
    assert "The sample campaign is in.\n" in commands.invoke(args=["sample", "load"]).output
    assert "The sample campaign is in already.\n" in commands.invoke(args=["sample", "load"]).output
    access.look_as(access.SYSTEM)
    _visit_with_next_action(somebody(Role.MISSION_OFFICER))
    db.session.remove()
    gone = commands.invoke(args=["sample", "remove"])
    assert "  The account “Mika Sample” stays, closed, because follow-ups stand on it.\n" in gone.output
    assert "The sample campaign is in.\n" in commands.invoke(args=["sample", "load"]).output


def test_an_account_that_is_not_sample_is_never_taken(app: Flask) -> None:
    access.look_as(access.SYSTEM)
    with unit_of_work():
        accounts.open_account(
            actor=access.SYSTEM, email=EMAILS[Role.COORDINATOR], name="Somebody real", roles=[Role.COORDINATOR],
            party=accounts.open_party(name="Norway", kind=PartyKind.GOVERNMENT), password="a password for tests alone",
        )  # fmt: skip
    with pytest.raises(RuleViolation, match="an account that is not sample"), unit_of_work():
        service.load("ccm")
    refused = app.test_cli_runner().invoke(args=["sample", "load"])
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: coordinator@sample.example is the address of an account")


@pytest.mark.sample
def test_the_accounts_that_are_printed_open_the_door(app: Flask) -> None:
    assert PASSWORD in table()
    for role in EMAILS:
        assert "Sample campaign" in check_page(browser_of(app, role).get("/"))
