"""What makes a plan stand still in a State, for whom that tells something, and what ends it there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.accounts.models import AccreditationKind
from crm.activities.replies import is_reply
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.followups.plans import queries, service
from crm.followups.plans.models import PlanReply, PlanRun
from crm.followups.plans.rules import Stands, Why
from crm.followups.plans.steps import DECIDE, DECIDED
from crm.followups.queries import get_follow_up, surroundings
from crm.followups.rules import Status
from crm.reach.service import missions, restricted
from crm.states.register import Register
from crm.states.rules import Status as Standing
from tests.followups.opening import change, colleague_of
from tests.followups.plans.running import advance, begun, did, in_days, kept, replied, run, task
from tests.support.people import Person
from tests.support.records import anew, logged

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
Later = Callable[[float], None]
DAY = 86_400.0


def officer_of(viewer: Viewer, state: str = "KHM") -> Viewer:
    """A mission officer of the same party, posted to a mission that is accredited to a State."""
    with looking_as(SYSTEM), unit_of_work():
        mission = missions.open_mission(actor=SYSTEM, name="Embassy", every_state=False, party_id=viewer.party_id)
        missions.accredit(
            actor=SYSTEM, mission_id=mission.id, state_iso3=state, kind=AccreditationKind.RESIDENT,
            from_on=date(2020, 1, 1),
        )  # fmt: skip
        key = mission.id
    return anew(colleague_of(replace(viewer, mission_id=key), "Kenji Example"))


def _stands(viewer: Viewer) -> tuple[Stands, Why]:
    with looking_as(viewer):
        line = queries.line_of(run().id)
    return line.stands, line.why


def _asked() -> list[FollowUp]:
    with looking_as(SYSTEM):
        db.session.rollback()
        return list(db.session.scalars(select(FollowUp).where(FollowUp.what == DECIDE)))


@pytest.mark.parametrize(
    ("kind", "status", "answers", "reply"),
    [
        ("demarche", "reported", {}, True),
        ("demarche", "closed", {}, True),
        ("demarche", "delivered", {}, False),
        ("demarche", "planned", {}, False),
        ("margin_meeting", "reported", {"outcome": "silent"}, False),
        ("margin_meeting", "reported", {"outcome": "open"}, True),
        ("cosigned_letter", "reported", {}, False),
        ("cosigned_letter", "reported", {"came_back": "acknowledged"}, False),
        ("cosigned_letter", "reported", {"came_back": "reply"}, True),
        ("questionnaire", "reported", {"contact": "sent"}, False),
        ("questionnaire", "reported", {"contact": "answered"}, True),
    ],
)
def test_what_a_reply_is(kind: str, status: str, answers: dict[str, str], reply: bool) -> None:
    assert is_reply(kind, status, answers) is reply


def test_a_letter_that_went_out_does_not_stop_it_and_its_reply_does(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    replied(coordinator, kind="cosigned_letter")
    advance()
    assert run().status == Stands.RUNNING
    replied(coordinator, kind="cosigned_letter", details={"came_back": "reply"})
    advance()
    assert run().status == Stands.WAITING


def test_what_was_said_before_it_began_does_not_stop_it(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    replied(coordinator)
    begun(coordinator, kept(coordinator))
    logged(coordinator, "KHM", held_on=in_days(-1))
    logged(coordinator, "NPL", held_on=in_days(0))
    advance()
    assert run().status == Stands.RUNNING


def test_a_reply_that_whoever_runs_it_may_not_read_does_not_stop_it(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    replied(person("presidency").viewer, handling=Handling.ORIGINATOR)
    advance()
    assert run().status == Stands.RUNNING


def test_to_a_colleague_who_may_not_read_the_reply_it_looks_like_a_pause(
    app: Flask, person: People, signed_in: Browser
) -> None:
    coordinator = person("coordinator").viewer
    officer = officer_of(coordinator)
    begun(coordinator, kept(coordinator))
    change(coordinator, followups.finish, task().id)
    assert task().owner_id == officer.user_id, "the mission does the second step"
    reply = replied(person("presidency").viewer, handling=Handling.COORDINATION)
    advance()
    assert _stands(coordinator) == (Stands.WAITING, Why.REPLY)
    stopped = _told_of(officer)
    assert _stands(officer) == (Stands.PAUSED, Why.HAND) and str(reply) not in str(stopped)
    with looking_as(officer):
        assert queries.reply_that_stopped(run().id) is None
        assert db.session.scalars(select(PlanReply)).all() == []
    did(coordinator, service.go_on, run().id)
    did(coordinator, service.pause, run().id)
    assert _told_of(officer)[-1] == stopped[-1], "the history of its follow-up has the same words"


def _told_of(viewer: Viewer) -> list[tuple[str, str, str]]:
    key = task().id
    with looking_as(viewer):
        around = surroundings(get_follow_up(key), viewer)
    return [(one.kind, one.by, one.note) for one in reversed(around.changes)]


def test_nobody_deciding_the_coordinator_is_asked_once_until_it_goes_on(
    app: Flask, person: People, later: Later
) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    replied(person("presidency").viewer)
    advance()
    later(6 * DAY)
    advance()
    assert _asked() == []
    later(7 * DAY)
    advance()
    advance()
    (asked,) = _asked()
    assert (asked.owner_id, asked.state_iso3, asked.due_on) == (coordinator.user_id, "KHM", in_days(3))
    did(coordinator, service.go_on, run().id)
    (asked,) = _asked()
    assert (asked.status, asked.done_note) == (Status.DONE, DECIDED)


def test_a_step_that_is_called_off_holds_it_and_going_on_comes_to_the_next(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    change(coordinator, followups.cancel, task().id)
    assert (run().status, run().why, run().step) == (Stands.PAUSED, Why.CALLED_OFF, 1)
    did(coordinator, service.go_on, run().id)
    assert (run().status, run().step, task().due_on) == (Stands.RUNNING, 2, in_days(14))


def test_ended_here_its_open_step_is_cancelled(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    plan = kept(coordinator)
    begun(coordinator, plan)
    did(coordinator, service.end_here, run().id)
    assert (run().status, task().status) == (Stands.ENDED, Status.CANCELLED)
    with pytest.raises(RuleViolation):
        did(coordinator, service.go_on, run().id)
    begun(coordinator, plan)


def test_a_state_that_joins_is_done_with(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> None:
    coordinator = person("coordinator").viewer
    begun(coordinator, kept(coordinator))
    before = Register.statuses
    monkeypatch.setattr(
        Register, "statuses", lambda self, *given: {**before(self, *given), "KHM": Standing.STATE_PARTY}
    )
    advance()
    assert (run().status, run().why, task().status) == (Stands.ENDED, Why.JOINED, Status.CANCELLED)


def test_a_state_that_becomes_restricted_is_held_and_out_of_sight(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    officer = officer_of(coordinator)
    begun(coordinator, kept(coordinator))
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="KHM")
    advance()
    assert (run().status, run().why) == (Stands.PAUSED, Why.RESTRICTED)
    unnamed = anew(officer)
    assert "KHM" in unnamed.closed
    with looking_as(unnamed), pytest.raises(NotFound):
        queries.get_run(run().id)
    with pytest.raises(RuleViolation):
        did(anew(coordinator), service.go_on, run().id)


def test_with_a_restricted_state_it_does_not_begin_and_that_does_not_show_before(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    officer = officer_of(coordinator)
    plan = kept(coordinator)
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="KHM")
    unnamed = anew(officer)
    with looking_as(unnamed):
        (shown,) = queries.preview(queries.get_plan(plan), ["KHM"], unnamed)
    assert shown.left_out is None
    begun(unnamed, plan, "KHM")
    with looking_as(SYSTEM):
        assert db.session.scalars(select(PlanRun)).all() == []


def test_other_parties_learn_nothing_and_colleagues_do_not_steer(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    plan = kept(coordinator)
    begun(coordinator, plan)
    key = run().id
    with looking_as(other):
        assert queries.plans() == []
        with pytest.raises(NotFound):
            queries.get_run(key)
    with pytest.raises(NotFound):
        did(other, service.pause, key)
    with pytest.raises(NotAllowed):
        did(officer_of(coordinator), service.pause, key)


def test_states_keep_the_steps_with_which_they_began(app: Flask, person: People) -> None:
    coordinator = person("coordinator").viewer
    plan = kept(coordinator)
    begun(coordinator, plan)
    kept(coordinator, plan_id=plan, steps=[{"what": "Only this", "after": 0, "unit": "days", "who": "runner"}])
    change(coordinator, followups.finish, task().id)
    assert (run().step, task().what) == (2, "Make a démarche")
    begun(coordinator, plan, "NPL")
    assert task("NPL").what == "Only this"
