"""Floor 8: what entries of the audit are about, and how the codes in them read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from crm import concerns
from crm.accounts import queries as accounts
from crm.accounts.factors.models import AuthenticatorApp
from crm.accounts.forms import KIND_LABELS as PARTY_LABELS
from crm.accounts.models import (
    Accreditation,
    ApiToken,
    EmergencyAccess,
    Invitation,
    Mission,
    PartyKind,
    Role,
    User,
    UserSession,
)
from crm.accounts.policy import LABELS as ROLE_LABELS
from crm.activities import queries as activities
from crm.activities.models import Activity, Attachment, TalkRound
from crm.activities.types import ACTIVITY_TYPES
from crm.audit.subjects import Around, Subject
from crm.audit.words import Reader
from crm.calendar.models import CalendarFeed
from crm.capture.models import CaptureAddress, WaitingFile, WaitingMail
from crm.drafts.models import Draft
from crm.followups.cadence.models import Cadence
from crm.followups.models import FollowUp
from crm.followups.plans.models import Plan, PlanRun, PlanStart
from crm.imports.models import SpreadsheetImport
from crm.instructions.models import Instruction, InstructionMaterial, InstructionTask
from crm.letters.models import Letter, LetterCampaign
from crm.lists.bulk.models import BulkChange
from crm.lists.models import SavedView
from crm.mail.models import OutboxMail
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.people.forms import KIND_LABELS as OFFICE_LABELS
from crm.people.met.models import Interlocutor, Post, StanceClaim
from crm.people.models import OfficeHolder
from crm.people.rules import OfficeKind
from crm.pins.models import TimelinePin
from crm.positions.models import ObstacleClaim
from crm.reach.forms import ACCREDITATION_LABELS
from crm.sharing.models import HandlingRequest
from crm.states.models import ActImport
from crm.states.queries import register


def _people_of(party_id: UUID | None) -> Select[Any]:
    return select(User.id).where(User.party_id == party_id)


SUBJECTS = (
    Subject(
        "activity",
        "activity",
        Activity,
        "activity_id",
        "activities.show",
        concerns=activities.concerns_of_activity,
        attribution=Activity.attribution,
        unnamed=True,
    ),
    Subject(
        "follow_up",
        "follow-up",
        FollowUp,
        "followup_id",
        "followups.show",
        concerns=concerns.about_follow_up,
        unnamed=True,
    ),
    Subject("obstacle_claim", "obstacle", ObstacleClaim, "claim_id", concerns=concerns.about_claim, unnamed=True),
    Subject("cadence", "cadence", Cadence, "cadence_id", concerns=concerns.about(Cadence)),
    Subject("plan", "plan", Plan, "plan_id", "plans.show"),
    Subject("plan_run", "State in a plan", PlanRun, "run_id", "plans.run", concerns=concerns.about(PlanRun)),
    Subject("plan_start", "beginning of a plan", PlanStart, "start_id"),
    Subject(
        "talk_round",
        "round of short talks",
        TalkRound,
        "round_id",
        "margins.show",
        concerns=concerns.about_round,
        gathers=True,
        unnamed=True,
    ),
    Subject(
        "instruction",
        "instruction",
        Instruction,
        "instruction_id",
        "instructions.show",
        concerns=concerns.about_instruction,
        gathers=True,
        unnamed=True,
    ),
    Subject(
        "instruction_task",
        "task of an instruction",
        InstructionTask,
        "task_id",
        "instruction_tasks.show",
        whole=Instruction,
        part_of=InstructionTask.instruction_id,
        concerns=concerns.about_derived(InstructionTask, InstructionTask.activity_id),
        unnamed=True,
    ),
    Subject(
        "instruction_material",
        "file of an instruction",
        InstructionMaterial,
        "material_id",
        whole=Instruction,
        part_of=InstructionMaterial.instruction_id,
        concerns=concerns.about_material,
        gathers=True,
        unnamed=True,
    ),
    Subject("letter_campaign", "letter campaign", LetterCampaign, "campaign_id", "letters.campaign"),
    Subject(
        "letter",
        "letter",
        Letter,
        "letter_id",
        "letters.show",
        whole=LetterCampaign,
        part_of=Letter.campaign_id,
        concerns=concerns.about(Letter),
    ),
    Subject(
        "attachment",
        "attachment",
        Attachment,
        "attachment_id",
        whole=Activity,
        part_of=Attachment.activity_id,
        concerns=activities.concerns_of_attachment,
        attribution=Activity.attribution,
        unnamed=True,
    ),
    Subject("calendar_feed", "calendar feed", CalendarFeed, "feed_id"),
    Subject("saved_view", "saved view", SavedView, "view_id", "lists.change", concerns=concerns.about_view),
    Subject("timeline_pin", "pin on a timeline", TimelinePin, "pin_id", concerns=concerns.about_pin),
    Subject("bulk_change", "change of many records", BulkChange, "change_id", "bulk.show"),
    Subject("draft", "draft", Draft, "draft_id", concerns=concerns.about_draft),
    Subject("waiting_mail", "waiting mail", WaitingMail, "waiting_id", "capture.show", concerns=concerns.about_mail),
    Subject("waiting_file", "file of a waiting mail", WaitingFile, "part_id", concerns=concerns.about_file),
    Subject("capture_address", "address of the waiting room", CaptureAddress, "address_id"),
    Subject("act_import", "list of acts", ActImport, "import_id", "states.show_import"),
    Subject(
        "spreadsheet_import",
        "spreadsheet",
        SpreadsheetImport,
        "spreadsheet_id",
        "imports.show",
        concerns=concerns.about_import,
        gathers=True,
    ),
    Subject(
        "interlocutor",
        "person met",
        Interlocutor,
        "person_id",
        "met.show",
        concerns=concerns.about_person,
        unnamed=True,
    ),
    Subject("post", "post", Post, "post_id", "met.post", concerns=concerns.about_post, unnamed=True),
    Subject(
        "stance_claim", "opinion of a person", StanceClaim, "stance_id", concerns=concerns.about_stance, unnamed=True
    ),
    Subject("office_holder", "office-holder", OfficeHolder, "holder_id", "people.edit_holder"),
    Subject("meeting", "meeting", Meeting, "key", "meetings.show", slug=Meeting.key),
    Subject("presidency", "presidency", Presidency, "presidency_id", "meetings.edit_presidency"),
    Subject("coordinator", "coordinator", Coordinator, "coordinator_id", "meetings.edit_coordinator"),
    Subject("user", "account", User, "user_id", names=accounts.names_of_accounts),
    Subject("user_session", "session", UserSession, "session_id"),
    Subject("api_token", "token", ApiToken, "token_id"),
    Subject("outbox_mail", "mail", OutboxMail, "mail_id", "mail.show"),
    Subject("factor", "second factor", AuthenticatorApp, "factor_id"),
    Subject("invitation", "invitation", Invitation, "invitation_id", names=accounts.names_of_invitations),
    Subject("mission", "mission", Mission, "mission_id", "reach.mission", names=accounts.names_of_missions),
    Subject(
        "accreditation", "accreditation", Accreditation, "accreditation_id", concerns=concerns.about(Accreditation)
    ),
    Subject("emergency", "emergency access", EmergencyAccess, "emergency_id", concerns=concerns.about(EmergencyAccess)),
    Subject(
        "handling_request",
        "request for wider handling",
        HandlingRequest,
        "request_id",
        "sharing.answer",
        concerns=concerns.about_request,
        unnamed=True,
    ),
)
"""What entries of the audit are about, and every argument of an address that names a record by its key."""

AROUND = Around(
    state_named=lambda text: register().find(text),
    parties=accounts.every_party,
    people_of=_people_of,
)


def words_of_codes() -> dict[str, Reader]:
    """How codes read in the audit that only these floors know."""

    def state(code: str) -> str:
        return register().name_today(code) if code in register().states else code

    return {
        "state": lambda codes: ", ".join(state(one) for one in codes.split(" ")),
        "role": lambda code: ROLE_LABELS[Role(code)] if code in set(Role) else code,
        "activity_kind": lambda code: ACTIVITY_TYPES[code].label if code in ACTIVITY_TYPES else code,
        "party_kind": lambda code: PARTY_LABELS[PartyKind(code)] if code in set(PartyKind) else code,
        "factor_kind": lambda code: {"app": "Authenticator app", "passkey": "Passkey"}.get(code, code),
        "accreditation_kind": lambda code: ACCREDITATION_LABELS.get(code, code),
        "office_kind": lambda code: OFFICE_LABELS.get(OfficeKind(code), code) if code in set(OfficeKind) else code,
    }
