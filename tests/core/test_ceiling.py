"""Above the ceiling only a reference is taken: so say all verbs, and both doors beside the field."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from crm.activities import service as activities
from crm.activities.attachments import service as attachments
from crm.activities.models import Activity, Attachment
from crm.core import ceiling, clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.ceiling import Ceiling
from crm.core.db import db, unit_of_work
from crm.core.errors import RuleViolation
from crm.core.visibility import Attribution
from crm.files.intake import check
from crm.followups import service as followups
from crm.followups.models import FollowUp
from crm.instructions import steps
from crm.letters import service as letters
from crm.letters.models import LetterCampaign
from crm.letters.progress import LanguageChoice
from crm.sharing import service as sharing
from crm.states.rules import Status
from tests.instructions.world import does, house, sent, task
from tests.instructions.world import follow_up as due
from tests.support.pages import token_of
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]
Clients = Callable[[str], FlaskClient]

NARROW = Handling.COORDINATION
DAY = date(2026, 11, 1)


@pytest.fixture
def low(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put the ceiling somewhere, with one mark of which only a reference is taken."""

    def put(highest: str = "states") -> None:
        here = replace(
            app.extensions["settings"], handling_ceiling=highest, reference_only_marks=frozenset({"ÉCHELON  Deux"})
        )
        monkeypatch.setitem(app.extensions, "settings", here)

    put()
    return put


def referenced(actor: Viewer, **given: Any) -> UUID:
    """Only that something happened, committed."""
    with looking_as(actor), unit_of_work():
        return activities.record_reference(
            actor=actor, kind="demarche", state_iso3="LAO", held_on=DAY, report_ref="12/3", **given
        ).id


def attach(actor: Viewer, activity_id: UUID, handling: Handling | None = None) -> None:
    with looking_as(actor), unit_of_work():
        file = check(b"What they said.\n", "note.txt")
        attachments.add_attachment(actor=actor, activity_id=activity_id, file=file, handling=handling)


def follow_up(actor: Viewer, handling: Handling, **given: Any) -> UUID:
    with looking_as(actor), unit_of_work():
        return followups.open_follow_up(
            actor=actor, what="Call", state_iso3="LAO", due_on=date(2026, 12, 1), handling=handling, **given
        ).id


def campaign(actor: Viewer, handling: Handling) -> None:
    with looking_as(actor), unit_of_work():
        letters.plan_campaign(
            actor=actor, name="Autumn", letter_date=date(2011, 6, 1), statuses=[Status.SIGNATORY],
            languages=LanguageChoice.ENGLISH, handling=handling,
        )  # fmt: skip


def narrow(actor: Viewer, kind: str, record_id: UUID, handling: Handling = NARROW) -> None:
    with looking_as(actor), unit_of_work():
        sharing.change_handling(actor=actor, kind=kind, record_id=record_id, handling=handling)


def kept(model: type[Any]) -> int:
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(model)) or 0


VERBS: dict[str, Callable[[Viewer], Any]] = {
    "an activity": lambda who: logged(who, handling=NARROW),
    "a follow-up": lambda who: follow_up(who, NARROW),
    "letters": lambda who: campaign(who, NARROW),
    "an activity, narrowed": lambda who: narrow(who, "activity", logged(who, handling=Handling.STATES)),
    "a follow-up, narrowed": lambda who: narrow(who, "follow_up", follow_up(who, Handling.STATES)),
    "a narrower file": lambda who: attach(who, logged(who, handling=Handling.STATES), NARROW),
}


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_keeps_what_is_narrower(low: Any, person: People, verb: str) -> None:
    who = person("coordinator").viewer
    with pytest.raises(RuleViolation) as refused:
        VERBS[verb](who)
    assert refused.value.errors == {"handling": [ceiling.TOO_NARROW]}
    with looking_as(SYSTEM):
        db.session.rollback()
        for model in (Activity, FollowUp, LetterCampaign):
            assert set(db.session.scalars(select(model.handling))) <= {"states"}
    assert kept(Attachment) == 0


def test_all_of_it_is_kept_at_the_ceiling(low: Any, person: People) -> None:
    who = person("coordinator").viewer
    key = logged(who, handling=Handling.PUBLIC)
    narrow(who, "activity", key, Handling.STATES)
    attach(who, key)
    follow_up(who, Handling.STATES)
    campaign(who, Handling.STATES)
    assert [kept(model) for model in (Activity, Attachment, FollowUp, LetterCampaign)] == [1, 1, 1, 1]


