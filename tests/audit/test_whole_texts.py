"""Wherever a whole text of another party's sensitive record stands, that it was read is written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from crm.activities.models import Activity
from crm.audit import service
from crm.audit.models import AuditEntry
from crm.core import access
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.followups.models import FollowUp
from crm.letters.models import Letter
from crm.people.met.models import Interlocutor, StanceClaim
from tests.abuse.asking import Reader, address, pairs, reader
from tests.abuse.lists import lists, words_of
from tests.abuse.world import RECORDS, Bundle, bundle, keeper
from tests.letters import samples
from tests.support.people import Person

People = Callable[[str], Person]

TEXTS: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "activity": (Activity, "activity_id", ("reply", "objective")),
    "follow_up": (FollowUp, "followup_id", ("done_note",)),
    "interlocutor": (Interlocutor, "person_id", ("note",)),
    "stance": (StanceClaim, "person_id", ("why",)),
}
"""By kind of record: its model, the name of its key in addresses, and the fields that hold whole texts."""

READ_WITH = {"stance": "interlocutor"}
"""What is told with another record, and is read by reading that."""

EXPORTED = ("list_exported", "brief_exported", "record_exported")


def end_of(kind: str) -> str:
    """What stands at the end of every text of such a record, beyond what any list shows."""
    return f"Endwort-{kind}-7Q"


def lengthen(keys: dict[str, UUID]) -> None:
    """Give the records of a bundle texts that are longer than a line."""
    with looking_as(SYSTEM), unit_of_work() as session:
        for kind, (model, name, fields) in TEXTS.items():
            key = model.person_id if model is StanceClaim else model.id
            for row in session.scalars(select(model).where(key == keys[name])):
                for one in fields:
                    setattr(row, one, f"It begins here. {'Then it goes on. ' * 40}{end_of(kind)}")
        letter = session.get_one(Letter, keys["letter_id"])
        letter.texts = {"en": {**samples.letter("en").as_json(), "subject": end_of("letter")}}


def finished(keys: dict[str, UUID]) -> None:
    """Let the follow-up be done, so that its note is to be read."""
    with looking_as(SYSTEM), unit_of_work() as session:
        done = session.get_one(FollowUp, keys["followup_id"])
        done.status, done.done_at = "done", datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def records(app: Flask, person: People, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """Records of another party for coordinators; every reading of one is written down, however soon again."""
    monkeypatch.setattr(service, "ONE_READING", timedelta(0))
    owner = keeper()
    made = bundle(owner.party_id, owner.user_id, Handling.COORDINATION)
    lengthen(made.keys)
    finished(made.keys)
    person("presidency")
    db.session.remove()
    return made


def trail() -> Counter[tuple[str, str]]:
    """How often which record was read, and how often anything of which party was taken along."""
    with looking_as(SYSTEM):
        db.session.rollback()
        rows = db.session.execute(
            select(AuditEntry.event, AuditEntry.subject_kind, AuditEntry.originator_id)
            .where(AuditEntry.event.in_(["record_opened", *EXPORTED]))
        ).all()  # fmt: skip
        db.session.rollback()
    return Counter(("taken", str(party)) if event in EXPORTED else ("read", kind) for event, kind, party in rows)


def silent(eyes: Reader, place: str, keeper_id: str) -> tuple[set[str], set[str]]:
    """The kinds of record of which a whole text stands there, and those among them that nothing was written about."""
    before = trail()
    words = words_of(eyes.ask("GET", place))
    told = {kind for kind in (*TEXTS, "letter") if end_of(kind).encode() in words}
    since = trail() - before
    taken = since["taken", keeper_id] > 0
    return told, {kind for kind in told if not taken and not since["read", READ_WITH.get(kind, kind)]}


def test_no_page_shows_a_whole_text_without_a_trace(app: Flask, person: People, records: Bundle) -> None:
    eyes, told = reader(app, person("presidency").email), set()
    whose = originator(records)
    places = [(place, endpoint) for place, endpoint in lists(app)]
    places += [
        (address(app, rule, records.keys), rule.endpoint)
        for rule, method in pairs(app, RECORDS)
        if method == "GET"
    ]  # fmt: skip
    without: list[tuple[str, set[str]]] = []
    for place, endpoint in places:
        found, untold = silent(eyes, place, whose)
        told |= {(kind, endpoint) for kind in found}
        without += [(place, untold)] if untold else []
    access.look_as(access.SYSTEM)
    assert not without
    expected = {
        ("activity", "briefs.show"), ("activity", "briefs_api.day_book"),
        ("activity", "activities.show"), ("activity", "list_files.activities_csv"), ("follow_up", "followups.show"),
        ("interlocutor", "met.show"), ("stance", "met.show"), ("letter", "letters.show"),
    }  # fmt: skip
    assert told >= expected, expected - told


def originator(records: Bundle) -> str:
    with looking_as(SYSTEM):
        found = str(db.session.get_one(Activity, records.keys["activity_id"]).originator_id)
    db.session.remove()
    return found
