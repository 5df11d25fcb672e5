"""Verbs of the cadences. Each is part of a unit of work that its caller opens."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from crm.audit.service import Event, note_unseen, record
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, held, in_turn
from crm.core.errors import RuleViolation
from crm.followups.cadence import queries
from crm.followups.cadence.models import Cadence
from crm.followups.cadence.rules import Scope
from crm.states.queries import register


def keep(*, actor: Viewer, scope: Scope, subject: str, days: int) -> UUID:
    """From now on somebody of the actor's party gets in touch after so many days of silence; one that is there for the
    same States is changed. Whoever sets it has the tasks of States to which nobody of the party is accredited.

    Looks as the system for the one that is there: it may be about a State that is closed to the actor.
    Raises NotAllowed, RuleViolation.
    """
    actor.require("followups:take_over")
    if actor.party_id is None:
        raise RuleViolation("", "Only somebody who belongs to a party can keep a cadence.")
    state = subject if scope is Scope.STATE else None
    if state and state not in register().states:
        raise RuleViolation("about", "There is no State with this code.")
    in_turn(f"cadence {actor.party_id}")
    same = Cadence.party_id == actor.party_id, Cadence.scope == scope.value, Cadence.subject == subject
    with looking_as(SYSTEM):
        found = db.session.scalar(held(select(Cadence).where(*same)))
        if found is None:
            found = Cadence(
                party_id=actor.party_id, scope=scope.value, subject=subject, state_iso3=state,
                since=clock.today(), sample=actor.sample,
            )  # fmt: skip
            db.session.add(found)
        found.days, found.keeper_id, found.kept_by, found.set_at = days, actor.user_id, actor.name, clock.now()
        db.session.flush()
        _record(Event.CADENCE_SET, actor, found, days=days)
    note_unseen(actor=actor, states=[state] if state else [])
    return found.id


def end(*, actor: Viewer, cadence_id: UUID) -> None:
    """No longer: the next one that is about these States holds. What it raised stays. Raises NotAllowed, NotFound."""
    actor.require("followups:take_over")
    found = queries.get_cadence(cadence_id)
    _record(Event.CADENCE_ENDED, actor, found, days=found.days)
    db.session.flush()
    db.session.delete(found)
    db.session.flush()


def _record(event: Event, actor: Viewer, cadence: Cadence, *, days: int) -> None:
    about = " ".join(one for one in (cadence.scope, cadence.subject) if one)
    record(event, actor=actor, subject=("cadence", cadence.id), state=cadence.state_iso3, about=about, days=days)