def test_what_is_marked_so_is_not_kept(low: Any, person: People) -> None:
    who = person("coordinator").viewer
    with pytest.raises(RuleViolation) as refused:
        logged(who, handling=Handling.PUBLIC, marks="échelon deux")
    assert refused.value.errors == {"marks": [ceiling.MARKED]}


@pytest.mark.parametrize("given", [{"marks": "Échelon deux"}, {"handling": Handling.STATES}])
def test_a_reference_takes_no_file(low: Any, person: People, given: dict[str, Any]) -> None:
    who = person("coordinator").viewer
    key = referenced(who, **given)
    with pytest.raises(RuleViolation) as refused:
        attach(who, key)
    assert list(refused.value.errors) == ["file"]
    assert kept(Attachment) == 0


def test_what_was_kept_before_takes_no_more(low: Any, person: People) -> None:
    """A ceiling that was lowered: files are refused, what is there may travel further and no less far."""
    who = person("coordinator").viewer
    low("originator")
    key = logged(who, handling=NARROW)
    low("community")
    with pytest.raises(RuleViolation):
        attach(who, key)
    with pytest.raises(RuleViolation):
        narrow(who, "activity", key, Handling.ORIGINATOR)
    narrow(who, "activity", key, Handling.STATES)


def test_the_next_step_is_written_under_the_ceiling_of_its_day(low: Any, person: People) -> None:
    """What the software narrowed, because its source hides the State, goes on; what somebody chose is asked again."""
    who = person("coordinator").viewer
    low("originator")
    chosen = follow_up(who, Handling.ORIGINATOR)
    hidden = logged(who, handling=Handling.STATES, attribution=Attribution.NONE)
    narrowed = follow_up(who, Handling.STATES, activity_id=hidden)
    low("states")
    given = {"actor": who, "next_what": "Ask again", "next_due_on": date(2026, 12, 1)}
    with looking_as(who), unit_of_work():
        assert followups.finish(followup_id=narrowed, **given)
    with pytest.raises(RuleViolation) as refused, looking_as(who), unit_of_work():
        followups.finish(followup_id=chosen, **given)
    assert list(refused.value.errors) == ["next_what"]


def test_the_next_step_of_what_was_hidden_for_a_while_is_written(low: Any, person: People) -> None:
    """What came out of it stays narrow when its source tells of its State again: nobody chose that. So does a step
    after the next; where somebody chooses anew, that is asked.
    """
    who = person("coordinator").viewer
    source = logged(who, handling=Handling.STATES)
    due = follow_up(who, Handling.STATES, activity_id=source)
    for attribution in (Attribution.NONE, Attribution.FULL):
        with looking_as(who), unit_of_work():
            sharing.change_attribution(actor=who, kind="activity", record_id=source, attribution=attribution)
    given = {"actor": who, "next_what": "Ask again", "next_due_on": date(2026, 12, 1)}
    for _ in range(2):
        with looking_as(who), unit_of_work():
            following = followups.finish(followup_id=due, **given)
            assert following and following.handling == "originator"
            due = following.id
    low("originator")
    narrow(who, "follow_up", due, Handling.STATES)
    narrow(who, "follow_up", due, Handling.ORIGINATOR)
    low("states")
    with pytest.raises(RuleViolation), looking_as(who), unit_of_work():
        followups.finish(followup_id=due, **given)


def test_a_reference_is_as_narrow_as_its_party_likes(low: Any, person: People) -> None:
    who = person("coordinator").viewer
    key = referenced(who, handling=Handling.STATES)
    narrow(who, "activity", key, Handling.ORIGINATOR)
    referenced(who, handling=Handling.ORIGINATOR, marks="Échelon deux")


def test_what_the_software_narrows_is_not_judged_again(low: Any, person: People) -> None:
    """What comes out of an activity that hides its State is for its own party alone; it was within the ceiling."""
    who = person("coordinator").viewer
    key = logged(
        who, handling=Handling.STATES, attribution=Attribution.NONE, next_action="Call", obstacle="security",
        next_action_due=date(2026, 12, 1),
    )  # fmt: skip
    follow_up(who, Handling.STATES, activity_id=key)
    with looking_as(SYSTEM):
        assert set(db.session.scalars(select(FollowUp.handling))) == {"originator"}


