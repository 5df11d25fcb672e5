"""A government with a coordinator, three missions and their officers, and one instruction for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import AccreditationKind, PartyKind, Role, User
from crm.accounts.service import open_account, open_party
from crm.accounts.viewers import viewer_of
from crm.activities.models import Activity
from crm.core import access, clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db, unit_of_work
from crm.followups.models import FollowUp
from crm.instructions import notices, service
from crm.instructions.models import Instruction, InstructionTask
from crm.instructions.proposing import Cell
from crm.mail.models import OutboxMail
from crm.reach.service import missions
from tests.support.people import PASSWORD

OBJECTIVE = "A date for the cabinet's decision, word for word."
EMAILS = {
    "coordinator": "ken@example.org",
    "delhi": "mika@example.org",
    "bangkok": "aya@example.org",
    "second": "zoe@example.org",
}


@dataclass(frozen=True)
class House:
    """Who there is: viewers by a short name, missions by the city."""

    people: dict[str, Viewer]
    missions: dict[str, UUID]

    @property
    def coordinator(self) -> Viewer:
        """Who instructs."""
        return self.people["coordinator"]


def house() -> House:
    """New Delhi (resident in India; Bhutan and Nepal from there), Bangkok (Laos from there), New York (every State),
    where nobody is posted.
    """
    with looking_as(SYSTEM), unit_of_work():
        party = open_party(name="Austria", kind=PartyKind.GOVERNMENT, state_iso3="AUT")
        made = {}
        for city, terms in (
            ("delhi", {"IND": "resident", "BTN": "concurrent", "NPL": "concurrent"}),
            ("bangkok", {"THA": "resident", "LAO": "concurrent"}),
            ("new_york", {}),
        ):
            mission = missions.open_mission(
                actor=SYSTEM, name=f"Mission in {city.title()}", party_id=party.id, every_state=not terms
            )
            made[city] = mission.id
            for iso3, kind in terms.items():
                missions.accredit(
                    actor=SYSTEM, mission_id=mission.id, state_iso3=iso3, kind=AccreditationKind(kind),
                    from_on=date(2020, 1, 1),
                )  # fmt: skip
        people = {}
        for who, role, city in (
            ("coordinator", Role.COORDINATOR, ""),
            ("delhi", Role.MISSION_OFFICER, "delhi"),
            ("bangkok", Role.MISSION_OFFICER, "bangkok"),
            ("second", Role.MISSION_OFFICER, "delhi"),
        ):
            people[who] = viewer_of(
                open_account(
                    actor=SYSTEM, email=EMAILS[who], name=who.title(), party=party, roles=[role], password=PASSWORD,
                    mission_id=made.get(city),
                )
            )  # fmt: skip
    return House(people, made)


def told(**changes: Any) -> dict[str, Any]:
    """What an instruction says."""
    today = clock.today()
    return {
        "name": "Before the cabinet decides", "reference": "Vienna 114", "aim": "action", "objective": OBJECTIVE,
        "arguments": [{"argument": "Clearance funds", "objection": "Not producers", "answer": "Transit counts"}],
        "talking_points": "Thank them.", "paper": "non_paper", "presenter_level": "", "addressee_level": "",
        "deliver_by": today + timedelta(days=10), "report_by": today + timedelta(days=14), **changes,
    }  # fmt: skip


def sent(home: House, cells: dict[str, str] | None = None, **changes: Any) -> UUID:
    """An instruction of the coordinator, committed: State → city of the mission."""
    wanted = cells or {"IND": "delhi", "BTN": "delhi", "LAO": "bangkok"}
    handling = changes.pop("handling", Handling.COORDINATION)
    with looking_as(home.coordinator), unit_of_work():
        return service.send_instruction(
            actor=home.coordinator,
            cells=[Cell(home.missions[city], iso3) for iso3, city in wanted.items()],
            handling=handling,
            **told(**changes),
        ).id


def does(who: Viewer, verb: Callable[..., Any], **given: Any) -> Any:
    """One verb as somebody, committed."""
    with looking_as(who), unit_of_work():
        return verb(actor=who, **given)


def task(state_iso3: str) -> InstructionTask:
    """The task of a State, as it stands in the database."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(InstructionTask).where(InstructionTask.state_iso3 == state_iso3)).one()


def activity(state_iso3: str) -> Activity:
    """The approach of that task."""
    with looking_as(SYSTEM):
        return db.session.get_one(Activity, task(state_iso3).activity_id)


def follow_up(state_iso3: str) -> FollowUp:
    """What reminds whoever is responsible for it."""
    with looking_as(SYSTEM):
        return db.session.get_one(FollowUp, task(state_iso3).followup_id)


def instruction() -> Instruction:
    """The one that there is."""
    with looking_as(SYSTEM):
        db.session.rollback()
        return db.session.scalars(select(Instruction)).one()


def mails(*, about: str = "instruction") -> list[OutboxMail]:
    """The mails about instructions, oldest first."""
    with looking_as(SYSTEM):
        db.session.rollback()
        wanted = select(OutboxMail).where(OutboxMail.purpose == about)
        return list(db.session.scalars(wanted.order_by(OutboxMail.due_at, OutboxMail.recipient)))


def plan() -> int:
    """Write the reminders that are due, as the worker does."""
    with looking_as(SYSTEM), unit_of_work():
        return notices.plan_due()


def post(who: Viewer, city: UUID) -> None:
    """Post somebody to a mission."""
    with looking_as(SYSTEM), unit_of_work() as session:
        session.get_one(User, who.user_id).mission_id = city
    access.look_as(SYSTEM)
