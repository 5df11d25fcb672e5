"""A small world for the matrix of who may see what: a party that keeps records, and everybody who looks at them."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Table, select
from sqlalchemy.orm import Session

from crm.accounts.models import AccreditationKind, Mission, PartyKind, Role
from crm.accounts.service import open_account, open_party
from crm.accounts.viewers import viewer_of
from crm.activities.appointments.models import Appointment, AppointmentGuest
from crm.activities.models import (
    Activity,
    ActivityComment,
    ActivityPerson,
    ActivityState,
    ActivityStep,
    Attachment,
    TalkRound,
)
from crm.core import access
from crm.core.access import Handling, Viewer
from crm.core.db import Base, db, unit_of_work
from crm.core.visibility import Attribution
from crm.core.widening import widening
from crm.files.models import StoredFile
from crm.followups.models import FollowUp
from crm.followups.waiting.models import AwaitedAnswer
from crm.instructions.models import Instruction, InstructionChange, InstructionMaterial, InstructionTask
from crm.letters.models import Letter, LetterCampaign, LetterDocument
from crm.people.met.models import Interlocutor, Post, PostTerm, StanceClaim
from crm.positions.models import ObstacleClaim
from crm.reach.service import missions
from crm.sharing import service as sharing
from crm.sharing.models import HandlingRequest
from tests.letters import samples
from tests.support.people import PASSWORD

RECORDS = {
    "activity_id", "followup_id", "campaign_id", "letter_id", "request_id", "attachment_id", "round_id",
    "instruction_id", "task_id", "material_id", "person_id", "post_id",
}  # fmt: skip
"""Names in addresses that stand for a record with an originator."""

STATE, ELSEWHERE = "LAO", "CAN"
RESTRICTED = "BTN"
"""The State for which people are named one by one, where a test restricts it."""

CANARY = "Zwielicht-7Q"
"""Stands in every free text of what must not be seen."""

NOTE = "They would join after the election."
"""What an activity says that others read without its State."""

MAY_CHANGE_BY_ITSELF = {"audit_entry", "audit_head", "audit_content", "audit_refusal", "sign_in_failure"}
"""Tables in which looking leaves a trace."""

SEEN_IN_USE = {"user_session": {"seen_at"}}
"""Columns in which it does."""

CLEARED = {
    "observer": (Handling.COMMUNITY, Handling.STATES),
    "officer": (Handling.STATES, Handling.COORDINATION),
    "other_officer": (Handling.STATES, Handling.COORDINATION),
    "coordinator": (Handling.COORDINATION, Handling.ORIGINATOR),
    "presidency": (Handling.COORDINATION, Handling.ORIGINATOR),
    "secretariat": (Handling.STATES, Handling.COORDINATION),
    "administrator": (Handling.PUBLIC, Handling.COMMUNITY),
}
"""The narrowest handling that each reads of another party, and the first that is too narrow."""

RELATIONS = ("own", "other", "shared", "revoked", "over_marked", "restricted", "unattributed")
VISIBLE = {"own", "shared"}


@dataclass(frozen=True)
class Bundle:
    """One record of each kind, by the name that stands for its key in an address."""

    keys: dict[str, UUID]


def keeper() -> Viewer:
    """Somebody of a party of its own, whose records the others look for."""
    with access.looking_as(access.SYSTEM), unit_of_work():
        party = open_party(name="Switzerland", kind=PartyKind.GOVERNMENT, state_iso3="CHE")
        return viewer_of(
            open_account(
                actor=access.SYSTEM, email="keeper@example.org", name="Keeper", party=party, password=PASSWORD,
                roles=[Role.COORDINATOR],
            )
        )  # fmt: skip


def accredit_to_one(who: Viewer, state: str = STATE) -> None:
    """Bind a mission officer to one State."""
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        session.get_one(Mission, who.mission_id).every_state = False
        missions.accredit(
            actor=access.SYSTEM, mission_id=who.mission_id or uuid.uuid4(), state_iso3=state,
            kind=AccreditationKind.RESIDENT, from_on=date(2020, 1, 1),
        )  # fmt: skip


def bundle(party_id: UUID | None, owner_id: UUID | None, handling: Handling, state: str = STATE) -> Bundle:
    """Records of a party with one handling about one State, each with the canary in it.

    A campaign is about no State: where the State is what hides the others, it is for its own party alone.
    """
    keys = {
        name: uuid.uuid4()
        for name in (
            "activity_id",
            "followup_id",
            "campaign_id",
            "letter_id",
            "claim_id",
            "round_id",
            "person_id",
            "post_id",
        )
    }
    common: dict[str, Any] = {"originator_id": party_id, "handling": handling.value}
    day, now = date(2026, 11, 1), datetime(2026, 11, 1, 9, tzinfo=UTC)
    stored = StoredFile(
        id=uuid.uuid4(), name=f"{CANARY}.pdf", media_type="application/pdf", size=len(CANARY), sha256="0" * 64,
        content=CANARY.encode(), **common,
    )  # fmt: skip
    activity = Activity(
        id=keys["activity_id"], kind="demarche", status="reported", held_on=day, reply=CANARY, place=CANARY,
        occasion=CANARY, delivered_by=CANARY, next_action=CANARY, marks=CANARY, report_ref=CANARY, attribution="full",
        objective=CANARY, extras={"instruction_ref": CANARY, "also_present": CANARY}, **common,
    )  # fmt: skip
    activity.steps = [ActivityStep(status="planned", by=CANARY, note=CANARY)]
    activity.states = [ActivityState(state_iso3=state, held_on=day)]
    activity.people = [ActivityPerson(name=CANARY, title=CANARY)]
    activity.comment = ActivityComment(text=CANARY)
    appointment = Appointment(
        activity_id=activity.id, on=day, minutes=60, zone="UTC", place=CANARY, organizer=CANARY,
        guests=[AppointmentGuest(email=f"{CANARY}@example.org", name=CANARY)],
    )  # fmt: skip
    kept = StoredFile(
        id=uuid.uuid4(), name=f"{CANARY}.txt", media_type="text/plain", size=len(CANARY),
        sha256=hashlib.sha256(CANARY.encode()).hexdigest(), content=CANARY.encode(), originator_id=party_id,
        handling=Handling.ORIGINATOR.value,
    )  # fmt: skip
    attachment = Attachment(id=uuid.uuid4(), activity_id=activity.id, file_id=kept.id, what=CANARY, added_by=CANARY)
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        session.add(activity)
        session.flush()
        session.add_all([
            appointment,
            AwaitedAnswer(activity_id=activity.id, stands="unexpected", ended_on=day, note=CANARY, by=CANARY),
            TalkRound(
                id=keys["round_id"], occasion=CANARY, held_on=day, place=CANARY, delegation=CANARY,
                rows=[{"activity_id": CANARY, "version": 1, "due": CANARY}],
                **(common if state == STATE else {**common, "handling": Handling.ORIGINATOR.value}),
            ),
            FollowUp(
                id=keys["followup_id"], state_iso3=state, what=CANARY, owner_id=owner_id, due_on=day,
                due_at_local=time(9), zone="UTC", due_at=now, opened_by=CANARY, **common,
            ),
            ObstacleClaim(
                id=keys["claim_id"], state_iso3=state, type="other", basis="stated", claimed_on=day, **common,
            ),
            LetterCampaign(
                id=keys["campaign_id"], treaty="ccm", name=f"{CANARY} {keys['campaign_id']}", letter_date=day,
                statuses=["non_signatory"], languages="en", contact=CANARY, planned_by=CANARY,
                **(common if state == STATE else {**common, "handling": Handling.ORIGINATOR.value}),
            ),
            stored,
            kept,
            Interlocutor(
                id=keys["person_id"], state_iso3=state, name=CANARY, sought=CANARY.lower(), title=CANARY,
                ministry=CANARY, note=CANARY, source_id=activity.id, **common,
            ),
            Post(
                id=keys["post_id"], state_iso3=state, title_en=CANARY, title_fr=CANARY, ministry=CANARY,
                sought=str(keys["post_id"]), **common,
            ),
        ])  # fmt: skip
        session.flush()
        session.add(
            Letter(
                id=keys["letter_id"], campaign_id=keys["campaign_id"], state_iso3=state,
                reference=f"{CANARY}/{keys['letter_id']}", status="non_signatory", addressee=CANARY, state="drafted",
                languages=["en"], texts={"en": {**samples.letter("en").as_json(), "subject": CANARY}}, settled_at=now,
            )
        )  # fmt: skip
        session.add(attachment)
        session.add_all([
            PostTerm(person_id=keys["person_id"], post_id=keys["post_id"], from_on=day),
            StanceClaim(
                person_id=keys["person_id"], state_iso3=state, stance="friend", why=CANARY, claimed_on=day, **common,
            ),
        ])  # fmt: skip
        activity.people[0].interlocutor_id = keys["person_id"]
        session.flush()
        session.add(
            LetterDocument(letter_id=keys["letter_id"], language="en", format="pdf", file_id=stored.id, sha256="0" * 64)
        )
        asked = HandlingRequest(
            id=uuid.uuid4(), subject_kind="activity", subject_id=keys["activity_id"], originator_id=party_id,
            wanted="public", reason=CANARY, asked_by=CANARY, asking_party_id=party_id,
        )  # fmt: skip
        session.add(asked)
        session.flush()
        instructed = _instructed(session, activity, keys["followup_id"], state)
    return Bundle({**keys, **instructed, "request_id": asked.id, "attachment_id": attachment.id})


def _instructed(session: Session, activity: Activity, followup_id: UUID, state: str) -> dict[str, UUID]:
    """The instruction that an activity fulfils, with its task, an amendment and a file."""
    whose = {"originator_id": activity.originator_id, "handling": Handling.ORIGINATOR.value}
    made = Instruction(
        id=uuid.uuid4(), name=CANARY, reference=CANARY, aim="action", objective=CANARY, talking_points=CANARY,
        arguments=[{"argument": CANARY, "objection": CANARY, "answer": CANARY}], deliver_by=activity.held_on,
        report_by=activity.held_on, reach=activity.handling, marks=CANARY, sent_by=CANARY, version=2, **whose,
    )  # fmt: skip
    mission = Mission(id=uuid.uuid4(), party_id=activity.originator_id, name=f"Mission {uuid.uuid4()}")
    stored = StoredFile(
        id=uuid.uuid4(), name=f"{CANARY}.txt", media_type="text/plain", size=len(CANARY),
        sha256=hashlib.sha256(CANARY.encode()).hexdigest(), content=CANARY.encode(), **whose,
    )  # fmt: skip
    session.add_all([made, mission, stored])
    session.flush()
    task = InstructionTask(
        id=uuid.uuid4(), instruction_id=made.id, mission_id=mission.id, state_iso3=state, activity_id=activity.id,
        followup_id=followup_id, appointment_with=CANARY, acknowledged_by=CANARY,
    )  # fmt: skip
    material = InstructionMaterial(
        id=uuid.uuid4(), instruction_id=made.id, file_id=stored.id, what=CANARY, added_by=CANARY
    )
    change = InstructionChange(
        instruction_id=made.id, version=2, by=CANARY, why=CANARY, changes={"objective": [CANARY, CANARY]}
    )
    session.add_all([task, material, change])
    session.flush()
    return {"instruction_id": made.id, "task_id": task.id, "material_id": material.id}


def unattributed(party_id: UUID | None, owner_id: UUID | None, handling: Handling, hides: Attribution) -> Bundle:
    """Records whose activity others read without its State: its note bears no canary, all that surrounds it does.

    What came out of the activity is for its own party alone, as the verbs make it.
    """
    made = bundle(party_id, owner_id, Handling.ORIGINATOR)
    with access.looking_as(access.SYSTEM), widening(), unit_of_work() as session:
        activity = session.get_one(Activity, made.keys["activity_id"])
        activity.handling, activity.attribution, activity.reply = handling.value, hides.value, NOTE
    return made


def revoke(keeper: Viewer, records: Bundle) -> None:
    """Take back what was shared, by the verb that people use, which takes back who was kept from an activity, too; a
    round of talks is never shared, and who may see a post is part of its form.
    """
    with access.looking_as(access.SYSTEM), unit_of_work() as session:
        session.get_one(TalkRound, records.keys["round_id"]).handling = Handling.ORIGINATOR.value
        session.get_one(Post, records.keys["post_id"]).handling = Handling.ORIGINATOR.value
    with access.looking_as(keeper), unit_of_work():
        for kind, name in (
            ("activity", "activity_id"),
            ("follow_up", "followup_id"),
            ("letter_campaign", "campaign_id"),
        ):
            sharing.change_handling(actor=keeper, kind=kind, record_id=records.keys[name], handling=Handling.ORIGINATOR)


def digest() -> dict[str, list[str]]:
    """Every row of every table but what looking leaves a trace in."""
    with access.looking_as(access.SYSTEM):
        db.session.rollback()
        found = {
            table.name: sorted(str(tuple(row)) for row in db.session.execute(select(*_telling(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in MAY_CHANGE_BY_ITSELF
        }
        db.session.rollback()
    return found


def _telling(table: Table) -> list[Column[Any]]:
    return [one for one in table.columns if one.name not in SEEN_IN_USE.get(table.name, ())]


NONCE = re.compile(
    r'(nonce="|(?:csrf_token|request_key|draft(?:_seen)?)"[^>]* value="|'
    r'name="csrf-token" content="|"X-CSRFToken": ")[^"]*'
)


def plain(text: str, *keys: object) -> str:
    """An answer without what differs from one request to the next: nonces, tokens and the keys asked for."""
    for key in keys:
        text = text.replace(str(key), "KEY")
    return NONCE.sub(r"\1", text)


def people(person: Callable[[str], Any]) -> dict[str, Viewer]:
    """Everybody with an account, by role."""
    return {who: person(who).viewer for who in CLEARED}
