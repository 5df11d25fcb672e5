"""A reminder goes out by itself, once, to whoever is still asked, and says nothing of what is instructed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask

from crm.accounts.models import User
from crm.activities.rules import Status
from crm.core import access, clock
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.instructions import notices, rules, service, steps
from crm.instructions.models import Instruction
from crm.instructions.rules import Dates, Told
from crm.mail import wanted
from crm.reach.service import restricted
from tests.followups.opening import close_account
from tests.instructions.world import EMAILS, OBJECTIVE, does, house, instruction, mails, plan, post, sent, task, told
from tests.support.pages import check_page, token_of
from tests.support.people import browser_of

Move = Callable[[timedelta], None]
DELIVER, REPORT = date(2026, 12, 10), date(2026, 12, 14)
DATES = Dates(DELIVER, REPORT, before=3, after=1)


@pytest.fixture
def later(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Move:
    """Let time go on."""

    def go(by: timedelta) -> None:
        moved = clock.now() + by
        monkeypatch.setattr(clock, "now", lambda: moved)

    return go


def _told() -> list[tuple[str, str]]:
    """Which mails there are: the last words of the subject, the recipient."""
    return sorted((one.subject.removeprefix("Demarche: "), one.recipient) for one in mails())


def _of(told_: Told) -> set[str]:
    return {recipient for subject, recipient in _told() if subject == rules.SUBJECTS[told_]}


def test_the_days_of_reminders_are_before_and_after_the_deadlines() -> None:
    assert DATES.next_after(date(2026, 12, 1)) == date(2026, 12, 7)
    assert DATES.next_after(date(2026, 12, 7)) == date(2026, 12, 11)
    assert DATES.next_after(date(2026, 12, 11)) == date(2026, 12, 15)
    assert DATES.next_after(date(2026, 12, 15)) is None
    assert DATES.due_on(date(2026, 12, 6)) is None and DATES.due_on(date(2026, 12, 8)) is Told.SOON
    assert DATES.due_on(date(2026, 12, 12)) is Told.LATE and DATES.due_on(date(2027, 1, 1)) is Told.REPORT_LATE
    moment = rules.planning_moment(DELIVER)
    assert moment is not None and rules.day_of_planning(moment) == DELIVER
    assert rules.day_of_planning(moment - timedelta(seconds=1)) == DELIVER - timedelta(days=1)


@pytest.mark.parametrize("status", list(Status))
def test_what_is_over_is_not_reminded_of(status: Status) -> None:
    open_still = status in (Status.PLANNED, Status.INSTRUCTED)
    assert rules.still_asked(status, Told.SOON) is open_still
    assert rules.still_asked(status, Told.LATE) is open_still
    assert rules.still_asked(status, Told.NUDGE) is (open_still or status is Status.DELIVERED)


def test_missions_are_told_at_once_and_the_mail_says_nothing_of_it(app: Flask) -> None:
    sent(house())
    assert _of(Told.SENT) == {EMAILS["delhi"], EMAILS["bangkok"], EMAILS["second"]}
    for one in mails():
        for word in ("Bhutan", "cabinet", OBJECTIVE, "Vienna", "India", "Thank them"):
            assert word not in one.text + one.html + one.subject, word
        assert f"/instructions/{instruction().id}" in one.text


def test_reminders_go_out_by_themselves_once(app: Flask, later: Move) -> None:
    home = house()
    sent(home)
    does(home.people["bangkok"], steps.deliver, task_id=task("LAO").id, delivered_on=clock.today())
    assert plan() == 0, "nothing is due"
    later(timedelta(days=7))
    assert plan() == 1 and plan() == 0
    assert _of(Told.SOON) == {EMAILS["delhi"], EMAILS["second"]}, "Bangkok has delivered"
    assert not _of(Told.LATE_FOR_SENDER)
    later(timedelta(days=4))
    assert plan() == 1
    assert _of(Told.LATE) == {EMAILS["delhi"], EMAILS["second"]}
    assert _of(Told.LATE_FOR_SENDER) == {EMAILS["coordinator"]}
    later(timedelta(days=4))
    assert plan() == 1 and plan() == 0
    assert _of(Told.REPORT_LATE) == {EMAILS["bangkok"], EMAILS["delhi"], EMAILS["second"]}
    assert instruction().remind_at is None


def due() -> None:
    """Let the moment come at which its next reminder is planned."""
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Instruction, instruction().id).remind_at = clock.now()
    db.session.remove()


def test_a_reminder_that_failed_is_tried_again_and_whoever_sent_it_sees_that(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = sent(house(), deliver_by=clock.today() + timedelta(days=2))
    db.session.remove()
    browser, other = (browser_of(app, EMAILS[who]) for who in ("coordinator", "delhi"))
    access.look_as(SYSTEM)
    due()
    with monkeypatch.context() as broken:
        broken.setattr(notices, "_words", lambda *_given: 1 // 0)
        assert plan() == 1 and plan() == 0 and not _of(Told.SOON)
        one = instruction()
        assert one.remind_at and one.remind_at > clock.now() and one.remind_tries == 1
        for where in ("/", f"/instructions/{key}"):
            page = check_page(browser.get(where))
            assert "Missions were not reminded" in page and str(key) in page, where
        assert "ZeroDivisionError" in browser.get(f"/api/v1/instructions/{key}").get_json()["remind_problem"]
        assert "Missions were not reminded" not in other.get("/").get_data(as_text=True)
    due()
    assert plan() == 1
    assert _of(Told.SOON) == {EMAILS["delhi"], EMAILS["second"], EMAILS["bangkok"]}
    assert (instruction().remind_problem, instruction().remind_tries) == ("", 0)
    assert "Missions were not reminded" not in check_page(browser.get("/"))


def test_after_the_last_try_the_next_deadline_has_its_turn(
    app: Flask, later: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = house()
    sent(home)
    close_account(home.coordinator)
    later(timedelta(days=7))
    with monkeypatch.context() as broken:
        broken.setattr(notices, "_words", lambda *_given: 1 // 0)
        for _ in range(notices.MOST_TRIES):
            assert plan() == 1
            later(notices.AGAIN_IN)
        assert plan() == 0 and instruction().remind_problem
    later(timedelta(days=4))
    assert plan() == 1 and _of(Told.LATE) and not instruction().remind_problem


def test_a_planner_that_was_away_says_what_is_late_once(app: Flask, later: Move) -> None:
    sent(house())
    later(timedelta(days=12))
    assert plan() == 1
    assert _of(Told.LATE) and not _of(Told.SOON)
    again = len(mails())
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Instruction, instruction().id).remind_at = clock.now()
    assert plan() == 1 and len(mails()) == again, "the same deadline is told once"


def test_whoever_is_posted_there_then_is_reminded(app: Flask, later: Move) -> None:
    home = house()
    sent(home, {"LAO": "bangkok"})
    post(home.people["second"], home.missions["bangkok"])
    close_account(home.people["bangkok"])
    later(timedelta(days=8))
    plan()
    assert _of(Told.SOON) == {EMAILS["second"]}


def test_it_goes_out_at_nine_in_the_morning_where_they_are(app: Flask, later: Move) -> None:
    home = house()
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, home.people["bangkok"].user_id).time_zone = "Asia/Bangkok"
    sent(home, {"LAO": "bangkok"})
    later(timedelta(days=6, hours=10))
    assert plan() == 1
    (one,) = [mail for mail in mails() if mail.subject.endswith(rules.SUBJECTS[Told.SOON])]
    assert one.not_before.hour == 2 and one.not_before.date() == instruction().deliver_by - timedelta(days=3)


def test_a_mail_that_is_no_longer_wanted_does_not_go_out(app: Flask) -> None:
    home = house()
    key = sent(home)
    with looking_as(SYSTEM), unit_of_work():
        notices.tell_missions(instruction(), Told.SOON, instruction().deliver_by.isoformat())
    asked = {one.recipient: one.id for one in mails() if one.subject.endswith(rules.SUBJECTS[Told.SOON])}
    with looking_as(SYSTEM):
        assert notices.objection(asked[EMAILS["bangkok"]]) is None
    does(home.people["bangkok"], steps.deliver, task_id=task("LAO").id, delivered_on=clock.today())
    with looking_as(SYSTEM):
        assert "Nothing of it is left" in str(notices.objection(asked[EMAILS["bangkok"]]))
    post(home.people["second"], home.missions["new_york"])
    with looking_as(SYSTEM):
        assert "posted elsewhere" in str(notices.objection(asked[EMAILS["second"]]))
    later_day = clock.today() + timedelta(days=30)
    does(
        home.coordinator, service.amend_instruction, instruction_id=key, why="Moved.",
        **told(deliver_by=later_day, report_by=later_day),
    )  # fmt: skip
    with looking_as(SYSTEM):
        assert "deadline was moved" in str(notices.objection(asked[EMAILS["delhi"]]))
        first = next(one.id for one in mails() if one.subject.endswith(rules.SUBJECTS[Told.SENT]))
        assert "amended before" in str(notices.objection(first))
    does(home.coordinator, service.withdraw_instruction, instruction_id=key, why="No more.")
    with looking_as(SYSTEM):
        assert "withdrawn before" in str(notices.objection(asked[EMAILS["delhi"]]))
        gone = next(one.id for one in mails() if "withdrawn" in one.subject)
        assert notices.objection(gone) is None
    close_account(home.people["delhi"])
    with looking_as(SYSTEM):
        db.session.rollback()
        assert notices.objection(asked[EMAILS["delhi"]]) is not None


def test_the_outbox_asks_before_it_sends(app: Flask) -> None:
    home = house()
    key = sent(home, {"LAO": "bangkok"})
    does(home.coordinator, service.withdraw_instruction, instruction_id=key, why="No more.")
    with looking_as(SYSTEM):
        asked = {one.subject: wanted.as_of_now(one.purpose, one.id) for one in mails()}
    assert asked[f"Demarche: {rules.SUBJECTS[Told.SENT]}"] is not None
    assert asked[f"Demarche: {rules.SUBJECTS[Told.WITHDRAWN]}"] is None


def test_a_mission_is_asked_by_hand_once_a_day(app: Flask, later: Move) -> None:
    home = house()
    key = sent(home)
    browser = browser_of(app, EMAILS["coordinator"])
    token = token_of(browser.get("/account").get_data(as_text=True))
    page = check_page(browser.get(f"/instructions/{key}"))
    assert "Ask all that are late" not in page
    answer = browser.post(f"/instructions/tasks/{task('BTN').id}/nudge", data={"csrf_token": token})
    assert answer.status_code == 303 and "Asked today" in check_page(browser.get(f"/instructions/{key}"))
    access.look_as(SYSTEM)
    assert _of(Told.NUDGE) == {EMAILS["delhi"], EMAILS["second"]}
    with looking_as(home.coordinator), unit_of_work(), pytest.raises(RuleViolation, match="asked today"):
        steps.nudge_one(actor=home.coordinator, task_id=task("BTN").id)
    later(timedelta(days=11))
    assert does(home.coordinator, steps.nudge, instruction_id=key) == 3, "all that are late, everybody once"


def test_nobody_is_written_to_about_a_state_that_is_closed_to_them(app: Flask) -> None:
    home = house()
    with looking_as(SYSTEM), unit_of_work():
        restricted.restrict(actor=SYSTEM, state_iso3="BTN")
        restricted.name_reader(actor=SYSTEM, state_iso3="BTN", user_id=home.people["second"].user_id)
    closed = replace(home.coordinator, closed=frozenset({"BTN"}))
    sent(replace(home, people={**home.people, "coordinator": closed}), {"BTN": "delhi"})
    assert _of(Told.SENT) == {EMAILS["second"]}
