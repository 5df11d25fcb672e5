"""Recording people met for a test, as somebody, and reading them as somebody else."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.activities.models import ActivityPerson
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.people.met import merging, posting, queries, service
from crm.people.met.models import PostTerm
from crm.people.met.person import Whole, whole
from crm.people.met.rules import Stance
from crm.people.rules import Level

KARMA = {"title": "Director, Multilateral Affairs", "ministry": "Foreign Ministry", "level": Level.DIRECTOR}


def known(actor: Viewer, name: str = "Karma Dorji", state: str = "LAO", **more: Any) -> UUID:
    """Somebody recorded by this person, committed."""
    with looking_as(actor), unit_of_work():
        return service.record_person(actor=actor, state_iso3=state, name=name, **{**KARMA, **more}).id


def stated(actor: Viewer, person_id: UUID, stance: Stance, on: date = date(2026, 11, 1), **more: Any) -> UUID:
    with looking_as(actor), unit_of_work():
        return service.state_stance(actor=actor, person_id=person_id, stance=stance, claimed_on=on, **more).id


def filled(actor: Viewer, person_id: UUID, title: str = "Director, Treaties", **more: Any) -> PostTerm:
    with looking_as(actor), unit_of_work():
        given = {"post_title": title, "from_on": date(2024, 1, 1), **more}
        return posting.fill_post(actor=actor, person_id=person_id, **given)


def merged(actor: Viewer, kept: UUID, gone: UUID) -> None:
    with looking_as(actor), unit_of_work():
        merging.merge(actor=actor, person_id=kept, other_id=gone)


def undone(actor: Viewer, gone: UUID) -> None:
    with looking_as(actor), unit_of_work():
        merging.undo(actor=actor, person_id=gone)


def sees(viewer: Viewer, model: Any, key: UUID) -> bool:
    with looking_as(viewer):
        db.session.rollback()
        return db.session.scalar(select(model.id).where(model.id == key)) is not None


def of(viewer: Viewer, person_id: UUID) -> Whole:
    with looking_as(viewer):
        db.session.rollback()
        return whole(queries.get_person(person_id))


def person_of(activity_id: UUID) -> ActivityPerson:
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(ActivityPerson).where(ActivityPerson.activity_id == activity_id)).one()
