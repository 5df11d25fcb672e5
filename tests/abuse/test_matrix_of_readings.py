"""S3: no list, page or file tells words of another party's sensitive record without a reading in the audit."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from crm.activities.models import Activity
from crm.audit import reading, service
from crm.audit.models import AuditEntry
from crm.audit.service import Event
from crm.core import access
from crm.core.access import Handling
from crm.core.db import db, unit_of_work
from crm.followups.models import FollowUp
from crm.people.met.models import Interlocutor, StanceClaim
from crm.positions.models import ObstacleClaim
from tests.abuse.asking import reader
from tests.abuse.lists import ASKED_WITH, NO_PAGE, lists, words_of
from tests.abuse.world import CLEARED, STATE, bundle, keeper
from tests.support.people import Person

People = Callable[[str], Person]

REPLY, NEXT, PROMISE, NOTE, WHY, BARRIER = (
    "Antwort-8Q", "Folge-8Q", "Zusage-8Q", "Notiz-8Q", "Urteil-8Q", "Hindernis-8Q"
)  # fmt: skip
"""One word for each text in which another party says what it keeps to few."""

TAKEN = {Event.LIST_EXPORTED, Event.BRIEF_EXPORTED, Event.RECORD_EXPORTED}


def _planted(who: str) -> tuple[UUID, dict[str, tuple[str, UUID]]]:
    """The party whose records they are, and each word with the record in which it stands."""
    owner = keeper()
    one = bundle(owner.party_id, owner.user_id, CLEARED[who][0]).keys
    assert CLEARED[who][0] is Handling.COORDINATION and owner.party_id
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        visit = session.get_one(Activity, one["activity_id"])
        visit.reply, visit.next_action = REPLY, NEXT
        session.get_one(FollowUp, one["followup_id"]).what = PROMISE
        session.get_one(Interlocutor, one["person_id"]).note = NOTE
        stance = session.scalars(select(StanceClaim).where(StanceClaim.person_id == one["person_id"])).one()
        stance.why, judged = WHY, stance.id
        session.get_one(ObstacleClaim, one["claim_id"]).other = BARRIER
    db.session.remove()
    met, visited = ("interlocutor", one["person_id"]), ("activity", one["activity_id"])
    promised = ("follow_up", one["followup_id"])
    return owner.party_id, {
        REPLY: visited, NEXT: visited, PROMISE: promised, NOTE: met, WHY: ("stance_claim", judged),
        BARRIER: ("obstacle_claim", one["claim_id"]),
    }  # fmt: skip


def _entries() -> dict[UUID, AuditEntry]:
    with access.looking_as(access.SYSTEM):
        found = {one.id: one for one in db.session.scalars(select(AuditEntry))}
        db.session.expunge_all()
    db.session.remove()
    return found


@pytest.mark.parametrize("who", ["coordinator", "presidency"])
def test_s03_words_that_are_shown_are_read(
    app: Flask, person: People, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every GET without a record in its address, plain and looking for each word."""
    monkeypatch.setattr(service, "lately_read", lambda *_given, **_named: set())
    party_id, planted = _planted(who)
    eyes, told, before = reader(app, person(who).email), set(), _entries()
    for place, endpoint in lists(app):
        if endpoint in NO_PAGE:
            continue
        mark = "&" if endpoint in ASKED_WITH else "?"
        asked = [place, f"{place}{mark}state={STATE}&owner=all&status=all"]
        asked += [f"{place}{mark}q={word}" for word in planted]
        for each in asked:
            seen = words_of(eyes.ask("GET", each))
            entries = _entries()
            new = [one for key, one in entries.items() if key not in before]
            before = entries
            if any(one.event in TAKEN and one.originator_id == party_id for one in new):
                continue
            read = {(one.subject_kind, one.subject_id) for one in new if one.event == Event.RECORD_OPENED}
            looked_for = each.rpartition("q=")[2]
            for word, (kind, key) in planted.items():
                if word != looked_for and word.encode() in seen:
                    assert (kind, str(key)) in read, f"{each} tells {word}, and nobody wrote that it was read"
                    told.add(word)
    assert {REPLY, PROMISE, BARRIER} <= told, "a page that tells none shows nothing of this"


