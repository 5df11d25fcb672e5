"""Who may take a round back, until when, and what keeps it; who sees a round, and what a page of it asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from crm.activities.attachments.service import add_attachment
from crm.activities.course.service import correct_activity
from crm.activities.margins.service import record_round
from crm.activities.margins.talks import Talk
from crm.activities.margins.undo import undo_round
from crm.activities.models import Activity, ActivityState, TalkRound
from crm.activities.withdrawing import hung_on
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.core.errors import NotAllowed, NotFound, RuleViolation
from crm.core.visibility import Attribution
from crm.drafts import rules
from crm.files.intake import check
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.reach.service import restricted
from crm.sharing import service as sharing
from tests.activities.test_margins import EVERYTHING, counted, made, post, press_undo
from tests.support.hanging import DEEDS, HIDDEN, Deed
from tests.support.pages import check_page, token_of
from tests.support.people import Person
from tests.support.racing import meanwhile
from tests.support.records import anew, logged
from tests.support.statements import recorded

Clients = Callable[[str], FlaskClient]
People = Callable[[str], Person]
FUTURE = date(2027, 1, 15)


def talks(*states: str, **changes: Any) -> list[Talk]:
    given = {"outcome": "open", "obstacle": "security", "next_action": "Call", "next_action_due": FUTURE, **changes}
    return [Talk(row=row, state_iso3=iso3, **given) for row, iso3 in enumerate(states)]


def written(actor: Viewer, *states: str, **changes: Any) -> UUID:
    """A round of this person, committed."""
    with looking_as(actor), unit_of_work():
        given = {"occasion": "A reception", "held_on": date(2026, 11, 20), **changes}
        return record_round(actor=actor, talks=talks(*(states or ("LAO", "BTN"))), **given).id


def undone(actor: Viewer, round_id: UUID) -> None:
    with looking_as(actor), unit_of_work():
        undo_round(actor=actor, round_id=round_id)


def _activity(round_id: UUID, iso3: str = "BTN") -> Activity:
    wanted = select(Activity).join(ActivityState).where(Activity.round_id == round_id, ActivityState.state_iso3 == iso3)
    return db.session.scalars(wanted).one()


def _correct(actor: Viewer, other: Viewer, key: UUID) -> None:
    told = {"kind": "margin_meeting", "state_iso3": "BTN", "held_on": date(2026, 11, 20), "reply": "Otherwise."}
    correct_activity(actor=actor, activity_id=key, **told)


def _comment(actor: Viewer, other: Viewer, key: UUID) -> None:
    told = {"kind": "margin_meeting", "state_iso3": "BTN", "held_on": date(2026, 11, 20), "reply": "Non-committal."}
    correct_activity(actor=actor, activity_id=key, details={"outcome": "open"}, officer_comment="Tired.", **told,
                     occasion="A reception")  # fmt: skip


def _attach(actor: Viewer, other: Viewer, key: UUID) -> None:
    add_attachment(actor=actor, activity_id=key, file=check(b"What was left\n", "note.txt"))


def _widen(actor: Viewer, other: Viewer, key: UUID) -> None:
    sharing.change_handling(actor=actor, kind="activity", record_id=key, handling=Handling.COMMUNITY)


def _ask(actor: Viewer, other: Viewer, key: UUID) -> None:
    with looking_as(other):
        sharing.ask_wider(actor=other, kind="activity", record_id=key, wanted=Handling.PUBLIC, reason="For the report.")


def _finish(actor: Viewer, other: Viewer, key: UUID) -> None:
    one = db.session.scalars(select(FollowUp.id).where(FollowUp.activity_id == key)).one()
    followups.finish(actor=actor, followup_id=one, done_note="Done.")


@pytest.mark.parametrize(
    ("hung", "why"),
    [
        (_correct, "Changed since: Bhutan"),
        (_comment, "Changed since: Bhutan"),
        (_attach, "A file was added"),
        (_widen, "Changed since: Bhutan"),
        (_ask, "travel further"),
        (_finish, "follow-ups was changed"),
    ],
)
def test_what_hangs_on_a_talk_keeps_the_round_and_is_named(
    app: Flask, person: People, signed_in: Clients, hung: Callable[..., None], why: str
) -> None:
    actor, other = person("officer").viewer, person("presidency").viewer
    key = written(actor, handling=Handling.STATES)
    with looking_as(actor), unit_of_work():
        hung(actor, other, _activity(key).id)
    before = counted(*EVERYTHING)
    with pytest.raises(RuleViolation, match=why):
        undone(actor, key)
    db.session.remove()
    browser = signed_in("officer")
    page = check_page(browser.get(f"/activities/margins/{key}"))
    assert why in page and "Undo all" not in page
    refused = check_page(press_undo(browser, f"/activities/margins/{key}"), 422)
    assert why in refused and "This round cannot be undone" in refused
    assert counted(*EVERYTHING) == before


@pytest.mark.parametrize(("deed", "why"), DEEDS, ids=[deed.__name__ for deed, _ in DEEDS])
def test_what_anybody_made_of_a_talk_keeps_the_round(app: Flask, person: People, deed: Deed, why: str) -> None:
    """What whoever wrote it does not see of that is not told."""
    actor, other = person("coordinator").viewer, person("presidency").viewer
    key = written(actor, handling=Handling.COORDINATION)
    with looking_as(SYSTEM):
        talk = _activity(key).id
    deed(actor, other, talk)
    before = counted(*EVERYTHING)
    with pytest.raises(RuleViolation, match=why):
        undone(actor, key)
    db.session.remove()
    assert counted(*EVERYTHING) == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_follow_up_that_is_finished_at_the_same_moment_keeps_the_round(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing hung on the talk when that was asked; whoever finishes its follow-up was quicker than whoever takes it
    away. SQLite has one writer at a time as it is.
    """
    actor = person("officer").viewer
    key = written(actor)
    with looking_as(SYSTEM):
        talk = _activity(key).id

    def asked(*given: Any) -> str:
        found = hung_on(*given)
        meanwhile(app, lambda: _finish(actor, actor, talk))
        return found

    monkeypatch.setattr("crm.activities.withdrawing.hung_on", asked)
    with pytest.raises(RuleViolation, match=HIDDEN):
        undone(actor, key)
    with looking_as(SYSTEM):
        db.session.rollback()
        assert db.session.scalars(select(FollowUp.done_note).where(FollowUp.activity_id == talk)).one() == "Done."


