"""Which States a record is about is asked of that record and of what lies behind it, and of no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from crm import concerns
from crm.activities.models import Activity
from crm.core.access import SYSTEM, Handling, looking_as
from crm.core.db import db, unit_of_work
from crm.drafts.models import Draft
from crm.followups.models import FollowUp
from crm.lists.models import SavedView
from crm.people.met.models import Interlocutor, Post, StanceClaim
from crm.pins.models import TimelinePin
from crm.sharing.models import HandlingRequest
from tests.followups.opening import opened
from tests.support.people import Person
from tests.support.records import logged

People = Callable[[str], Person]

EXPECTED = {
    "follow-up": {"LAO", "BTN"},
    "follow-up of nothing": {"FJI"},
    "person": {"LAO", "BTN"},
    "post": {"LAO", "BTN"},
    "stance": {"LAO", "BTN", "TON"},
    "request about a follow-up": {"LAO", "BTN"},
    "request about a person": {"LAO", "BTN"},
    "request about an activity": {"TON"},
    "draft about a post": {"LAO", "BTN"},
    "draft about nothing": set(),
    "view": {"FJI"},
    "view of no State": set(),
    "pin on an activity": {"FJI", "TON"},
    "pin on a follow-up": {"LAO", "BTN"},
}


@pytest.fixture
def kept(app: Flask, person: People) -> dict[str, tuple[concerns.Asks, UUID]]:
    """Records by name, each with how it is asked: of two activities, one in Bhutan and one in Tonga, what came out."""
    who = person("officer").viewer
    there, elsewhere = logged(who, "BTN"), logged(who, "TON")
    due, alone = opened(who), opened(who)
    whose = {"originator_id": who.party_id, "handling": Handling.ORIGINATOR.value}
    met = {"state_iso3": "LAO", "source_id": there, "sought": "a", **whose}
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(FollowUp, due).activity_id = there
        session.get_one(FollowUp, alone).state_iso3 = "FJI"

        def keep(row: Any) -> UUID:
            session.add(row)
            session.flush()
            return row.id  # type: ignore[no-any-return]

        def asked(kind: str, key: UUID) -> UUID:
            return keep(
                HandlingRequest(
                    subject_kind=kind, subject_id=key, originator_id=who.party_id, asking_party_id=who.party_id,
                    wanted="public", reason="x", asked_by="x",
                )
            )  # fmt: skip

        def draft(kind: str, key: UUID | None) -> UUID:
            return keep(Draft(user_id=who.user_id, kind=kind, record_id=key, typed="{}"))

        def view(name: str, iso3: str | None) -> UUID:
            return keep(SavedView(user_id=who.user_id, list_key="activities", name=name, query="", state_iso3=iso3))

        def pin(iso3: str, **record: UUID) -> UUID:
            named = {"user_id": who.user_id, "keeper_id": who.user_id, "record": str(record), "state_iso3": iso3}
            return keep(TimelinePin(**named, **record))

        someone = keep(Interlocutor(name="A", **met))
        keep(Interlocutor(name="B", **{**met, "state_iso3": "FJI", "source_id": elsewhere}))
        post = keep(Post(title_en="A", **met))
        thought = {"person_id": someone, "state_iso3": "LAO", "source_id": elsewhere, **whose}
        stance = keep(StanceClaim(stance="friend", claimed_on=date(2026, 11, 1), **thought))
        return {
            "follow-up": (concerns.about_follow_up, due),
            "follow-up of nothing": (concerns.about_follow_up, alone),
            "person": (concerns.about_person, someone),
            "post": (concerns.about_post, post),
            "stance": (concerns.about_stance, stance),
            "request about a follow-up": (concerns.about_request, asked("follow_up", due)),
            "request about a person": (concerns.about_request, asked("interlocutor", someone)),
            "request about an activity": (concerns.about_request, asked("activity", elsewhere)),
            "draft about a post": (concerns.about_draft, draft("request", post)),
            "draft about nothing": (concerns.about_draft, draft("activity", None)),
            "view": (concerns.about_view, view("a", "FJI")),
            "view of no State": (concerns.about_view, view("b", None)),
            "pin on an activity": (concerns.about_pin, pin("FJI", activity_id=elsewhere)),
            "pin on a follow-up": (concerns.about_pin, pin("LAO", follow_up_id=due)),
        }


def test_each_record_is_about_its_own_states_and_those_behind_it(
    kept: dict[str, tuple[concerns.Asks, UUID]],
) -> None:
    with looking_as(SYSTEM):
        assert len(db.session.scalars(select(Activity.id)).all()) == 2
        found = {name: {iso3 for iso3 in db.session.scalars(ask(key)) if iso3} for name, (ask, key) in kept.items()}
    assert found == EXPECTED
