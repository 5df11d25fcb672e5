"""What waits for an answer: what stands in the list, how old, whose, and what ends it, as each viewer may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.course import service as course
from crm.activities.models import Activity
from crm.activities.rules import Status
from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.lists import every_line, page_of
from crm.core.visibility import Attribution
from crm.followups import service as followups
from crm.followups.waiting import service
from crm.followups.waiting.figures import by_region
from crm.followups.waiting.lines import WaitingLine
from crm.followups.waiting.queries import OVER, oldest, waiting_asked, waiting_of
from crm.followups.waiting.rules import Age, Came, End, Waits
from crm.reach.service import restricted
from tests.followups.opening import change, opened
from tests.support.people import Person
from tests.support.records import anew, logged
from tests.support.statements import recorded

People = Callable[[str], Person]
Browser = Callable[[str], FlaskClient]
TODAY = date(2026, 11, 23)


def sent(actor: Viewer, days: int, state_iso3: str = "LAO", kind: str = "cosigned_letter", **changes: Any) -> UUID:
    """Something that went out so many days ago and brought nothing back yet, committed."""
    given: dict[str, Any] = {"handling": Handling.COORDINATION, "attribution": Attribution.FULL, **changes}
    with looking_as(actor), unit_of_work():
        day = TODAY - timedelta(days=days)
        activity = course.plan_activity(actor=actor, kind=kind, state_iso3=state_iso3, held_on=day, **given)
        course.take_step(actor=actor, activity_id=activity.id, status=Status.DELIVERED)
        return activity.id


def waiting(viewer: Viewer, **asked: Any) -> list[WaitingLine]:
    """What a viewer finds in the list."""
    with looking_as(viewer):
        db.session.rollback()
        return list(every_line(waiting_asked(viewer=viewer, today=TODAY, **asked)))


def note(actor: Viewer, verb: Any, activity_id: UUID, **given: Any) -> None:
    with looking_as(actor), unit_of_work():
        verb(actor=actor, activity_id=activity_id, **given)


def test_letters_questionnaires_demarches_and_promises_wait_the_oldest_first(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    sent(officer, 12)
    sent(officer, 47, kind="questionnaire", details={"contact": "sent"})
    sent(officer, 80, kind="demarche", details={"aim": "information_seeking"})
    sent(officer, 200, state_iso3="MNG")
    opened(officer, what="The estimate of costs", promised=True, due_on=TODAY + timedelta(days=3))
    found = waiting(officer)
    assert [(one.waits, one.days, one.age) for one in found] == [
        (Waits.LETTER, 200, Age.SILENT),
        (Waits.DEMARCHE, 80, Age.SILENT),
        (Waits.QUESTIONNAIRE, 47, Age.OLD),
        (Waits.LETTER, 12, Age.FRESH),
        (Waits.PROMISE, 0, Age.FRESH),
    ]
    assert [one.what for one in found[-2:]] == ["Co-signed letter", "The estimate of costs"]
    assert [one.days for one in waiting(officer, newest_first=True)] == [0, 12, 47, 80, 200]


def test_what_asks_for_nothing_does_not_wait(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    sent(officer, 10, kind="demarche", details={"aim": "information_only"})
    sent(officer, 10, kind="demarche")
    sent(officer, 10, kind="questionnaire", details={"contact": "interview"})
    sent(officer, 10, kind="bilateral_talks")
    opened(officer, what="Ours to do")
    with looking_as(officer), unit_of_work():
        course.plan_activity(
            actor=officer, kind="cosigned_letter", state_iso3="LAO", held_on=TODAY, handling=Handling.COORDINATION
        )
    assert waiting(officer) == []


def test_filters_by_age_state_kind_and_whose(app: Flask, person: People) -> None:
    officer, other = person("coordinator").viewer, person("presidency").viewer
    for days in (5, 29, 30, 59, 60, 119, 120):
        sent(officer, days)
    sent(other, 40, state_iso3="MNG")
    ages = {age: sorted(one.days or 0 for one in waiting(officer, ages=(age,), ours=True)) for age in Age}
    assert ages == {Age.FRESH: [5, 29], Age.ASKED: [30, 59], Age.OLD: [60, 119], Age.SILENT: [120]}
    assert [one.days for one in waiting(officer, ours=False)] == [40]
    assert len(waiting(officer, state_iso3="LAO")) == 7 and len(waiting(officer, states=["MNG"])) == 1
    assert waiting(officer, waits=Waits.PROMISE) == []
    with looking_as(officer):
        assert [one.days for one in oldest(officer, TODAY, 2)] == [120, 119]
        assert waiting_of("MNG", officer, TODAY) == [(Waits.LETTER, TODAY - timedelta(days=40))]


def test_pages_follow_each_other_over_both_kinds_of_records(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    for days in (5, 5, 9, 40):
        sent(officer, days)
    for _ in range(3):
        opened(officer, promised=True, due_on=TODAY)
    with app.test_request_context(), looking_as(officer):
        asked, seen, cursor = waiting_asked(viewer=officer, today=TODAY), [], None
        while True:
            page = page_of(asked, cursor=cursor, size=2)
            seen += [one.id for one in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == 7 == asked.count()


def test_what_others_keep_does_not_wait_for_me(app: Flask, person: People) -> None:
    """No more is said than the records say: handling, attribution and restriction hold for the list and its numbers."""
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    sent(other, 10, handling=Handling.ORIGINATOR)
    sent(other, 20, attribution=Attribution.REGION_ONLY)
    told = sent(other, 30, attribution=Attribution.STATE_NOT_PERSON)
    opened(other, promised=True, handling=Handling.ORIGINATOR, due_on=TODAY)
    assert [one.record_id for one in waiting(coordinator)] == [told]
    assert len(waiting(other)) == 4
    with looking_as(coordinator):
        assert waiting_asked(viewer=coordinator, today=TODAY).count() == 1
        assert len(waiting_of("LAO", coordinator, TODAY)) == 1
    observer = person("observer").viewer
    assert waiting(observer) == []


def test_an_answer_ends_it_and_can_be_taken_back(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    letter = sent(officer, 47)
    reply = logged(officer, held_on=TODAY - timedelta(days=2))
    note(officer, service.take, letter, on=TODAY - timedelta(days=2), answer_id=reply, note="By note verbale")
    assert waiting(officer) == []
    (over,) = waiting(officer, which=OVER, waits=Waits.LETTER)
    assert over.ended and (over.days, over.age) == (45, None)
    assert (over.ended.how, over.ended.on, over.ended.answer_id) == (End.ANSWERED, TODAY - timedelta(days=2), reply)
    assert (over.ended.by, over.ended.note) == (officer.name, "By note verbale")
    note(officer, service.await_answer, letter)
    assert [one.record_id for one in waiting(officer)] == [letter]
    with looking_as(SYSTEM):
        events = db.session.scalars(select(AuditEntry.event).where(AuditEntry.event.startswith("answer_")))
        assert sorted(events) == ["answer_awaited", "answer_came"]


def test_an_acknowledgement_goes_on_waiting_from_its_day(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    letter = sent(officer, 130)
    note(officer, service.take, letter, on=TODAY - timedelta(days=31), came=Came.RECEIPT)
    (line,) = waiting(officer)
    assert (line.days, line.age, line.received_on) == (31, Age.ASKED, TODAY - timedelta(days=31))
    with pytest.raises(RuleViolation, match="Take it back first"):
        note(officer, service.take, letter, on=TODAY, came=Came.RECEIPT)
    note(officer, service.await_answer, letter)
    assert waiting(officer)[0].age is Age.SILENT


def test_no_answer_is_expected_any_more_for_a_reason(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    letter = sent(officer, 47)
    with pytest.raises(RuleViolation, match="Say why"):
        note(officer, service.expect_none, letter, note="")
    note(officer, service.expect_none, letter, note="They deposited.")
    note(officer, service.expect_none, letter, note="They deposited.")
    assert waiting(officer) == []
    (over,) = waiting(officer, which=OVER)
    assert over.ended and (over.ended.how, over.ended.note) == (End.UNEXPECTED, "They deposited.")
    with pytest.raises(RuleViolation, match="awaited"):
        note(officer, service.take, letter, on=TODAY)


def test_a_reply_in_the_entry_itself_ends_it_and_says_who_wrote_it(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    letter = sent(officer, 47)
    with looking_as(officer), unit_of_work():
        course.report_activity(
            actor=officer, activity_id=letter, kind="cosigned_letter", state_iso3="LAO",
            held_on=TODAY - timedelta(days=47), person_name="Karma Example", reply="Received with thanks.",
        )  # fmt: skip
    assert waiting(officer) == []
    (over,) = waiting(officer, which=OVER)
    assert over.ended and (over.ended.how, over.ended.on, over.ended.by) == (End.REPLY, TODAY, officer.name)


def test_since_when_it_is_over_is_not_guessed(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    logged(officer, kind="cosigned_letter", held_on=TODAY - timedelta(days=47))
    (over,) = waiting(officer, which=OVER)
    assert over.ended and (over.ended.how, over.ended.on, over.days, over.age) == (End.REPLY, None, None, None)


def test_a_promise_is_kept_or_given_up_by_its_own_verbs(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    kept, given_up = (opened(officer, what=one, promised=True, due_on=TODAY) for one in ("Kept", "Given up"))
    change(officer, followups.finish, kept, done_note="It came by mail.")
    change(officer, followups.cancel, given_up, note="They withdrew.")
    assert waiting(officer) == []
    found = {one.what: one.ended for one in waiting(officer, which=OVER)}
    assert {what: (one.how, one.note) for what, one in found.items() if one} == {
        "Kept": (End.KEPT, "It came by mail."),
        "Given up": (End.UNEXPECTED, "They withdrew."),
    }


def test_any_entry_can_be_said_to_wait(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    talk = logged(officer, kind="bilateral_talks", held_on=TODAY - timedelta(days=20))
    note(officer, service.await_answer, talk)
    (line,) = waiting(officer)
    assert (line.waits, line.days, line.age) == (Waits.OTHER, 20, Age.ASKED)
    note(officer, service.take, talk, on=TODAY)
    note(officer, service.await_answer, talk)
    assert len(waiting(officer)) == 1, "the way back leads to where it was"
    ahead = sent(officer, 0, kind="demarche")
    with looking_as(officer), unit_of_work():
        db.session.get_one(Activity, ahead).status = Status.PLANNED.value
    with pytest.raises(RuleViolation, match="gone out"):
        note(officer, service.await_answer, ahead)


def test_only_their_own_party_notes_it(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    letter, hidden = sent(other, 47), sent(other, 47, handling=Handling.ORIGINATOR)
    for verb, given in (
        (service.take, {"on": TODAY}),
        (service.expect_none, {"note": "x"}),
        (service.await_answer, {}),
    ):
        with pytest.raises(NotAllowed):
            note(coordinator, verb, letter, **given)
        with pytest.raises(NotFound):
            note(coordinator, verb, hidden, **given)


def test_the_entry_that_tells_of_it_is_of_the_state_and_since_then(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    letter = sent(officer, 47)
    before = logged(officer, held_on=TODAY - timedelta(days=60))
    elsewhere = logged(officer, state_iso3="MNG", held_on=TODAY)
    for wrong in (before, elsewhere, letter):
        with pytest.raises(RuleViolation, match="from the list"):
            note(officer, service.take, letter, on=TODAY, answer_id=wrong)
    with pytest.raises(RuleViolation, match="went out"):
        note(officer, service.take, letter, on=TODAY - timedelta(days=48))


def test_whoever_may_not_read_the_answer_goes_on_waiting(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    letter = sent(other, 47)
    secret = logged(other, held_on=TODAY, handling=Handling.ORIGINATOR)
    note(other, service.take, letter, on=TODAY, answer_id=secret)
    assert waiting(other) == []
    assert [one.record_id for one in waiting(coordinator)] == [letter]
    assert waiting(coordinator, which=OVER) == []


def test_who_noted_it_is_told_where_people_are_named(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    told = sent(other, 47, handling=Handling.STATES)
    untold = sent(other, 48, handling=Handling.STATES, attribution=Attribution.STATE_NOT_PERSON)
    for one in (told, untold):
        note(other, service.take, one, on=TODAY, note="From the ambassador")
    ended = {one.record_id: one.ended for one in waiting(coordinator, which=OVER)}
    assert ended[told] and (ended[told].by, ended[told].note) == (other.name, "From the ambassador")
    assert ended[untold] and (ended[untold].by, ended[untold].note) == ("", "")


def test_what_rests_on_an_entry_that_was_narrowed_gives_way(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    letter = sent(coordinator, 47)
    reply = logged(other, held_on=TODAY)
    note(coordinator, service.take, letter, on=TODAY, answer_id=reply)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(Activity, reply).handling = Handling.ORIGINATOR.value
    assert [one.record_id for one in waiting(coordinator)] == [letter]
    note(coordinator, service.expect_none, letter, note="Overtaken.")
    assert waiting(coordinator) == []


def test_a_page_asks_as_much_however_much_waits(app: Flask, person: People) -> None:
    officer = person("coordinator").viewer
    asked = []
    for more in (1, 6):
        for number in range(more):
            sent(officer, 10 + number)
            opened(officer, promised=True, due_on=TODAY)
        with app.test_request_context(), looking_as(officer):
            db.session.rollback()
            with recorded() as statements:
                page_of(waiting_asked(viewer=officer, today=TODAY), cursor=None)
            asked.append(len(statements))
    assert asked[0] == asked[1] <= 6


def test_figures_go_over_what_others_share_and_name_no_state(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    for iso3 in ("LAO", "MNG", "THA"):
        sent(other, 200, state_iso3=iso3)
    sent(other, 5, state_iso3="BTN", handling=Handling.ORIGINATOR)
    sent(other, 5, state_iso3="NPL", attribution=Attribution.REGION_ONLY)
    sent(coordinator, 5, state_iso3="VNM")
    with looking_as(coordinator):
        table = by_region(coordinator, TODAY)
        region = next(row for row in table.rows if table[row, Age.SILENT.value] == 3)
        assert table[region, Age.FRESH.value] == 0
    sent(other, 5, state_iso3="KHM")
    with looking_as(coordinator):
        table = by_region(coordinator, TODAY)
        assert table[region, Age.FRESH.value] is None and table[region, ""] is None


def test_a_restricted_state_waits_for_those_who_are_named(app: Flask, person: People) -> None:
    coordinator, other = person("coordinator").viewer, person("presidency").viewer
    letter = sent(coordinator, 200)
    opened(coordinator, promised=True, due_on=TODAY)
    assert len(waiting(other)) == 2
    with looking_as(coordinator), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    assert waiting(anew(other)) == []
    assert letter in {one.record_id for one in waiting(anew(coordinator))}