def test_it_can_be_undone_for_an_hour(app: Flask, person: People, steady_clock: time_machine.Traveller) -> None:
    actor = person("officer").viewer
    first, second = written(actor), written(actor)
    steady_clock.shift(timedelta(minutes=59))
    undone(actor, first)
    steady_clock.shift(timedelta(minutes=2))
    with pytest.raises(RuleViolation, match="for an hour"):
        undone(actor, second)


def test_only_whoever_wrote_it_undoes_it(app: Flask, person: People) -> None:
    actor = person("officer").viewer
    key = written(actor, handling=Handling.STATES)
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(TalkRound, key).recorded_by_id = None
    for who, refusal in ((actor, NotAllowed), (person("other_officer").viewer, NotFound)):
        with pytest.raises(refusal):
            undone(who, key)


def test_a_round_is_for_its_own_party_and_its_talks_for_whom_each_is(
    app: Flask, person: People, signed_in: Clients
) -> None:
    actor = person("officer").viewer
    key = written(actor, handling=Handling.COMMUNITY, delegation="K. Example")
    with looking_as(SYSTEM):
        talk = _activity(key).id
    db.session.remove()
    for who in ("other_officer", "presidency", "observer", "secretariat", "administrator"):
        browser = signed_in(who)
        for door in ("/activities/margins", "/api/v1/activities/margins"):
            assert browser.get(f"{door}/{key}").status_code in (403, 404), (who, door)
        if who in ("other_officer", "observer"):
            page = browser.get(f"/activities/{talk}").text
            assert "Non-committal" in page and str(key) not in page and "K. Example" not in page, who
            assert str(key) not in browser.get(f"/api/v1/activities/{talk}").text
    own = signed_in("officer")
    assert f"/activities/margins/{key}" in check_page(own.get(f"/activities/{talk}"))
    assert own.get(f"/api/v1/activities/{talk}").json["round"] == str(key)


def test_a_restricted_state_shows_in_no_refusal_and_in_no_round(app: Flask, person: People, signed_in: Clients) -> None:
    coordinator = person("coordinator").viewer
    with looking_as(SYSTEM), unit_of_work():
        restricted.restrict(actor=coordinator, state_iso3="LAO")
    db.session.remove()
    browser = signed_in("officer")
    answer = post(browser)
    page = check_page(browser.get(made(answer)))
    assert "3 talks are saved." in page and "Of 1: It is kept for those who read about this State" in page
    assert "Bhutan" in page and "Lao" not in page.partition("<main")[2]
    document = browser.get(f"/api/v1{made(answer)}").json
    assert [one["state"] for one in document["talks"]] == ["BTN", "MNG"]
    page = check_page(browser.get(press_undo(browser, made(answer)).headers["Location"]))
    assert 'value="Bhutan"' in page and "Lao" not in page.partition("<main")[2]
    with looking_as(SYSTEM):
        db.session.rollback()
        left = db.session.scalars(select(ActivityState.state_iso3)).all()
    assert left == ["LAO"]


