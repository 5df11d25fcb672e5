"""Mails about instructions: to missions when they are sent one, before and after a deadline, and when they are asked;
to whoever sent it when it is late. They say that something is to be looked at, and nothing of what.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from crm.accounts.holders import holders_of
from crm.accounts.models import Role, User
from crm.accounts.viewers import viewer_of
from crm.activities.models import Activity
from crm.activities.rules import Status
from crm.core import clock
from crm.core.access import SYSTEM, Viewer, looking_as
from crm.core.db import db, held, savepoint
from crm.core.display import day
from crm.followups.rules import MORNING, known_zone, to_utc
from crm.instructions import rules
from crm.instructions.models import Instruction, InstructionNotice, InstructionTask
from crm.instructions.officers import officers_of
from crm.instructions.rules import SUBJECTS, Dates, Told
from crm.mail import service as mail

log = structlog.get_logger()

PURPOSE = "instruction"
BATCH = 50
COPIES = 1
"""How many further copies an unknown outcome may cause."""

AGAIN_IN, MOST_TRIES = timedelta(minutes=15), 8
"""When a reminder that failed is tried anew, and how often before the next deadline has its turn."""


def dates_of(instruction: Instruction) -> Dates:
    """Its deadlines, and when missions are reminded of them here."""
    settings = current_app.extensions["settings"]
    before, after = settings.instruction_remind_before_days, settings.instruction_remind_after_days
    return Dates(instruction.deliver_by, instruction.report_by, before, after)


def plan_next(instruction: Instruction) -> None:
    """When the next reminder is to be planned: on the first day after today that has one."""
    today = rules.day_of_planning(clock.now())
    instruction.remind_tries = 0
    instruction.remind_at = rules.planning_moment(dates_of(instruction).next_after(today))


def version_round(instruction: Instruction) -> str:
    """Of one version somebody is told once."""
    return f"v{instruction.version}"


def tell_missions(
    instruction: Instruction,
    told: Told,
    round_: str,
    *,
    only: Collection[UUID] | None = None,
    on: date | None = None,
) -> int:
    """A mail to everybody who is posted to a mission that is still asked for this; `only`: of these missions alone.

    `on`: at nine in the morning of that day where they are; without it at once. Returns how many are told.
    """
    states = states_by_mission(instruction, told)
    missions = set(states) if only is None else set(states) & set(only)
    officers, sent = officers_of(missions), 0
    for mission_id in sorted(missions, key=str):
        for one in officers.at(mission_id):
            if any(iso3 not in one.closed and one.works_on(iso3) for iso3 in states[mission_id]):
                _post(instruction, told, round_, one, mission_id, on)
                sent += 1
    return sent


def states_by_mission(instruction: Instruction, told: Told) -> dict[UUID, list[str]]:
    """By mission, the States of which it is still to be told this. Looks as the system."""
    found: dict[UUID, list[str]] = {}
    wanted = (
        select(InstructionTask.mission_id, InstructionTask.state_iso3, Activity.status)
        .join(Activity, Activity.id == InstructionTask.activity_id)
        .where(InstructionTask.instruction_id == instruction.id)
    )
    with looking_as(SYSTEM):
        for mission_id, iso3, status in db.session.execute(wanted):
            if rules.still_asked(Status(status), told):
                found.setdefault(mission_id, []).append(iso3)
    return found


def _post(
    instruction: Instruction, told: Told, round_: str, to: Viewer, mission_id: UUID | None, on: date | None
) -> None:
    """One mail and its row, as the system: both are for the software alone."""
    text, html = _words(instruction, told)
    mail_id = mail.post(
        key=f"instruction:{instruction.id}:{told.value}:{round_}:{to.user_id}",
        to=to.email,
        subject=f"Demarche: {SUBJECTS[told]}",
        text=text,
        html=html,
        not_before=_morning(on, to) if on else None,
        purpose=PURPOSE,
        repeats=COPIES,
        sample=instruction.sample,
    )
    with looking_as(SYSTEM):
        known = select(InstructionNotice.id).where(InstructionNotice.mail_id == mail_id)
        if db.session.scalar(known) is None:
            db.session.add(
                InstructionNotice(
                    instruction_id=instruction.id,
                    told=told.value,
                    round=round_,
                    mission_id=mission_id,
                    recipient_id=to.user_id,
                    mail_id=mail_id,
                    sample=instruction.sample,
                )
            )
            db.session.flush()


def _morning(on: date, to: Viewer) -> datetime:
    return max(to_utc(on, MORNING, known_zone(to.time_zone)), clock.now())


def _words(instruction: Instruction, told: Told) -> tuple[str, str]:
    """Text and HTML of a mail: as little as the setting REMINDER_DETAIL allows."""
    settings = current_app.extensions["settings"]
    facts: dict[str, str] = {
        "what": SUBJECTS[told][:1].upper() + SUBJECTS[told][1:],
        "due": day(instruction.report_by if told is Told.REPORT_LATE else instruction.deliver_by),
        "href": f"{settings.public_url}/instructions/{instruction.id}",
    }
    if told is Told.WITHDRAWN:
        facts["due"] = ""
    if settings.reminder_detail == "full":
        facts["name"] = instruction.name
    pages = current_app.jinja_env
    return (
        pages.get_template("email/instruction.txt").render(facts),
        pages.get_template("email/instruction.html").render(facts),
    )


def plan_due(limit: int = BATCH) -> int:
    """Write the reminders of instructions whose day has come; returns how many instructions were looked at.

    Part of a unit of work that looks as the system. Two planners at once are harmless, and so is one that comes days
    late: what is late by then is said once. One that cannot be written is tried again, alone, and says so meanwhile.
    """
    wanted = (
        select(Instruction)
        .where(Instruction.remind_at <= clock.now())
        .order_by(Instruction.remind_at, Instruction.id)
        .limit(limit)
    )
    due = db.session.scalars(held(wanted, skip_locked=True)).all()
    for instruction in due:
        key = instruction.id
        try:
            with savepoint():
                _remind(instruction)
        except OperationalError:
            raise
        except Exception as error:
            log.error("instruction_not_reminded", instruction=str(key), error=type(error).__name__)
            _set_aside(instruction, error)
        else:
            instruction.remind_problem = ""
            plan_next(instruction)
    return len(due)


def _set_aside(instruction: Instruction, error: Exception) -> None:
    """For a while; after the last try until the next deadline."""
    instruction.remind_problem = f"A reminder could not be written ({type(error).__name__})."
    instruction.remind_tries += 1
    instruction.remind_at = clock.now() + AGAIN_IN
    if instruction.remind_tries >= MOST_TRIES:
        plan_next(instruction)


def _remind(instruction: Instruction) -> None:
    today = rules.day_of_planning(clock.now())
    dates = dates_of(instruction)
    told = dates.due_on(today)
    if told is None:
        return
    deadline = instruction.report_by if told is Told.REPORT_LATE else instruction.deliver_by
    sent = tell_missions(instruction, told, deadline.isoformat(), on=today)
    if told in (Told.LATE, Told.REPORT_LATE) and (sent or states_by_mission(instruction, told)):
        _tell_sender(instruction, f"{told.value} {deadline.isoformat()}", today)


def _tell_sender(instruction: Instruction, round_: str, on: date) -> None:
    """Whoever sent it; once their account is closed, the coordinators of its party."""
    sender = _account(instruction.sent_by_id)
    for one in [sender] if sender else _coordinators(instruction.originator_id):
        _post(instruction, Told.LATE_FOR_SENDER, round_, one, None, on)


def _coordinators(party_id: UUID) -> list[Viewer]:
    """Those of a party with an open account. Looks as the system."""
    held_by = User.id.in_(holders_of([Role.COORDINATOR]))
    wanted = select(User).where(User.party_id == party_id, User.active, held_by).order_by(User.name)
    with looking_as(SYSTEM):
        found = db.session.execute(wanted.options(joinedload(User.party), joinedload(User.roles)))
        return [viewer_of(one) for one in found.unique().scalars()]


def _account(user_id: UUID | None) -> Viewer | None:
    """Somebody with an open account, as they may read at this moment. Looks as the system."""
    wanted = select(User).where(User.id == user_id, User.active)
    with looking_as(SYSTEM):
        found = db.session.execute(wanted.options(joinedload(User.party), joinedload(User.roles)))
        user = found.unique().scalar_one_or_none()
        return viewer_of(user) if user else None


def objection(mail_id: UUID) -> str | None:
    """Why such a mail must not go out any more, or None. Asked at the claim, looking as the system."""
    notice = db.session.scalar(select(InstructionNotice).where(InstructionNotice.mail_id == mail_id))
    if notice is None:
        return "The instruction does not exist any more."
    instruction, told = db.session.get_one(Instruction, notice.instruction_id), Told(notice.told)
    if instruction.withdrawn_at and told is not Told.WITHDRAWN:
        return "The instruction was withdrawn before this went out."
    if told in (Told.SENT, Told.AMENDED) and notice.round != version_round(instruction):
        return "The instruction was amended before this went out."
    someone = _account(notice.recipient_id)
    if someone is None:
        return "The account of the recipient is closed."
    return _objection_of(instruction, notice, told, someone)


def _objection_of(instruction: Instruction, notice: InstructionNotice, told: Told, someone: Viewer) -> str | None:
    """Whether something is still to be told, and to them, by the rule that guards the pages."""
    if notice.mission_id and someone.mission_id != notice.mission_id:
        return "The recipient is posted elsewhere by now."
    if told in (Told.SOON, Told.LATE) and notice.round != instruction.deliver_by.isoformat():
        return "The deadline was moved before this went out."
    if told is Told.REPORT_LATE and notice.round != instruction.report_by.isoformat():
        return "The deadline was moved before this went out."
    with looking_as(someone):
        tasks = select(Activity.status).join(InstructionTask, InstructionTask.activity_id == Activity.id)
        tasks = tasks.where(InstructionTask.instruction_id == instruction.id)
        if notice.mission_id:
            tasks = tasks.where(InstructionTask.mission_id == notice.mission_id)
        found: Iterable[str] = db.session.scalars(tasks).all()
    if not any(rules.still_asked(Status(one), told) for one in found):
        return "Nothing of it is left to be told to this recipient."
    return None
