"""Activities go for good, as long as nobody has gone on with one of them: the one way, for every undo."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import Select, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from crm.activities.events import ActivitiesWithdrawn
from crm.activities.models import Activity
from crm.activities.queries import claims_behind_all
from crm.activities.writing import audit
from crm.audit.service import Event
from crm.core import events
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, held, savepoint
from crm.core.errors import RuleViolation
from crm.positions.service import withdraw_claims

Keys = Collection[UUID] | Select[UUID | None]
"""Keys of activities, or a question for them."""

UNSEEN = "Something else stands on one of these records, or you do not see all that would go with them, so they stay."
"""All that is told of what whoever asks does not see."""


@dataclass(frozen=True)
class Hanging:
    """What may come to hang on activities: the column that points at them, and what is said where something does.

    `asks`: a question for the activities among these keys on which something hangs that would be lost; without it,
    whatever points at them is that. `goes_along`: it goes with them, and keeps them only where it is not seen.
    """

    column: Any
    sentence: str
    asks: Callable[[Keys], Select[UUID | None]] | None = None
    goes_along: bool = False

    def on(self, keys: Keys) -> Select[UUID | None]:
        """Asks for the activities among these on which something hangs, as far as the viewer may see it."""
        return self.asks(keys) if self.asks else select(self.column).where(self.column.in_(keys))


def connect(app: Flask, hangs: Iterable[Hanging]) -> None:
    """Set the table (the wiring floor owns it) of what may come to hang on an activity."""
    app.extensions["hangs_on_activities"] = tuple(hangs)


def what_hangs() -> tuple[Hanging, ...]:
    """Everything that may come to hang on an activity, or goes with it."""
    found: tuple[Hanging, ...] = current_app.extensions["hangs_on_activities"]
    return found


def hung_on(actor: Viewer, keys: Keys) -> str:
    """Why these activities stay, in a sentence, "" where nothing hangs on them. Looks as the system: others may have
    gone on with them. What the actor does not see of that is not told.
    """
    said = ""
    for one in what_hangs():
        with looking_as(SYSTEM):
            there = _number(one, keys)
        with looking_as(actor):
            seen = _number(one, keys) if there else 0
        if seen and not one.goes_along:
            return one.sentence
        if seen < there:
            said = UNSEEN
    return said


def _number(one: Hanging, keys: Keys) -> int:
    return len(db.session.scalars(one.on(keys)).all())


def take_back(actor: Viewer, keys: Sequence[UUID]) -> None:
    """Let activities go for good, each with its entry in the audit, with the follow-ups that they opened and the
    obstacles that were claimed in them. That the actor may do so and sees them all has been judged.

    Raises RuleViolation where something hangs on one, and then nothing goes. Looks as the system: what came out of
    them may be charged to others.
    """
    with looking_as(SYSTEM):
        wanted = held(select(Activity).where(Activity.id.in_(keys)).options(selectinload(Activity.states)))
        going = db.session.scalars(wanted.order_by(Activity.id)).all()
    if said := hung_on(actor, keys):
        raise RuleViolation("", said)
    try:
        with savepoint():
            _remove(actor, going)
    except IntegrityError:
        raise RuleViolation("", UNSEEN) from None


def _remove(actor: Viewer, going: Sequence[Activity]) -> None:
    keys = tuple(one.id for one in going)
    with looking_as(SYSTEM):
        claims = claims_behind_all(keys)
        for one in going:
            audit(Event.ACTIVITY_WITHDRAWN, actor, one)
        db.session.flush()
    with looking_as(actor):
        events.emit(ActivitiesWithdrawn(keys))
    with looking_as(SYSTEM):
        withdraw_claims(claims)
        gone = delete(Activity).where(Activity.id.in_(keys))
        db.session.execute(gone.execution_options(synchronize_session=False))
        db.session.expire_all()