def test_a_mission_writes_about_its_own_states_alone(app: Flask, person: People, signed_in: Clients) -> None:
    from tests.abuse.world import accredit_to_one

    accredit_to_one(person("officer").viewer)
    db.session.remove()
    browser = signed_in("officer")
    page = check_page(post(browser, [{"state": "BTN", "outcome": "open"}]), 422)
    assert "not among those you work on" in page
    assert made(post(browser, [{"state": "la", "outcome": "open"}])), "of Lao PDR and Latvia only one is theirs"
    assert [one["iso3"] for one in browser.get("/api/v1/activities/margins/states").json["items"]] == ["LAO"]
    assert signed_in("observer").get("/api/v1/activities/margins/states").status_code == 403


def test_what_hides_the_state_hides_it_in_rounds_too(app: Flask, person: People) -> None:
    actor, other = person("officer").viewer, person("presidency").viewer
    key = written(actor, handling=Handling.STATES, attribution=Attribution.NONE)
    for who, sees in ((actor, 2), (other, 0)):
        with looking_as(anew(who)):
            db.session.rollback()
            assert len(db.session.scalars(select(FollowUp)).all()) == sees
            assert (db.session.scalar(select(TalkRound).where(TalkRound.id == key)) is not None) == bool(sees)


def test_who_else_is_near_is_told_in_each_row_as_far_as_one_may_know(
    app: Flask, person: People, signed_in: Clients
) -> None:
    other = person("other_officer").viewer
    logged(other, "BTN", held_on=date(2026, 11, 18), handling=Handling.STATES)
    logged(other, "BTN", held_on=date(2026, 11, 12), handling=Handling.STATES)
    logged(other, "MNG", held_on=date(2026, 11, 18), handling=Handling.ORIGINATOR)
    db.session.remove()
    browser = signed_in("officer")
    page = check_page(post(browser, more_rows="1"))
    assert page.count("Also in touch") == 1
    told = browser.get("/activities/margins/nearby?state=BTN").text
    assert "18 November 2026</a>: démarche, and 1 more" in told and "<html" not in told
    assert browser.get("/activities/margins/nearby?state=MNG").text.strip() == ""
    assert browser.get("/activities/margins/nearby?state=XXX").status_code == 404


def test_a_page_asks_as_much_for_many_talks_as_for_one(app: Flask, person: People, signed_in: Clients) -> None:
    actor = person("officer").viewer
    states = ["LAO", "BTN", "MNG", "GAB", "TON", "VUT", "FJI", "NPL", "KEN", "THA"]
    few, many = written(actor, *states[:2]), written(actor, *states)
    db.session.remove()
    browser = signed_in("officer")
    browser.get(f"/activities/margins/{few}")
    asked = []
    for key in (few, many):
        with recorded() as seen:
            browser.get(f"/activities/margins/{key}")
        asked.append(len(seen))
    for rows in (states[:2], states):
        sent = [{"state": iso3, "outcome": "open", "next_action_due": "in 3 weeks"} for iso3 in rows]
        with recorded() as seen:
            post(browser, sent, more_rows="1")
        asked.append(len(seen))
    assert asked[0] == asked[1] and asked[2] == asked[3], asked


def test_what_is_taken_back_is_a_draft_whether_the_answer_arrives_or_not(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    where = made(post(browser))
    token = token_of(browser.get("/activities/margins").get_data(as_text=True))
    press = {"csrf_token": token, "request_key": "the-same-press"}
    there = browser.post(f"{where}/undo", data=press).headers["Location"]
    assert browser.post(f"{where}/undo", data=press).headers["Location"] == there
    assert press_undo(browser, where).status_code == 404
    assert counted(*EVERYTHING) == [0] * len(EVERYTHING)
    page = check_page(browser.get("/activities/margins"))
    assert "They study the cost.</textarea>" in page and 'value="in 3 weeks"' in page
    (line,) = browser.get("/api/v1/drafts").json["items"]
    assert line["page"] == there == f"/activities/margins?draft={line['id']}"


def test_the_json_door_tells_again_what_it_took_back(app: Flask, signed_in: Clients) -> None:
    browser = signed_in("officer")
    where = made(post(browser))
    token = token_of(browser.get("/activities/margins").get_data(as_text=True))
    headers = {"X-CSRFToken": token, "Idempotency-Key": "the-same-press"}
    first, second = (browser.post(f"/api/v1{where}/undo", json={}, headers=headers) for _ in range(2))
    assert first.status_code == second.status_code == 200 and first.json == second.json
    assert [one["state"] for one in first.json["rows"]] == ["Bhutan", "Lao People's Democratic Republic", "Mongolia"]


def test_a_round_stays_where_no_draft_of_it_could_be_kept(
    app: Flask, signed_in: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = signed_in("officer")
    where = made(post(browser))
    before = counted(*EVERYTHING)
    monkeypatch.setattr(rules, "MOST", 0)
    page = check_page(press_undo(browser, where), 422)
    assert "which is as many as there can be" in page and counted(*EVERYTHING) == before
