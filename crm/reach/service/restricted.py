"""Restricted States: whose records only named people read, and which stay out of batches and exports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import RestrictedState, RestrictedStateReader, User
from crm.audit.service import Event, record
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, locked
from crm.core.errors import NotFound, RuleViolation
from crm.states.models import State
from crm.states.queries import register


def restrict(*, actor: Viewer, state_iso3: str) -> None:
    """From now on only named people read records about this State; the actor is the first. Twice changes nothing.

    Raises NotAllowed without `restricted:write`, RuleViolation for an unknown State.
    """
    actor.require("restricted:write")
    if state_iso3 not in register().states:
        raise RuleViolation("state_iso3", "There is no State with this code.")
    locked(State, state_iso3)
    if locked(RestrictedState, state_iso3):
        return
    db.session.add(RestrictedState(state_iso3=state_iso3, by=actor.name))
    db.session.flush()
    _record(Event.STATE_RESTRICTED, actor, state_iso3)
    if actor.user_id:
        name_reader(actor=actor, state_iso3=state_iso3, user_id=actor.user_id)


def release(*, actor: Viewer, state_iso3: str) -> None:
    """Records about this State follow their handling alone again; who was named is forgotten."""
    restriction = _for_change(actor, state_iso3)
    db.session.delete(restriction)
    db.session.flush()
    _record(Event.STATE_RELEASED, actor, state_iso3)


def name_reader(*, actor: Viewer, state_iso3: str, user_id: UUID) -> None:
    """Somebody may read records about a restricted State, as far as handling and party allow. Twice changes nothing.

    Looks as the system: people of every party may be named.
    """
    _for_change(actor, state_iso3)
    with looking_as(SYSTEM):
        user = db.session.get(User, user_id)
    if user is None or not user.active:
        raise RuleViolation("user_id", "Choose somebody from the list.")
    if _line(state_iso3, user_id) is None:
        db.session.add(RestrictedStateReader(state_iso3=state_iso3, user_id=user_id))
        db.session.flush()
        _record(Event.READER_NAMED, actor, state_iso3, person=user.name)


def strike_reader(*, actor: Viewer, state_iso3: str, user_id: UUID) -> None:
    """Somebody reads records about a restricted State no more, from the next request on.

    Raises RuleViolation for the last one: nobody would be left who could open them. Looks as the system: people of
    every party may be named.
    """
    _for_change(actor, state_iso3)
    line = _line(state_iso3, user_id)
    if line is None:
        raise NotFound("nobody of that name here")
    if len(_lines(state_iso3)) == 1:
        raise RuleViolation("", "This is the last person named. Name somebody else first, or lift the restriction.")
    with looking_as(SYSTEM):
        person = db.session.get_one(User, user_id).name
    db.session.delete(line)
    db.session.flush()
    _record(Event.READER_STRUCK, actor, state_iso3, person=person)


def _for_change(actor: Viewer, state_iso3: str) -> RestrictedState:
    actor.require("restricted:write")
    found = locked(RestrictedState, state_iso3)
    if found is None:
        raise NotFound("not restricted")
    return found


def _line(state_iso3: str, user_id: UUID) -> RestrictedStateReader | None:
    return next((one for one in _lines(state_iso3) if one.user_id == user_id), None)


def _lines(state_iso3: str) -> Sequence[RestrictedStateReader]:
    return db.session.scalars(select(RestrictedStateReader).where(RestrictedStateReader.state_iso3 == state_iso3)).all()


def _record(event: Event, actor: Viewer, state_iso3: str, **facts: Any) -> None:
    record(event, actor=actor, subject=("restricted_state", state_iso3), state=state_iso3, **facts)