@pytest.mark.parametrize("place", ["/", "/activities", "/api/v1/activities"])
def test_what_is_glanced_over_keeps_words_of_others_back(app: Flask, person: People, place: str) -> None:
    """The record is there and leads to its page; one's own stands there with its words."""
    _party, planted = _planted("coordinator")
    me, before = person("coordinator"), set(_entries())
    own = bundle(me.viewer.party_id, me.viewer.user_id, Handling.COORDINATION).keys["activity_id"]
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        session.execute(update(Activity).where(Activity.id == own).values(reply="Eigenes-8Q"))
    db.session.remove()
    text = reader(app, me.email).ask("GET", place).get_data(as_text=True)
    assert str(planted[REPLY][1]) in text and "Eigenes-8Q" in text
    assert REPLY not in text and NEXT not in text
    assert not [one for key, one in _entries().items() if key not in before and one.event == Event.RECORD_OPENED]


BEHIND_THE_END = base64.urlsafe_b64encode(
    json.dumps([0, "1900-01-01", "00000000-0000-0000-0000-000000000000"]).encode()
).decode()

UNSHOWN = {
    "HEAD": [f"{door}{place}?q={{}}" for door in ("", "/api/v1") for place in ("/activities", "/search")],
    "GET": [
        f"/activities?q={{}}&after={BEHIND_THE_END}",
        f"/api/v1/search?q={{}}&kind=follow_up&state={STATE}",
        "/search?q={}&kind=follow_up",
    ],
}
"""Where an answer depends on whether a word stands in a record that it does not show."""


@pytest.mark.parametrize(("method", "place"), [(method, one) for method, places in UNSHOWN.items() for one in places])
def test_s03_what_is_counted_for_words_is_read(app: Flask, person: People, method: str, place: str) -> None:
    _party, planted = _planted("coordinator")
    eyes, before = reader(app, person("coordinator").email), set(_entries())
    for word, expected in (("Nirgends-8Q", set()), (REPLY, {("activity", str(planted[REPLY][1]))})):
        answer = eyes.browser.open(place.format(word), method=method)
        new = [one for key, one in _entries().items() if key not in before]
        read = {(one.subject_kind, one.subject_id) for one in new if one.event == Event.RECORD_OPENED}
        assert (answer.status_code, read) == (200, expected)


def test_s03_a_change_of_all_that_fit_says_nothing_of_the_records_of_others(app: Flask, person: People) -> None:
    _party, planted = _planted("coordinator")
    eyes = reader(app, person("coordinator").email)
    answers = []
    for word in ("Nirgends-8Q", REPLY):
        sent = {"query": f"q={word}", "note": ""}
        answer = eyes.browser.post("/api/v1/activities/change/close", json=sent, headers={"X-CSRFToken": eyes.token})
        answers.append((answer.status_code, answer.get_data()))
        page = eyes.browser.get(f"/activities/change/close?all=1&list=q%3D{word}").get_data(as_text=True)
        assert str(planted[REPLY][1]) not in page
    assert answers[0] == answers[1] and answers[0][0] == 422


def test_s03_a_word_that_is_left_out_tells_nothing(app: Flask, person: People) -> None:
    """A record that is found whatever is left out cannot tell by its absence; one's own is left out as asked."""
    _party, planted = _planted("coordinator")
    me = person("coordinator")
    own = bundle(me.viewer.party_id, me.viewer.user_id, Handling.COORDINATION).keys["activity_id"]
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        session.get_one(Activity, own).reply = REPLY
    db.session.remove()
    eyes, common = reader(app, me.email), "demarche"
    for word, mine in (("Nirgends-8Q", True), (REPLY, False)):
        text = eyes.browser.get(f'/api/v1/search?q={common} -"{word}"&kind=activity').get_data(as_text=True)
        assert str(planted[REPLY][1]) in text and (str(own) in text) is mine


def test_s03_of_more_than_are_written_down_no_number_is_told(
    app: Flask, person: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_SOUGHT", 2)
    owner = keeper()
    made = [bundle(owner.party_id, owner.user_id, Handling.COORDINATION).keys["activity_id"] for _ in range(4)]
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        for number, key in enumerate(made):
            visit = session.get_one(Activity, key)
            visit.reply, visit.held_on = REPLY, date(2026, 3, 1) + timedelta(days=number)
    db.session.remove()
    eyes = reader(app, person("coordinator").email)
    told = []
    for day in range(1, 5):
        page = eyes.browser.get(f"/activities?q={REPLY}&since=2026-03-0{day}").get_data(as_text=True)
        told.append("at least 2 activities" if "at least 2 activities" in page else "1 activity" in page)
    assert told == ["at least 2 activities"] * 3 + [True]
