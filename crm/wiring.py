"""Floor 8: which verb answers to which event, who is asked before a mail goes out, who adds to a State's page."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Flask, url_for

from crm.accounts import invitations, resets
from crm.accounts.events import AccountClosed, KeysEnded, RolesChanged
from crm.accounts.listing import LISTING as ACCOUNT_LIST
from crm.accounts.sides import sides
from crm.activities import panel as activity_panel
from crm.activities import queries as activities
from crm.activities import timeline as activity_timeline
from crm.activities import whom, withdrawing
from crm.activities.appointments import service as invited
from crm.activities.appointments import words as appointments
from crm.activities.events import ActivitiesWithdrawn, ActivityNarrowed, ActivityRecorded, ActivityWentOn
from crm.activities.listing import LISTING as ACTIVITY_LIST
from crm.activities.models import Activity
from crm.activities.source import source
from crm.activities.types import ACTIVITY_TYPES
from crm.audit import denials, reading, subjects, words
from crm.audit.listing import LISTING as AUDIT_LIST
from crm.calendar import service as calendar
from crm.capture.events import WaitingMailsForgotten
from crm.core import events, links, listing, unfinished
from crm.core.access import SYSTEM, looking_as
from crm.core.display import day
from crm.core.events import Handlers
from crm.drafts import left, ways
from crm.followups import introductions, withdrawal
from crm.followups import narrowing as followup_reach
from crm.followups import panel as followup_panel
from crm.followups import queries as followup_queries
from crm.followups import service as followups
from crm.followups import timeline as followup_timeline
from crm.followups.cadence import panel as silence_panel
from crm.followups.cadence.listing import LISTING as SILENCE_LIST
from crm.followups.events import FollowUpTurned
from crm.followups.listing import LISTING as FOLLOW_UP_LIST
from crm.followups.models import FollowUp
from crm.followups.plans import advancing as plans
from crm.followups.plans import panel as plan_panel
from crm.followups.plans.listing import LISTING as PLAN_LIST
from crm.followups.reminding import planning as reminding
from crm.followups.reminding import words as reminder_words
from crm.followups.waiting import panel as waiting_panel
from crm.followups.waiting.listing import LISTING as WAITING_LIST
from crm.hanging import HANGS_ON
from crm.instructions import notices, steps
from crm.instructions import panel as instruction_panel
from crm.instructions.listing import LISTING as INSTRUCTION_LIST
from crm.letters import readdressing
from crm.letters import timeline as letter_timeline
from crm.letters.listing import LISTING as CAMPAIGN_LIST
from crm.letters.models import LetterCampaign
from crm.mail import wanted
from crm.mail.listing import LISTING as OUTBOX_LIST
from crm.mail.wanted import Check, Writer
from crm.people.events import HolderChanged, HolderCorrected
from crm.people.listing import LISTING as OFFICE_LIST
from crm.people.met import panel as people_panel
from crm.people.met import queries as people_met
from crm.people.met import reach as people_reach
from crm.people.met import records as met_records
from crm.people.met.listing import LISTING as PEOPLE_LIST
from crm.people.met.models import Interlocutor, Post
from crm.pins.queries import pins_on
from crm.positions import panel as obstacle_panel
from crm.positions import queries as positions
from crm.positions import service as positions_service
from crm.reach import watch
from crm.reach.events import MissionManned, StateRestricted
from crm.reach.service import concerned, restricted
from crm.sharing import kinds
from crm.sharing.kinds import Kind
from crm.states import panels, timeline
from crm.states.events import InstrumentDeposited
from crm.states.listed import LISTING as STATE_LIST
from crm.states.queries import register
from crm.subjects import AROUND, SUBJECTS, words_of_codes


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
    StateRestricted: [invited.keep_inside],
    ActivityRecorded: [followups.open_from_activity, plans.look_soon],
    ActivityWentOn: [steps.went_on, plans.look_soon],
    FollowUpTurned: [plans.turned],
    ActivityNarrowed: [_narrow_with_report],
    ActivitiesWithdrawn: [left.with_activities, withdrawal.withdraw_with],
    WaitingMailsForgotten: [left.with_mails],
    InstrumentDeposited: [],
    MissionManned: [reminding.look_again_at_those_of_mission],
    HolderChanged: [introductions.open_introduction, readdressing.readdress],
    HolderCorrected: [readdressing.readdress],
}

STILL_WANTED: dict[str, Check] = {
    notices.PURPOSE: notices.objection,
    appointments.PURPOSE: appointments.objection,
    invitations.PURPOSE: invitations.objection,
    resets.PURPOSE: links.objection,
}
WRITTEN_LATE: dict[str, Writer] = {
    reminding.PURPOSE: reminder_words.written, appointments.PURPOSE: appointments.written,
}  # fmt: skip
LISTINGS = (
    ACTIVITY_LIST, FOLLOW_UP_LIST, PLAN_LIST, INSTRUCTION_LIST, CAMPAIGN_LIST, PEOPLE_LIST, OFFICE_LIST, STATE_LIST,
    ACCOUNT_LIST, AUDIT_LIST, OUTBOX_LIST, WAITING_LIST, SILENCE_LIST,
)  # fmt: skip
TIMELINE = (activity_timeline.SOURCE, followup_timeline.SOURCE, letter_timeline.SOURCE)
PANELS = (
    activity_panel.contact, silence_panel.silent, waiting_panel.waits, plan_panel.plans,
    followup_panel.next_and_promised,
    instruction_panel.instructed, obstacle_panel.obstacles, people_panel.people,
)  # fmt: skip


def _page(endpoint: str, argument: str) -> Callable[[UUID], str]:
    return lambda key: url_for(endpoint, **{argument: str(key)})  # type: ignore[arg-type]


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


def connect(app: Flask) -> None:
    """Set the tables and let higher floors add to the page of a State."""
    subjects.connect(app, SUBJECTS, AROUND)
    words.connect(app, words_of_codes())
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
