"""A sample record that a real person changes is real from then on; what the sample's own people do to it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from crm.accounts.models import Role
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.followups import service as followups
from crm.followups.models import FollowUp, FollowUpChange
from crm.meetings import service as meetings
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.meetings.rules import Gender, Person
from crm.people import service as people
from crm.people.models import Office, OfficeHolder
from crm.people.rules import Gender as HolderGender
from tests.sample.loading import remove, somebody
from tests.support.people import Person as Somebody

pytestmark = pytest.mark.sample

NAMED = Person("Sam Example", title_en="Ambassador", title_fr="Ambassadeur", gender=Gender.MALE)
SINCE = date(2010, 8, 1)


@dataclass
class Done:
    """Which record was changed, and a word of it with the value that it must keep."""

    model: type[Any]
    id: UUID
    word: str
    value: object


def _sample(model: type[Any], *conditions: Any) -> Any:
    return db.session.scalars(select(model).where(model.sample, *conditions)).one()


def _minister(iso3: str) -> OfficeHolder:
    found: OfficeHolder = db.session.scalars(
        select(OfficeHolder).join(Office).where(Office.state_iso3 == iso3, OfficeHolder.sample)
    ).one()
    return found


def correct_the_coordinator(actor: Viewer) -> Done:
    term = _sample(Coordinator)
    meetings.correct_coordinator(
        actor=actor, coordinator_id=term.id, version=term.version, state_iso3="JPN", capacity_en="Friend",
        person=NAMED, from_on=SINCE,
    )  # fmt: skip
    return Done(Coordinator, term.id, "person_name", "Sam Example")


def correct_a_minister(actor: Viewer) -> Done:
    holder = _minister("BTN")
    people.correct_holder(
        actor=actor, holder_id=holder.id, version=holder.version, name="Sam Example", gender=HolderGender.MALE,
        from_on=SINCE,
    )  # fmt: skip
    return Done(OfficeHolder, holder.id, "name", "Sam Example")


def verify_a_minister(actor: Viewer) -> Done:
    holder = _minister("KHM")
    people.verify_holder(actor=actor, holder_id=holder.id)
    return Done(OfficeHolder, holder.id, "verified_on", clock.today())


def end_a_term(actor: Viewer) -> Done:
    holder = _minister("TON")
    people.end_term(actor=actor, holder_id=holder.id, until_on=clock.today(), version=holder.version)
    return Done(OfficeHolder, holder.id, "until_on", clock.today())


def correct_the_meeting(actor: Viewer) -> Done:
    meeting = _sample(Meeting, Meeting.key == "14MSP")
    meetings.correct_meeting(
        actor=actor, meeting_id=meeting.id, version=meeting.version, from_on=date(2027, 9, 6),
        until_on=date(2027, 9, 10), place="Geneva",
    )  # fmt: skip
    return Done(Meeting, meeting.id, "place", "Geneva")


def correct_a_presidency(actor: Viewer) -> Done:
    coming = select(Meeting.id).where(Meeting.key == "14MSP").scalar_subquery()
    presidency = _sample(Presidency, Presidency.meeting_id == coming)
    meetings.correct_presidency(
        actor=actor, presidency_id=presidency.id, version=presidency.version, state_iso3="LBN", person=NAMED
    )
    return Done(Presidency, presidency.id, "person_name", "Sam Example")


def finish_a_follow_up(actor: Viewer) -> Done:
    """It was given to the actor before, by its owner in the sample."""
    owner = somebody(Role.COORDINATOR)
    follow_up = _sample(FollowUp, FollowUp.owner_id == owner.user_id, FollowUp.state_iso3 == "KAZ")
    if actor.user_id != owner.user_id:
        assert actor.user_id
        followups.reassign(actor=owner, followup_id=follow_up.id, owner_id=actor.user_id)
    step = followups.finish(
        actor=actor, followup_id=follow_up.id, done_note="They wrote.", next_what="Thank them",
        next_due_on=clock.today() + timedelta(days=7),
    )  # fmt: skip
    assert step
    return Done(FollowUp, step.id, "what", "Thank them")


DEEDS = (
    correct_the_coordinator,
    correct_a_minister,
    verify_a_minister,
    end_a_term,
    correct_the_meeting,
    correct_a_presidency,
    finish_a_follow_up,
)


def _do(deed: Callable[[Viewer], Done], actor: Viewer) -> Done:
    db.session.remove()
    with looking_as(actor), unit_of_work():
        return deed(actor)


def _kept(done: Done) -> object:
    with looking_as(SYSTEM):
        row = db.session.get(done.model, done.id)
        return getattr(row, done.word) if row else None


@pytest.mark.parametrize("deed", DEEDS)
def test_what_a_real_person_changed_stays_with_their_words(
    app: Flask, person: Callable[[str], Somebody], deed: Callable[[Viewer], Done]
) -> None:
    done = _do(deed, person("coordinator").viewer)
    remove()
    assert _kept(done) == done.value


@pytest.mark.parametrize("deed", DEEDS)
def test_what_somebody_of_the_sample_changed_goes(app: Flask, deed: Callable[[Viewer], Done]) -> None:
    done = _do(deed, somebody(Role.COORDINATOR))
    assert _kept(done) == done.value
    assert remove().kept == []
    assert _kept(done) is None


def test_all_of_it_together_stays(app: Flask, person: Callable[[str], Somebody]) -> None:
    actor = person("coordinator").viewer
    all_done = [_do(deed, actor) for deed in DEEDS]
    kept = remove().kept
    assert [_kept(done) for done in all_done] == [done.value for done in all_done]
    assert kept == [
        "1 activity stays, because follow-ups stand on it.",
        "The party “Japan (sample)” stays, because activities and follow-ups stand on it.",
    ]
    with looking_as(SYSTEM):
        finished = db.session.scalars(select(FollowUp).where(FollowUp.status == "done")).one()
        assert finished.done_note == "They wrote."
        kinds = db.session.scalars(select(FollowUpChange.kind).where(FollowUpChange.followup_id == finished.id)).all()
        assert kinds == ["done"]
