"""Opening follow-ups and working the worker's jobs by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import Party, Role, User
from crm.accounts.service import open_account
from crm.accounts.viewers import viewer_of
from crm.core import access, clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.followups import service
from crm.followups.models import FollowUp, Reminder
from crm.followups.reminding import planning
from crm.mail.models import OutboxMail


def opened(viewer: Viewer, **changes: Any) -> UUID:
    """A follow-up of that person, due tomorrow unless said otherwise, committed."""
    given: dict[str, Any] = {
        "what": "Send the model law",
        "state_iso3": "LAO",
        "due_on": clock.today() + timedelta(days=1),
    }
    with looking_as(viewer), unit_of_work():
        return service.open_follow_up(actor=viewer, **{**given, **changes}).id


def due_in_an_hour(officer: Viewer, **changes: Any) -> UUID:
    """A follow-up of that person, due today at eleven, an hour from now."""
    return opened(officer, due_on=clock.today(), due_time=time(11), **changes)


def as_system(work: Callable[[], None]) -> None:
    """One change that no verb makes, committed."""
    with looking_as(SYSTEM), unit_of_work():
        work()


def change(viewer: Viewer, verb: Any, followup_id: UUID, **given: Any) -> Any:
    """One verb on one follow-up, as that person, committed."""
    with looking_as(viewer), unit_of_work():
        return verb(actor=viewer, followup_id=followup_id, **given)


def plan() -> int:
    """Write the reminders that are due, as the worker does."""
    with looking_as(SYSTEM), unit_of_work():
        done = planning.plan_due()
        planning.gather()
        return done


def read(followup_id: UUID) -> FollowUp:
    """A follow-up as it stands in the database."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.get_one(FollowUp, followup_id)


def mails_of(followup_id: UUID) -> list[OutboxMail]:
    """The mails of its reminders, first planned first."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return list(
            db.session.scalars(
                select(OutboxMail)
                .join(Reminder, Reminder.mail_id == OutboxMail.id)
                .where(Reminder.followup_id == followup_id)
                .order_by(Reminder.planned_at, OutboxMail.id)
            )
        )


def forget_viewer() -> None:
    """Look as the system again after a page was fetched."""
    access.look_as(SYSTEM)


def close_account(viewer: Viewer, *, closed: bool = True) -> None:
    """Close the account of somebody, as when they left the service, or open it again."""
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, viewer.user_id).active = not closed


def colleague_of(viewer: Viewer, name: str) -> Viewer:
    """Another mission officer of the same party."""
    with looking_as(SYSTEM), unit_of_work() as session:
        party = session.get_one(Party, viewer.party_id)
        email = f"{name.split()[0].lower()}@example.org"
        return viewer_of(
            open_account(
                actor=SYSTEM, email=email, name=name, party=party, roles=[Role.MISSION_OFFICER],
                password="a password for tests alone", mission_id=viewer.mission_id,
            )
        )  # fmt: skip
