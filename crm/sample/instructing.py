"""One instruction of the sample: sent ten days before its deadline, half of it delivered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm.accounts.models import Mission, Role
from crm.activities.course import service as course
from crm.core import clock
from crm.core.access import SYSTEM, Handling, Viewer, looking_as
from crm.core.db import db
from crm.files.intake import check
from crm.instructions import service, steps
from crm.instructions.models import InstructionTask
from crm.instructions.proposing import Cell
from crm.sample.accounts import MISSION, NEW_YORK

STATES = {"IND": MISSION, "BTN": MISSION, "MNG": NEW_YORK, "NPL": NEW_YORK, "TON": NEW_YORK, "GAB": NEW_YORK}
NAME = "Before the Fourteenth Meeting"
SAYS: dict[str, Any] = {
    "name": NAME,
    "reference": "Sample 114",
    "aim": "action",
    "objective": "Learn where the domestic procedure stands, and obtain a date by which the instrument could be "
    "deposited before the Fourteenth Meeting of States Parties.",
    "arguments": [
        {
            "argument": "Joining costs little: a State without stocks owes one short report each year.",
            "objection": "We neither use nor produce them, so nothing would change.",
            "answer": "Each State that joins strengthens the rule for those who do; transit and investment count, too.",
        },
        {
            "argument": "The States Parties offer a model law and an expert for the drafting.",
            "objection": "The ministry has two officers for all treaties.",
            "answer": "The model law is two pages; the expert comes at the expense of the coordinator.",
        },
    ],
    "talking_points": "Thank them for their vote.\nAsk who holds the file now.\nOffer the model law.\n"
    "Leave the non-paper.",
    "paper": "non_paper",
    "presenter_level": "deputy_head_of_mission",
    "addressee_level": "director",
}
PAPER = """NON-PAPER (invented for the sample)

The Convention on Cluster Munitions prohibits their use, production, transfer and stockpiling. Accession takes one
instrument; a model law of two pages and an expert are offered.
"""


def instruct(people: dict[Role, Viewer]) -> None:
    """Send it, and tell what the missions did of it until today. Looks as the system, as all that fills the sample."""
    officer, coordinator = people[Role.MISSION_OFFICER], people[Role.COORDINATOR]
    today = clock.today()
    with looking_as(SYSTEM):
        wanted = select(Mission.name, Mission.id).where(Mission.party_id == coordinator.party_id)
        missions: dict[str, UUID] = dict(db.session.execute(wanted).all())
        sent = service.send_instruction(
            actor=coordinator,
            cells=[Cell(missions[name], iso3) for iso3, name in STATES.items()],
            handling=Handling.COORDINATION,
            file=check(PAPER.encode(), "Non-paper.txt"),
            what="Non-paper, to be left",
            deliver_by=today + timedelta(days=10),
            report_by=today + timedelta(days=14),
            sample=True,
            **SAYS,
        )
        found = select(InstructionTask).where(InstructionTask.instruction_id == sent.id)
        tasks = {one.state_iso3: one for one in db.session.scalars(found)}
        steps.acknowledge(actor=officer, task_id=tasks["IND"].id)
        steps.deliver(actor=coordinator, task_id=tasks["TON"].id, delivered_on=today)
        steps.acknowledge(actor=coordinator, task_id=tasks["NPL"].id)
        steps.ask_appointment(
            actor=coordinator,
            task_id=tasks["NPL"].id,
            appointment_with="Sample interlocutor (invented), counsellor",
            appointment_on=today + timedelta(days=4),
        )
        for iso3, reply in REPLIES.items():
            _report(coordinator, tasks[iso3], reply)


REPLIES = {
    "MNG": "Alliance partners are asked first; an answer is promised after the spring session.",
    "GAB": "Not on the agenda of the cabinet yet; would welcome the model law in French.",
}


def _report(actor: Viewer, task: InstructionTask, reply: str) -> None:
    course.report_activity(
        actor=actor,
        activity_id=task.activity_id,
        kind=service.KIND,
        state_iso3=task.state_iso3,
        held_on=clock.today(),
        person_name="Sample interlocutor (invented)",
        person_title="Second secretary, Permanent Mission",
        reply=reply,
        handling=Handling.COORDINATION,
        details={"aim": "action", "instruction_ref": SAYS["reference"]},
    )
