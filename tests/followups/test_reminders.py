"""A follow-up falls due and its owner gets one e-mail; every promise that goes with it, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from crm.accounts.models import User
from crm.activities.models import Activity
from crm.activities.service import record_activity
from crm.core import clock
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.followups import queries, service
from crm.followups.models import FollowUp, Reminder
from crm.followups.reminding import planning
from crm.mail.models import OutboxMail
from tests.followups.opening import as_system, change, due_in_an_hour, mails_of, opened, plan, read
from tests.mail.posting import drain, post
from tests.mail.relays import Relay
from tests.support.databases import settings_for
from tests.support.people import Person

People = Callable[[str], Person]
Later = Callable[[float], None]

TODAY = date(2026, 11, 23)
DAY = 86_400.0


def test_it_reminds_its_owner_once_and_never_early(app: Flask, relay: Relay, person: People, later: Later) -> None:
    followup_id = due_in_an_hour(person("officer").viewer)
    later(3000)
    plan()
    assert drain() == {}
    later(3601)
    assert plan() == 1
    assert drain() == {"sent": 1}
    later(DAY)
    plan()
    assert drain() == {}
    (taken,) = relay.taken
    assert taken.recipients == ["officer@example.org"]
    assert taken.message["Subject"] == "Demarche: a follow-up is due (23 November 2026)"
    (mail,) = mails_of(followup_id)
    assert mail.state == "sent"
    assert mail.sent_at is not None
    assert mail.sent_at >= read(followup_id).due_at


def test_a_neutral_reminder_says_when_and_where_and_nothing_else(
    app: Flask, relay: Relay, person: People, later: Later
) -> None:
    followup_id = due_in_an_hour(person("officer").viewer, what="Canary: ask about the stockpile")
    later(3601)
    plan()
    drain()
    (taken,) = relay.taken
    plain = taken.message.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert "23 November 2026, 11:00 (UTC)" in text
    assert f"http://localhost:8000/followups/{followup_id}" in text
    whole = str(taken.message.get_body(("html",))) + text
    assert "Canary" not in whole
    assert "Lao" not in whole


def test_a_full_reminder_carries_the_words_as_data(
    app: Flask, relay: Relay, person: People, later: Later, settings: object
) -> None:
    full = settings_for(
        settings.database_url,  # type: ignore[attr-defined]
        settings.var_dir,  # type: ignore[attr-defined]
        smtp_url=relay.url,
        reminder_detail="full",
    )
    app.extensions["settings"] = full
    due_in_an_hour(person("officer").viewer, what="Ask <b>twice</b>\n.\nBcc: spy@example.com {{ 7 * 7 }}")
    later(3601)
    plan()
    drain()
    (taken,) = relay.taken
    assert taken.message["Bcc"] is None
    assert str(taken.message["Subject"]).startswith("Demarche: a follow-up is due")
    plain, html = taken.message.get_body(("plain",)), taken.message.get_body(("html",))
    assert plain is not None
    assert html is not None
    text = plain.get_content().replace("\r\n", "\n")
    assert "Ask <b>twice</b>\n.\nBcc: spy@example.com {{ 7 * 7 }}" in text
    assert "Lao" in text
    assert "Ask &lt;b&gt;twice&lt;/b&gt;" in html.get_content()


def test_a_next_action_becomes_a_follow_up_that_reminds(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    with looking_as(officer), unit_of_work():
        record_activity(
            actor=officer,
            kind="capital_visit",
            state_iso3="LAO",
            held_on=TODAY,
            person_name="The Director",
            reply="They will look into it.",
            next_action="Send the model law",
            next_action_due=TODAY + timedelta(days=1),
            next_action_owner_id=str(coordinator.user_id),
        )
    with looking_as(SYSTEM):
        follow_up = db.session.scalars(select(FollowUp)).one()
        activity = db.session.scalars(select(Activity)).one()
    assert (follow_up.what, follow_up.state_iso3, follow_up.due_on) == (
        "Send the model law",
        "LAO",
        TODAY + timedelta(days=1),
    )
    assert (follow_up.activity_id, follow_up.owner_id) == (activity.id, coordinator.user_id)
    assert (follow_up.originator_id, follow_up.handling) == (activity.originator_id, activity.handling)
    later(DAY + 60)
    plan()
    drain()
    assert [one.recipients for one in relay.taken] == [["coordinator@example.org"]]


def test_an_activity_without_next_action_opens_nothing(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    with looking_as(officer), unit_of_work():
        record_activity(
            actor=officer, kind="capital_visit", state_iso3="LAO", held_on=TODAY, person_name="X", reply="Y"
        )
    with looking_as(SYSTEM):
        assert db.session.scalars(select(FollowUp)).all() == []


def test_an_owner_who_could_not_see_it_is_refused_beside_the_field(app: Flask, person: People) -> None:
    officer, presidency = person("officer").viewer, person("presidency").viewer
    with pytest.raises(RuleViolation) as refused, looking_as(officer), unit_of_work():
        record_activity(
            actor=officer,
            kind="capital_visit",
            state_iso3="LAO",
            held_on=TODAY,
            person_name="X",
            reply="Y",
            next_action="Secret",
            next_action_due=TODAY,
            next_action_owner_id=str(presidency.user_id),
            handling=Handling.ORIGINATOR,
        )
    assert list(refused.value.errors) == ["next_action_owner_id"]
    with looking_as(SYSTEM):
        assert db.session.scalars(select(Activity)).all() == []


@pytest.mark.parametrize(
    ("verb", "given", "reason"),
    [
        (service.finish, {}, "The follow-up was done before this went out."),
        (service.cancel, {}, "The follow-up was cancelled before this went out."),
        (
            service.move,
            {"due_on": TODAY + timedelta(days=2), "note": "Away"},
            "The follow-up was moved before this went out.",
        ),
    ],
)
def test_no_longer_wanted_before_the_claim_is_not_sent(
    app: Flask,
    relay: Relay,
    person: People,
    later: Later,
    verb: object,
    given: dict[str, object],
    reason: str,
) -> None:
    officer = person("officer").viewer
    followup_id = due_in_an_hour(person("officer").viewer)
    later(3601)
    plan()
    change(officer, verb, followup_id, **given)
    assert drain() == {}
    assert relay.taken == []
    (mail,) = mails_of(followup_id)
    assert (mail.state, mail.last_answer, mail.attempts) == ("withdrawn", reason, 0)


def test_a_moved_follow_up_reminds_on_its_new_day(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer = person("officer").viewer
    followup_id = due_in_an_hour(person("officer").viewer)
    change(officer, service.move, followup_id, due_on=TODAY + timedelta(days=2), note="Away")
    later(3601)
    plan()
    assert drain() == {}
    later(2 * DAY + 3601)
    plan()
    assert drain() == {"sent": 1}
    (mail,) = mails_of(followup_id)
    assert mail.due_at == datetime.fromisoformat("2026-11-25T11:00+00:00")


def test_moved_away_and_back_reminds_after_all(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer = person("officer").viewer
    followup_id = due_in_an_hour(person("officer").viewer)
    later(3601)
    plan()
    change(officer, service.move, followup_id, due_on=TODAY + timedelta(days=2), note="Away")
    assert drain() == {}
    change(officer, service.move, followup_id, due_on=TODAY, note="Back")
    plan()
    assert drain() == {"sent": 1}
    assert len(mails_of(followup_id)) == 1


def test_reopened_reminds_only_if_it_had_not(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer = person("officer").viewer
    early, reminded = due_in_an_hour(person("officer").viewer), due_in_an_hour(person("officer").viewer)
    change(officer, service.finish, early)
    later(3601)
    plan()
    drain()
    assert len(relay.taken) == 1
    for one in (early, reminded):
        if one == reminded:
            change(officer, service.finish, one)
        change(officer, service.reopen, one)
    plan()
    drain()
    assert len(relay.taken) == 2
    assert [len(mails_of(one)) for one in (early, reminded)] == [1, 1]


def test_two_planners_at_once_write_one_reminder_each(app: Flask, relay: Relay, person: People, later: Later) -> None:
    ids = [due_in_an_hour(person("officer").viewer, what=f"Step {number}") for number in range(20)]
    later(3601)
    start, problems = threading.Barrier(2), []

    def work() -> None:
        try:
            with app.app_context(), looking_as(SYSTEM):
                start.wait(10)
                with unit_of_work():
                    planning.plan_due(limit=15)
                with unit_of_work():
                    planning.plan_due(limit=15)
                db.session.remove()
        except Exception as error:
            problems.append(error)

    planners = [threading.Thread(target=work) for _ in range(2)]
    for one in planners:
        one.start()
    for one in planners:
        one.join(60)
    assert problems == []
    assert [len(mails_of(one)) for one in ids] == [1] * 20
    assert drain() == {"sent": 20}


def test_planning_again_what_was_planned_writes_nothing(app: Flask, person: People, later: Later) -> None:
    """Even when the mark is lost (an old backup, a hand in the database), the unique keys hold."""
    followup_id = due_in_an_hour(person("officer").viewer)
    later(3601)
    plan()

    def forget() -> None:
        follow_up = db.session.get_one(FollowUp, followup_id)
        follow_up.remind_at = follow_up.due_at

    as_system(forget)
    assert plan() == 1
    assert len(mails_of(followup_id)) == 1


def test_the_database_takes_one_reminder_per_occurrence_and_person(app: Flask, person: People, later: Later) -> None:
    from sqlalchemy.exc import IntegrityError

    due_in_an_hour(person("officer").viewer)
    later(3601)
    plan()
    with looking_as(SYSTEM):
        first = db.session.scalars(select(Reminder)).one()
        same = {
            name: getattr(first, name) for name in ("followup_id", "occurrence", "recipient_id", "due_at", "tell_at")
        }
        assert db.session.scalars(select(OutboxMail)).one().id == first.mail_id
    other_mail = post("another mail")
    with pytest.raises(IntegrityError), looking_as(SYSTEM), unit_of_work() as session:
        session.add(Reminder(**same, mail_id=other_mail))


def test_a_poisoned_row_is_set_aside_alone(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    poisoned = due_in_an_hour(person("officer").viewer)
    fine = opened(coordinator, due_on=TODAY, due_time=time(11))
    as_system(lambda: setattr(db.session.get_one(User, officer.user_id), "email", "not an address"))
    later(3601)
    assert plan() == 2
    assert drain() == {"sent": 1}
    assert [one.recipients for one in relay.taken] == [["coordinator@example.org"]]
    set_aside = read(poisoned)
    assert set_aside.remind_at is None
    assert set_aside.remind_problem == "The reminder could not be written (RuleViolation)."
    assert read(fine).remind_problem == ""
    with looking_as(officer):
        assert [one.id for one in queries.not_reminded(officer)] == [poisoned]


def test_a_refused_reminder_is_an_alert_to_its_owner(app: Flask, relay: Relay, person: People, later: Later) -> None:
    officer = person("officer").viewer
    relay.rcpt = ["550 5.1.1 No such mailbox"]
    followup_id = due_in_an_hour(person("officer").viewer)
    later(3601)
    plan()
    drain()
    with looking_as(officer):
        assert [one.id for one in queries.not_reminded(officer)] == [followup_id]
        (reminded,) = queries.reminders_of(followup_id)
    assert reminded.delivery is not None
    assert reminded.delivery.answer == "550 5.1.1 No such mailbox"
    change(officer, service.finish, followup_id)
    with looking_as(officer):
        assert queries.not_reminded(officer) == []


def test_due_times_are_meant_in_the_zone_of_the_owner(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    as_system(lambda: setattr(db.session.get_one(User, coordinator.user_id), "time_zone", "Pacific/Chatham"))
    followup_id = opened(officer, owner_id=coordinator.user_id, due_on=date(2027, 4, 4), due_time=time(3))
    follow_up = read(followup_id)
    assert follow_up.zone == "Pacific/Chatham"
    assert follow_up.due_at == datetime.fromisoformat("2027-04-03T13:15+00:00")
    change(officer, service.reassign, followup_id, owner_id=officer.user_id)
    assert read(followup_id).due_at == datetime.fromisoformat("2027-04-04T03:00+00:00")
    assert clock.now().year == 2026
