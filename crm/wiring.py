"""Floor 8: which verb answers to which event, who is asked before a mail goes out, who adds to a State's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Flask, url_for
from sqlalchemy import Select, null, select, union_all

from crm.accounts import invitations, resets
from crm.accounts.events import KeysEnded
from crm.accounts.factors.models import AuthenticatorApp
from crm.accounts.models import (
    Accreditation,
    ApiToken,
    EmergencyAccess,
    Invitation,
    Mission,
    Role,
    User,
    UserSession,
)
from crm.accounts.policy import LABELS as ROLE_LABELS
from crm.activities import panel as activity_panel
from crm.activities import queries as activities
from crm.activities import timeline as activity_timeline
from crm.activities.events import ActivityRecorded
from crm.activities.models import Activity, Attachment
from crm.activities.types import ACTIVITY_TYPES
from crm.audit import denials, reading, subjects, words
from crm.audit.subjects import Subject
from crm.audit.words import Reader
from crm.calendar import service as calendar
from crm.calendar.models import CalendarFeed
from crm.core import events, links
from crm.core.access import Handling, Viewer
from crm.core.display import day
from crm.core.events import Handlers
from crm.followups import queries as followup_queries
from crm.followups import reminders
from crm.followups import service as followups
from crm.followups import timeline as followup_timeline
from crm.followups.models import FollowUp
from crm.letters import timeline as letter_timeline
from crm.letters.models import Letter, LetterCampaign
from crm.mail import wanted
from crm.mail.models import OutboxMail
from crm.mail.wanted import Check
from crm.meetings.models import Coordinator, Meeting, Presidency
from crm.people.forms import KIND_LABELS as OFFICE_LABELS
from crm.people.models import OfficeHolder
from crm.people.rules import OfficeKind
from crm.positions import panel as obstacle_panel
from crm.positions import queries as positions
from crm.positions import service as positions_service
from crm.reach import watch
from crm.reach.service import emergency
from crm.sharing import kinds
from crm.sharing.kinds import Kind
from crm.sharing.models import HandlingRequest
from crm.states import panels, timeline
from crm.states.events import InstrumentDeposited
from crm.states.models import ActImport
from crm.states.queries import register

HANDLERS: Handlers = {
    KeysEnded: [calendar.end_feeds_of],
    ActivityRecorded: [followups.open_from_activity],
    InstrumentDeposited: [],
}
STILL_WANTED: dict[str, Check] = {
    reminders.PURPOSE: reminders.objection,
    invitations.PURPOSE: invitations.objection,
    resets.PURPOSE: links.objection,
}
TIMELINE = (activity_timeline.entries, followup_timeline.entries, letter_timeline.entries)
PANELS = (activity_panel.last_contact, obstacle_panel.obstacles)


def _activity_narrowed(activity_id: UUID, handling: Handling) -> None:
    """What came out of an activity travels no further than the activity."""
    positions_service.narrow_claims(activities.claims_behind(activity_id), handling)
    followups.narrow(activity_id, handling)


def _page(endpoint: str, argument: str) -> Callable[[UUID], str]:
    return lambda key: url_for(endpoint, **{argument: str(key)})  # type: ignore[arg-type]


def _about(model: Any) -> Callable[[UUID], Select[Any]]:
    """Asks a record about one State for it; such a record has no attribution."""
    return lambda key: select(model.state_iso3, null()).where(model.id == key)


def _about_request(key: UUID) -> Select[Any]:
    """Asks the record that a request is about."""
    of_request = select(HandlingRequest.subject_id).where(HandlingRequest.id == key)
    found = union_all(
        activities.concerns_of_activity(of_request.scalar_subquery()),
        select(FollowUp.state_iso3, null()).where(FollowUp.id == of_request.scalar_subquery()),
    ).subquery()
    return select(found)


def _colleagues(viewer: Viewer) -> Select[Any]:
    return select(User.id).where(User.party_id == viewer.party_id)


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
        says_whose=activities.tells_party,
        narrowed=_activity_narrowed,
        is_reference=lambda one: one.is_reference,
    ),
    "follow_up": Kind(
        FollowUp,
        "Follow-up",
        _page("followups.show", "followup_id"),
        _follow_up_title,
        source=followups.source_handling,
    ),
    "letter_campaign": Kind(
        LetterCampaign,
        "Letter campaign",
        _page("letters.campaign", "campaign_id"),
        lambda one: f"Letter campaign: {one.name}",
    ),
}
RECORD_OWNERS = (
    activities.owners_of_records,
    positions.owners_of_claims,
    followup_queries.owners_of_follow_ups,
)
RECORD_WRITERS = (activities.writers_of_records, followup_queries.owners_in_person)
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
        concerns=_about(FollowUp),
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
        concerns=_about(Letter),
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
    Subject("act_import", "list of acts", ActImport, "import_id", "states.show_import"),
    Subject("office_holder", "office-holder", OfficeHolder, "holder_id", "people.edit_holder"),
    Subject("meeting", "meeting", Meeting, "key", "meetings.show", slug=Meeting.key),
    Subject("presidency", "presidency", Presidency, "presidency_id", "meetings.edit_presidency"),
    Subject("coordinator", "coordinator", Coordinator, "coordinator_id", "meetings.edit_coordinator"),
    Subject("user", "account", User, "user_id"),
    Subject("user_session", "session", UserSession, "session_id"),
    Subject("api_token", "token", ApiToken, "token_id"),
    Subject("outbox_mail", "mail", OutboxMail, "mail_id"),
    Subject("factor", "second factor", AuthenticatorApp, "factor_id"),
    Subject("invitation", "invitation", Invitation, "invitation_id"),
    Subject("mission", "mission", Mission, "mission_id", "reach.mission"),
    Subject("accreditation", "accreditation", Accreditation, "accreditation_id", concerns=_about(Accreditation)),
    Subject("emergency", "emergency access", EmergencyAccess, "emergency_id", concerns=_about(EmergencyAccess)),
    Subject(
        "handling_request",
        "request for wider handling",
        HandlingRequest,
        "request_id",
        "sharing.answer",
        concerns=_about_request,
        unnamed=True,
    ),
)
"""What entries of the audit are about, and every argument of an address that names a record by its key."""


def _words() -> dict[str, Reader]:
    """How codes read in the audit that only these floors know."""

    def state(code: str) -> str:
        return register().name_today(code) if code in register().states else code

    return {
        "state": lambda codes: ", ".join(state(one) for one in codes.split(" ")),
        "role": lambda code: ROLE_LABELS[Role(code)] if code in set(Role) else code,
        "activity_kind": lambda code: ACTIVITY_TYPES[code].label if code in ACTIVITY_TYPES else code,
        "office_kind": lambda code: OFFICE_LABELS.get(OfficeKind(code), code) if code in set(OfficeKind) else code,
    }


def connect(app: Flask) -> None:
    """Set the tables and let higher floors add to the page of a State."""
    subjects.connect(app, SUBJECTS, _colleagues)
    words.connect(app, _words())
    reading.register(app)
    denials.register(app)
    events.connect(app, HANDLERS)
    wanted.connect(app, STILL_WANTED)
    timeline.connect(app, TIMELINE)
    panels.connect(app, PANELS)
    emergency.connect(app, RECORD_OWNERS, RECORD_WRITERS)
    watch.register(app)
    kinds.connect(app, HANDLED_KINDS)
