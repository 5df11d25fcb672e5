"""Whoever keeps something that an emergency opens is told, whatever kind of record it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from crm.accounts.models import EmergencyNotice
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import Base, db, unit_of_work
from crm.mail.models import OutboxMail
from crm.people.met.models import Interlocutor, Post, StanceClaim
from crm.people.met.rules import Stance
from crm.reach.service import emergency
from crm.wiring import RECORD_OWNERS
from tests.support.met import filled, known, sees, stated
from tests.support.people import Person
from tests.support.statements import recorded

People = Callable[[str], Person]

OF_ONES_OWN_PARTY = {"handling_request", "instruction"}
"""Their rules ask first whether one's own party is part of it; of other records they only follow what is opened."""


def _open(actor: Viewer) -> UUID:
    with looking_as(actor), unit_of_work():
        return emergency.begin(actor=actor, state_iso3="LAO", reason="The vote is today.", hours=1).id


def _told() -> tuple[set[UUID], list[str]]:
    """The parties with a notice, and to whom mails went."""
    with looking_as(SYSTEM):
        db.session.rollback()
        parties = set(db.session.scalars(select(EmergencyNotice.party_id)))
        return parties, list(db.session.scalars(select(OutboxMail.recipient)))


def _person(keeper: Viewer) -> tuple[Any, UUID]:
    return Interlocutor, known(keeper, handling=Handling.ORIGINATOR)


def _post(keeper: Viewer) -> tuple[Any, UUID]:
    return Post, filled(keeper, known(keeper, handling=Handling.ORIGINATOR)).post_id


def _stance(keeper: Viewer) -> tuple[Any, UUID]:
    whose = known(keeper, handling=Handling.ORIGINATOR)
    return StanceClaim, stated(keeper, whose, Stance.BLOCKER, handling=Handling.ORIGINATOR)


@pytest.mark.parametrize("kept", [_person, _post, _stance])
def test_who_keeps_people_alone_is_told(app: Flask, person: People, kept: Callable[[Viewer], tuple[Any, UUID]]) -> None:
    keeper, coordinator = person("other_officer"), person("coordinator").viewer
    model, key = kept(keeper.viewer)
    assert not sees(coordinator, model, key)
    _open(coordinator)
    with looking_as(SYSTEM):
        opened = replace(coordinator, opened=frozenset({"LAO"}))
    assert sees(opened, model, key)
    parties, mails = _told()
    assert parties == {keeper.viewer.party_id} and mails == [keeper.email]


def _opened_models(viewer: Viewer) -> set[str]:
    """The tables of records with a party of their own that an emergency opens, by what their rules say."""

    def rule(model: Any, who: Viewer) -> str:
        return str(model.visible_to(who).compile(compile_kwargs={"literal_binds": True}))

    models = [one.class_ for one in Base.registry.mappers if hasattr(one.class_, "originator_id")]
    wider = replace(viewer, opened=frozenset({"LAO"}))
    return {one.__tablename__ for one in models if rule(one, viewer) != rule(one, wider)}


def test_whatever_an_emergency_opens_has_an_owner_who_is_asked_for(app: Flask, person: People) -> None:
    """A kind of record that comes later must not be opened in silence."""
    viewer = person("coordinator").viewer
    with looking_as(SYSTEM), recorded() as statements:
        for owners in RECORD_OWNERS:
            owners("LAO")
    found = _opened_models(viewer) - OF_ONES_OWN_PARTY
    assert {"activity", "follow_up", "interlocutor", "post", "stance_claim"} <= found
    assert not {one for one in found if not any(f"FROM {one}" in said.sql for said in statements)}
