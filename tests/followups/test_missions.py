"""A follow-up that a mission owes: everybody there who may see it finds it, is reminded of it and can do it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from crm.accounts.models import Mission, RestrictedState, User
from crm.audit.models import AuditContent, AuditEntry
from crm.calendar.queries import due_entries
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.core.errors import NotAllowed, RuleViolation
from crm.followups import queries, service
from crm.followups.models import FollowUp, FollowUpChange
from crm.followups.reminding.readers import NOBODY_POSTED, NOBODY_SEES, NOBODY_THERE
from crm.home.queries import my_queue
from crm.reach.service import missions
from tests.followups.opening import (
    as_system,
    change,
    close_account,
    colleague_of,
    due_in_an_hour,
    mails_of,
    opened,
    plan,
    read,
)
from tests.followups.posted import fresh, mine, mission_of, other_mission, post_to, reminded
from tests.support.databases import KINDS
from tests.support.pages import check_page
from tests.support.people import Person

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
Later = Callable[[float], None]
TODAY = date(2026, 11, 23)
HOUR = 3600


@pytest.mark.parametrize("database", KINDS, indirect=True)
@pytest.mark.parametrize("who", ["neither", "both"])
def test_exactly_one_owes_it(app: Flask, person: People, who: str) -> None:
    officer = person("officer").viewer
    followup_id = opened(officer)

    def owe() -> None:
        found = db.session.get_one(FollowUp, followup_id)
        found.owner_id = officer.user_id if who == "both" else None
        found.owner_mission_id = officer.mission_id if who == "both" else None

    with pytest.raises(IntegrityError):
        as_system(owe)


@pytest.mark.parametrize("database", KINDS, indirect=True)
def test_everybody_at_the_mission_finds_it_and_nobody_else(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    colleague = colleague_of(officer, "Yuki Abe")
    elsewhere = post_to(colleague_of(officer, "Aiko Mori"), other_mission(officer, "Embassy in Bern", "LAO"))
    owed = opened(officer, owner_id=mission_of(officer), due_on=TODAY)
    found = read(owed)
    assert (found.owner_id, found.owner_mission_id) == (None, officer.mission_id)
    for one in (officer, colleague):
        assert mine(one) == [owed]
        with looking_as(one):
            assert [row.id for row in my_queue(one, TODAY).due_today] == [owed]
            assert [entry.id for entry in due_entries(one, TODAY)] == [owed]
            assert queries.follow_up_lines([owed], one)[0].owner == officer.mission_name
            assert queries.may_change(one, found)
    for one in (elsewhere, coordinator, SYSTEM):
        assert mine(one) == []
        with looking_as(one):
            assert due_entries(one, TODAY) == []


def test_any_of_them_does_it_or_takes_it(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Yuki Abe")
    owed, other, third = (opened(officer, owner_id=mission_of(officer)) for _ in range(3))
    change(colleague, service.finish, owed)
    assert read(owed).status == "done"
    change(colleague, service.remind_later, other, until=TODAY + timedelta(days=5))
    assert read(other).again_at
    assert read(other).owner_mission_id == officer.mission_id
    change(colleague, service.reassign, third, owner_id=colleague.user_id)
    assert (read(third).owner_id, read(third).owner_mission_id) == (colleague.user_id, None)
    assert third not in mine(officer)
    with pytest.raises(NotAllowed):
        change(officer, service.remind_later, third, until=TODAY + timedelta(days=5))


def test_what_happened_reads_from_whom_to_whom(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    owed = opened(officer)
    change(officer, service.reassign, owed, owner_id=mission_of(officer))
    with looking_as(SYSTEM):
        told = db.session.scalars(select(FollowUpChange).where(FollowUpChange.followup_id == owed)).one()
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.event == "followup_reassigned")).one()
        values = db.session.scalars(select(AuditContent).where(AuditContent.entry_id == entry.id)).one()
    assert (told.before, told.after) == (officer.name, officer.mission_name)
    assert values.values == {"owner": [officer.name, officer.mission_name]}
    with pytest.raises(RuleViolation, match="owns it already"):
        change(officer, service.reassign, owed, owner_id=mission_of(officer))


def test_other_parties_read_the_name_of_the_mission(app: Flask, person: People) -> None:
    officer, stranger = person("officer").viewer, person("other_officer").viewer
    owed = opened(officer, handling=Handling.STATES)
    change(officer, service.reassign, owed, owner_id=mission_of(officer))
    with looking_as(stranger):
        found = queries.get_follow_up(owed)
        around = queries.surroundings(found, stranger)
        assert around.owner == around.changes[0].after == officer.mission_name
        assert not queries.may_change(stranger, found)


def test_a_mission_is_charged_where_somebody_may_see_it(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    bern = other_mission(officer, "Embassy in Bern", "CHE")
    with pytest.raises(RuleViolation, match="Nobody at Embassy in Bern may see this"):
        opened(officer, owner_id=bern)
    post_to(colleague_of(officer, "Aiko Mori"), bern)
    with pytest.raises(RuleViolation, match="Nobody at Embassy in Bern may see this"):
        opened(officer, owner_id=bern)
    assert opened(officer, owner_id=bern, state_iso3="CHE")


@pytest.mark.parametrize("whose", ["another party's", "a closed one", "none at all"])
def test_only_open_missions_of_ones_own_party_are_charged(app: Flask, person: People, whose: str) -> None:
    officer, stranger = person("officer").viewer, person("other_officer").viewer
    mission = {"another party's": mission_of(stranger), "a closed one": mission_of(officer), "none at all": uuid4()}[
        whose
    ]
    if whose == "a closed one":
        as_system(lambda: missions.close_mission(actor=SYSTEM, mission_id=mission))
    coordinator = person("coordinator").viewer
    with pytest.raises(RuleViolation, match="Choose somebody from the list"):
        opened(officer if whose != "a closed one" else coordinator, owner_id=mission)


def test_that_a_state_is_restricted_is_told_by_no_refusal(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    colleague_of(officer, "Yuki Abe")
    as_system(lambda: db.session.add(RestrictedState(state_iso3="LAO")))
    officer = fresh(officer)
    assert "LAO" in officer.closed
    assert opened(officer, owner_id=mission_of(officer))


def test_it_is_due_where_most_of_them_are(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    for name in ("Yuki Abe", "Aiko Mori"):
        other = colleague_of(officer, name)

        def move(user_id: UUID | None = other.user_id) -> None:
            db.session.get_one(User, user_id).time_zone = "Asia/Vientiane"

        as_system(move)
    assert read(opened(officer, owner_id=mission_of(officer))).zone == "Asia/Vientiane"


@pytest.mark.parametrize("database", KINDS, indirect=True)
def test_each_of_them_is_reminded_once(app: Flask, person: People, later: Later) -> None:
    officer = person("officer").viewer
    colleague_of(officer, "Yuki Abe")
    gone = colleague_of(officer, "Ren Ito")
    post_to(colleague_of(officer, "Aiko Mori"), other_mission(officer, "Embassy in Bern", "LAO"))
    close_account(gone)
    owed = due_in_an_hour(officer, owner_id=mission_of(officer))
    later(2 * HOUR)
    for _ in range(3):
        plan()
    assert reminded(owed) == {"Officer", "Yuki Abe"}
    assert len(mails_of(owed)) == len({one.recipient for one in mails_of(owed)}) == 2
    assert read(owed).remind_problem == ""


def _lose_roles(viewer: Viewer) -> None:
    user = db.session.get_one(User, viewer.user_id)
    user.roles.clear()
    db.session.flush()


def test_only_who_may_see_it_is_reminded(app: Flask, person: People, later: Later) -> None:
    officer = person("officer").viewer
    colleague = colleague_of(officer, "Yuki Abe")
    owed = due_in_an_hour(officer, owner_id=mission_of(officer))

    as_system(lambda: _lose_roles(colleague))
    later(2 * HOUR)
    plan()
    assert reminded(owed) == {"Officer"}

    as_system(lambda: _lose_roles(officer))
    later(8 * 24 * HOUR)
    plan()
    assert read(owed).remind_problem == NOBODY_SEES


def test_where_nobody_is_left_it_says_so_and_the_coordinator_hears(
    app: Flask, person: People, signed_in: Browser, later: Later
) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    owed = due_in_an_hour(officer, owner_id=mission_of(officer), handling=Handling.STATES)
    close_account(officer)
    later(8 * 24 * HOUR)
    plan()
    assert read(owed).remind_problem == NOBODY_POSTED != NOBODY_THERE
    with looking_as(coordinator):
        line = queries.follow_up_lines([owed], coordinator)[0]
        assert line.owner_closed and not line.out_of_sight
        assert [one.id for one in queries.left_alone(coordinator)] == [owed]
        assert line.changeable_by(coordinator)
    page = signed_in("coordinator").get(f"/followups/{owed}")
    assert NOBODY_POSTED in page.text and "Take it" in page.text
    check_page(page)


def test_a_closed_mission_is_left_and_one_that_is_manned_again_is_not(app: Flask, person: People, later: Later) -> None:
    officer = person("officer").viewer
    owed = due_in_an_hour(officer, owner_id=mission_of(officer))
    as_system(lambda: missions.close_mission(actor=SYSTEM, mission_id=mission_of(officer)))
    officer = fresh(officer)
    plan()
    assert mine(officer) == []
    assert read(owed).remind_problem == NOBODY_POSTED

    def open_again() -> None:
        db.session.get_one(Mission, officer.mission_id).closed_on = None

    as_system(open_again)
    colleague = colleague_of(officer, "Yuki Abe")
    post_to(colleague, None)
    post_to(colleague, mission_of(officer))
    plan()
    assert read(owed).remind_problem == ""


def test_who_comes_later_is_reminded_too(app: Flask, person: People, later: Later) -> None:
    officer = person("officer").viewer
    colleague = post_to(colleague_of(officer, "Yuki Abe"), None)
    owed = due_in_an_hour(officer, owner_id=mission_of(officer))
    plan()
    post_to(colleague, mission_of(officer))
    later(2 * HOUR)
    plan()
    assert reminded(owed) == {"Officer", "Yuki Abe"}
