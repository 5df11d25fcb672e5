"""Plans of a test: keeping one, beginning with States, working the worker's job, reading where they stand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.followups.models import FollowUp
from crm.followups.plans import advancing, service
from crm.followups.plans.models import PlanRun, PlanRunStep
from tests.support.records import logged

STEPS = (
    {"what": "Send the letter", "kind": "cosigned_letter", "after": 0, "unit": "days", "who": "runner"},
    {"what": "Make a démarche", "kind": "demarche", "after": 2, "unit": "weeks", "who": "mission"},
    {"what": "Call at director level", "level": "director", "after": 6, "unit": "weeks", "who": "runner"},
)


def kept(actor: Viewer, *, steps: Any = STEPS, name: str = "Letter, démarche, call", **given: Any) -> UUID:
    """A plan of this person's party, committed."""
    with looking_as(actor), unit_of_work():
        return service.keep(
            actor=actor, name=name, steps=[{"kind": "", "level": "", **one} for one in steps], **given
        ).id


def begun(actor: Viewer, plan_id: UUID, *states: str) -> UUID:
    """A beginning with these States, committed."""
    with looking_as(actor), unit_of_work():
        return service.start(actor=actor, plan_id=plan_id, states=states or ("KHM",)).id


def did(actor: Viewer, verb: Any, run_id: UUID, **given: Any) -> Any:
    """One verb on one State in a plan, as that person, committed."""
    with looking_as(actor), unit_of_work():
        return verb(actor=actor, run_id=run_id, **given)


def advance() -> None:
    """What the worker does."""
    with looking_as(SYSTEM), unit_of_work():
        advancing.advance_all()


def run(iso3: str = "KHM") -> PlanRun:
    """Where the one plan of a test stands in a State."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(PlanRun).where(PlanRun.state_iso3 == iso3).order_by(PlanRun.began_on)).one()


def task(iso3: str = "KHM", number: int | None = None) -> FollowUp:
    """The follow-up of its present step, or of another."""
    found = run(iso3)
    with looking_as(SYSTEM):
        wanted = select(FollowUp).join(PlanRunStep, PlanRunStep.followup_id == FollowUp.id)
        wanted = wanted.where(PlanRunStep.run_id == found.id, PlanRunStep.number == (number or found.step))
        return db.session.scalars(wanted).one()


def replied(actor: Viewer, iso3: str = "KHM", **changes: Any) -> UUID:
    """A démarche of today with its reply, of this person's party, committed."""
    return logged(actor, iso3, held_on=clock.today(), **changes)


def in_days(days: int) -> date:
    """So many days from today."""
    return clock.today() + timedelta(days=days)
