"""Floor 8: which verb answers to which event, who is asked before a mail goes out, who adds to a State's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Flask, url_for
from sqlalchemy import Select, select

from crm import concerns
from crm.accounts import invitations, resets
from crm.accounts import queries as accounts
from crm.accounts.events import AccountClosed, KeysEnded, RolesChanged
from crm.accounts.factors.models import AuthenticatorApp
from crm.accounts.forms import KIND_LABELS as PARTY_LABELS
from crm.accounts.listing import LISTING as ACCOUNT_LIST
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
from crm.accounts.sides import sides
from crm.activities import panel as activity_panel
from crm.activities import queries as activities
from crm.activities import timeline as activity_timeline
from crm.activities import whom, withdrawing
from crm.activities.events import ActivitiesWithdrawn, ActivityNarrowed, ActivityRecorded, ActivityWentOn
from crm.activities.listing import LISTING as ACTIVITY_LIST
from crm.activities.models import Activity, Attachment, TalkRound
from crm.activities.source import source
from crm.activities.types import ACTIVITY_TYPES
from crm.audit import denials, reading, subjects, words
from crm.audit.listing import LISTING as AUDIT_LIST
from crm.audit.subjects import Around, Subject
from crm.audit.words import Reader
from crm.calendar import service as calendar
from crm.calendar.models import CalendarFeed
from crm.capture.events import WaitingMailsForgotten
from crm.capture.models import CaptureAddress, WaitingFile, WaitingMail
from crm.core import events, links, listing, unfinished
from crm.core.access import SYSTEM, looking_as
from crm.core.display import day
from crm.core.events import Handlers
from crm.drafts import left, ways
from crm.drafts.models import Draft
from crm.followups import introductions, withdrawal
from crm.followups import narrowing as followup_reach
from crm.followups import panel as followup_panel
from crm.followups import queries as followup_queries
from crm.followups import service as followups
from crm.followups import timeline as followup_timeline
from crm.followups.listing import LISTING as FOLLOW_UP_LIST
from crm.followups.models import FollowUp
from crm.followups.reminding import planning as reminding
from crm.followups.reminding import words as reminder_words
from crm.hanging import HANGS_ON
from crm.imports.models import SpreadsheetImport
from crm.instructions import notices, steps
from crm.instructions import panel as instruction_panel
from crm.instructions.listing import LISTING as INSTRUCTION_LIST
from crm.instructions.models import Instruction, InstructionMaterial, InstructionTask
from crm.letters import readdressing
from crm.letters import timeline as letter_timeline
from crm.letters.listing import LISTING as CAMPAIGN_LIST
from crm.letters.models import Letter, LetterCampaign
from crm.lists.bulk.models import BulkChange
from crm.lists.models import SavedView
from crm.mail import wanted
from crm.mail.listing import LISTING as OUTBOX_LIST
from crm.mail.models import OutboxMail
from crm.mail.wanted import Check, Writer
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.people.events import HolderChanged, HolderCorrected
from crm.people.forms import KIND_LABELS as OFFICE_LABELS
from crm.people.listing import LISTING as OFFICE_LIST
from crm.people.met import panel as people_panel
from crm.people.met import queries as people_met
from crm.people.met import reach as people_reach
from crm.people.met import records as met_records
from crm.people.met.listing import LISTING as PEOPLE_LIST
from crm.people.met.models import Interlocutor, Post, StanceClaim
from crm.people.models import OfficeHolder
from crm.people.rules import OfficeKind
from crm.pins.models import TimelinePin
from crm.pins.queries import pins_on
from crm.positions import panel as obstacle_panel
from crm.positions import queries as positions
from crm.positions import service as positions_service
from crm.positions.models import ObstacleClaim
from crm.reach import watch
from crm.reach.forms import ACCREDITATION_LABELS
from crm.reach.service import concerned, restricted
from crm.sharing import kinds
from crm.sharing.kinds import Kind
from crm.sharing.models import HandlingRequest
from crm.states import panels, timeline
from crm.states.events import InstrumentDeposited
from crm.states.listed import LISTING as STATE_LIST
from crm.states.models import ActImport
from crm.states.queries import register


def _activity_narrowed(activity_id: UUID) -> None:
    """What came out of an activity travels no further than the activity, and what names its State or the person met no
    further than it tells of them. As the system: it may lie where the actor does not see it.
    """
    with looking_as(SYSTEM):
        behind = source(activity_id)
        positions_service.narrow_claims(activities.claims_behind(activity_id), behind.of_state)
        people_reach.narrow(activity_id, behind.of_person)
        followup_reach.narrow(activity_id, behind.of_state)


def _narrow_with_report(event: ActivityNarrowed) -> None:
    _activity_narrowed(event.activity_id)


HANDLERS: Handlers = {
    AccountClosed: [restricted.tell_when_nobody_is_left],
    RolesChanged: [restricted.tell_when_nobody_is_left],
    KeysEnded: [calendar.end_feeds_of, resets.end_links_of],
    ActivityRecorded: [followups.open_from_activity],
    ActivityWentOn: [steps.went_on],
    ActivityNarrowed: [_narrow_with_report],
    ActivitiesWithdrawn: [left.with_activities, withdrawal.withdraw_with],
    WaitingMailsForgotten: [left.with_mails],
    InstrumentDeposited: [],
    HolderChanged: [introductions.open_introduction, readdressing.readdress],
    HolderCorrected: [readdressing.readdress],
}

STILL_WANTED: dict[str, Check] = {
    reminding.PURPOSE: reminder_words.objection,
    notices.PURPOSE: notices.objection,
    invitations.PURPOSE: invitations.objection,
    resets.PURPOSE: links.objection,
}
WRITTEN_LATE: dict[str, Writer] = {reminding.PURPOSE: reminder_words.written}
LISTINGS = (
    ACTIVITY_LIST, FOLLOW_UP_LIST, INSTRUCTION_LIST, CAMPAIGN_LIST, PEOPLE_LIST, OFFICE_LIST, STATE_LIST, ACCOUNT_LIST,
    AUDIT_LIST, OUTBOX_LIST,
)  # fmt: skip
TIMELINE = (activity_timeline.SOURCE, followup_timeline.SOURCE, letter_timeline.SOURCE)
PANELS = (
    activity_panel.contact, followup_panel.next_and_promised, instruction_panel.instructed, obstacle_panel.obstacles,
    people_panel.people,
)  # fmt: skip


def _page(endpoint: str, argument: str) -> Callable[[UUID], str]:
    return lambda key: url_for(endpoint, **{argument: str(key)})  # type: ignore[arg-type]


def _people_of(party_id: UUID | None) -> Select[Any]:
    return select(User.id).where(User.party_id == party_id)


def _activity_title(one: Activity) -> str:
    """Kind, States as far as the viewer may know them, day."""
    states = sorted(register().name_today(part.state_iso3) for part in one.states)
    return ", ".join([ACTIVITY_TYPES[one.kind].label, *states, day(one.held_on, one.precision)])


def _follow_up_title(one: FollowUp) -> str:
    return f"Follow-up, {register().name_today(one.state_iso3)}: {one.what}"


HANDLED_KINDS = {
    "activity": Kind(
        Activity,
        "Activity",
        _page("activities.show", "activity_id"),
        _activity_title,
        parts=(Activity.states,),
        says_whose=activities.tells_party,
        attribution=lambda one: one.attribution,
        narrowed=_activity_narrowed,
        is_reference=lambda one: one.is_reference,
    ),
    "follow_up": Kind(
        FollowUp,
        "Follow-up",
        _page("followups.show", "followup_id"),
        _follow_up_title,
        source=followup_reach.source_handling,
        beside="The entry it came out of keeps these words as its next action, for whoever may see the entry.",
    ),
    "letter_campaign": Kind(
        LetterCampaign,
        "Letter campaign",
        _page("letters.campaign", "campaign_id"),
        lambda one: f"Letter campaign: {one.name}",
    ),
    "interlocutor": Kind(
        Interlocutor, "Person met", _page("met.show", "person_id"), people_met.person_title,
        source=people_reach.of_person, narrowed=people_reach.person_narrowed,
    ),
    "post": Kind(Post, "Post", _page("met.post", "post_id"), people_met.post_title, source=people_reach.of_post),
}  # fmt: skip
RECORD_OWNERS = (
    activities.owners_of_records,
    positions.owners_of_claims,
    followup_queries.owners_of_follow_ups,
    people_met.owners_of_people,
)
RECORD_WRITERS = (activities.writers_of_records, followup_queries.owners_in_person, people_met.writers_of_people)
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
    Subject("obstacle_claim", "obstacle", ObstacleClaim, "claim_id", concerns=concerns.about_claim, unnamed=True),
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


def _words() -> dict[str, Reader]:
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


def connect(app: Flask) -> None:
    """Set the tables and let higher floors add to the page of a State."""
    subjects.connect(app, SUBJECTS, AROUND)
    words.connect(app, _words())
    reading.register(app)
    denials.register(app)
    events.connect(app, HANDLERS)
    wanted.connect(app, STILL_WANTED, WRITTEN_LATE)
    timeline.connect(app, TIMELINE, sides, pins_on)
    panels.connect(app, PANELS)
    concerned.connect(app, RECORD_OWNERS, RECORD_WRITERS)
    watch.register(app)
    unfinished.connect(app, ways.KEEPER)
    kinds.connect(app, HANDLED_KINDS)
    listing.connect(app, LISTINGS)
    withdrawing.connect(app, HANGS_ON)
    met_records.connect(app, whom.RECORDS)