VISIT = {
    "kind": "demarche", "state_iso3": "LAO", "held_on": "2026-11-01", "person_name": "A", "reply": "B",
}  # fmt: skip
DUE = {"what": "Call", "state_iso3": "LAO", "due_on": "2026-12-01"}
LETTERS = {"name": "Autumn", "letter_date": "2011-06-01", "languages": "en"}


@pytest.mark.parametrize(
    ("page", "door", "given"),
    [
        ("/activities/new", "/api/v1/activities", VISIT),
        ("/followups/new", "/api/v1/followups", DUE),
        ("/letters/campaigns/new", "/api/v1/letters/campaigns", LETTERS),
        ("/sharing/activity/KEY", "/api/v1/sharing/activity/KEY/handling", {}),
    ],
)
def test_both_doors_say_so_beside_the_field(
    low: Any, person: People, signed_in: Clients, page: str, door: str, given: dict[str, Any]
) -> None:
    who = person("coordinator").viewer
    key = str(logged(who, handling=Handling.STATES))
    page, door = page.replace("KEY", key), door.replace("KEY", key)
    browser = signed_in("coordinator")
    form = browser.get(page).get_data(as_text=True)
    assert 'value="states"' in form and 'value="coordination"' not in form and 'value="originator"' not in form
    token = token_of(form)
    answer = browser.post(page, data={**given, "handling": "coordination", "csrf_token": token})
    assert answer.status_code == 422
    assert ceiling.TOO_NARROW in answer.get_data(as_text=True)
    answer = browser.post(door, json={**given, "handling": "coordination"}, headers={"X-CSRFToken": token})
    assert answer.status_code == 422
    assert answer.json["errors"] == {"handling": [ceiling.TOO_NARROW]}


def test_the_page_of_a_reference_offers_everything_and_no_file(low: Any, person: People, signed_in: Clients) -> None:
    who = person("coordinator").viewer
    key = referenced(who, handling=Handling.STATES)
    browser = signed_in("coordinator")
    assert 'value="originator"' in browser.get("/activities/reference").get_data(as_text=True)
    assert 'value="originator"' in browser.get(f"/sharing/activity/{key}").get_data(as_text=True)
    page = browser.get(f"/activities/{key}").get_data(as_text=True)
    assert "Add a file" not in page
    token = token_of(page)
    sent = {"file": (io.BytesIO(b"What they said.\n"), "note.txt"), "csrf_token": token}
    answer = browser.post(f"/activities/{key}/attachments", data=sent)
    assert answer.status_code == 422 and "takes no files" in answer.get_data(as_text=True)
    answer = browser.post(
        f"/api/v1/activities/{key}/attachments?name=note.txt", data=b"What they said.\n", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 422 and list(answer.json["errors"]) == ["file"]


def test_what_is_left_out_falls_to_the_ceiling(low: Any, person: People, signed_in: Clients) -> None:
    person("coordinator")
    browser = signed_in("coordinator")
    token = token_of(browser.get("/account").get_data(as_text=True))
    answer = browser.post("/api/v1/followups", json=DUE, headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.json["handling"]) == (201, "states")


def test_marks_are_compared_as_people_write_them() -> None:
    here = Ceiling(Handling.STATES, frozenset({"VS - nfD"}))
    assert not here.takes_marks("vs -  NFD ") and here.takes_marks("VS") and here.takes_marks("")
    assert here.keeps(Handling.STATES) and not here.keeps(Handling.COORDINATION)


def test_what_a_verb_narrows_by_itself_is_not_judged_again(app: Flask, low: Callable[[str], None]) -> None:
    """What reminds of an instruction is for its own party alone, wherever the ceiling lies."""
    low("coordination")
    home = house()
    sent(home, {"BTN": "delhi", "LAO": "bangkok"})
    assert due("BTN").handling == "originator"
    low("states")
    does(home.people["bangkok"], steps.deliver, task_id=task("LAO").id, delivered_on=clock.today())
    assert (due("LAO").what, due("LAO").handling) == ("Report: Before the cabinet decides", "originator")
