"""Floor 8: which verb answers to which event, who is asked before a mail goes out, who adds to a State's page."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Flask, url_for

from crm.accounts import invitations, resets
from crm.activities import panel as activity_panel
from crm.activities import queries as activities
from crm.activities import timeline as activity_timeline
from crm.activities.events import ActivityRecorded
from crm.activities.models import Activity
from crm.audit import links as audit_links
from crm.core import events, links
from crm.core.access import Handling
from crm.core.events import Handlers
from crm.followups import queries as followup_queries
from crm.followups import reminders
from crm.followups import service as followups
from crm.followups import timeline as followup_timeline
from crm.followups.models import FollowUp
from crm.letters import timeline as letter_timeline
from crm.letters.models import LetterCampaign
from crm.mail import wanted
from crm.mail.wanted import Check
from crm.positions import panel as obstacle_panel
from crm.positions import queries as positions
from crm.positions import service as positions_service
from crm.reach.service import emergency
from crm.sharing import kinds
from crm.sharing.kinds import Kind
from crm.states import panels, timeline
from crm.states.events import InstrumentDeposited

HANDLERS: Handlers = {
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


HANDLED_KINDS = {
    "activity": Kind(Activity, "Activity", _page("activities.show", "activity_id"), narrowed=_activity_narrowed),
    "follow_up": Kind(FollowUp, "Follow-up", _page("followups.show", "followup_id"), source=followups.source_handling),
    "letter_campaign": Kind(LetterCampaign, "Letter campaign", _page("letters.campaign", "campaign_id")),
}
RECORD_OWNERS = (
    activities.owners_of_records,
    positions.owners_of_claims,
    followup_queries.owners_of_follow_ups,
)
AUDIT_PAGES = {
    "activity": ("activities.show", "activity_id"),
    "follow_up": ("followups.show", "followup_id"),
    "letter_campaign": ("letters.campaign", "campaign_id"),
    "letter": ("letters.show", "letter_id"),
    "act_import": ("states.show_import", "import_id"),
}


def connect(app: Flask) -> None:
    """Set the tables and let higher floors add to the page of a State."""
    audit_links.connect(app, AUDIT_PAGES)
    events.connect(app, HANDLERS)
    wanted.connect(app, STILL_WANTED)
    timeline.connect(app, TIMELINE)
    panels.connect(app, PANELS)
    emergency.connect(app, RECORD_OWNERS)
    kinds.connect(app, HANDLED_KINDS)
