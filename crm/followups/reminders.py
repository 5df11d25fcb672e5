"""From a due follow-up to a mail in the outbox, and the question asked before that mail goes out."""

from __future__ import annotations

from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.accounts.viewers import viewer_of
from crm.core import clock
from crm.core.access import looking_as
from crm.core.db import db, held, savepoint
from crm.core.display import day
from crm.followups.models import FollowUp, Reminder
from crm.followups.rules import Status
from crm.mail import service as mail
from crm.states.queries import register

log = structlog.get_logger()

PURPOSE = "follow_up"
BATCH = 200
SUBJECT = "Demarche: a follow-up is due"
COPIES = 1
"""How many further copies an unknown outcome may cause: a reminder twice is better than a reminder never."""


NOBODY_THERE = "Nobody was reminded: the account of the owner is closed."


def plan_due(limit: int = BATCH) -> int:
    """Write the reminders of follow-ups that have fallen due; returns how many were looked at.

    Part of a unit of work. Two planners at once are harmless: rows are claimed, and the unique key of a
    reminder is the last word. A row that cannot be planned is set aside with the reason, alone.
    """
    wanted = select(FollowUp).where(FollowUp.remind_at <= clock.now()).order_by(FollowUp.remind_at, FollowUp.id)
    due = db.session.scalars(held(wanted.limit(limit), skip_locked=True)).all()
    for follow_up in due:
        followup_id = follow_up.id
        try:
            with savepoint():
                _remind(follow_up)
        except OperationalError:
            raise
        except Exception as error:
            log.error("reminder_not_planned", follow_up=str(followup_id), error=type(error).__name__)
            follow_up.remind_problem = f"The reminder could not be written ({type(error).__name__})."
        follow_up.remind_at = None
    return len(due)


def _remind(follow_up: FollowUp) -> None:
    owner = db.session.get_one(User, follow_up.owner_id)
    if not owner.active:
        follow_up.remind_problem = NOBODY_THERE
        return
    stamp = follow_up.due_at.strftime("%Y%m%dT%H%M%SZ")
    text, html = _words(follow_up)
    mail_id = mail.post(
        key=f"follow_up:{follow_up.id}:{stamp}:{owner.id}",
        to=owner.email,
        subject=f"{SUBJECT} ({day(follow_up.due_on)})",
        text=text,
        html=html,
        not_before=follow_up.due_at,
        purpose=PURPOSE,
        repeats=COPIES,
        sample=follow_up.sample,
    )
    known = select(Reminder.id).where(
        Reminder.followup_id == follow_up.id,
        Reminder.occurrence == follow_up.due_at,
        Reminder.recipient_id == owner.id,
    )
    if db.session.scalar(known) is None:
        db.session.add(
            Reminder(
                followup_id=follow_up.id,
                occurrence=follow_up.due_at,
                recipient_id=owner.id,
                mail_id=mail_id,
                sample=follow_up.sample,
            )
        )


def _words(follow_up: FollowUp) -> tuple[str, str]:
    """Text and HTML of a reminder: as little as the setting REMINDER_DETAIL allows.

    Rendered without the context of a page: nobody is signed in here.
    """
    settings = current_app.extensions["settings"]
    facts: dict[str, str] = {
        "due": f"{day(follow_up.due_on)}, {follow_up.due_at_local:%H:%M} ({follow_up.zone})",
        "href": f"{settings.public_url}/followups/{follow_up.id}",
    }
    if settings.reminder_detail == "full":
        facts["state"] = register().name(follow_up.state_iso3, follow_up.due_on)
        facts["what"] = follow_up.what
    pages = current_app.jinja_env
    return (
        pages.get_template("email/follow_up_due.txt").render(facts),
        pages.get_template("email/follow_up_due.html").render(facts),
    )


def objection(mail_id: UUID) -> str | None:
    """Why a reminder must not go out any more, or None. Asked at the claim, looking as the system."""
    reminder = db.session.scalar(select(Reminder).where(Reminder.mail_id == mail_id))
    if reminder is None:
        return "The follow-up does not exist any more."
    follow_up = db.session.get_one(FollowUp, reminder.followup_id)
    if follow_up.status != Status.OPEN:
        return f"The follow-up was {follow_up.status} before this went out."
    if follow_up.due_at != reminder.occurrence:
        return "The follow-up was moved before this went out."
    if follow_up.owner_id != reminder.recipient_id:
        return "The follow-up was given to somebody else before this went out."
    return _objection_to(follow_up, reminder.recipient_id)


def _objection_to(follow_up: FollowUp, owner_id: UUID) -> str | None:
    """Rights as they are at this moment, by the same rule that guards the pages."""
    wanted = select(User).where(User.id == owner_id).options(joinedload(User.party), joinedload(User.roles))
    owner = db.session.execute(wanted).unique().scalar_one()
    if not owner.active:
        return "The account of the owner is closed."
    someone = viewer_of(owner)
    with looking_as(someone):
        visible = db.session.scalar(select(FollowUp.id).where(FollowUp.id == follow_up.id)) is not None
    if not visible or not someone.may("followups:read"):
        return "The owner may not see this follow-up any more."
    return None
