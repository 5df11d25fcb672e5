"""The verbs: what they change, what they refuse, what they write down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from crm.audit.models import AuditEntry
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db
from crm.core.errors import NotAllowed, NotFound, RuleViolation, Stale
from crm.followups import queries, service
from crm.followups.models import FollowUp, FollowUpChange
from tests.followups.opening import change, opened, read
from tests.support.people import Person

People = Callable[[str], Person]
TOMORROW = date(2026, 11, 24)


def _noted(followup_id: UUID) -> list[str]:
    with looking_as(SYSTEM):
        wanted = select(AuditEntry.event).where(AuditEntry.subject_id == str(followup_id)).order_by(AuditEntry.at)
        return list(db.session.scalars(wanted))


def _changes(followup_id: UUID) -> list[tuple[str, str, str]]:
    with looking_as(SYSTEM):
        wanted = select(FollowUpChange).where(FollowUpChange.followup_id == followup_id).order_by(FollowUpChange.at)
        return [(one.kind, one.by, one.note) for one in db.session.scalars(wanted)]


def test_open(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    follow_up = read(opened(officer))
    assert (follow_up.status, follow_up.version, follow_up.owner_id) == ("open", 1, officer.user_id)
    assert (follow_up.due_on, follow_up.due_at_local, follow_up.zone) == (TOMORROW, time(9), "UTC")
    assert follow_up.remind_at
    assert follow_up.remind_at <= follow_up.planned_since
    assert _noted(follow_up.id) == ["followup_opened"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"due_on": date(2026, 11, 22)}, "due_on"),
        ({"due_on": date(2099, 1, 1)}, "due_on"),
        ({"state_iso3": "XXX"}, "state_iso3"),
        ({"owner_id": uuid4()}, "owner_id"),
    ],
)
def test_what_cannot_be_opened(app: Flask, person: People, given: dict[str, object], field: str) -> None:
    with pytest.raises(RuleViolation) as refused:
        opened(person("officer").viewer, **given)
    assert list(refused.value.errors) == [field]
    with looking_as(SYSTEM):
        assert db.session.scalars(select(FollowUp)).all() == []


def test_who_may_open_none(app: Flask, person: People) -> None:
    for who in ("observer", "administrator"):
        with pytest.raises(NotAllowed):
            opened(person(who).viewer)


def test_an_observer_cannot_be_charged(app: Flask, person: People) -> None:
    with pytest.raises(RuleViolation) as refused:
        opened(person("officer").viewer, owner_id=person("observer").viewer.user_id, handling=Handling.STATES)
    assert list(refused.value.errors) == ["owner_id"]


def test_done_with_a_next_step(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    followup_id = opened(officer, handling=Handling.ORIGINATOR)
    given = {
        "done_note": "They took it.",
        "next_what": "Ask again",
        "next_due_on": TOMORROW + timedelta(days=7),
    }
    step = change(officer, service.finish, followup_id, **given)
    step_id = step.id
    done = read(followup_id)
    assert (done.status, done.done_note, done.remind_at, done.version) == ("done", "They took it.", None, 2)
    follow_up = read(step_id)
    assert (follow_up.what, follow_up.previous_id, follow_up.handling) == (
        "Ask again",
        followup_id,
        "originator",
    )
    assert (follow_up.owner_id, follow_up.state_iso3) == (officer.user_id, "LAO")
    assert _noted(followup_id) == ["followup_opened", "followup_done"]
    assert _changes(followup_id) == [("done", "Officer", "They took it.")]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"next_what": "Ask again"}, "next_due_on"),
        ({"next_due_on": TOMORROW}, "next_what"),
        ({"next_what": "Ask again", "next_due_on": date(2026, 11, 1)}, "next_due_on"),
        ({"next_what": "Ask again", "next_due_on": TOMORROW, "next_owner_id": uuid4()}, "next_owner_id"),
    ],
)
def test_half_a_next_step_changes_nothing(app: Flask, person: People, given: dict[str, object], field: str) -> None:
    officer = person("officer").viewer
    followup_id = opened(officer)
    with pytest.raises(RuleViolation) as refused:
        change(officer, service.finish, followup_id, **given)
    assert list(refused.value.errors) == [field]
    assert read(followup_id).status == "open"


def test_twice_is_once(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    for verb, other in ((service.finish, service.cancel), (service.cancel, service.finish)):
        followup_id = opened(officer)
        change(officer, verb, followup_id, version=1)
        change(officer, verb, followup_id, version=1)
        assert read(followup_id).version == 2
        with pytest.raises(RuleViolation):
            change(officer, other, followup_id)
        change(officer, service.reopen, followup_id)
        change(officer, service.reopen, followup_id)
        assert read(followup_id).version == 3
        assert read(followup_id).status == "open"
        assert read(followup_id).remind_at


def test_what_the_second_one_says_is_not_swallowed(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    followup_id = opened(officer)
    change(officer, service.finish, followup_id, version=1, done_note="They will answer.")
    change(officer, service.finish, followup_id, version=1, done_note="They will answer.")
    with pytest.raises(Stale):
        change(officer, service.finish, followup_id, version=1, done_note="They refused.")
    with pytest.raises(RuleViolation, match="closed already"):
        change(officer, service.finish, followup_id, done_note="They refused.")
    assert read(followup_id).done_note == "They will answer."


def test_another_reason_for_what_is_cancelled_is_not_swallowed(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    followup_id = opened(officer)
    for _ in range(2):
        change(officer, service.cancel, followup_id, version=1, note="Overtaken by their accession.")
    change(officer, service.cancel, followup_id, version=1)
    with pytest.raises(Stale):
        change(officer, service.cancel, followup_id, version=1, note="They refused.")
    with pytest.raises(RuleViolation, match="closed already"):
        change(officer, service.cancel, followup_id, note="They refused.")
    assert _changes(followup_id) == [("cancelled", "Officer", "Overtaken by their accession.")]


def test_move(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    followup_id = opened(officer)
    change(
        officer,
        service.move,
        followup_id,
        due_on=TOMORROW + timedelta(days=3),
        note="Elections",
        due_time=time(15),
    )
    follow_up = read(followup_id)
    assert follow_up.due_at.isoformat() == "2026-11-27T15:00:00+00:00"
    assert follow_up.remind_at
    assert follow_up.remind_at <= follow_up.planned_since
    assert _changes(followup_id) == [("moved", "Officer", "Elections")]
    assert _noted(followup_id) == ["followup_opened", "followup_moved"]
    for day in (TOMORROW - timedelta(days=5), TOMORROW + timedelta(days=3)):
        with pytest.raises(RuleViolation):
            change(officer, service.move, followup_id, due_on=day, note="?")
    change(officer, service.finish, followup_id)
    with pytest.raises(RuleViolation):
        change(officer, service.move, followup_id, due_on=TOMORROW, note="?")


def test_reassign(app: Flask, person: People) -> None:
    officer, coordinator = person("officer").viewer, person("coordinator").viewer
    followup_id = opened(officer)
    change(officer, service.reassign, followup_id, owner_id=coordinator.user_id, note="You know them.")
    assert read(followup_id).owner_id == coordinator.user_id
    assert _changes(followup_id) == [("reassigned", "Officer", "You know them.")]
    with pytest.raises(RuleViolation):
        change(officer, service.reassign, followup_id, owner_id=coordinator.user_id)
    change(coordinator, service.finish, followup_id)
    assert read(followup_id).status == "done"


def test_a_stale_edit_is_refused(app: Flask, person: People) -> None:
    officer = person("officer").viewer
    followup_id = opened(officer)
    change(officer, service.move, followup_id, due_on=TOMORROW + timedelta(days=3), note="First", version=1)
    verbs: tuple[tuple[Any, dict[str, Any]], ...] = (
        (service.move, {"due_on": TOMORROW, "note": "Second"}),
        (service.finish, {}),
        (service.cancel, {}),
        (service.reassign, {"owner_id": uuid4()}),
    )
    for verb, given in verbs:
        with pytest.raises(Stale):
            change(officer, verb, followup_id, version=1, **given)
    assert read(followup_id).version == 2


def test_another_party_reads_and_does_not_write(app: Flask, person: People) -> None:
    """The presidency is cleared for coordination; another mission is not, and sees nothing at all."""
    officer, presidency, other = (person(who).viewer for who in ("officer", "presidency", "other_officer"))
    followup_id = opened(officer)
    with looking_as(presidency):
        assert queries.get_follow_up(followup_id).what == "Send the model law"
    with pytest.raises(NotAllowed):
        change(presidency, service.finish, followup_id)
    with pytest.raises(NotFound):
        change(other, service.finish, followup_id)
    with looking_as(other), pytest.raises(NotFound):
        queries.get_follow_up(followup_id)
    assert read(followup_id).status == "open"


def test_parts_are_hidden_with_their_follow_up(app: Flask, person: People) -> None:
    officer, other = person("officer").viewer, person("other_officer").viewer
    followup_id = opened(officer)
    change(officer, service.finish, followup_id, done_note="Canary")
    db.session.remove()
    with looking_as(officer):
        assert len(db.session.scalars(select(FollowUpChange)).all()) == 1
    db.session.remove()
    with looking_as(other):
        assert db.session.scalars(select(FollowUpChange)).all() == []
    db.session.remove()
