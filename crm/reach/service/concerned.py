"""Who is told when records about a State come to be read by others, or by fewer: the parties that keep them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import ColumnElement, or_, select

from crm.accounts.holders import holders_of
from crm.accounts.models import Role, User
from crm.accounts.policy import OFFICES, roles_that_may
from crm.core.access import SYSTEM, looking_as
from crm.core.db import db

Owners = Callable[[str], set[UUID]]
"""Given a State: the parties that keep records about it."""

Writers = Callable[[str], set[UUID]]
"""Given a State: the people who wrote records about it or have something to do there."""

READERS = frozenset(roles_that_may("own:read")) - {Role.OBSERVER}
"""Roles that read what their party keeps, without those who only look on."""


def connect(app: Flask, owners: Sequence[Owners], writers: Sequence[Writers]) -> None:
    """Set the tables: who knows which parties and people keep records about a State (the wiring floor owns them)."""
    app.extensions["record_owners"], app.extensions["record_writers"] = tuple(owners), tuple(writers)


def parties(state_iso3: str) -> set[UUID]:
    """The parties that keep records about a State. Looks as the system: what they keep may be for them alone."""
    ask: tuple[Owners, ...] = current_app.extensions["record_owners"]
    with looking_as(SYSTEM):
        return set().union(*(one(state_iso3) for one in ask))


def people_of(state_iso3: str, parties: set[UUID]) -> list[Any]:
    """Who answers for these parties where a State is concerned: those who wrote about it as well. See `answering`.

    Looks as the system: what they wrote may be for their own party alone.
    """
    ask: tuple[Writers, ...] = current_app.extensions["record_writers"]
    with looking_as(SYSTEM):
        writers = set().union(*(one(state_iso3) for one in ask))
    return answering(parties, writers)


def answering(parties: set[UUID], writers: Collection[UUID] = ()) -> list[Any]:
    """Who answers for these parties: those who coordinate or administer them, and these who wrote there.

    Rows of `id`, `email`, `time_zone`, `sample` and `party_id`. A party where nobody of these is left is told through
    everybody who reads its records. Observers never are. Looks as the system, since they are of any party.
    """
    with looking_as(SYSTEM):
        found = db.session.execute(
            select(User.id, User.email, User.time_zone, User.sample, User.party_id, _answers(writers).label("answers"))
            .where(User.active, User.party_id.in_(parties), User.id.in_(holders_of(READERS)))
            .order_by(User.id)
        ).all()
    answered_for = {one.party_id for one in found if one.answers}
    return [one for one in found if one.answers or one.party_id not in answered_for]


def _answers(writers: Collection[UUID]) -> ColumnElement[bool]:
    return or_(User.administers_party, User.id.in_(writers), User.id.in_(holders_of(OFFICES)))
